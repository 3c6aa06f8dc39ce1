"""Which rule raises alerts for a pipeline file's rule stage."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from vbench.config.rule_entries import (
    CountAboveStage,
    LineCrossStage,
    ObjectRuleStage,
    PresenceStage,
    PythonRuleStage,
    ZoneDwellStage,
    ZoneEnterStage,
)
from vbench.engines.protocol import KeyPlace
from vbench.pipeline.counted import Counted
from vbench.pipeline.rules.count_rule import CountRule
from vbench.pipeline.rules.line_rule import LineRule
from vbench.pipeline.rules.python_rule import PythonRule
from vbench.pipeline.rules.zone_rule import ZoneRule
from vbench.pipeline.stage import Rule
from vbench.types.arrays import F64
from vbench.types.golden import Taxonomy


def needs_identities(stage: ObjectRuleStage | PythonRuleStage) -> bool:
    """Whether the rule follows objects over time."""
    return isinstance(stage, ZoneEnterStage | ZoneDwellStage | LineCrossStage)


def make_rule(
    stage: ObjectRuleStage | PythonRuleStage,
    taxonomy: Taxonomy,
    thresholds: F64,
    folder: Path,
    place: KeyPlace,
) -> Rule:
    """The rule of a stage.

    Args:
        stage: the checked entry.
        taxonomy: knows the classes that rules name.
        thresholds: (C,) the pipeline's operating point of each class.
        folder: the pipeline file's, where modules of python rules are looked for first.
        place: names a key of the stage in messages.

    Raises:
        ConfigError: a class is not in the taxonomy.
        EngineError: the user's class of a python rule cannot be used.
    """
    if isinstance(stage, PythonRuleStage):
        return PythonRule(stage, taxonomy, thresholds, folder, place)
    counted = Counted(stage.class_, taxonomy, thresholds, score=stage.score, where=place("class"))
    match stage:
        case ZoneEnterStage() | ZoneDwellStage():
            return ZoneRule(stage, counted, place)
        case LineCrossStage():
            return LineRule(stage, counted, place)
        case CountAboveStage() | PresenceStage():
            return CountRule(stage, counted, place)
        case _:
            assert_never(stage)
