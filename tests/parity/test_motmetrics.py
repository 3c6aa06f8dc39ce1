"""Tracking scores equal motmetrics' accumulator and published numbers."""

from __future__ import annotations

from pathlib import Path

import motmetrics
import numpy as np
import pytest

from tests.metrics.scenes import Rows, clip, evaluate, golden_set, point
from tests.parity.files import mot_detections, mot_truth, unmarked_truth
from vbench.types import F64, Detections, Truth

NAMES = {
    "mota": "mota",
    "motp": "motp",
    "idf1": "idf1",
    "idp": "idp",
    "idr": "idr",
    "idsw": "num_switches",
    "fragmentations": "num_fragmentations",
    "mostly_tracked": "mostly_tracked",
    "partially_tracked": "partially_tracked",
    "mostly_lost": "mostly_lost",
}
"""Our name -> theirs."""


def pairwise_iou(a: F64, b: F64) -> F64:
    """(M, N) IoU of xyxy boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.maximum(high - low, 0.0).prod(axis=2)
    area_a, area_b = (np.prod(side[:, 2:] - side[:, :2], axis=1) for side in (a, b))
    return np.asarray(inter / (area_a[:, None] + area_b[None, :] - inter), np.float64)


def reference(truth: Truth, found: Detections, n_frames: int) -> dict[str, float]:
    """motmetrics on our own distances: its helper needs a NumPy function that is gone."""
    accumulator = motmetrics.MOTAccumulator(auto_id=False)
    for frame in range(n_frames):
        left, right = truth.frame_index == frame, found.frame_index == frame
        iou = pairwise_iou(truth.boxes_xyxy[left], found.boxes_xyxy[right])
        distance = np.where(iou >= 0.5, 1.0 - iou, np.nan)
        accumulator.update(truth.track_id[left], found.track_id[right], distance, frameid=frame)
    summary = motmetrics.metrics.create().compute(accumulator, metrics=list(NAMES.values()))
    return {ours: float(summary[theirs].iloc[0]) for ours, theirs in NAMES.items()}


def evaluated(truth: Truth, found: Detections, n_frames: int, score: float) -> Rows:
    one = clip(truth, n_frames=n_frames, fps=25.0)
    return evaluate(golden_set(one), [found], point(score))


def walkers(seed: int) -> tuple[Truth, Detections, int]:
    """Objects on their own lanes, with misses, noise and identities that change."""
    rng = np.random.default_rng(seed)
    # 41 frames: no track is there for exactly 80 %, where motmetrics and TrackEval part.
    n_frames, n_objects = 41, 6
    identity = np.arange(n_objects)
    next_identity = n_objects
    truth_rows, found_rows = [], []
    for frame in range(n_frames):
        for k in range(n_objects):
            box = np.array([10.0 + 4 * frame, 100.0 * k, 60.0 + 4 * frame, 100.0 * k + 80])
            truth_rows.append([frame, *box, k])
            if rng.random() < 0.03:
                identity[k] = next_identity
                next_identity += 1
            if rng.random() < 0.7 + 0.05 * k:
                found_rows.append([frame, *(box + rng.normal(0, 3, 4)), identity[k]])
        if rng.random() < 0.2:
            found_rows.append([frame, 900.0, 700.0, 950.0, 760.0, 1000 + frame // 4])
    left, right = np.array(truth_rows, np.float64), np.array(found_rows, np.float64)
    truth = unmarked_truth(left[:, 0], left[:, 1:5], np.zeros(len(left)), left[:, 5])
    found = Detections.sorted_from(
        frame_index=right[:, 0].astype(np.int64),
        boxes_xyxy=right[:, 1:5].copy(),
        scores=np.full(len(right), 0.9),
        class_id=np.zeros(len(right), np.int64),
        track_id=right[:, 5].astype(np.int64),
    )
    return truth, found, n_frames


@pytest.mark.parametrize("seed", range(3))
def test_equals_motmetrics(seed: int) -> None:
    truth, found, n_frames = walkers(seed)
    rows = evaluated(truth, found, n_frames, 0.3)
    expected = reference(truth, found, n_frames)
    assert expected["idsw"] > 0
    assert {name: rows.value(name) for name in NAMES} == pytest.approx(expected)


@pytest.mark.real
def test_tud_campus_equals_motmetrics_and_published_numbers(real_data: Path) -> None:
    folder = real_data / "tud-campus"
    truth = mot_truth(folder / "gt.txt")
    found = mot_detections(folder / "cem_tracker_results.txt")
    rows = evaluated(truth, found, 71, -1.0)
    assert {name: rows.value(name) for name in NAMES} == pytest.approx(reference(truth, found, 71))
    counts = ("tp", "fp", "fn", "idsw", "fragmentations")
    assert [rows.value(name) for name in counts] == [209, 13, 150, 7, 7]
    tracked = ("mostly_tracked", "partially_tracked", "mostly_lost")
    assert [rows.value(name) for name in tracked] == [1, 6, 1]
    published = {"mota": 0.526, "motp": 0.277, "idf1": 0.558, "idp": 0.730, "idr": 0.451}
    assert {name: rows.value(name) for name in published} == pytest.approx(published, abs=5e-4)
    # motmetrics has no HOTA; these are TrackEval 1.3.0 on the same files.
    hota = {"hota": 0.39139743784511377, "deta": 0.418047030142763, "assa": 0.36912068120832836}
    assert {name: rows.value(name) for name in hota} == pytest.approx(hota, abs=1e-9)


@pytest.mark.real
@pytest.mark.parametrize(("score", "counts"), [(0.9, [238, 17, 121]), (0.0, [264, 57, 95])])
def test_tud_campus_detections(real_data: Path, score: float, counts: list[int]) -> None:
    folder = real_data / "tud-campus"
    found = mot_detections(folder / "frcnn_det.txt")
    rows = evaluated(mot_truth(folder / "gt.txt"), found, 71, score)
    assert [rows.value(name) for name in ("tp", "fp", "fn")] == counts
