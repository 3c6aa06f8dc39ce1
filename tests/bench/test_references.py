"""What is handed to pycocotools and motmetrics gives our numbers, whatever a golden set says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from tests.metrics.drawn import CLASSES, Drawn, drawn
from tests.metrics.scenes import A, B, Rows, clip, detections, evaluate, golden_set, point, truth
from tests.parity.files import mot_detections, mot_truth
from tests.parity.test_motmetrics import walkers
from vbench.bench.references import (
    DETECTION_METRICS,
    TRACK_METRICS,
    TrackReference,
    motmetrics_values,
    pycocotools_values,
)
from vbench.bench.stored import StoredAnswers
from vbench.matching import iou_thresholds_with, match_clip
from vbench.types import (
    Clip,
    Detections,
    GoldenSet,
    OperatingPoint,
    PipelineResult,
    Verdict,
)


def stored(golden: GoldenSet, found: list[Detections], at: OperatingPoint) -> StoredAnswers:
    pipeline = PipelineResult("pipe", "1", "replay", "", at, 0.0, Verdict.PASS, ())
    thresholds = iou_thresholds_with(at.iou)
    tables = tuple(match_clip(c, d, thresholds) for c, d in zip(golden.clips, found, strict=True))
    return StoredAnswers(golden, pipeline, at, tuple(found), tables)


def assert_detection_numbers(
    golden: GoldenSet, found: list[Detections], at: OperatingPoint
) -> None:
    reference = pycocotools_values(stored(golden, found, at))
    rows = evaluate(golden, found, at)
    for class_name in (None, *golden.taxonomy.names):
        for name in DETECTION_METRICS:
            ours = rows.get(name, class_name).value
            theirs = reference[name, class_name]
            assert (ours is None) == (theirs is None), (name, class_name)
            assert ours == (None if theirs is None else pytest.approx(theirs, abs=1e-9))


@settings(deadline=None, max_examples=60)
@given(drawn())
def test_detection_numbers_of_any_golden_set(scene: Drawn) -> None:
    if any(one.annotated.any() for one in scene.golden.clips):
        assert_detection_numbers(scene.golden, scene.detections, scene.point)


def test_ignore_regions() -> None:
    region = np.array([[90.0, -10.0], [150.0, -10.0], [150.0, 50.0], [90.0, 50.0]])
    one = clip(truth([(0, A), (1, B)]), ignore_regions=(region,))
    found = detections([(0, A, 0.9), (0, B, 0.8), (1, B, 0.7), (2, A, 0.6)])
    assert_detection_numbers(golden_set(one), [found], point(0.5))


def test_no_detections_at_all() -> None:
    assert_detection_numbers(golden_set(clip(truth([(0, A)]))), [detections([])], point(0.5))
    assert_detection_numbers(golden_set(clip(truth([]))), [detections([])], point(0.5))


def tracked(one: Clip, found: Detections) -> tuple[Rows, TrackReference]:
    golden, at = golden_set(one), point(0.3)
    return evaluate(golden, [found], at), motmetrics_values(stored(golden, [found], at))


@pytest.mark.real
def test_tud_campus(real_data: Path) -> None:
    folder = real_data / "tud-campus"
    one = clip(mot_truth(folder / "gt.txt"), n_frames=71, fps=25.0)
    found = mot_detections(folder / "cem_tracker_results.txt")
    golden, at = golden_set(one), point(-1.0)
    assert_detection_numbers(golden, [found], at)
    rows, reference = evaluate(golden, [found], at), motmetrics_values(stored(golden, [found], at))
    for name in TRACK_METRICS:
        assert rows.value(name) == pytest.approx(reference.values[name, None], abs=1e-9)


@pytest.mark.parametrize("seed", range(2))
def test_track_numbers(seed: int) -> None:
    boxes, found, n_frames = walkers(seed)
    rows, reference = tracked(clip(boxes, n_frames=n_frames, fps=25.0), found)
    for name in TRACK_METRICS:
        assert rows.value(name) == pytest.approx(reference.values[name, None], abs=1e-9)
        assert rows.value(name, "person") == pytest.approx(
            reference.values[name, "person"], abs=1e-9
        )
    assert reference.n_at_limit == 0


def test_a_pair_that_comes_back_after_a_gap_is_noticed() -> None:
    # Track 7 loses the object for a frame, while track 8 is near it before and after.
    near = (2.0, 0.0, 42.0, 40.0)
    one = clip(truth([(frame, A) for frame in range(3)], track_id=[1, 1, 1]), n_frames=3)
    found = detections(
        [(0, near, 0.9), (1, A, 0.9), (2, near, 0.9), (2, A, 0.8)], track_id=[7, 8, 7, 8]
    )
    rows, reference = tracked(one, found)
    assert reference.n_resumed == 0
    gap = detections(
        [(0, near, 0.9), (1, B, 0.9), (2, near, 0.9), (2, A, 0.8)], track_id=[7, 9, 7, 8]
    )
    rows, reference = tracked(one, gap)
    assert reference.n_resumed == 1
    assert reference.values["idsw", None] == 0
    assert rows.value("idsw") == 1


def test_frames_of_one_side_are_noticed() -> None:
    one = clip(truth([(frame, A) for frame in range(3)], track_id=[1, 1, 1]), n_frames=3)
    rows, reference = tracked(one, detections([(0, A, 0.9), (2, A, 0.9)], track_id=[7, 7]))
    assert reference.n_one_sided_frames == 1
    assert reference.values["fragmentations", None] == 1
    assert rows.value("fragmentations") == 0


def test_a_track_found_in_exactly_80_percent_is_noticed() -> None:
    one = clip(truth([(frame, A) for frame in range(5)], track_id=[1] * 5), n_frames=5)
    rows, reference = tracked(one, detections([(k, A, 0.9) for k in range(4)], track_id=[7] * 4))
    assert reference.n_at_limit == 1
    assert reference.values["mostly_tracked", None] == 1
    assert rows.value("mostly_tracked") == 0


def test_classes_are_told_apart() -> None:
    one = clip(
        truth([(0, A), (0, B)], class_id=[0, 2], track_id=[1, 1]), exhaustive=(True, True, True)
    )
    found = detections([(0, A, 0.9), (0, B, 0.8)], class_id=[0, 2], track_id=[4, 4])
    golden, at = golden_set(one, classes=CLASSES), point(0.5, 0.5, 0.5, classes=CLASSES)
    reference = motmetrics_values(stored(golden, [found], at))
    assert reference.values["idf1", "a"] == 1.0
    assert reference.values["idf1", "b"] is None
    assert reference.values["mota", None] == 1.0
