from __future__ import annotations

import pytest

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
