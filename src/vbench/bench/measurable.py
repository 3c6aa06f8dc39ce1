"""What the gates and slices of a benchmark may name: whatever its golden sets can measure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from vbench.gates.rules import Measurable, Reach
from vbench.metrics.box_properties import BOX_PROPERTIES, OF_TRUTH_ALONE
from vbench.metrics.definition import MetricDefinition
from vbench.metrics.definitions import METRICS
from vbench.metrics.scopes import ordered_values
from vbench.metrics.spreads import scale_of
from vbench.types import GoldenSet

Item = TypeVar("Item", bound=Hashable)

STAGE_KEY = "stage"
_WITHOUT_FALSE_POSITIVES = ("tp", "fn", "recall", "mean_iou")
"""Metrics that can be divided by what only truth boxes have."""


def measurable(
    golden_sets: Sequence[GoldenSet], pipelines: Sequence[str], stages: Sequence[str]
) -> Measurable:
    """What can be measured on these golden sets.

    Args:
        golden_sets: with their clips and truth.
        pipelines: names.
        stages: names of the timed stages of all pipelines.
    """
    clip_tags = _values(pair for one in golden_sets for clip in one.clips for pair in clip.tags)
    box_tags = _values(
        (tag.key, str(value))
        for one in golden_sets
        for clip in one.clips
        for tag in clip.truth.tags
        for value in dict.fromkeys(tag.values.tolist())
        if value
    )
    return Measurable(
        metrics={
            name: _reach(definition, tuple(clip_tags), tuple(box_tags))
            for name, definition in METRICS.items()
        },
        classes=unique(name for one in golden_sets for name in one.taxonomy.names),
        slices={
            **{
                key: ordered_values([*clip_tags.get(key, ()), *box_tags.get(key, ())])
                for key in sorted({*clip_tags, *box_tags})
            },
            **BOX_PROPERTIES,
            STAGE_KEY: unique(stages),
        },
        clip_tags=unique(clip.tags for one in golden_sets for clip in one.clips),
        clips={clip.id: one.name for one in golden_sets for clip in one.clips},
        golden_sets=tuple(one.name for one in golden_sets),
        pipelines=tuple(pipelines),
    )


def unique(items: Iterable[Item]) -> tuple[Item, ...]:
    """Each item once, in the order of first appearance."""
    return tuple(dict.fromkeys(items))


def _reach(
    definition: MetricDefinition, clip_tags: tuple[str, ...], box_tags: tuple[str, ...]
) -> Reach:
    """Frames, tracks and times cannot be divided by box; times are not of a class."""
    lowest, highest = _range(definition)
    return Reach(
        per_class=definition.family not in ("latency", "throughput"),
        slice_keys=_slice_keys(definition, clip_tags, box_tags),
        lowest=lowest,
        highest=highest,
        better=definition.better,
    )


def _slice_keys(
    definition: MetricDefinition, clip_tags: tuple[str, ...], box_tags: tuple[str, ...]
) -> tuple[str, ...]:
    if definition.family == "latency":
        return (STAGE_KEY,)
    if definition.family == "throughput":
        return ()
    if definition.family not in ("objects", "average precision"):
        return clip_tags
    if definition.name in _WITHOUT_FALSE_POSITIVES:
        of_boxes = (*box_tags, *BOX_PROPERTIES)
    else:
        of_boxes = tuple(key for key in BOX_PROPERTIES if key not in OF_TRUTH_ALONE)
    return unique((*clip_tags, *of_boxes))


def _range(definition: MetricDefinition) -> tuple[float | None, float | None]:
    """The lowest and highest value that a metric can have; None where there is none."""
    scale = scale_of(definition.name)
    if scale == "identity":
        return None, 1.0
    return 0.0, 1.0 if scale == "logit" else None


def _values(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Key -> values, both sorted."""
    found: dict[str, set[str]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return {key: tuple(sorted(found[key])) for key in sorted(found)}
