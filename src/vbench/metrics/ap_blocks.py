"""Average precision under resampling, as it is and with errors of one kind corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from vbench.kernels.resampled_ap import resampled_average_precision
from vbench.metrics.error_kinds import ERROR_KINDS
from vbench.metrics.ranked import RankedCells
from vbench.metrics.resampled import Replicate
from vbench.metrics.resampling import Draws
from vbench.types import F64

_N_IOUS = 10
_IOU_75 = 5


def ap_replicates(
    cells: RankedCells, scope: int, truth: F64, draws: Draws
) -> Iterator[list[Replicate]]:
    """AP of one scope: of each class, then of all classes together.

    Args:
        cells: of the scope's partition; variants as in `coco_ranking`.
        scope: its number.
        truth: (U, C) truth boxes of each unit where false positives can be known.
        draws: of the scope.
    """
    n_classes = truth.shape[1]
    by_class = []
    for c in range(n_classes):
        entries = cells.cell(scope * n_classes + c)
        per_iou = [_ap(entries, t, truth[:, c], draws) for t in range(_N_IOUS)]
        by_class.append(np.stack([np.mean(per_iou, axis=0), per_iou[0], per_iou[_IOU_75]]))
        yield _named(by_class[-1], truth[:, c])
    yield _named(_mean_of_defined(by_class), truth.sum(axis=1))


def error_cost_replicates(
    cells: RankedCells, scope: int, truth: F64, missed: F64, draws: Draws
) -> Iterator[list[Replicate]]:
    """Costs in AP of one scope: of each class, then of all classes together.

    Args:
        cells: of the scope's partition; variants as in `error_ranking`.
        scope: its number.
        truth: (U, C) truth boxes of each unit where false positives can be known.
        missed: (U, C) those of them that no detection comes near.
        draws: of the scope.
    """
    n_classes = truth.shape[1]
    names = [f"ap_cost_{kind}" for kind in ERROR_KINDS]
    before, after = [], []
    for c in range(n_classes):
        entries = cells.cell(scope * n_classes + c)
        before.append(_ap(entries, 0, truth[:, c], draws))
        corrected = []
        for k, kind in enumerate(ERROR_KINDS):
            left = truth[:, c] - missed[:, c] if kind == "missed" else truth[:, c]
            same = kind != "missed" and _same(entries, 0, k + 1)
            corrected.append(before[-1] if same else _ap(entries, k + 1, left, draws))
        after.append(np.stack(corrected))
        yield [
            Replicate(name, costs, truth[:, c])
            for name, costs in zip(names, after[-1] - before[-1], strict=True)
        ]
    costs = _mean_of_defined(after) - _mean_of_defined(before)
    yield [Replicate(name, of, truth.sum(axis=1)) for name, of in zip(names, costs, strict=True)]


def _ap(entries: RankedCells, variant: int, truth: F64, draws: Draws) -> F64:
    """(B,) AP of one class in one variant; NaN where no truth was drawn."""
    if not truth.any():
        return np.full(len(draws.weights), np.nan)
    right = (entries.right >> np.uint16(variant)) & 1 == 1
    hits = np.flatnonzero(right)
    # What comes after the last true positive never matters.
    end = int(hits[-1]) + 1 if len(hits) else 0
    counts = (entries.counts[:end] >> np.uint16(variant)) & 1 == 1
    return resampled_average_precision(
        draws.unit_of_block[entries.block[:end]],
        right[:end],
        counts,
        truth.astype(np.int64),
        draws.weights,
    )


def _same(entries: RankedCells, first: int, second: int) -> bool:
    """Whether two variants have the same true and false positives."""
    differs = (entries.right >> np.uint16(first)) ^ (entries.right >> np.uint16(second))
    differs |= (entries.counts >> np.uint16(first)) ^ (entries.counts >> np.uint16(second))
    return not (differs & 1).any()


def _named(values: F64, support: F64) -> list[Replicate]:
    names = ("ap", "ap50", "ap75")
    return [Replicate(name, of, support) for name, of in zip(names, values, strict=True)]


def _mean_of_defined(by_class: Sequence[F64]) -> F64:
    """Mean over classes of (..., B), leaving out NaN; NaN where nothing is left."""
    stacked = np.stack(by_class)
    defined = np.isfinite(stacked)
    n_defined = defined.sum(axis=0)
    total = np.where(defined, stacked, 0.0).sum(axis=0)
    mean: F64 = np.where(n_defined > 0, total / np.maximum(n_defined, 1), np.nan)
    return mean
