"""VOC's average precision: by hand, against a plain loop, and published numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from tests.metrics.drawn import CLASSES, Drawn, drawn
from tests.metrics.scenes import FAR, A, B, C, clip, detections, golden_set, point, table, truth
from tests.parity.files import padilla
from vbench.matching import MatchRule, iou_thresholds_with, match_clip
from vbench.metrics.voc import VocPoints, voc_average_precision


@pytest.mark.parametrize(
    ("points", "ap"), [("all", (1 + 2 / 3) / 4), ("eleven", (3 * 1 + 3 * 2 / 3) / 11)]
)
def test_by_hand(points: VocPoints, ap: float) -> None:
    # Of 4 boxes, right, wrong, right, wrong: precision 1 to recall 1/4, 2/3 to recall 1/2.
    one = clip(truth([(0, A), (1, A), (2, B), (3, C)]))
    found = detections([(0, A, 0.9), (0, FAR, 0.8), (1, A, 0.7), (2, FAR, 0.6)])
    result = voc_average_precision(
        golden_set(one), [found], [table(one, found)], point(0.5), points
    )
    assert result.ap.tolist() == pytest.approx([ap])
    assert result.mean == pytest.approx(ap)
    assert (result.n_truth.tolist(), result.tp.tolist(), result.fp.tolist()) == ([4], [2], [2])


def test_a_recall_point_that_is_reached_exactly_counts() -> None:
    # 3 of 10: in floating point 3 * 0.1 is more than 0.3.
    one = clip(truth([(frame, A) for frame in range(10)]), n_frames=10)
    found = detections([(frame, A, 0.9) for frame in range(3)])
    result = voc_average_precision(
        golden_set(one), [found], [table(one, found)], point(0.5), "eleven"
    )
    assert result.ap.tolist() == pytest.approx([4 / 11])


def twin(hits: list[bool], n_truth: int, points: VocPoints) -> Fraction:
    curve, tp = [], 0
    for seen, hit in enumerate(hits, start=1):
        tp += hit
        curve.append((Fraction(tp, n_truth), Fraction(tp, seen)))

    def highest(recall: Fraction) -> Fraction:
        return max((p for r, p in curve if r >= recall), default=Fraction(0))

    if points == "eleven":
        return sum((highest(Fraction(k, 10)) for k in range(11)), Fraction(0)) / 11
    steps = [Fraction(k, n_truth) for k in range(1, n_truth + 1)]
    return sum((highest(step) for step in steps), Fraction(0)) / n_truth


@settings(deadline=None, max_examples=80)
@given(drawn())
def test_equals_twin(scene: Drawn) -> None:
    pool = scene.pool
    truth_row = pool.truth_row[pool.operating_row]
    ignored = pool.ignored[pool.operating_row]
    for points in ("all", "eleven"):
        result = voc_average_precision(*scene.arguments, points)
        defined = []
        for c in range(len(CLASSES)):
            hits = [
                bool(truth_row[k] >= 0)
                for k in range(len(pool.detection_class))
                if pool.detection_class[k] == c
                if pool.exhaustive[pool.detection_clip[k], c] and not ignored[k]
            ]
            n_truth = sum(
                pool.truth_class[j] == c and pool.truth_counts[j] and known
                for j, known in enumerate(pool.exhaustive[pool.truth_clip, pool.truth_class])
            )
            if n_truth == 0:
                assert np.isnan(result.ap[c])
            else:
                defined.append(float(twin(hits, int(n_truth), points)))
                assert result.ap[c] == pytest.approx(defined[-1])
        assert result.mean == (pytest.approx(np.mean(defined)) if defined else None)


PUBLISHED = {
    (0.5, "all"): 0.8958,
    (0.5, "eleven"): 0.8864,
    (0.75, "all"): 0.5097,
    (0.75, "eleven"): 0.4924,
}


@pytest.mark.real
@pytest.mark.parametrize(("iou", "points"), PUBLISHED)
@pytest.mark.parametrize("rule", ["voc", "voc_inclusive"])
def test_published_toy_numbers(
    real_data: Path, iou: float, points: VocPoints, rule: MatchRule
) -> None:
    boxes, found, n_images, names = padilla(real_data / "padilla-toy")
    one = clip(boxes, n_frames=n_images, exhaustive=[True] * len(names))
    result = voc_average_precision(
        golden_set(one, classes=names),
        [found],
        [match_clip(one, found, iou_thresholds_with(iou), rule)],
        point(*[0.0] * len(names), iou=iou, classes=names),
        points,
    )
    assert result.mean == pytest.approx(PUBLISHED[iou, points], abs=5e-5)
    counts = {0.5: (11, 1), 0.75: (8, 4)}
    assert (result.tp.sum(), result.fp.sum()) == counts[iou]
