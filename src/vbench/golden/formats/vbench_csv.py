"""vbench's own truth: CSV with a header, one box per line, further columns as per-box tags.

Frames count from 0; corners are continuous pixels. ``track_id`` may be empty or -1 for none,
``ignore`` and ``crowd`` are 0 or 1, and a tag's cell is empty where a box lacks the tag.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from vbench.config.number_table import read_text
from vbench.config.whole_numbers import whole_numbers
from vbench.errors import TruthError
from vbench.golden.atomic_file import write_atomically
from vbench.golden.formats.context import TruthContext
from vbench.golden.formats.rows import Part, TruthRows, build_truth
from vbench.types import F64, Bool, BoxTag, Taxonomy, Truth

COLUMNS = ("frame", "class", "track_id", "x1", "y1", "x2", "y2", "ignore", "crowd")
_PART_COLUMN: dict[Part, int] = {"frame": 0, "track_id": 2, "box": 3}


def read(path: Path, context: TruthContext) -> Truth:
    """Truth from vbench CSV; raises TruthError with ``file:line: column``."""
    table = _CsvTable(path)
    names = np.array(table.cells(1), np.str_)
    class_id = np.zeros(len(table), np.int64)
    written, first_rows = np.unique(names, return_index=True)
    for name, row in zip(written.tolist(), first_rows.tolist(), strict=True):
        class_id[names == name] = context.class_id(name, table.where(row, 1))
    frames, tracks = table.numbers(0), table.numbers(2, empty="-1")
    rows = TruthRows(
        frame_number=whole_numbers(frames, "frame", lambda row: table.where(row, 0)),
        boxes_xyxy=np.column_stack([table.numbers(column) for column in (3, 4, 5, 6)]),
        class_id=class_id,
        track_id=whole_numbers(tracks, "track id", lambda row: table.where(row, 2)),
        ignore=table.flags(7),
        crowd=table.flags(8),
        tags=tuple(
            BoxTag(key, np.array(table.cells(column), np.str_))
            for column, key in enumerate(table.header[len(COLUMNS) :], len(COLUMNS))
        ),
        place=lambda row, part: table.where(row, _PART_COLUMN[part]),
    )
    return build_truth(rows, context)


def write_vbench_truth(path: Path, truth: Truth, taxonomy: Taxonomy) -> None:
    """Write truth as vbench CSV, byte for byte the same for the same truth.

    Raises:
        ValueError: a per-box tag has the name of one of the nine columns.
    """
    taken = [tag.key for tag in truth.tags if tag.key in COLUMNS]
    if taken:
        raise ValueError(f"a per-box tag may not be called {taken[0]!r}: it is a column")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *(tag.key for tag in truth.tags)])
    class_names = [taxonomy.names[class_id] for class_id in truth.class_id.tolist()]
    writer.writerows(
        zip(
            truth.frame_index.tolist(),
            class_names,
            truth.track_id.tolist(),
            *(map(repr, truth.boxes_xyxy[:, k].tolist()) for k in range(4)),
            truth.ignore.astype(np.int64).tolist(),
            truth.crowd.astype(np.int64).tolist(),
            *(tag.values.tolist() for tag in truth.tags),
            strict=True,
        )
    )
    write_atomically(path, text.getvalue())


class _CsvTable:
    """Rows of text cells, all as wide as the header, with their lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: list[str] = []
        self._rows: list[list[str]] = []
        self._lines: list[int] = []
        reader = csv.reader(io.StringIO(read_text(path)), strict=True)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    self._add([cell.strip() for cell in cells], reader.line_num)
        except csv.Error as error:
            raise TruthError(
                f"not valid CSV: {error}",
                where=f"{path}:{reader.line_num}",
                hint="is truth_format right? cells with commas go in quotes",
            ) from None

    def __len__(self) -> int:
        return len(self._rows)

    def where(self, row: int, column: int) -> str:
        return f"{self.path}:{self._lines[row]}: column {self.header[column]}"

    def cells(self, column: int) -> list[str]:
        return [row[column] for row in self._rows]

    def numbers(self, column: int, empty: str = "") -> F64:
        """Finite floats of one column; `empty` stands in for empty cells."""
        cells = [cell or empty for cell in self.cells(column)]
        try:
            values = np.array([float(cell) for cell in cells], np.float64)
        except ValueError:
            row = next(k for k, cell in enumerate(cells) if not _is_number(cell))
            what = f'"{cells[row][:40]}" is not a number' if cells[row] else "is empty"
            raise TruthError(what, where=self.where(row, column), hint="give a number") from None
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            row = int(wrong[0])
            what = f"{cells[row]} is not a finite number"
            raise TruthError(what, where=self.where(row, column), hint="give a number")
        return values

    def flags(self, column: int) -> Bool:
        """0 or 1 as booleans; empty is 0."""
        cells = self.cells(column)
        wrong = next((k for k, cell in enumerate(cells) if cell not in ("", "0", "1")), None)
        if wrong is not None:
            what = f'"{cells[wrong][:40]}" is not 0 or 1'
            raise TruthError(
                what, where=self.where(wrong, column), hint="write 0 or 1; an empty cell is 0"
            )
        return np.array([cell == "1" for cell in cells], np.bool_)

    def _add(self, cells: list[str], line: int) -> None:
        if not self.header:
            self._check_header(cells, line)
            self.header = cells
            return
        if len(cells) != len(self.header):
            what = f"the row has {len(cells)} cells, the header {len(self.header)}"
            raise TruthError(
                what,
                where=f"{self.path}:{line}",
                hint="give every row a cell for each column of the header",
            )
        self._rows.append(cells)
        self._lines.append(line)

    def _check_header(self, cells: list[str], line: int) -> None:
        where = f"{self.path}:{line}"
        hint = f"start the file with the line `{','.join(COLUMNS)}`"
        for column, name in enumerate(COLUMNS):
            found = cells[column] if column < len(cells) else ""
            if found != name:
                what = f'column {column + 1} of the header is "{found[:40]}", expected "{name}"'
                raise TruthError(what, where=where, hint=hint)
        for key in cells[len(COLUMNS) :]:
            if not key or cells.count(key) > 1:
                what = f'column "{key}" is there twice' if key else "a column has no name"
                raise TruthError(what, where=where, hint="each tag needs its own name")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
