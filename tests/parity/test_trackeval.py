"""Tracking numbers equal TrackEval's, MOTChallenge preprocessing included.

The gold numbers were made by TrackEval 1.3.0; see `mot_scenes`.
"""

from __future__ import annotations

import json
from typing import get_args

import pytest

from tests.parity.mot_scenes import BENCHMARKS, GOLD, SCENES, checksum, scene
from vbench import evaluate_mot
from vbench.metrics.mot import MotRules

COUNTS = ("TP", "FP", "FN", "FM", "IDSW", "MT", "PT", "ML")


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_equals_trackeval(name: str, benchmark: str) -> None:
    gold = json.loads(GOLD.read_text())[name]
    assert gold["checksum"] == checksum(name), "the scene is not the one that TrackEval scored"
    rules: MotRules = next(r for r in get_args(MotRules) if r == benchmark.lower())
    found = evaluate_mot(*scene(name), preprocess=rules).as_dict()
    expected = gold[benchmark]
    assert {key: found[key] for key in COUNTS} == {key: expected[key] for key in COUNTS}
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_scenes_can_tell_the_rules_apart() -> None:
    for gold in json.loads(GOLD.read_text()).values():
        assert len({gold[benchmark]["FP"] for benchmark in BENCHMARKS}) == len(BENCHMARKS)
        assert all(gold[benchmark]["IDSW"] > 0 for benchmark in BENCHMARKS)
