"""Objects over time under resampling: an object belongs to where its first truth box is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.kernels.resampled_percentiles import resampled_percentiles
from vbench.metrics.object_blocks import per
from vbench.metrics.object_times import ObjectTimes
from vbench.metrics.resampled import Replicate
from vbench.types import F64, I32, I64, Bool


def first_units(objects: ObjectTimes, unit_of_frame: Sequence[I32]) -> I64:
    """(K,) unit of footage in which each object is first in the truth.

    Args:
        objects: of a golden set.
        unit_of_frame: per clip (F,) the unit of each frame, block or clip, as `Blocks.of_frame`;
            -1 outside the scope.
    """
    unit = np.full(len(objects), -1, np.int64)
    for g, units in enumerate(unit_of_frame):
        rows = objects.clip == g
        unit[rows] = units[objects.first_frame[rows]]
    return unit


def time_replicates(
    objects: ObjectTimes, object_block: I64, rows: Bool, weights: F64
) -> list[Replicate]:
    """The metrics of some objects under resampling, as `time_values`; a maximum has none.

    Args:
        objects: K objects of a golden set.
        object_block: (K,) unit of each, as `first_units`; those with -1 take no part.
        rows: (K,) the objects of the scope and class.
        weights: (B, U) how often each unit is drawn.
    """
    rows = rows & (object_block >= 0)
    chosen, unit = objects.take(rows), object_block[rows]
    n_units = weights.shape[1]

    def units(column: F64 | I64 | Bool) -> F64:
        return np.bincount(unit, column, n_units).astype(np.float64)

    table = np.column_stack(
        [
            np.bincount(unit, minlength=n_units),
            units(chosen.seen),
            units(chosen.first_s * chosen.seen),
            units(chosen.longest_gap_s * chosen.seen),
            units(chosen.n_gaps),
            units(chosen.present_s / 60.0),
            units(chosen.shake),
            units(chosen.n_steps),
        ]
    )
    n, seen, first_s, gap_s, gaps, minutes, shake, steps = (weights @ table).T
    of_n, of_seen, _, _, _, of_minutes, _, of_steps = table.T
    p95 = resampled_percentiles(
        chosen.first_s[chosen.seen], unit[chosen.seen].astype(np.int32), weights, [95.0]
    )[0]
    return [
        Replicate("first_detection_s_mean", per(first_s, seen), of_seen),
        Replicate("first_detection_s_p95", p95, of_seen),
        Replicate("longest_gap_s_mean", per(gap_s, seen), of_seen),
        Replicate("flicker_per_object_minute", per(gaps, minutes), of_minutes),
        Replicate("never_seen_share", per(n - seen, n), of_n),
        Replicate("box_jitter", per(shake, steps), of_steps),
    ]
