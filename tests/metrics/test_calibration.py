"""Calibration: by hand, and against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.metrics.drawn import CLASSES, Drawn, drawn
from tests.metrics.scenes import FAR, A, B, clip, detections, evaluate, golden_set, point, truth
from vbench.metrics.calibration import N_BINS, reliability

ONE = clip(truth([(0, A), (1, A), (2, B)]), n_frames=3)


def test_by_hand() -> None:
    # Bin 0.9-1: scores 0.9 and 1.0, one of two right; bin 0.6-0.7: 0.6, right; 0.2 is below 0.5.
    found = detections([(0, A, 1.0), (0, FAR, 0.9), (1, A, 0.6), (2, B, 0.2)])
    rows = evaluate(golden_set(ONE), [found], point(0.5))
    assert rows.value("ece") == pytest.approx((abs(1 - 1.9) + abs(1 - 0.6)) / 3)
    assert rows.get("ece").n == 3
    assert rows.value("ece", "person") == rows.value("ece")


def test_a_sure_detector_that_is_right_is_calibrated() -> None:
    found = detections([(0, A, 1.0), (1, A, 1.0)])
    assert evaluate(golden_set(ONE), [found], point(0.5)).value("ece") == 0.0


def test_undefined_says_why() -> None:
    low = detections([(0, A, 0.2)])
    assert "no detections of class person at score >= 0.5" in evaluate(
        golden_set(ONE), [low], point(0.5)
    ).reason("ece", "person")
    strange = detections([(0, A, 37.0), (1, A, 0.7)])
    assert "1 of 2 scores are outside 0 to 1" in evaluate(
        golden_set(ONE), [strange], point(0.5)
    ).reason("ece")
    partly = clip(truth([(0, A)]), exhaustive=(False,))
    assert "false positives cannot be known" in evaluate(
        golden_set(partly), [detections([(0, A, 0.9)])], point(0.5)
    ).reason("ece", "person")


@settings(deadline=None, max_examples=80)
@given(drawn())
def test_equals_a_plain_loop(scene: Drawn) -> None:
    groups = np.array([1, 0], np.int64)
    found = reliability(scene.pool, CLASSES, groups, 2)
    for g, clip_row in ((1, 0), (0, 1)):
        for column, name in enumerate((None, *CLASSES)):
            n, tp, total = np.zeros(N_BINS), np.zeros(N_BINS), np.zeros(N_BINS)
            clip_, of = scene.golden.clips[clip_row], scene.detections[clip_row]
            table = scene.matches[clip_row]
            row = table.row(scene.point.iou)
            for k in range(len(of)):
                c, score = int(of.class_id[k]), float(of.scores[k])
                if name is not None and CLASSES[c] != name:
                    continue
                if score < scene.point.scores[c][1] or table.ignored[row, k]:
                    continue
                if not clip_.exhaustive[c]:
                    continue
                where = min(round(score * 10), 9)
                n[where] += 1
                tp[where] += table.truth_index[row, k] >= 0
                total[where] += score
            one = found[g][column]
            assert one.class_name == name
            assert one.n.tolist() == n.tolist()
            assert one.tp.tolist() == tp.tolist()
            assert one.score_sum == pytest.approx(total)
            ece = one.expected_calibration_error()
            if n.sum() == 0:
                assert ece is None
            else:
                shares = [abs(tp[b] / n[b] - total[b] / n[b]) * n[b] for b in range(10) if n[b]]
                assert ece == pytest.approx(sum(shares) / n.sum())
