"""Text tables of numbers (MOT truth and results, YOLO labels), with line-exact errors."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vbench.errors import TruthError
from vbench.types.arrays import F64, I64, check_column


@dataclass(frozen=True, slots=True)
class NumberTable:
    """R rows of at most C numbers."""

    path: Path
    values: F64
    """(R, C) finite numbers; NaN only where a row has fewer columns than the longest."""
    lines: I64
    """(R,) 1-based line of the file each row stands on."""

    def __post_init__(self) -> None:
        check_column("NumberTable", "values", self.values, np.float64, (-1, -1))
        check_column("NumberTable", "lines", self.lines, np.int64, (len(self.values),))

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int, column: int | None = None) -> str:
        """``file:line: column k`` of a row (0-based) and, if given, a column (0-based)."""
        place = f"{self.path}:{int(self.lines[row])}"
        return place if column is None else f"{place}: column {column + 1}"


def read_number_table(
    path: Path, *, min_columns: int, max_columns: int, delimiter: str | None = ","
) -> NumberTable:
    """Read rows of numbers; blank lines and everything after ``#`` are skipped.

    Args:
        path: a text file, UTF-8 (a byte-order mark is allowed).
        min_columns: fewest numbers a row may have.
        max_columns: most numbers a row may have.
        delimiter: what stands between numbers; None means any run of blanks.

    Raises:
        TruthError: the file is missing, is not such text, or a row has a wrong number of columns,
            something that is not a number, or NaN or infinity; names file, line and column.
    """
    text = read_text(path)
    content = text.split("\n")
    numbered = [
        (number, body)
        for number, line in enumerate(content, 1)
        if (body := line.partition("#")[0].strip())
    ]
    if not numbered:
        return NumberTable(path, np.zeros((0, min_columns)), np.zeros(0, np.int64))
    lines = np.array([number for number, _ in numbered], np.int64)
    rows = [body for _, body in numbered]
    values = _parse_even_rows(rows, delimiter)
    if values is None or not min_columns <= values.shape[1] <= max_columns:
        _refuse_other_format(path, rows[0], int(lines[0]))
        values = _parse_row_by_row(path, lines, rows, (min_columns, max_columns), delimiter)
    return NumberTable(path, values, lines)


def read_text(path: Path) -> str:
    """Text of a truth or results file, line ends as single newlines; raises TruthError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TruthError("file not found", where=str(path), hint="check the path") from None
    except IsADirectoryError:
        raise TruthError(
            "is a folder, expected a file", where=str(path), hint="name the file"
        ) from None
    except UnicodeDecodeError:
        raise TruthError(
            "is not text (UTF-8)", where=str(path), hint="is this a truth or results file?"
        ) from None
    except OSError as error:
        raise TruthError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check its permissions"
        ) from None


def _parse_even_rows(rows: list[str], delimiter: str | None) -> F64 | None:
    """Finite numbers from rows of one length, fast; None where any row is different or wrong."""
    try:
        values: F64 = np.loadtxt(
            io.StringIO("\n".join(rows)), np.float64, delimiter=delimiter, comments=None, ndmin=2
        )
    except ValueError:
        return None
    return values if bool(np.isfinite(values).all()) else None


def _parse_row_by_row(
    path: Path, lines: I64, rows: list[str], widths: tuple[int, int], delimiter: str | None
) -> F64:
    """Slow twin of `_parse_even_rows`: rows may differ in length; names what is wrong."""
    parsed: list[list[float]] = []
    for line, row in zip(lines.tolist(), rows, strict=True):
        cells = row.split(delimiter)
        if not widths[0] <= len(cells) <= widths[1]:
            expected = str(widths[0]) if widths[0] == widths[1] else f"{widths[0]} to {widths[1]}"
            raise TruthError(
                f"the row has {len(cells)} numbers, expected {expected}",
                where=f"{path}:{line}",
                hint=_delimiter_hint(row, delimiter),
            )
        where = f"{path}:{line}: column"
        parsed.append([_number(cell, f"{where} {k}") for k, cell in enumerate(cells, 1)])
    values = np.full((len(parsed), max(map(len, parsed))), np.nan)
    for index, numbers in enumerate(parsed):
        values[index, : len(numbers)] = numbers
    return values


def _number(cell: str, where: str) -> float:
    text = cell.strip()
    try:
        value = float(text) if "_" not in text else None
    except ValueError:
        value = None
    if value is None:
        what = f'"{text[:40]}" is not a number' if text else "is empty, expected a number"
        raise TruthError(what, where=where, hint="is this the format the file is declared to be?")
    if not math.isfinite(value):
        raise TruthError(f"{text} is not a finite number", where=where, hint="give a number")
    return value


def _delimiter_hint(row: str, delimiter: str | None) -> str:
    name = "blanks" if delimiter is None else f'"{delimiter}"'
    for other, other_name in ((",", "commas"), (";", "semicolons"), ("\t", "tabs"), (None, "")):
        if other != delimiter and len(row.split(delimiter)) == 1 and len(row.split(other)) > 1:
            found = other_name or "blanks"
            return f"numbers are separated by {name} here, the row seems to use {found}"
    return "is this the format the file is declared to be?"


def _refuse_other_format(path: Path, first: str, line: int) -> None:
    kind = "JSON" if first[0] in "{[" else "XML" if first[0] == "<" else None
    if kind is not None:
        raise TruthError(
            f"is {kind}, expected rows of numbers",
            where=f"{path}:{line}",
            hint="the file's format and the format it is declared to be differ",
        )
