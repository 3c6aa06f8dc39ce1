from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.files import clip
from tests.pipeline.rules.scenes import rule, stage
from vbench.errors import ConfigError
from vbench.pipeline.rules.registry import needs_identities

ZONE = [[0, 100], [200, 100], [200, 200]]
LINE = [[100, 100], [300, 100]]


def test_an_unknown_class_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        rule("presence", of=["person", "fork-lift"])
    assert caught.value.what == 'class "fork-lift" is not in the taxonomy'
    assert caught.value.where == "pipeline.yaml:9: stages.2.class"
    assert caught.value.hint == 'did you mean "forklift"?'


@pytest.mark.parametrize(
    ("type_", "keys", "needed"),
    [
        ("zone_enter", {"zone": ZONE}, True),
        ("zone_dwell", {"zone": ZONE, "dwell_s": 2}, True),
        ("line_cross", {"line": LINE}, True),
        ("count_above", {"count": 2}, False),
        ("presence", {}, False),
        ("python", {"object": "mine:Rule"}, False),
    ],
)
def test_which_rules_follow_objects(type_: str, keys: dict[str, object], needed: bool) -> None:
    assert needs_identities(stage(type_, of=["person"], **keys)) is needed


@pytest.mark.parametrize(
    ("type_", "keys", "key"),
    [
        ("zone_enter", {"zone": [[0, 481], [200, 481], [200, 500]]}, "zone"),
        ("zone_dwell", {"zone": [[641, 0], [700, 0], [700, 9]], "dwell_s": 2}, "zone"),
        ("line_cross", {"line": [[-9, 0], [-9, 480]]}, "line"),
        ("count_above", {"count": 2, "zone": [[0, -1], [9, -1], [9, -9]]}, "zone"),
        ("presence", {"zone": [[1000, 1000], [1900, 1000], [1900, 1080]]}, "zone"),
    ],
)
def test_what_lies_outside_of_the_frame(type_: str, keys: dict[str, object], key: str) -> None:
    tested = rule(type_, folder=Path(), of=["person"], **keys)
    with pytest.raises(
        ConfigError, match=r'outside of the frame of clip "dock", 640x480'
    ) as caught:
        tested.begin_clip(clip(size=(640, 480)))
    assert caught.value.where == f"pipeline.yaml:9: stages.2.{key}"


def test_what_touches_the_frame_is_in_it() -> None:
    rule("presence", zone=[[640, 0], [700, 0], [700, 9]]).begin_clip(clip(size=(640, 480)))
    rule("presence").begin_clip(clip())
