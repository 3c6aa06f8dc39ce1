"""Which slices a clip has a part in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vbench.metrics.box_properties import BOX_PROPERTIES, truth_groups
from vbench.report.evidence import Evidence
from vbench.report.lookup import MetricIndex
from vbench.report.web.slice_numbers import numbered_slices
from vbench.types import Bool, Clip, Slice


def slices_of_clips(
    index: MetricIndex, evidence: Evidence
) -> Mapping[tuple[str, str], tuple[int, ...]]:
    """(golden set, clip) -> numbers of its slices, as in `numbered_slices`.

    A clip is in a slice by its tags; where the slice divides boxes (``size``, tags of boxes), by
    having truth boxes of it.
    """
    numbers = numbered_slices(index)
    found = {}
    for golden_set in evidence.golden_sets:
        own = {slice_: k for (name, slice_), k in numbers.items() if name == golden_set.name}
        tag_keys = {key for clip in golden_set.clips for key, _ in clip.tags}
        for clip in golden_set.clips:
            columns: dict[tuple[str, str], Bool] = {}
            found[golden_set.name, clip.id] = tuple(
                k for slice_, k in own.items() if _has_part(clip, slice_, tag_keys, columns)
            )
    return found


def _has_part(
    clip: Clip, slice_: Slice, tag_keys: set[str], columns: dict[tuple[str, str], Bool]
) -> bool:
    if any(key in tag_keys and clip.tag(key) != value for key, value in slice_):
        return False
    of_boxes = [tag for tag in slice_ if tag[0] not in tag_keys]
    for tag in of_boxes:
        if tag not in columns:
            columns[tag] = _boxes_with(clip, *tag)
    rows = [columns[tag] for tag in of_boxes]
    return not rows or bool(np.logical_and.reduce(rows).any())


def _boxes_with(clip: Clip, key: str, value: str) -> Bool:
    """(M,) truth boxes of a slice that divides boxes."""
    if key in BOX_PROPERTIES:
        values = BOX_PROPERTIES[key]
        number = values.index(value) if value in values else len(values)
        with_value: Bool = truth_groups(key, clip) == number
        return with_value
    tag = next((tag for tag in clip.truth.tags if tag.key == key), None)
    if tag is None:
        return np.zeros(len(clip.truth), np.bool_)
    return np.asarray(tag.values == value, np.bool_)
