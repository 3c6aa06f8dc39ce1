"""Errors of a clip are those of the metrics."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from tests.metrics.drawn import Drawn, drawn
from tests.metrics.scenes import FAR, A, B, clip, detections, golden_set, truth
from tests.report.errors.made_errors import made_errors, made_evidence
from vbench.metrics.analysis import analyse_detections
from vbench.metrics.error_kinds import ERROR_KINDS
from vbench.record.folder import RunFolder
from vbench.report.errors.clip_errors import clip_errors, find_errors
from vbench.report.errors.kinds import kind_counts
from vbench.report.evidence import read_evidence
from vbench.types import Run


@settings(deadline=None, max_examples=100)
@given(drawn(plain=True))
def test_kinds_are_counted_as_the_metrics_count_them(scene: Drawn) -> None:
    costs = analyse_detections(*scene.arguments).costs
    items = [
        clip_errors(
            one,
            made_evidence(scene.golden, one, "pipe", found, scene.point, table),
            scene.point.iou,
        )
        for one, found, table in zip(
            scene.golden.clips, scene.detections, scene.matches, strict=True
        )
    ]
    assert kind_counts(items).tolist() == costs.counts[:, 0, -1].tolist()


def test_every_false_alarm_and_every_miss_is_there(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    (errors,) = find_errors(demo_run, evidence)
    assert errors.pipelines == tuple(item.name for item in demo_run.pipelines)
    for name, clips in zip(errors.pipelines, errors.by_pipeline, strict=True):
        for one, item in zip(errors.golden_set.clips, clips, strict=True):
            assert (item.evidence.pipeline, item.evidence.clip) == (name, one.id)
            assert len(item.false) == item.evidence.fp.sum()
            assert len(item.missed) == item.evidence.fn.sum()


def test_a_miss_that_a_badly_placed_box_is_about_is_not_unseen() -> None:
    one = clip(truth([(0, A), (0, B)]))
    near_a = (0.0, 0.0, 40.0, 110.0)
    errors = made_errors(golden_set(one), {"p": [detections([(0, near_a, 0.9), (0, FAR, 0.8)])]})
    (item,) = errors.of_clip(0)
    assert [ERROR_KINDS[kind] for kind in item.kind] == ["localisation", "background"]
    assert item.near.tolist() == [0, -1]
    assert item.missed.tolist() == [0, 1]
    assert item.unseen.tolist() == [False, True]


def test_nothing_at_all() -> None:
    (item,) = made_errors(golden_set(clip(truth([]))), {"p": [detections([])]}).of_clip(0)
    assert len(item.false) == len(item.kind) == len(item.taken) == len(item.missed) == 0
    assert kind_counts([item]).tolist() == np.zeros(len(ERROR_KINDS)).tolist()
