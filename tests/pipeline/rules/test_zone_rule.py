from __future__ import annotations

import pytest

from tests.pipeline.files import clip
from tests.pipeline.rules.scenes import found, raised, rule, times
from vbench.types.alerts import Alert

ZONE = [[0, 100], [200, 100], [200, 200], [0, 200]]
IN, OUT = (50.0, 150.0), (50.0, 50.0)
IN_2 = (150.0, 150.0)


def stays(pattern: str, identity: int = 1) -> list[dict[int, tuple[float, float]]]:
    """One object: 1 in the zone, 0 outside, _ not seen."""
    return [{} if one == "_" else {identity: IN if one == "1" else OUT} for one in pattern]


def test_an_object_raises_one_alert_per_stay() -> None:
    tested = rule("zone_enter", zone=ZONE, zone_name="dock 3", alert="intrusion")
    assert raised(tested, stays("00111111111111")) == [Alert(0.2, "intrusion", 0, "dock 3")]


def test_the_alert_is_named_like_the_stage_where_nothing_is_said() -> None:
    assert raised(rule("zone_enter", zone=ZONE), stays("1")) == [Alert(0.0, "alarm", 0, None)]


def test_min_frames_in_a_row() -> None:
    tested = rule("zone_enter", zone=ZONE, min_frames=3)
    assert times(tested, stays("0110011000111")) == [1.2]


def test_a_single_missed_frame_does_not_break_the_row() -> None:
    assert times(rule("zone_enter", zone=ZONE, min_frames=4), stays("11_11")) == [0.4]
    assert times(rule("zone_enter", zone=ZONE, min_frames=4), stays("11__11")) == []


@pytest.mark.parametrize("pattern", ["0101010101010101", "1111111110000000001111", "1_1_1_1__1"])
def test_flicker_at_the_border_raises_once(pattern: str) -> None:
    assert len(times(rule("zone_enter", zone=ZONE), stays(pattern))) == 1


def test_who_comes_back_after_a_while_raises_again() -> None:
    assert times(rule("zone_enter", zone=ZONE), stays("1" + "0" * 10 + "1")) == [0.0]
    assert times(rule("zone_enter", zone=ZONE), stays("1" + "0" * 11 + "1")) == [0.0, 1.2]
    assert times(rule("zone_enter", zone=ZONE, rearm_s=0.2), stays("10001")) == [0.0, 0.4]


def test_two_objects_at_once_raise_two_alerts() -> None:
    frames = [{1: OUT, 2: OUT}, {1: IN, 2: IN_2}, {1: IN, 2: IN_2}]
    assert times(rule("zone_enter", zone=ZONE), frames) == [0.1, 0.1]


def test_a_cooldown_holds_back_the_second_for_good() -> None:
    frames = [{1: IN}, *[{1: IN, 2: IN_2}] * 20]
    assert times(rule("zone_enter", zone=ZONE, cooldown_s=1.0), frames) == [0.0]
    assert times(rule("zone_enter", zone=ZONE, cooldown_s=0.1), frames) == [0.0, 0.1]


def test_a_cooldown_is_not_prolonged_by_what_it_holds_back() -> None:
    frames = [{k: IN} for k in range(1, 12)]
    assert times(rule("zone_enter", zone=ZONE, cooldown_s=0.5), frames) == [0.0, 0.5, 1.0]


def test_a_cooldown_is_of_one_class() -> None:
    tested = rule("zone_enter", of=["person", "forklift"], zone=ZONE, cooldown_s=9)
    frames = [found({1: IN}), found({2: IN_2}, class_id=1), found({3: IN}, class_id=1)]
    assert [(a.time_s, a.class_id) for a in raised(tested, frames)] == [(0.0, 0), (0.1, 1)]


def test_a_switched_identity_raises_again_unless_it_cools_down() -> None:
    frames = stays("111") + stays("111", identity=2)
    assert times(rule("zone_enter", zone=ZONE), frames) == [0.0, 0.3]
    assert times(rule("zone_enter", zone=ZONE, cooldown_s=10), frames) == [0.0]


def test_what_does_not_count() -> None:
    tested = rule("zone_enter", zone=ZONE)
    assert times(tested, [found({1: IN}, score=0.49)]) == []
    assert times(tested, [found({1: IN}, class_id=1)]) == []
    assert times(tested, [found({1: IN}, identified=False)]) == []
    assert times(tested, [found({1: IN}, score=0.5)]) == [0.0]


def test_a_score_of_its_own() -> None:
    tested = rule("zone_enter", zone=ZONE, score=0.2)
    assert times(tested, [found({1: IN}, score=0.2)]) == [0.0]


def test_the_anchor() -> None:
    frames = [{1: (50.0, 110.0)}]
    assert times(rule("zone_enter", zone=ZONE), frames) == [0.0]
    assert times(rule("zone_enter", zone=ZONE, anchor="center"), frames) == []


def test_every_clip_begins_anew() -> None:
    tested = rule("zone_enter", zone=ZONE, cooldown_s=100)
    assert times(tested, stays("111")) == [0.0]
    tested.begin_clip(clip(size=(640, 480)))
    assert times(tested, stays("111")) == [0.0]


def test_dwell_raises_after_its_time_once() -> None:
    tested = rule("zone_dwell", zone=ZONE, dwell_s=2.0)
    assert times(tested, stays("0" + "1" * 40)) == [2.1]


def test_dwell_starts_anew_after_leaving() -> None:
    short = "1" * 15 + "0" * 12 + "1" * 15
    assert times(rule("zone_dwell", zone=ZONE, dwell_s=2.0), stays(short)) == []
    assert times(rule("zone_dwell", zone=ZONE, dwell_s=2.0), stays("1" * 15 + "000" + "1" * 5)) == [
        2.0
    ]


def test_dwell_is_raised_only_while_inside() -> None:
    assert times(rule("zone_dwell", zone=ZONE, dwell_s=1.0), stays("11111111100111")) == [1.1]


def test_dwell_of_frame_times_that_do_not_add_up_exactly() -> None:
    frames = stays("0001" + "1" * 10)
    assert times(rule("zone_dwell", zone=ZONE, dwell_s=0.4), frames) == [0.7]
