import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.vega.charts import bins_of, counts_of, rows_of
from vbench.report.vega.curves import (
    BINS,
    OperatingRow,
    calibration_spec,
    curve_rows,
    f1_spec,
    pr_spec,
)


def test_a_point_is_what_the_counts_say() -> None:
    rows = curve_rows(counts_of([9, 8, 5], [6, 2, 0], 10), 0, 3)
    assert rows[0] == {"k": 3, "t": 0.0, "r": 0.9, "p": 0.6, "f": 0.72}
    assert rows[2] == {"k": 3, "t": 0.02, "r": 0.5, "p": 1.0, "f": pytest.approx(10 / 15, 1e-4)}


def test_undefined_numbers_are_null_and_not_zero() -> None:
    last = curve_rows(counts_of([9], [6], 10), 0, 0)[-1]
    assert last == {"k": 0, "t": 1.0, "r": 0.0, "p": None, "f": 0.0}
    nothing = curve_rows(counts_of([], [], 0), 0, 0)
    assert all(row["r"] is None and row["p"] is None and row["f"] is None for row in nothing)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=101, max_size=101))
def test_points_that_are_left_out_lie_on_the_line(steps: list[tuple[int, int]]) -> None:
    tp, fp = np.cumsum(np.array(steps)[::-1], axis=0)[::-1].T
    counts = counts_of(tp.tolist(), fp.tolist(), int(tp[0]) + 1)
    rows = curve_rows(counts, 0, 0)
    kept = {round(100 * float(row["t"])): row for row in rows}  # type: ignore[arg-type]
    assert {0, 100} <= set(kept)
    for j in range(101):
        if j in kept:
            continue
        before = kept[max(k for k in kept if k < j)]
        after = kept[min(k for k in kept if k > j)]
        here = float(f"{tp[j] / (tp[0] + 1):.5g}")
        assert before["r"] == after["r"] == here


def test_operating_points_are_marked_with_their_own_numbers() -> None:
    counts = [counts_of([9, 8], [6, 2], 10)] * 2
    operating = [OperatingRow(0, 0.35, 0.8, 0.7, 0.75), OperatingRow(1, None, 0.5, None, None)]
    for spec in (pr_spec(("a", "b"), counts, operating), f1_spec(("a", "b"), counts, operating)):
        assert rows_of(spec, "operating") == [
            {"k": 0, "t": 0.35, "r": 0.8, "p": 0.7, "f": 0.75},
            {"k": 1, "t": None, "r": 0.5, "p": None, "f": None},
        ]
        assert rows_of(spec, "at") == []
        assert len(rows_of(spec, "lines")) == 2 * len(curve_rows(counts[0], 0, 0))


def test_calibration_leaves_empty_bins_out() -> None:
    spec = calibration_spec(("a",), [bins_of([0] * 8 + [4, 10], [0] * 8 + [1, 9])])
    assert rows_of(spec, "lines") == [
        {"k": 0, "s": 0.85, "p": 0.25, "n": 4},
        {"k": 0, "s": 0.95, "p": 0.9, "n": 10},
    ]
    assert BINS == "bins"
