import itertools

from hypothesis import given
from hypothesis import strategies as st

from vbench.stats import holm

P_VALUES = st.lists(st.floats(0.0, 1.0), max_size=7)


def rejected_step_down(p_values: list[float], alpha: float) -> set[int]:
    """Holm's procedure as he states it: stop at the first that is not small enough."""
    order = sorted(range(len(p_values)), key=lambda test: p_values[test])
    rejected: set[int] = set()
    for rank, test in enumerate(order):
        if (len(p_values) - rank) * p_values[test] > alpha:
            break
        rejected.add(test)
    return rejected


def closed_test(p_values: list[float], test: int) -> float:
    """The largest Bonferroni p-value of all sets of claims that the claim is part of."""
    others = [p for index, p in enumerate(p_values) if index != test]
    sets = itertools.chain.from_iterable(
        itertools.combinations(others, size) for size in range(len(others) + 1)
    )
    return max(min(1.0, (len(s) + 1) * min([p_values[test], *s])) for s in sets)


def test_a_known_family() -> None:
    assert holm([0.01, 0.04, 0.03]) == (0.03, 0.06, 0.06)


def test_no_tests_no_p_values() -> None:
    assert holm([]) == ()


def test_one_test_needs_no_correction() -> None:
    assert holm([0.2]) == (0.2,)


@given(P_VALUES, st.floats(0.001, 0.999))
def test_rejects_what_the_step_down_procedure_rejects(p_values: list[float], alpha: float) -> None:
    adjusted = holm(p_values)
    assert {test for test, p in enumerate(adjusted) if p <= alpha} == rejected_step_down(
        p_values, alpha
    )


@given(P_VALUES)
def test_is_the_closure_of_bonferroni(p_values: list[float]) -> None:
    for test, adjusted in enumerate(holm(p_values)):
        assert abs(adjusted - closed_test(p_values, test)) < 1e-12


@given(P_VALUES)
def test_keeps_the_order_and_stays_a_probability(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= a <= 1.0 for p, a in zip(p_values, adjusted, strict=True))
    by_size = sorted(zip(p_values, adjusted, strict=True))
    assert [a for _, a in by_size] == sorted(a for _, a in by_size)
