from __future__ import annotations

from vbench.pipeline.rules.stays import Stays


def rows(pattern: str, rearm_s: float) -> list[int]:
    """Frames in a row on every frame, at 10 per second; 1 where it holds."""
    stays = Stays(rearm_s)
    counts = []
    for index, one in enumerate(pattern):
        answer = stays.advance(index / 10, [7] if one == "1" else [])
        counts.append(answer[0].n_frames if answer else 0)
    return counts


def starts(pattern: str, rearm_s: float) -> list[float]:
    """When the stays begin."""
    stays = Stays(rearm_s)
    answers = [
        stays.advance(index / 10, [7] if one == "1" else []) for index, one in enumerate(pattern)
    ]
    return list(dict.fromkeys(answer[0].start_s for answer in answers if answer))


def test_one_missed_frame_is_forgiven_and_two_are_not() -> None:
    assert rows("110101", 1.0) == [1, 2, 0, 3, 0, 4]
    assert rows("1100111", 1.0) == [1, 2, 0, 0, 1, 2, 3]


def test_a_stay_ends_when_it_has_been_away_for_longer() -> None:
    assert starts("1" + "0" * 10 + "1", 1.0) == [0.0]
    assert starts("1" + "0" * 11 + "1", 1.0) == [0.0, 1.2]
    assert starts("1001", 0.2) == [0.0]
    assert starts("10001", 0.2) == [0.0, 0.4]


def test_with_nothing_to_wait_for_every_miss_ends_it() -> None:
    assert starts("1101", 0.0) == [0.0, 0.3]


def test_stays_are_told_apart() -> None:
    stays = Stays(1.0)
    stays.advance(0.0, [1])
    first, second = stays.advance(0.1, [2, 1])
    assert (first.start_s, first.n_frames) == (0.1, 1)
    assert (second.start_s, second.n_frames) == (0.0, 2)
