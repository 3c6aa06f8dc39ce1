"""From the replicates of a metric to its sampling distribution."""

from __future__ import annotations

from dataclasses import dataclass

from vbench.metrics.definitions import METRICS
from vbench.stats import spread_of
from vbench.types import F64, Scale, Spread, Units

_ANY_NUMBER = ("mota",)
"""Ratios that may be negative; so may the costs in AP."""

_ABOVE_ONE = ("box_jitter",)
"""Ratios that may exceed 1."""

_SHARES = (
    "precision",
    "recall",
    "frame_accuracy",
    "frame_precision",
    "frame_recall",
    "frame_fpr",
    "idp",
    "idr",
    "never_seen_share",
    "event_recall",
    "alert_precision",
)
"""Of their support: each unit of it either counts or does not."""


@dataclass(frozen=True, slots=True)
class Support:
    """What a metric rests on, by the units that were drawn."""

    by_unit: F64
    """(U,)"""
    units: Units
    n_strata: int
    """Clips with support where blocks were drawn; 0 where clips were."""
    length: int
    """Annotated frames of a usual block."""


def scale_of(name: str) -> Scale:
    """Logit of shares between 0 and 1, log of counts, rates and times, the number itself else.

    Raises KeyError for an unknown metric.
    """
    definition = METRICS[name]
    if definition.unit != "ratio" or name in _ABOVE_ONE:
        return "log"
    return "identity" if name in _ANY_NUMBER or definition.family == "error cost" else "logit"


def metric_spread(name: str, value: float, replicates: F64, support: Support) -> Spread | None:
    """The sampling distribution of a metric; None as `spread_of`."""
    return _spread(name, value, replicates, support, scale_of(name))


def change_spread(name: str, change: float, replicates: F64, support: Support) -> Spread | None:
    """The sampling distribution of a difference of two values of a metric; None as `spread_of`."""
    return _spread(name, change, replicates, support, "identity")


def _spread(
    name: str, value: float, replicates: F64, support: Support, scale: Scale
) -> Spread | None:
    total = float(support.by_unit.sum())
    return spread_of(
        value,
        replicates,
        support.by_unit,
        scale,
        support.units,
        support.n_strata,
        trials=total if name in _SHARES else None,
        looks=_looks(name, total, support.length),
    )


def _looks(name: str, total: float, length: int) -> float | None:
    """How often the number could have come out otherwise: what divides it, over block length.

    None for times and anything else that is neither between 0 and 1, a count, nor a rate of
    something that happens.
    """
    unit = METRICS[name].unit
    if unit == "count":
        return 1.0 / length
    return total / length if unit.startswith("1/") or scale_of(name) == "logit" else None
