"""COCO's summary numbers from the precision and recall arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.errors import InputError
from vbench.types import F64, I64
from vbench.types.coco import CocoEvaluation, CocoSettings, CocoStat, CocoStats

_PYCOCOTOOLS_LIMIT = 100
"""The limit that pycocotools takes AP at, whatever the limits are."""
_NO_LIMIT = f"max_dets has no {_PYCOCOTOOLS_LIMIT}"


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    precision: bool
    iou_threshold: float | None
    area: str
    limit: int | None
    """Place in `max_dets`, None where it is not there."""


def summary_stats(settings: CocoSettings, precision: F64, recall: F64, n_truth: I64) -> CocoStats:
    """AP, AP50, AP75, APs, APm, APl, then AR1, AR10, AR100, ARs, ARm, ARl.

    Each is the mean over the thresholds, recalls and classes that have truth. With other
    `max_dets` than COCO's there is one ARn per limit n, and all else is at the highest limit.
    Strict: pycocotools' twelve, by its rules: AP at 100 detections or -1, the others at the third
    limit, AR1 and AR10 at the first and second whatever those are.

    Args:
        settings: of the evaluation.
        precision: (T, R, K, A, M).
        recall: (T, K, A, M).
        n_truth: (K, A).
    """
    definitions = _strict_definitions(settings) if settings.strict else _definitions(settings)
    items = []
    for definition in definitions:
        value, reason = _mean(definition, settings, precision, recall, n_truth)
        if settings.strict:
            value, reason = (-1.0 if value is None else value), ""
        items.append(CocoStat(definition.name, value, reason))
    return CocoStats(tuple(items))


def class_stats(evaluation: CocoEvaluation, category_id: int) -> CocoStats:
    """The summary numbers of one class; raises InputError for a class that was not evaluated."""
    found = np.flatnonzero(evaluation.category_ids == category_id)
    if not len(found):
        raise InputError(f"category {category_id} was not evaluated", where="category_id")
    return summary_stats(
        evaluation.settings,
        evaluation.precision[:, :, found],
        evaluation.recall[:, found],
        evaluation.n_truth[found],
    )


def _definitions(settings: CocoSettings) -> list[_Definition]:
    top = len(settings.max_dets) - 1
    sizes = (("s", "small"), ("m", "medium"), ("l", "large"))
    return [
        _Definition("AP", True, None, "all", top),
        _Definition("AP50", True, 0.5, "all", top),
        _Definition("AP75", True, 0.75, "all", top),
        *(_Definition(f"AP{letter}", True, None, area, top) for letter, area in sizes),
        *(_Definition(f"AR{n}", False, None, "all", m) for m, n in enumerate(settings.max_dets)),
        *(_Definition(f"AR{letter}", False, None, area, top) for letter, area in sizes),
    ]


def _strict_definitions(settings: CocoSettings) -> list[_Definition]:
    if len(settings.max_dets) < 3:
        raise InputError(
            "pycocotools gives its summary numbers for three limits",
            where="CocoSettings.max_dets",
            hint="give three, or leave strict out",
        )
    limits = settings.max_dets
    at_100 = limits.index(_PYCOCOTOOLS_LIMIT) if _PYCOCOTOOLS_LIMIT in limits else None
    first, *others = _definitions(CocoSettings())
    return [_Definition(first.name, True, None, first.area, at_100), *others]


def _mean(
    definition: _Definition, settings: CocoSettings, precision: F64, recall: F64, n_truth: I64
) -> tuple[float | None, str]:
    """The value, or None and the reason."""
    names = [item.name for item in settings.area_ranges]
    if definition.limit is None:
        return None, _NO_LIMIT
    if definition.area not in names:
        return None, f'no area range is named "{definition.area}"'
    a = names.index(definition.area)
    part = precision if definition.precision else recall
    if definition.iou_threshold is not None:
        tolerance = 0.0 if settings.strict else 1e-9
        away = np.abs(np.array(settings.iou_thresholds) - definition.iou_threshold)
        part = part[away <= tolerance]
        if not len(part):
            return None, f"iou_thresholds has no {definition.iou_threshold:g}"
    values = part[..., a, definition.limit]
    values = values[values > -1.0]
    if not n_truth[:, a].any():
        words = "" if definition.area == "all" else f" {definition.area}"
        return None, f"the truth has no{words} boxes that count"
    return float(np.mean(values)), ""
