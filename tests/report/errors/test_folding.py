"""The same thing in many frames is one thing."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import A, B, clip, truth
from tests.report.errors.made_errors import Box, shifted
from vbench.report.errors.folding import fold_rows
from vbench.types import Clip


def footage(n_frames: int = 100_000, fps: float = 25.0, every: int = 1) -> Clip:
    annotated = np.zeros(n_frames, np.bool_)
    annotated[::every] = True
    return clip(truth([]), n_frames=n_frames, fps=fps, annotated=annotated)


def folded(
    rows: list[tuple[int, Box]], one: Clip | None = None, class_id: list[int] | None = None
) -> list[int]:
    numbers: list[int] = fold_rows(
        one or footage(),
        np.array([frame for frame, _ in rows], np.int64),
        np.array(class_id or [0] * len(rows), np.int64),
        np.array([box for _, box in rows], np.float64).reshape(-1, 4),
    ).tolist()
    return numbers


def test_something_that_moves() -> None:
    walk = [(frame, shifted(A, 5.0 * frame)) for frame in range(40)]
    assert folded(walk) == [0] * 40


def test_two_that_walk_side_by_side() -> None:
    rows = [(frame, shifted(box, 5.0 * frame)) for frame in range(20) for box in (A, B)]
    assert folded(rows) == [0, 1] * 20


def test_a_gap_of_a_second_is_bridged_and_a_longer_one_is_not() -> None:
    apart = shifted(A, 10.0)  # IoU 0.6
    assert folded([(0, A), (25, apart)]) == [0, 0]
    assert folded([(0, A), (26, apart)]) == [0, 1]


def test_a_parked_car_is_one_thing_all_day() -> None:
    rows = [(0, A), (1, A), (50_000, shifted(A, 1.0)), (90_000, A)]
    assert folded(rows) == [0, 0, 0, 0]


def test_another_class_is_another_thing() -> None:
    assert folded([(0, A), (0, A), (1, A), (1, A)], class_id=[0, 1, 1, 0]) == [0, 1, 1, 0]


def test_the_next_annotated_frame_is_the_next_one() -> None:
    far = shifted(A, 10.0)
    assert folded([(0, A), (50, far)], footage(every=50)) == [0, 0]
    assert folded([(0, A), (100, far)], footage(every=50)) == [0, 1]


def test_no_rows() -> None:
    assert folded([]) == []


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30), st.integers(0, 1)), max_size=12))
def test_numbers_say_what_belongs_together(drawn: list[tuple[int, int, int]]) -> None:
    """Slow and obvious: what is in one thing is linked through boxes that fit, and nothing else."""
    drawn.sort(key=lambda row: row[0])
    one = footage(fps=2.0)
    rows = [(frame, shifted(A, float(x))) for frame, x, _ in drawn]
    classes = [c for _, _, c in drawn]
    numbers = folded(rows, one, classes)
    # Numbers count up in the order of appearance.
    seen: list[int] = []
    for number in numbers:
        if number not in seen:
            assert number == len(seen)
            seen.append(number)
    for k, number in enumerate(numbers):
        of_thing = [j for j, other in enumerate(numbers) if other == number and j != k]
        assert all(classes[j] == classes[k] for j in of_thing)
        fits = [abs(drawn[j][1] - drawn[k][1]) <= 40 / 3 for j in of_thing]  # IoU of at least 0.5
        assert not of_thing or any(fits)
