"""YOLO label folders: one text file per frame, lines ``class cx cy width height`` in 0..1.

The number that a file's name ends in is its frame, counted from 0 unless ``truth_frame_base``
says otherwise; a frame without a file has no boxes. A class number means what ``truth_classes``
says; without that key, the line of ``classes.txt`` in the folder where there is one, else the
order of the taxonomy.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vbench.config.number_table import NumberTable, read_number_table, read_text
from vbench.config.whole_numbers import whole_numbers
from vbench.errors import TruthError
from vbench.golden.formats.context import TruthContext
from vbench.golden.formats.frame_files import numbered_files
from vbench.golden.formats.rows import Part, TruthRows, build_truth
from vbench.types import F64, I64, Truth

CLASS_LIST = "classes.txt"
N_COLUMNS = 5
FARTHEST = 2.0
"""Centres and sizes beyond this many frame sizes are pixels, not fractions."""


def read(path: Path, context: TruthContext) -> Truth:
    """Truth from a folder of YOLO labels; raises TruthError with ``file:line: column``."""
    files = numbered_files(path, ".txt", frozenset({CLASS_LIST}))
    tables = [
        read_number_table(file, min_columns=N_COLUMNS, max_columns=N_COLUMNS, delimiter=None)
        for _, file in files
    ]
    names = _class_list(path / CLASS_LIST)
    counts = np.array([len(table) for table in tables], np.int64)
    ends = np.cumsum(counts)

    def place(row: int, part: Part) -> str:
        of_file = int(np.searchsorted(ends, row, side="right"))
        table = tables[of_file]
        if part == "frame":
            return str(table.path)
        return table.where(row - int(ends[of_file] - counts[of_file]), 1)

    n_boxes = int(counts.sum())
    numbers = np.array([number for number, _ in files], np.int64)
    rows = TruthRows(
        frame_number=np.repeat(numbers, counts),
        boxes_xyxy=_concatenated([_boxes_xyxy(table, context) for table in tables]),
        class_id=np.array(
            [class_id for table in tables for class_id in _class_ids(table, names, context)],
            np.int64,
        ),
        track_id=np.full(n_boxes, -1, np.int64),
        ignore=np.zeros(n_boxes, np.bool_),
        crowd=np.zeros(n_boxes, np.bool_),
        tags=(),
        place=place,
    )
    return build_truth(rows, context)


def _concatenated(parts: list[F64]) -> F64:
    return np.concatenate(parts) if parts else np.zeros((0, 4))


def _boxes_xyxy(table: NumberTable, context: TruthContext) -> F64:
    fractions = table.values[:, 1:]
    far = np.argwhere(np.abs(fractions) > FARTHEST)
    if len(far):
        row, column = far[0].tolist()
        raise TruthError(
            f"{fractions[row, column]:g} is not a fraction of the frame",
            where=table.where(row, column + 1),
            hint="YOLO coordinates are centre and size divided by the frame size, 0 to 1",
        )
    width_px, height_px = context.drawn_size
    scale = np.array([width_px, height_px])
    centre, half = fractions[:, :2] * scale, fractions[:, 2:] * scale / 2
    return np.hstack([centre - half, centre + half])


def _class_ids(table: NumberTable, names: list[str], context: TruthContext) -> list[int]:
    numbers: I64 = whole_numbers(table.values[:, 0], "class", lambda row: table.where(row, 0))
    return [
        _class_id(number, names, context, table.where(row, 0))
        for row, number in enumerate(numbers.tolist())
    ]


def _class_id(number: int, names: list[str], context: TruthContext, where: str) -> int:
    if context.truth_classes:
        return context.class_id(str(number), where)
    if names and 0 <= number < len(names):
        return context.class_id(names[number], where)
    n_known = len(names) or len(context.taxonomy.names)
    if not names and 0 <= number < n_known:
        return number
    source = CLASS_LIST if names else "the taxonomy"
    raise TruthError(
        f"class {number} does not exist: {source} has {n_known} classes, counted from 0",
        where=where,
        hint="say what each number means with the key truth_classes in golden.yaml",
    )


def _class_list(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return [line.strip() for line in read_text(path).split("\n") if line.strip()]
