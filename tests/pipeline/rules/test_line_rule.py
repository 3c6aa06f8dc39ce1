from __future__ import annotations

import pytest

from tests.pipeline.files import clip
from tests.pipeline.rules.scenes import Frame, found, raised, rule, times
from vbench.types.alerts import Alert

# From left to right across the picture: looking along it, the right hand is below.
LINE = [[100, 100], [300, 100]]


def walk(*y: float, x: float = 200.0, identity: int = 1) -> list[Frame]:
    return [{identity: (x, one)} for one in y]


DOWN, UP = walk(80, 95, 105, 120), walk(120, 105, 95, 80)


@pytest.mark.parametrize(
    ("direction", "down", "up"),
    [("any", [0.2], [0.2]), ("right", [0.2], []), ("left", [], [0.2])],
)
def test_direction(direction: str, down: list[float], up: list[float]) -> None:
    assert times(rule("line_cross", line=LINE, direction=direction), DOWN) == down
    assert times(rule("line_cross", line=LINE, direction=direction), UP) == up
    turned = rule("line_cross", line=LINE[::-1], direction=direction)
    assert times(turned, DOWN) == up


def test_a_line_that_goes_down_the_picture() -> None:
    tested = rule("line_cross", line=[[100, 0], [100, 200]], direction="left")
    # Looking down the picture, the left hand is on its right side.
    assert times(tested, [{1: (90.0, 50.0)}, {1: (110.0, 50.0)}]) == [0.1]


def test_past_the_end_of_the_line_is_no_crossing() -> None:
    assert times(rule("line_cross", line=LINE), walk(80, 120, x=99)) == []
    assert times(rule("line_cross", line=LINE), walk(80, 120, x=301)) == []
    assert times(rule("line_cross", line=LINE), walk(80, 120, x=100)) == [0.1]
    around: list[Frame] = [{1: (200.0, 80.0)}, {1: (350.0, 90.0)}, {1: (350.0, 120.0)}]
    assert times(rule("line_cross", line=LINE), [*around, {1: (200.0, 120.0)}]) == []


def test_who_was_around_the_end_is_on_the_other_side() -> None:
    around: list[Frame] = [{1: (350.0, 90.0)}, {1: (350.0, 120.0)}, {1: (200.0, 120.0)}]
    frames = [*around, {1: (200.0, 90.0)}]
    assert times(rule("line_cross", line=LINE, direction="left"), frames) == [0.3]


def test_on_the_line_is_not_across() -> None:
    assert times(rule("line_cross", line=LINE), walk(80, 100, 100, 80)) == []
    assert times(rule("line_cross", line=LINE), walk(80, 100, 101)) == [0.2]


def test_first_seen_behind_the_line_is_no_crossing() -> None:
    assert times(rule("line_cross", line=LINE), walk(120, 130)) == []


def test_min_frames_on_the_other_side() -> None:
    tested = rule("line_cross", line=LINE, min_frames=3)
    assert times(tested, walk(80, 105, 95, 105, 106, 107)) == [0.5]
    missed = [*walk(80, 105, 106), {}, {}, *walk(107)]
    assert times(rule("line_cross", line=LINE, min_frames=3), missed) == [0.5]


def test_the_first_step_to_the_other_side_says_where_it_was() -> None:
    tested = rule("line_cross", line=LINE, min_frames=2)
    assert times(tested, [{1: (280.0, 90.0)}, {1: (290.0, 110.0)}, {1: (400.0, 110.0)}]) == [0.2]
    tested.begin_clip(clip(size=(640, 480)))
    assert times(tested, [{1: (350.0, 90.0)}, {1: (350.0, 110.0)}, {1: (180.0, 120.0)}]) == []


def test_jitter_over_the_line_raises_once() -> None:
    tested = rule("line_cross", line=LINE)
    assert times(tested, walk(*[95, 105] * 15)) == [0.1]


def test_coming_back_later_raises_again() -> None:
    frames = walk(95, 105, *[130] * 10, 105, 95)
    assert times(rule("line_cross", line=LINE), frames) == [0.1, 1.3]
    assert times(rule("line_cross", line=LINE, rearm_s=2.0), frames) == [0.1]
    assert times(rule("line_cross", line=LINE, cooldown_s=2.0), frames) == [0.1]
    assert times(rule("line_cross", line=LINE, direction="right"), frames) == [0.1]


def test_unseen_while_crossing() -> None:
    frames = [*walk(80), *[{}] * 8, *walk(120)]
    assert times(rule("line_cross", line=LINE), frames) == [0.9]


def test_two_at_once_and_a_cooldown_over_both() -> None:
    frames: list[Frame] = [
        {1: (150.0, 90.0), 2: (250.0, 90.0)},
        {1: (150.0, 110.0), 2: (250.0, 110.0)},
    ]
    assert times(rule("line_cross", line=LINE), frames) == [0.1, 0.1]
    assert times(rule("line_cross", line=LINE, cooldown_s=1), frames) == [0.1]


def test_a_switched_identity_is_a_new_object() -> None:
    frames = [*walk(80, 95), *walk(105, 120, identity=2)]
    assert times(rule("line_cross", line=LINE), frames) == []


def test_what_an_alert_says_and_who_counts() -> None:
    tested = rule("line_cross", line=LINE, alert="exit", zone_name="door")
    assert raised(tested, DOWN) == [Alert(0.2, "exit", 0, "door")]
    low = [found(frame, score=0.4) for frame in DOWN]
    assert raised(rule("line_cross", line=LINE), low) == []
    others = [found(frame, class_id=1) for frame in DOWN]
    assert raised(rule("line_cross", line=LINE), others) == []
    nobody = [found(frame, identified=False) for frame in DOWN]
    assert raised(rule("line_cross", line=LINE), nobody) == []


def test_every_clip_begins_anew() -> None:
    tested = rule("line_cross", line=LINE)
    assert times(tested, walk(80)) == []
    tested.begin_clip(clip(size=(640, 480)))
    assert times(tested, walk(120)) == []
