"""Presentation times: taken, derived or repaired, and always growing."""

from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from vbench.video.clock import PresentationClock

MILLISECONDS = Fraction(1, 1000)


def run(
    pts: list[int | None], container: str = "mov", dts: list[int] | None = None
) -> tuple[list[int], tuple[str, ...]]:
    clock = PresentationClock(container, MILLISECONDS, Fraction(25))
    for value in dts or []:
        clock.note_packet(value)
    return [clock.ticks(value) for value in pts], clock.notes


def test_growing_times_are_taken() -> None:
    assert run([5, 45, 46, 1000]) == ([5, 45, 46, 1000], ())


def test_backward_and_repeated_times_are_repaired() -> None:
    ticks, notes = run([0, 40, 40, 30, 160])
    assert ticks == [0, 40, 80, 120, 160]
    assert notes == ("2 presentation times that did not grow were repaired",)


def test_single_missing_times_are_filled_in() -> None:
    ticks, notes = run([0, None, 80])
    assert ticks == [0, 40, 80]
    assert notes == ("1 missing presentation times were filled in",)


def test_no_times_at_all_derive_from_the_rate_without_drift() -> None:
    clock = PresentationClock("h264", MILLISECONDS, Fraction(30000, 1001))
    ticks = [clock.ticks(None) for _ in range(301)]
    assert ticks[300] == 10010
    assert clock.notes == ("times derive from the frame rate, 29.97 frames/s: none are stored",)


def test_unknown_rate_is_said() -> None:
    clock = PresentationClock("h264", MILLISECONDS, None)
    assert [clock.ticks(None) for _ in range(2)] == [0, 40]
    assert "25 frames/s (assumed)" in clock.notes[0]


def test_avi_takes_decode_times_in_order() -> None:
    ticks, notes = run([2, 8, 6, 4], container="avi", dts=[0, 2, 4, 6])
    assert ticks == [0, 2, 4, 6]
    assert notes == ("times are decode times: avi stores no presentation times",)


@given(st.lists(st.one_of(st.none(), st.integers(-1000, 1000)), min_size=1, max_size=50))
def test_times_always_grow(pts: list[int | None]) -> None:
    ticks, _ = run(pts)
    assert all(before < after for before, after in itertools.pairwise(ticks))
