"""Where a pipeline does worst: slices by every key and every pair of keys, ranked.

A slice is ranked by its excess: the losses (missed objects, false alarms) that it has more than
it would have at the rate of the whole. That weighs how far the slice is below the whole with how
much of the total loss it carries, so that neither a tiny slice that is all wrong nor a large one
that is like the rest comes first. A pair of values is kept only where it is worse than each of
its two values alone: else the shorter description says as much. Slices that hold the very same
boxes are one slice with several names. The idea of preferring large and short descriptions is
that of Chung et al. 2019, "Slice Finder".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import combinations
from types import MappingProxyType

import numpy as np

from vbench.metrics.counts import DetectionCounts, detection_counts
from vbench.metrics.pool import Pool, pooled
from vbench.metrics.scopes import Partition, partitions, slice_keys
from vbench.types import (
    F64,
    I64,
    Bool,
    Detections,
    GoldenSet,
    Matches,
    OperatingPoint,
    Slice,
    whole_answers,
)

DEFAULT_MIN_SUPPORT = 50

LOSS_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "recall": "missed",
        "precision": "false alarms",
        "f1": "missed or false",
        "fp_per_camera_hour": "false alarms",
    }
)
"""Metrics that slices can be ranked by, and what is lost."""


@dataclass(frozen=True, slots=True)
class WorstSlice:
    """One slice that is worse than the whole."""

    slice: Slice
    same: tuple[Slice, ...]
    """Other slices with the very same boxes."""
    value: float
    gap: float
    """How much worse than the whole, in the unit of the metric; above 0."""
    n: int
    """Support, as in the metric's rows."""
    n_lost: int
    """Losses in the slice."""
    loss_share: float
    """Its part of all losses, 0 to 1."""
    excess: float
    """Losses more than at the rate of the whole; above 0."""


@dataclass(frozen=True, slots=True)
class WorstSlices:
    """The slices of one golden set that are worse than the whole for one pipeline."""

    metric: str
    class_name: str | None
    """None: all classes together."""
    value: float | None
    """Of the whole; None where it is undefined."""
    n: int
    n_lost: int
    min_support: int
    n_slices: int
    """Slices with enough support, better ones included."""
    n_small: int
    """Slices that were left out for too little support."""
    slices: tuple[WorstSlice, ...]
    """Most excess first."""


def worst_slices(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
    *,
    metric: str = "recall",
    min_support: int = DEFAULT_MIN_SUPPORT,
    class_name: str | None = None,
) -> WorstSlices:
    """Rank the slices by every key of the set, and by every two keys.

    A slice of boxes takes part where its false positives are known, as far as the metric needs
    them; false alarms per camera-hour are those of slices of whole clips only.

    Args:
        golden_set: clips with their truth.
        detections: all stored detections per clip, in the order of the set's clips.
        matches: their match tables.
        operating_point: score thresholds of every taxonomy class, in taxonomy order.
        metric: one of `LOSS_WORDS`.
        min_support: slices with a smaller n are left out.
        class_name: one class; None for all together.

    Raises:
        KeyError: another metric.
        ValueError: inputs that do not belong together, or a class outside the taxonomy.
        InputError: a slice key with more than one meaning.
    """
    if metric not in LOSS_WORDS:
        raise KeyError(metric)
    names = golden_set.taxonomy.names
    column = len(names) if class_name is None else names.index(class_name)
    pool = pooled(golden_set, detections, matches, operating_point)
    keys = slice_keys(golden_set)
    whole, _, *parts = partitions(
        golden_set, whole_answers(detections, matches), pool, [*keys, *combinations(keys, 2)]
    )
    total = _losses(detection_counts(pool, whole), metric, column)
    found: dict[Slice, WorstSlice] = {}
    content: dict[Slice, bytes] = {}
    n_slices = n_small = 0
    for part in parts:
        if (metric == "fp_per_camera_hour" and not part.by_clip) or (
            metric != "recall" and part.unknown_fp
        ):
            continue
        losses = _losses(detection_counts(pool, part), metric, column)
        enough = losses.n >= min_support
        n_slices += int(enough.sum())
        n_small += int((~enough & (losses.n > 0)).sum())
        for s, one in _worse(metric, part, losses, total, enough):
            found[one.slice] = one
            content[one.slice] = _content(pool, part, s)
    kept = [one for one in found.values() if _says_more_than_its_parts(one, found)]
    return WorstSlices(
        metric=metric,
        class_name=class_name,
        value=_value(metric, total, 0),
        n=int(total.n[0]),
        n_lost=int(total.n_lost[0]),
        min_support=min_support,
        n_slices=n_slices,
        n_small=n_small,
        slices=_ranked(kept, content),
    )


@dataclass(frozen=True, slots=True)
class _Losses:
    """Losses of S scopes, and what they are a share of."""

    n_lost: I64
    exposure: F64
    """What could be lost: objects, detections, or hours."""
    n: I64


def _losses(counts: DetectionCounts, metric: str, column: int) -> _Losses:
    """The losses of one class column; those of ``recall`` need no false positives."""
    if metric == "recall":
        n_truth = counts.n_truth[:, column]
        return _Losses(counts.fn[:, column], n_truth.astype(np.float64), n_truth)
    if counts.known_fp is None:
        raise ValueError(f"{metric} needs false positives")
    tp, fp, fn = (part[:, column] for part in (counts.known_tp, counts.known_fp, counts.known_fn))
    if metric == "precision":
        return _Losses(fp, (tp + fp).astype(np.float64), tp + fp)
    if metric == "f1":
        return _Losses(fp + fn, (2 * tp + fp + fn).astype(np.float64), tp + fn)
    return _Losses(fp, counts.known_s[:, column] / 3600.0, counts.known_frames[:, column])


def _value(metric: str, losses: _Losses, scope: int) -> float | None:
    """The metric of one scope: what was lost per exposure, or what was not."""
    if losses.exposure[scope] == 0:
        return None
    rate = float(losses.n_lost[scope] / losses.exposure[scope])
    return rate if metric == "fp_per_camera_hour" else 1.0 - rate


def _worse(
    metric: str, part: Partition, losses: _Losses, total: _Losses, enough: Bool
) -> Iterator[tuple[int, WorstSlice]]:
    """The scopes with enough support that are worse than the whole, with their number."""
    whole = _value(metric, total, 0)
    if whole is None:
        return
    for s in np.flatnonzero(enough & (losses.exposure > 0)).tolist():
        value = _value(metric, losses, s)
        n_lost = int(losses.n_lost[s])
        excess = n_lost - float(losses.exposure[s] * total.n_lost[0] / total.exposure[0])
        # Rounding must not make a slice that is like the whole worse than it.
        if value is None or excess <= 1e-9 * total.n_lost[0]:
            continue
        yield (
            s,
            WorstSlice(
                slice=part.scopes[s].slice,
                same=(),
                value=value,
                gap=abs(value - whole),
                n=int(losses.n[s]),
                n_lost=n_lost,
                loss_share=n_lost / int(total.n_lost[0]),
                excess=excess,
            ),
        )


def _content(pool: Pool, part: Partition, scope: int) -> bytes:
    """Digest of which boxes and clips a scope holds."""
    members = [(part.truth_group == scope) & pool.truth_counts, part.membership[scope] > 0]
    if part.detection_group is not None:
        members.append((part.detection_group == scope) & pool.selected)
    return sha256(np.packbits(np.concatenate(members)).tobytes()).digest()


def _ranked(kept: Sequence[WorstSlice], content: Mapping[Slice, bytes]) -> tuple[WorstSlice, ...]:
    """Most excess first; slices with the same boxes as one, under the shortest name."""
    by_content: dict[bytes, list[WorstSlice]] = {}
    for one in sorted(kept, key=lambda one: (len(one.slice), one.slice)):
        by_content.setdefault(content[one.slice], []).append(one)
    merged = [
        replace(first, same=tuple(other.slice for other in others))
        for first, *others in by_content.values()
    ]
    return tuple(sorted(merged, key=lambda one: (-one.excess, -one.gap, one.slice)))


def _says_more_than_its_parts(one: WorstSlice, found: Mapping[Slice, WorstSlice]) -> bool:
    """Whether a slice is by one key, or worse than by each of its two keys."""
    if len(one.slice) == 1:
        return True
    parts = (found.get((part,)) for part in one.slice)
    return all(part is None or one.gap > part.gap + 1e-12 for part in parts)
