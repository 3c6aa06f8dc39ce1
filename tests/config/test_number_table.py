from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vbench.config.number_table import read_number_table
from vbench.errors import TruthError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.txt"


def test_rows_with_the_lines_they_stand_on(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf1,2,3\r\n\r\n# a comment\n 4, 5e-1 ,-6 # why\n")
    table = read_number_table(file, min_columns=3, max_columns=3)
    assert table.values.tolist() == [[1, 2, 3], [4, 0.5, -6]]
    assert table.lines.tolist() == [1, 4]
    assert table.where(1, 2) == f"{file}:4: column 3"
    assert table.where(1) == f"{file}:4"


def test_shorter_rows_are_filled_with_nan(file: Path) -> None:
    file.write_text("1,2,3\n4,5\n")
    table = read_number_table(file, min_columns=2, max_columns=3)
    np.testing.assert_array_equal(table.values, [[1, 2, 3], [4, 5, np.nan]])


def test_an_empty_file_has_no_rows(file: Path) -> None:
    file.write_text("\n# nothing\n")
    table = read_number_table(file, min_columns=6, max_columns=9)
    assert table.values.shape == (0, 6)
    assert len(table) == 0


def test_blanks_as_delimiter(file: Path) -> None:
    file.write_text("1 2\t3\n")
    table = read_number_table(file, min_columns=3, max_columns=3, delimiter=None)
    assert table.values.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("1,2,3\n4,x,6\n", ":2: column 2", '"x" is not a number'),
        ("1,2,3\n4,,6\n", ":2: column 2", "is empty, expected a number"),
        ("1,2,3\n4,nan,6\n", ":2: column 2", "nan is not a finite number"),
        ("1,2,3\n4,-inf,6\n", ":2: column 2", "-inf is not a finite number"),
        ("1,2,3\n4,1e999,6\n", ":2: column 2", "1e999 is not a finite number"),
        ("1,2,1_0\n", ":1: column 3", '"1_0" is not a number'),
        ("1,2,3\n\n4,5\n", ":3", "the row has 2 numbers, expected 3"),
        ("1,2,3,4\n", ":1", "the row has 4 numbers, expected 3"),
        ("1 2 3\n", ":1", "the row has 1 numbers, expected 3"),
        ("frame,id,x\n", ":1: column 1", '"frame" is not a number'),
        ('\n{"images": []}', ":2", "is JSON, expected rows of numbers"),
        ("<annotations/>", ":1", "is XML, expected rows of numbers"),
    ],
)
def test_bad_rows_are_named(file: Path, text: str, where: str, what: str) -> None:
    file.write_text(text)
    with pytest.raises(TruthError) as caught:
        read_number_table(file, min_columns=3, max_columns=3)
    assert (caught.value.where, caught.value.what) == (f"{file}{where}", what)
    assert caught.value.hint


def test_a_wrong_delimiter_is_guessed_for_the_hint(file: Path) -> None:
    file.write_text("1 2 3\n")
    with pytest.raises(TruthError, match="the row seems to use blanks"):
        read_number_table(file, min_columns=3, max_columns=3)


def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x01")
    for name, what in (
        ("absent", "file not found"),
        ("binary", "is not text"),
        (".", "is a folder"),
    ):
        with pytest.raises(TruthError, match=what):
            read_number_table(tmp_path / name, min_columns=1, max_columns=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=4),
        min_size=1,
        max_size=6,
    )
)
def test_any_rows_come_back(file: Path, rows: list[list[float]]) -> None:
    file.write_text("\n".join(",".join(map(repr, row)) for row in rows))
    table = read_number_table(file, min_columns=2, max_columns=4)
    found = [row[~np.isnan(row)].tolist() for row in table.values]
    assert found == rows
