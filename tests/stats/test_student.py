import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vbench.stats import normal_cdf, normal_quantile, student_cdf, student_quantile

DEGREES = (0.3, 1.0, 1.7, 2.0, 3.5, 7.0, 30.2, 500.0, 9e4, 1.1e5, 1e6, 1e9)
PROBABILITIES = (1e-6, 0.01, 0.025, 0.3, 0.4999, 0.5, 0.7, 0.975, 0.9999)


@pytest.mark.parametrize("degrees", DEGREES)
def test_the_distribution_is_that_of_scipy(degrees: float) -> None:
    for t in (-50.0, -7.0, -2.0, -1e-3, -1e-9, 0.0, 1e-5, 0.3, 1.0, 3.0, 20.0, 300.0):
        assert student_cdf(t, degrees) == pytest.approx(stats.t.cdf(t, degrees), abs=1e-9)


@pytest.mark.parametrize("degrees", DEGREES)
def test_the_quantiles_are_those_of_scipy(degrees: float) -> None:
    for probability in PROBABILITIES:
        expected = stats.t.ppf(probability, degrees)
        assert student_quantile(probability, degrees) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_far_tail_keeps_its_digits() -> None:
    assert student_cdf(-40.0, 7.0) == pytest.approx(stats.t.cdf(-40.0, 7.0), rel=1e-9)


@given(st.floats(1e-9, 1 - 1e-9), st.floats(0.5, 1e7))
def test_distribution_and_quantile_are_each_others_inverse(p: float, degrees: float) -> None:
    assert student_cdf(student_quantile(p, degrees), degrees) == pytest.approx(p, abs=1e-9)


@given(st.floats(1e-6, 0.5), st.floats(0.5, 1e7))
def test_both_tails_mirror_each_other(p: float, degrees: float) -> None:
    assert student_quantile(1.0 - p, degrees) == -student_quantile(1.0 - (1.0 - p), degrees)


def test_the_ends_of_the_line() -> None:
    assert student_cdf(math.inf, 3.0) == 1.0
    assert student_cdf(-math.inf, 3.0) == 0.0


def test_the_normal_distribution_is_that_of_scipy() -> None:
    for x in (-30.0, -2.0, 0.0, 0.5, 8.0):
        assert normal_cdf(x) == pytest.approx(stats.norm.cdf(x), rel=1e-12)
    for p in PROBABILITIES:
        assert normal_quantile(p) == pytest.approx(stats.norm.ppf(p), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("probability", [0.0, 1.0, -0.1, math.nan])
def test_no_quantile_outside_0_to_1(probability: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        student_quantile(probability, 5.0)
    with pytest.raises(ValueError, match="probability"):
        normal_quantile(probability)


@pytest.mark.parametrize("degrees", [0.0, -1.0, math.nan])
def test_degrees_must_be_positive(degrees: float) -> None:
    with pytest.raises(ValueError, match="degrees"):
        student_cdf(1.0, degrees)
