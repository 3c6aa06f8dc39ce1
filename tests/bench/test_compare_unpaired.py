"""Differences of numbers that were measured apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.bench.compare_unpaired import unpaired_change
from vbench.stats import two_sided_p
from vbench.types import Change, Spread


def spread(value: float, error: float, *, scale: str = "identity", degrees: float = 9.0) -> Spread:
    return Spread(value, error, scale, degrees, "clips", 10, None)  # type: ignore[arg-type]


def ends(change: Change) -> tuple[float, float]:
    assert change.interval is not None
    return change.interval.low, change.interval.high


def test_normal_numbers_add_their_errors_in_squares() -> None:
    change = unpaired_change(0.1, spread(0.6, 0.03), spread(0.5, 0.04), 0.95)
    low, high = ends(change)
    t = 2.262157
    assert low == pytest.approx(0.1 - t * 0.05, abs=1e-6)
    assert high == pytest.approx(0.1 + t * 0.05, abs=1e-6)
    # The same p-value as that of one number with the error of both.
    assert change.p_value == pytest.approx(two_sided_p(spread(0.1, 0.05), 0.0), rel=1e-3)


@given(
    a=st.floats(0.02, 0.98),
    b=st.floats(0.02, 0.98),
    errors=st.tuples(st.floats(0.01, 1.0), st.floats(0.01, 1.0)),
)
def test_interval_and_p_value_agree(a: float, b: float, errors: tuple[float, float]) -> None:
    ours, theirs = (spread(x, se, scale="logit") for x, se in zip((b, a), errors, strict=True))
    change = unpaired_change(b - a, ours, theirs, 0.95)
    low, high = ends(change)
    assert low <= change.value <= high
    assert -1.0 <= low <= high <= 1.0
    assert change.p_value is not None
    if not math.isclose(change.p_value, 0.05, rel_tol=1e-2):
        assert (change.p_value > 0.05) == (low <= 0.0 <= high)


def test_an_edge_has_room_inwards_only() -> None:
    full = Spread(1.0, 0.0, "logit", 9.0, "clips", 10, 10.0)
    low, high = ends(unpaired_change(0.0, full, full, 0.95))
    assert low == pytest.approx(-high)
    assert 0.2 < high < 0.4


def test_swapping_turns_the_sign() -> None:
    one, other = spread(0.9, 0.4, scale="logit"), spread(0.7, 0.2, scale="logit")
    there = unpaired_change(0.2, one, other, 0.9)
    back = unpaired_change(-0.2, other, one, 0.9)
    assert ends(there) == pytest.approx(tuple(-end for end in reversed(ends(back))))
    assert there.p_value == pytest.approx(back.p_value)


@pytest.mark.parametrize("known", [True, False])
def test_a_number_that_nobody_is_sure_of(known: bool) -> None:
    change = unpaired_change(0.2, spread(0.9, 0.1) if known else None, None, 0.95)
    assert (change.value, change.interval, change.p_value) == (0.2, None, None)
    assert "too little footage" in change.reason
