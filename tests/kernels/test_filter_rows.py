"""Rows and values above a floor against obvious twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.filter_rows import strong_classes, strong_rows, strong_values
from vbench.types import F32, I64

Found = list[tuple[int, float, int]]
"""Row, score and class."""

NOT_FINITE = [np.nan, -np.nan, np.inf, -np.inf]


def twin_rows(table: F32, floor: np.float32) -> Found:
    """Row by row: objectness times the best class, in the table's precision."""
    found = []
    for k, row in enumerate(table):
        of_class = row[5:].tolist()
        score = row[4] * np.float32(max(of_class))
        if row[4] >= floor and score >= floor:
            found.append((k, float(score), of_class.index(max(of_class))))
    return found


def twin_classes(table: F32, n_classes: int, floor: np.float32) -> Found:
    rows = table[:, :n_classes].tolist()
    return [(k, max(row), row.index(max(row))) for k, row in enumerate(rows) if max(row) >= floor]


def expect(found: tuple[I64, F32, I64, bool], twin: Found) -> None:
    rows, scores, class_index, finite = found
    assert finite
    assert [column.dtype.name for column in found[:3]] == ["int64", "float32", "int64"]
    # Equal and not close: detections must not depend on how they were computed.
    columns = (rows.tolist(), scores.tolist(), class_index.tolist())
    assert list(zip(*columns, strict=True)) == twin


@st.composite
def tables(draw: st.DrawFn, *, lowest: int = 0) -> F32:
    """Coarse scores, so that ties are common; four box values and an objectness first."""
    shape = (draw(st.sampled_from([0, 1, 2, 17, 300])), 5 + draw(st.integers(1, 10)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    table = random.integers(lowest, draw(st.integers(2, 50)), shape) / 49
    table[:, :4] = random.normal(0, 1000, (shape[0], 4))
    return table.astype(np.float32)


@settings(deadline=None, max_examples=60)
@given(table=tables(), step=st.integers(0, 50))
def test_rows_equal_their_twin(table: F32, step: int) -> None:
    # The floor is often exactly a score, and sometimes above all of them or below none.
    floor = np.float32(step / 49)
    expect(strong_rows(table, floor), twin_rows(table, floor))


@settings(deadline=None, max_examples=60)
@given(table=tables(lowest=-30), step=st.integers(-50, 50), n_classes=st.integers(1, 6))
def test_classes_equal_their_twin(table: F32, step: int, n_classes: int) -> None:
    table, floor = np.ascontiguousarray(table[:, 4:]), np.float32(step / 49)
    table[:, ::3] *= np.float32(-1)  # makes 0 to -0, which is equal to it
    n_classes = min(n_classes, table.shape[1])
    expect(strong_classes(table, n_classes, floor), twin_classes(table, n_classes, floor))


def test_scores_below_zero_are_no_surprise_to_rows() -> None:
    table = np.array([[0, 0, 1, 1, 1, -0.5, -0.25], [0, 0, 1, 1, 1, -0.5, 0.5]], np.float32)
    expect(strong_rows(table, np.float32(0)), twin_rows(table, np.float32(0)))


@settings(deadline=None, max_examples=60)
@given(
    n=st.sampled_from([0, 1, 1023, 1024, 1025, 5000]),
    seed=st.integers(0, 2**32 - 1),
    share=st.sampled_from([0.0, 0.001, 0.5, 1.0]),
)
def test_values_equal_their_twin(n: int, seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    values = np.where(random.random(n) < share, 0.5, -3).astype(np.float32)
    positions, finite = strong_values(values, np.float32(0.5))
    assert finite
    assert positions.dtype == np.int64
    assert positions.tolist() == [k for k, value in enumerate(values.tolist()) if value >= 0.5]


def test_every_value_is_above_no_floor() -> None:
    positions, _finite = strong_values(np.full(3000, -9, np.float32), np.float32(-np.inf))
    assert positions.tolist() == list(range(3000))


@pytest.mark.parametrize("bad", NOT_FINITE)
def test_one_number_that_is_not_finite_is_noticed_anywhere(bad: float) -> None:
    random = np.random.default_rng(3)
    good = random.random((300, 8)).astype(np.float32)
    floor = np.float32(0.9)
    for place in (0, 4, 7, 1023, 1024, 1200, 2399):
        table = good.copy()
        table.flat[place] = bad
        for rows, scores, class_index, finite in (
            strong_rows(table, floor),
            strong_classes(table, 3, floor),
        ):
            assert not finite
            assert len(rows) == len(scores) == len(class_index) == 0
        positions, finite = strong_values(table.reshape(-1), floor)
        assert not finite
        assert len(positions) == 0
