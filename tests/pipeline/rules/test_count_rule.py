from __future__ import annotations

from tests.pipeline.files import clip
from tests.pipeline.rules.scenes import found, raised, rule, times
from vbench.types.alerts import Alert

ZONE = [[0, 100], [200, 100], [200, 200], [0, 200]]
A, B, C, OUT = (10.0, 150.0), (60.0, 150.0), (120.0, 150.0), (120.0, 50.0)


def crowd(counts: str) -> list[dict[int, tuple[float, float]]]:
    return [{k: (10.0 * k, 150.0) for k in range(int(one))} for one in counts]


def test_more_than_the_count() -> None:
    assert times(rule("count_above", count=2), crowd("012223")) == [0.5]


def test_one_alert_until_it_has_been_over_for_a_while() -> None:
    tested = rule("count_above", count=1, rearm_s=0.3)
    assert times(tested, crowd("2232112222")) == [0.0]
    tested.begin_clip(clip(size=(640, 480)))
    assert times(tested, crowd("22111122")) == [0.0, 0.6]


def test_min_frames() -> None:
    assert times(rule("count_above", count=1, min_frames=3), crowd("221122122")) == [0.7]


def test_only_those_in_the_zone_count() -> None:
    tested = rule("count_above", count=1, zone=ZONE, zone_name="gate")
    frames = [{1: A, 2: OUT}, {1: A, 2: B}]
    assert raised(tested, frames) == [Alert(0.1, "alarm", 0, "gate")]


def test_no_identities_are_needed() -> None:
    frames = [found({1: A, 2: B}, identified=False)]
    assert times(rule("count_above", count=1), frames) == [0.0]


def test_of_several_classes_alerts_name_none() -> None:
    tested = rule("count_above", of=["person", "forklift"], count=0)
    assert raised(tested, [found({1: A}, class_id=1)]) == [Alert(0.0, "alarm", -1, None)]


def test_presence() -> None:
    tested = rule("presence", min_frames=2)
    assert times(tested, crowd("0011110000011")) == [0.3]
    tested.begin_clip(clip(size=(640, 480)))
    assert times(tested, crowd("11" + "0" * 11 + "11")) == [0.1, 1.4]


def test_presence_in_a_zone_at_the_operating_point() -> None:
    tested = rule("presence", zone=ZONE)
    low, outside = found({1: A}, score=0.4), found({1: OUT})
    assert times(tested, [low, outside, found({1: A})]) == [0.2]


def test_a_cooldown() -> None:
    frames = crowd("1" + "0" * 11 + "1" + "0" * 11 + "1")
    assert times(rule("presence"), frames) == [0.0, 1.2, 2.4]
    assert times(rule("presence", cooldown_s=2.0), frames) == [0.0, 2.4]
