from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.files import REPLAY, pipeline_file
from vbench.config.rule_entries import PresenceStage, ZoneEnterStage
from vbench.errors import ConfigError

ZONE = "zone: [[0, 300], [640, 300], [640, 480]]"


def stage(folder: Path, entry: str) -> object:
    text = f"{REPLAY}  - {{id: alarm, kind: rule, {entry}}}\n"
    return pipeline_file(folder, text).model.stages[-1]


def test_one_class_or_several(tmp_path: Path) -> None:
    one = stage(tmp_path, "type: presence, class: person")
    assert isinstance(one, PresenceStage)
    assert one.class_ == ["person"]
    several = stage(tmp_path, "type: presence, class: [person, forklift]")
    assert isinstance(several, PresenceStage)
    assert several.class_ == ["person", "forklift"]


def test_alerts_are_named_by_the_stage_unless_said(tmp_path: Path) -> None:
    named = stage(tmp_path, f"type: zone_enter, class: person, {ZONE}, alert: intrusion")
    plain = stage(tmp_path, f"type: zone_enter, class: person, {ZONE}")
    assert isinstance(named, ZoneEnterStage)
    assert isinstance(plain, ZoneEnterStage)
    assert (named.alert_kind, plain.alert_kind) == ("intrusion", "alarm")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("type: zone_enter, class: person", "zone"),
        (
            "type: zone_enter, class: person, zone: [[0, 0], [1, 300]]",
            "zone: has 2 of at least 3 items",
        ),
        (
            "type: zone_enter, class: person, zone: [[0, 0], [1, 0], [1, 0.5]]",
            "shares of the frame",
        ),
        ("type: zone_enter, class: person, zone: [[0, 0], [50, 50], [90, 90]]", "no area"),
        ("type: presence, class: person, zone: [[9, 9], [9, 9], [9, 9]]", "no area"),
        (f"type: zone_enter, class: [], {ZONE}", "class"),
        ("type: presence, class: [person, forklift, person]", '"person" is listed twice'),
        (f"type: zone_dwell, class: person, {ZONE}", "dwell_s"),
        (f"type: zone_dwell, class: person, {ZONE}, dwell_s: 0", "dwell_s"),
        (f"type: zone_enter, class: person, {ZONE}, dwell_s: 3", "dwell_s"),
        ("type: line_cross, class: person, line: [[5, 5], [5, 5]]", "two points are the same"),
        ("type: line_cross, class: person, line: [[5, 5], [9, 9], [4, 4]]", "line"),
        ("type: line_cross, class: person, line: [[5, 5], [9, 9]], direction: up", "direction"),
        ("type: count_above, class: person, count: -1", "count"),
        ("type: presence, class: person, cooldown_s: .inf", "cooldown_s"),
        ("type: presence, class: person, min_frames: 0", "min_frames"),
        ("type: presence, class: person, score: 2", "score"),
        ("type: python, object: mine.py", "object"),
        ("type: python, object: mine:Rule, class: person", "class"),
    ],
)
def test_what_is_refused(tmp_path: Path, entry: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        stage(tmp_path, entry)
    assert "pipeline.yaml" in str(caught.value)
