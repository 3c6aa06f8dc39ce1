import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.stats import (
    MOST_FOOTAGE,
    MOST_TIMES,
    block_weights,
    clip_weights,
    footage_factor,
    interval,
    lower_bound,
    normal_quantile,
    p_at_least,
    p_at_most,
    spread_of,
    student_quantile,
    two_sided_p,
    upper_bound,
)
from vbench.types import F64, Scale, Spread

CONFIDENCES = st.floats(0.5, 0.999)


def spread(
    value: float,
    error: float,
    scale: Scale = "logit",
    degrees: float = 9.0,
    looks: float | None = None,
) -> Spread:
    return Spread(value, error, scale, degrees, "clips", 10, looks)


def any_spread(
    scales: tuple[Scale, ...] = ("logit", "log", "identity"),
) -> st.SearchStrategy[Spread]:
    """Inner values with an error, and values at an end or without variation."""

    def of_scale(scale: Scale) -> st.SearchStrategy[Spread]:
        inner = {
            "logit": st.floats(0.01, 0.99),
            "log": st.floats(0.01, 100.0),
            "identity": st.floats(-1.0, 1.0),
        }[scale]
        ends = {"logit": (0.0, 1.0), "log": (0.0,), "identity": (-0.2, 0.0, 0.3)}[scale]
        degrees = st.floats(1.0, 200.0)
        varied = st.builds(
            spread, inner, st.floats(0.01, 2.0), st.just(scale), degrees, st.just(None)
        )
        same = st.builds(
            spread,
            st.sampled_from(ends),
            st.just(0.0),
            st.just(scale),
            degrees,
            st.floats(0.5, 1e4),
        )
        return varied | same

    return st.one_of(*(of_scale(scale) for scale in scales))


def mean_replicates(values: F64, n_resamples: int = 4000) -> F64:
    weights = clip_weights(len(values), n_resamples, (11,))
    means: F64 = weights @ values / len(values)
    return means


def test_of_a_mean_it_is_the_classical_interval() -> None:
    """Equal support on the identity scale: the mean with Student's t, as in any textbook."""
    values = np.random.default_rng(4).normal(5.0, 2.0, 12)
    found = spread_of(
        float(values.mean()), mean_replicates(values), np.ones(12), "identity", "clips"
    )
    assert found is not None
    assert found.standard_error == pytest.approx(values.std(ddof=1) / math.sqrt(12), rel=0.03)
    assert found.degrees == pytest.approx(11.0)
    half = student_quantile(0.975, 11.0) * found.standard_error
    held = interval(found, 0.95)
    assert (held.low, held.high) == pytest.approx((values.mean() - half, values.mean() + half))
    assert (held.units, held.n_units, held.confidence) == ("clips", 12, 0.95)


def test_the_logit_and_log_errors_follow_the_delta_method_where_errors_are_small() -> None:
    values = np.random.default_rng(5).normal(0.7, 0.01, 30)
    raw = spread_of(0.7, mean_replicates(values), np.ones(30), "identity", "clips")
    logit = spread_of(0.7, mean_replicates(values), np.ones(30), "logit", "clips")
    log = spread_of(0.7, mean_replicates(values), np.ones(30), "log", "clips")
    assert raw is not None
    assert logit is not None
    assert log is not None
    assert logit.standard_error == pytest.approx(raw.standard_error / (0.7 * 0.3), rel=0.01)
    assert log.standard_error == pytest.approx(raw.standard_error / 0.7, rel=0.01)


def test_few_units_that_carry_the_support_count_as_few() -> None:
    replicates = np.random.default_rng(6).normal(0.5, 0.05, 500)
    even = spread_of(0.5, replicates, np.full(10, 7.0), "identity", "clips")
    uneven = spread_of(0.5, replicates, np.array([100.0, 100.0, *[1.0] * 8]), "identity", "clips")
    assert even is not None
    assert uneven is not None
    assert even.degrees == pytest.approx(9.0)
    assert uneven.degrees == pytest.approx(208**2 / 20_008 - 1)
    assert uneven.standard_error > even.standard_error
    assert uneven.n_units == 10


def test_blocks_lose_a_degree_of_freedom_for_each_clip() -> None:
    replicates = np.random.default_rng(7).normal(0.5, 0.05, 500)
    found = spread_of(0.5, replicates, np.ones(20), "identity", "blocks", 3)
    assert found is not None
    assert found.degrees == pytest.approx(17.0)
    assert found.standard_error == pytest.approx(replicates.std(ddof=1) * math.sqrt(20 / 17))


def test_replicates_at_the_ends_do_not_make_the_error_infinite() -> None:
    replicates = np.array([1.0, 0.9, 1.0, 0.8, 0.0] * 20)
    found = spread_of(0.9, replicates, np.ones(8), "logit", "clips")
    assert found is not None
    assert 0 < found.standard_error < 20
    rates = spread_of(2.0, np.array([0.0, 4.0] * 20), np.ones(8), "log", "clips")
    assert rates is not None
    assert 0 < rates.standard_error < 20


def three_events_in_three_clips() -> tuple[F64, F64]:
    """Of 30 blocks, 10 of each clip, drawn within clips: the counts drawn, and where events are."""
    support = np.zeros(30)
    support[[4, 14, 24]] = 1.0
    clip = np.repeat(np.arange(3), 10)
    return block_weights(clip, 1000, (5,)) @ support, support


def test_a_count_that_rests_on_one_block_of_each_clip_has_no_spread() -> None:
    counts, support = three_events_in_three_clips()
    assert counts.mean() == pytest.approx(3.0, abs=0.2)
    assert counts.std() > 1.0
    assert spread_of(3.0, counts, support, "log", "blocks", 3) is None
    # Ten times the events in as many blocks leave degrees of freedom.
    many = block_weights(np.repeat(np.arange(3), 10), 1000, (5,)).sum(axis=1)
    known = spread_of(30.0, many * counts / 3.0, np.ones(30), "log", "blocks", 3)
    assert known is not None
    assert interval(known, 0.95).high < 30.0 * MOST_TIMES


@given(st.floats(0.01, 5.0), st.integers(2, 12), st.floats(0.1, 1e6))
def test_a_log_scaled_interval_never_reaches_absurdly_far(
    error: float, n_units: int, value: float
) -> None:
    draws = np.random.default_rng(3).normal(0.0, error, 200)
    found = spread_of(value, value * np.exp(draws), np.ones(n_units), "log", "clips")
    if found is not None:
        assert interval(found, 0.95).high <= value * MOST_TIMES * (1 + 1e-9)
    elif n_units > 6:
        assert error > 1.0


@pytest.mark.parametrize(
    ("replicates", "support"),
    [
        (np.full(100, 0.5), np.array([4.0, 0.0, 0.0])),
        (np.full(100, 0.5), np.zeros(3)),
        (np.array([np.nan] * 11 + [0.4] * 89), np.ones(5)),
        (np.full(100, np.nan), np.ones(5)),
        (np.zeros(0), np.ones(5)),
    ],
)
def test_no_spread_of_too_little(replicates: F64, support: F64) -> None:
    assert spread_of(0.5, replicates, support, "logit", "clips") is None


def test_a_tenth_may_be_undefined() -> None:
    replicates = np.array([np.nan] * 10 + [0.4, 0.6] * 45)
    found = spread_of(0.5, replicates, np.ones(5), "logit", "clips")
    assert found is not None
    known = spread_of(0.5, replicates[10:], np.ones(5), "logit", "clips")
    assert found == known


@pytest.mark.parametrize(
    ("value", "scale"), [(1.1, "logit"), (-0.1, "logit"), (-1.0, "log"), (math.nan, "identity")]
)
def test_a_value_off_its_scale_is_refused(value: float, scale: Scale) -> None:
    with pytest.raises(ValueError, match="does not lie on"):
        spread_of(value, np.full(9, 0.5), np.ones(3), scale, "clips")


def test_effective_size_of_a_share_is_what_its_error_says() -> None:
    replicates = np.random.default_rng(8).normal(0.8, 0.04, 2000)
    found = spread_of(0.8, replicates, np.full(10, 500.0), "logit", "clips", trials=5000.0)
    assert found is not None
    assert found.n_effective is not None
    assert found.n_effective == pytest.approx(0.16 / 0.04**2 * 0.9, rel=0.06)


@pytest.mark.parametrize(("error", "expected"), [(1e-5, 50.0), (0.4, 10.0)])
def test_effective_size_lies_between_units_and_support(error: float, expected: float) -> None:
    replicates = np.random.default_rng(8).normal(0.5, error, 2000)
    found = spread_of(0.5, replicates, np.full(10, 5.0), "logit", "clips", trials=50.0)
    assert found is not None
    assert found.n_effective == pytest.approx(expected)


# Values at an end of their scale, and values that do not vary.


def test_a_perfect_share_without_looks_has_as_many_as_units() -> None:
    found = spread_of(1.0, np.ones(100), np.ones(8), "logit", "clips", trials=800.0)
    assert found is not None
    held = interval(found, 0.90)
    assert (held.low, held.high) == pytest.approx((0.05 ** (1 / 8), 1.0))
    assert held.n_effective == 8.0


def test_looks_are_fewer_where_units_are_few() -> None:
    found = spread_of(0.0, np.zeros(100), np.ones(8), "logit", "clips", trials=800.0, looks=200.0)
    assert found is not None
    ratio = student_quantile(0.95, 7.0) / normal_quantile(0.95)
    assert found.n_effective == pytest.approx(200.0 / ratio**2)
    assert upper_bound(found, 0.95) == pytest.approx(1 - 0.05 ** (ratio**2 / 200.0))
    assert lower_bound(found, 0.95) == 0.0


def test_a_rate_of_zero_gets_the_rule_of_three() -> None:
    found = spread_of(0.0, np.zeros(50), np.ones(1000), "log", "clips", looks=10.0)
    assert found is not None
    assert upper_bound(found, 0.95) == pytest.approx(3.0 / 10.0, rel=0.01)
    assert lower_bound(found, 0.95) == 0.0
    assert interval(found, 0.95).n_effective is None


def test_equal_pipelines_may_still_differ_elsewhere() -> None:
    found = spread_of(
        0.0, np.zeros(50), np.ones(1000), "identity", "clips", trials=3000.0, looks=3000.0
    )
    assert found is not None
    assert upper_bound(found, 0.95) == pytest.approx(0.001, rel=0.01)
    assert lower_bound(found, 0.95) == -upper_bound(found, 0.95)
    assert two_sided_p(found, 0.0) == 1.0


def test_a_share_inside_its_scale_that_never_varies_has_the_binomial_error() -> None:
    found = spread_of(0.5, np.full(50, 0.5), np.ones(16), "logit", "clips")
    assert found is not None
    assert found.standard_error == pytest.approx(1 / math.sqrt(16 * 0.25))


@pytest.mark.parametrize(("value", "scale"), [(0.0, "log"), (3.0, "log"), (3.0, "identity")])
def test_no_spread_where_nothing_says_how_often_it_could_differ(value: float, scale: Scale) -> None:
    assert spread_of(value, np.full(50, value), np.ones(9), scale, "clips") is None


# Bounds and p-values are one.


@given(any_spread(), CONFIDENCES)
def test_intervals_are_finite_and_never_a_point(one: Spread, confidence: float) -> None:
    held = interval(one, confidence)
    assert math.isfinite(held.low)
    assert math.isfinite(held.high)
    assert held.low < held.high
    assert held.low <= one.value <= held.high
    if one.scale == "logit":
        assert held.low >= 0.0
        assert held.high <= 1.0
    if one.scale == "log":
        assert held.low >= 0.0


@given(any_spread(), CONFIDENCES)
def test_a_bound_is_where_the_p_value_is_the_error_allowed(one: Spread, confidence: float) -> None:
    low, high = lower_bound(one, confidence), upper_bound(one, confidence)
    if low < one.value and low > 0:
        assert p_at_most(one, low) == pytest.approx(1 - confidence, rel=1e-6, abs=1e-9)
    if high > one.value and (one.scale != "logit" or high < 1 - 1e-9):
        assert p_at_least(one, high) == pytest.approx(1 - confidence, rel=1e-6, abs=1e-9)


@given(any_spread(), st.lists(st.floats(-2.0, 2.0), min_size=2, max_size=6))
def test_p_values_are_probabilities_and_monotone(one: Spread, limits: list[float]) -> None:
    limits = sorted(limits)
    falling = [p_at_least(one, limit) for limit in limits]
    rising = [p_at_most(one, limit) for limit in limits]
    assert all(0.0 <= p <= 1.0 for p in (*falling, *rising))
    assert all(first >= second for first, second in itertools.pairwise(falling))
    assert all(first <= second for first, second in itertools.pairwise(rising))


@given(any_spread(), st.floats(-2.0, 2.0), CONFIDENCES)
def test_the_interval_holds_what_the_two_sided_test_does_not_reject(
    one: Spread, at: float, confidence: float
) -> None:
    held = interval(one, confidence)
    if min(abs(at - held.low), abs(at - held.high)) > 1e-9:
        assert (held.low < at < held.high) == (two_sided_p(one, at) > 1 - confidence)


@given(any_spread(), CONFIDENCES, CONFIDENCES)
def test_surer_bounds_lie_farther_out(one: Spread, first: float, second: float) -> None:
    less, more = sorted((first, second))
    assert lower_bound(one, more) <= lower_bound(one, less)
    assert upper_bound(one, more) >= upper_bound(one, less)


def test_limits_beyond_the_scale_are_decided() -> None:
    one = spread(0.9, 0.3)
    assert p_at_least(one, 1.0) == 0.0
    assert p_at_most(one, 0.0) == 0.0
    assert p_at_least(one, 0.0) == 1.0
    assert p_at_most(one, 1.5) == 1.0


def test_wide_errors_of_rates_stay_finite() -> None:
    held = interval(spread(5.0, 300.0, "log", 1.0), 0.999)
    assert math.isfinite(held.high)
    assert held.low > 0.0


# How much more footage would decide.


@given(any_spread(("identity", "logit")), st.floats(0.001, 0.999), st.floats(0.55, 0.99))
def test_that_much_footage_decides_and_little_less_does_not(
    one: Spread, limit: float, confidence: float
) -> None:
    times = footage_factor(one, limit, confidence)
    decided = min(p_at_least(one, limit), p_at_most(one, limit)) <= 1 - confidence
    if decided or limit == one.value:
        assert times is None
        return
    assert times is not None
    assert 1.0 <= times <= MOST_FOOTAGE
    if times < MOST_FOOTAGE:
        assert min(p(grown(one, times), limit) for p in (p_at_least, p_at_most)) <= 1 - confidence
        less = grown(one, times / 1.01)
        assert min(p(less, limit) for p in (p_at_least, p_at_most)) > 1 - confidence


def grown(one: Spread, times: float) -> Spread:
    """The same with so many times the footage."""
    looks = None if one.n_effective is None else one.n_effective * times
    error, degrees = one.standard_error / math.sqrt(times), (one.degrees + 1) * times - 1
    return Spread(one.value, error, one.scale, degrees, one.units, one.n_units, looks)


def test_twice_as_far_needs_a_quarter_of_the_footage() -> None:
    near = footage_factor(spread(0.0, 1.0, "identity", 1e7), 0.5, 0.95)
    far = footage_factor(spread(0.0, 1.0, "identity", 1e7), 1.0, 0.95)
    assert near is not None
    assert far is not None
    assert near == pytest.approx((normal_quantile(0.95) / 0.5) ** 2, rel=2e-3)
    assert near / far == pytest.approx(4.0, rel=4e-3)


def test_footage_without_end_is_capped() -> None:
    assert footage_factor(spread(0.9, 0.5), 0.9001, 0.95) == MOST_FOOTAGE
