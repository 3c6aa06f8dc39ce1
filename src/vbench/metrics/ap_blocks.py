"""Average precision under resampling, as it is and with errors of one kind corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from vbench.kernels.resampled_ap import resampled_average_precisions
from vbench.metrics.error_kinds import ERROR_KINDS
from vbench.metrics.ranked import AS_IS, N_IOUS, RankedCell, RankedCells
from vbench.metrics.resampled import Replicate
from vbench.metrics.resampling import Draws
from vbench.types import F64

_AP_NAMES = ("ap", "ap50", "ap75")
_IOU_75 = 5
_COST_NAMES = tuple(f"ap_cost_{kind}" for kind in ERROR_KINDS)


def ap_replicates(
    cells: RankedCells, scope: int, truth: F64, draws: Draws
) -> Iterator[list[Replicate]]:
    """AP of one scope: of each class, then of all classes together.

    Args:
        cells: of the scope's partition.
        scope: its number.
        truth: (U, C) truth boxes of each unit where false positives can be known.
        draws: of the scope.
    """
    n_classes = truth.shape[1]
    by_class = []
    for c in range(n_classes):
        cell = cells.cell(scope * n_classes + c)
        per_iou = _ap(cell, range(N_IOUS), truth[:, c], draws)
        by_class.append(np.stack([np.mean(per_iou, axis=0), per_iou[0], per_iou[_IOU_75]]))
        yield _named(_AP_NAMES, by_class[-1], truth[:, c])
    yield _named(_AP_NAMES, _mean_of_defined(by_class), truth.sum(axis=1))


def error_cost_replicates(
    cells: RankedCells, scope: int, truth: F64, missed: F64, draws: Draws
) -> Iterator[list[Replicate]]:
    """Costs in AP of one scope: of each class, then of all classes together.

    Args:
        cells: of the scope's partition.
        scope: its number.
        truth: (U, C) truth boxes of each unit where false positives can be known.
        missed: (U, C) those of them that no detection comes near.
        draws: of the scope.
    """
    n_classes = truth.shape[1]
    before, after = [], []
    for c in range(n_classes):
        cell = cells.cell(scope * n_classes + c)
        of_class = _with_corrections(cell, truth[:, c], missed[:, c], draws)
        before.append(of_class[0])
        after.append(of_class[1])
        yield _named(_COST_NAMES, after[-1] - before[-1], truth[:, c])
    costs = _mean_of_defined(after) - _mean_of_defined(before)
    yield _named(_COST_NAMES, costs, truth.sum(axis=1))


def _with_corrections(cell: RankedCell, truth: F64, missed: F64, draws: Draws) -> tuple[F64, F64]:
    """AP of one class as it is (B,), and with the errors of each kind corrected (kinds, B)."""
    of_kind = dict(enumerate(ERROR_KINDS, AS_IS + 1))
    # Without missed objects there is less truth, and the detections are the same.
    others = [
        variant
        for variant, kind in of_kind.items()
        if kind != "missed" and not cell.same(AS_IS, variant)
    ]
    before, *found = _ap(cell, [AS_IS, *others], truth, draws)
    corrected = dict(zip(others, found, strict=True))
    if missed.any():
        left = AS_IS + 1 + ERROR_KINDS.index("missed")
        (corrected[left],) = _ap(cell, [left], truth - missed, draws)
    return before, np.stack([corrected.get(variant, before) for variant in of_kind])


def _ap(cell: RankedCell, variants: Sequence[int], truth: F64, draws: Draws) -> F64:
    """(V, B) AP of one class in some variants; NaN where no truth was drawn."""
    if not truth.any():
        return np.full((len(variants), len(draws.weights)), np.nan)
    return resampled_average_precisions(
        draws.unit_of_block[cell.block],
        cell.right,
        cell.counts,
        variants,
        truth.astype(np.int64),
        draws.weights,
    )


def _named(names: Sequence[str], values: F64, support: F64) -> list[Replicate]:
    return [Replicate(name, of, support) for name, of in zip(names, values, strict=True)]


def _mean_of_defined(by_class: Sequence[F64]) -> F64:
    """Mean over classes of (..., B), leaving out NaN; NaN where nothing is left."""
    stacked = np.stack(by_class)
    defined = np.isfinite(stacked)
    n_defined = defined.sum(axis=0)
    total = np.where(defined, stacked, 0.0).sum(axis=0)
    mean: F64 = np.where(n_defined > 0, total / np.maximum(n_defined, 1), np.nan)
    return mean
