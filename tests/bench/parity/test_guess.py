"""The search for causes, on differences that are plain numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from vbench.bench.parity.guess import Cause, CauseKind, Trial, best_guess, cause_of

KINDS: tuple[CauseKind, ...] = ("color_order", "anchor", "anchor", "scale")


def cause(number: int) -> Cause:
    return Cause(KINDS[number], f"change {number}", "", "", "")


class Tried:
    """What is left after each set of changes; remembers what was asked."""

    def __init__(self, left: Mapping[tuple[int, ...], float], close: float = 0.0) -> None:
        self.left, self.close = left, close
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, numbers: tuple[int, ...]) -> Trial | None:
        self.asked.append(numbers)
        left = self.left.get(numbers)
        if left is None:
            return None
        causes = tuple(cause(number) for number in numbers)
        return Trial(causes, left, left == 0.0, left < self.close)


def titles(tried: Tried, beam: int | None = None) -> list[str]:
    found = best_guess(KINDS, tried, 100.0, "numbers", beam=beam)
    return [one.title for one in found.causes]


def test_an_exact_single_change_ends_the_search() -> None:
    tried = Tried({(0,): 40.0, (1,): 0.0, (3,): 0.0, (0, 1): 0.0})
    assert titles(tried) == ["change 1"]
    assert all(len(numbers) == 1 for numbers in tried.asked)


def test_two_where_one_leaves_something() -> None:
    tried = Tried({(0,): 30.0, (3,): 60.0, (0, 3): 0.0})
    assert titles(tried) == ["change 0", "change 3"]
    # Two of a kind exclude each other.
    assert (1, 2) not in tried.asked


@pytest.mark.parametrize(
    ("pair_left", "expected"), [(14.0, ["change 0", "change 1"]), (16.0, ["change 0"])]
)
def test_a_second_cause_must_be_worth_it(pair_left: float, expected: list[str]) -> None:
    assert titles(Tried({(0,): 30.0, (0, 1): pair_left})) == expected


def test_what_may_be_rounding_is_no_second_cause() -> None:
    left = {(0,): 4.0, (0, 1): 1.0}
    assert titles(Tried(left, close=5.0)) == ["change 0"]
    # Unless the second one leaves nothing at all.
    assert titles(Tried({**left, (0, 1): 0.0}, close=5.0)) == ["change 0", "change 1"]


def test_half_of_it_must_be_explained() -> None:
    found = best_guess(KINDS, Tried({(0,): 60.0, (0, 1): 55.0}), 100.0, "numbers")
    assert found.causes == ()
    assert found.explained == pytest.approx(0.4)
    assert not found.exact


def test_changes_for_the_worse_explain_nothing() -> None:
    found = best_guess(KINDS, Tried({(0,): 160.0}), 100.0, "numbers")
    assert (found.causes, found.explained) == ((), 0.0)


def test_nothing_applies() -> None:
    found = best_guess(KINDS, Tried({}), 100.0, "numbers")
    assert (found.causes, found.explained) == ((), 0.0)


def test_where_nothing_helps_that_is_said() -> None:
    found = best_guess(KINDS, Tried({(0,): 160.0}), 100.0, "3 frames")
    assert found.basis == "nothing that was tried explains any of it; 3 frames"


def test_beam_spares_hopeless_pairs() -> None:
    tried = Tried({(0,): 30.0, (1,): 90.0, (2,): 95.0, (3,): 60.0, (0, 3): 0.0})
    assert titles(tried, beam=1) == ["change 0", "change 3"]
    assert {numbers for numbers in tried.asked if len(numbers) == 2} == {(0, 1), (0, 2), (0, 3)}


def test_what_is_measured_goes_with_every_pair() -> None:
    """It may hide the others: no pair explains anything here."""
    left = {(0,): 99.0, (0, 1): 98.0, (0, 1, 3): 0.0}
    tried = Tried(left)
    found = best_guess(KINDS, tried, 100.0, "numbers", measured=3)
    assert [one.title for one in found.causes] == ["change 0", "change 1", "change 3"]
    assert [one for one in tried.asked if len(one) == 3] == [(0, 1, 3), (0, 2, 3)]
    assert best_guess(KINDS, Tried(left), 100.0, "numbers").causes == ()


def test_a_third_cause_must_be_worth_it() -> None:
    tried = Tried({(0,): 60.0, (0, 3): 20.0, (0, 1, 3): 11.0})
    found = best_guess(KINDS, tried, 100.0, "numbers", measured=3)
    assert [one.title for one in found.causes] == ["change 0", "change 3"]


def test_values_belong_to_their_side() -> None:
    of_a = cause_of("anchor", "", "input.anchor", "center", "top_left", "A")
    of_b = cause_of("anchor", "", "input.anchor", "center", "top_left", "B")
    assert (of_a.value_a, of_a.value_b) == ("center", "top_left")
    assert (of_b.value_a, of_b.value_b) == ("top_left", "center")
