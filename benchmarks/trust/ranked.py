"""Average precision of synthetic footage: scores tell hits from false alarms to some degree."""

from __future__ import annotations

import numpy as np
from judgement import Units
from scenes import CLUTTER, MEAN_OBJECTS, Footage, Scenes
from scipy import stats

from vbench.kernels.resampled_ap import resampled_average_precision
from vbench.types import F64, I32, Bool, Spread

_HIT_SCORES = stats.beta(4, 2)
_ALARM_SCORES = stats.beta(2, 4)


def true_average_precision(scenes: Scenes) -> float:
    """Of the expected counts above each score: no footage ends above or below it on average."""
    scores = np.linspace(0.0, 1.0, 20_001)
    recall = scenes.recall * _HIT_SCORES.sf(scores)
    alarms = CLUTTER * scenes.false_alarm_rate() * _ALARM_SCORES.sf(scores)
    hits = MEAN_OBJECTS * recall
    precision = np.divide(hits, hits + alarms, out=np.ones_like(hits), where=hits + alarms > 0)
    points = np.linspace(0.0, 1.0, 101)
    reached = [precision[recall >= point].max(initial=0.0) for point in points]
    return float(np.mean(reached))


def ap_spread(rng: np.random.Generator, footage: Footage, units: Units) -> Spread | None:
    """AP at one IoU threshold, from the kernel that vbench resamples AP with."""
    unit = units.of_frame.astype(np.int32)
    block = np.concatenate([np.repeat(unit, counts) for counts in _counts(footage)])
    is_hit = np.arange(len(block)) < footage.found.sum()
    scores = np.where(is_hit, rng.beta(4, 2, len(block)), rng.beta(2, 4, len(block)))
    order = np.argsort(-scores, kind="stable")
    truth = units.summed(footage.truth)
    return units.spread_of_values(
        *_values(block[order], is_hit[order], truth, units), support=truth
    )


def _counts(footage: Footage) -> tuple[np.ndarray, np.ndarray]:
    return footage.found.astype(np.int64), footage.false.astype(np.int64)


def _values(block: I32, is_hit: Bool, truth: F64, units: Units) -> tuple[float, F64]:
    """AP, and AP under each row of weights."""
    all_rows = np.ones(len(block), np.bool_)
    n_truth = truth.astype(np.int64)
    ones = np.ones((1, len(truth)))
    value = resampled_average_precision(block, is_hit, all_rows, n_truth, ones)
    replicates = resampled_average_precision(block, is_hit, all_rows, n_truth, units.weights)
    return float(value[0]), replicates
