"""The parts of a golden set that get rows of their own: whole, clips, slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.errors import InputError
from vbench.metrics.pool import SIZES, Pool
from vbench.types import F64, I64, GoldenSet, Slice

SIZE_KEY = "size"


@dataclass(frozen=True, slots=True)
class Scope:
    """One part of the golden set."""

    clip: str | None = None
    slice: Slice = ()

    def place(self) -> str:
        """How reasons name it: `` in daypart=night``, empty for the whole."""
        if self.clip is not None:
            return f" in clip {self.clip}"
        return "".join(f" in {key}={value}" for key, value in self.slice)


@dataclass(frozen=True, slots=True)
class Partition:
    """S scopes that do not overlap, and which truth boxes and detections fall in which."""

    scopes: tuple[Scope, ...]
    truth_group: I64
    """(M,) scope of each pooled truth box, -1 for none."""
    detection_group: I64 | None
    """(N,) scope of each unmatched detection, -1 for none; None where detections lack the tag."""
    membership: F64
    """(S, n_clips) 1 where a clip's footage belongs to a scope."""
    by_clip: bool
    """Whether whole clips were divided, not single boxes."""


def slice_keys(golden_set: GoldenSet) -> tuple[str, ...]:
    """Every key that slices can be made of: clip tags, per-box tags, ``size``; sorted."""
    return tuple(sorted({*_clip_tag_keys(golden_set), *_box_tag_keys(golden_set), SIZE_KEY}))


def check_slice_keys(golden_set: GoldenSet, keys: Sequence[str]) -> None:
    """Raise InputError for a key that is both a clip tag and a per-box tag, or a tag ``size``."""
    clip_tags, box_tags = _clip_tag_keys(golden_set), _box_tag_keys(golden_set)
    for key in keys:
        if (key in clip_tags) + (key in box_tags) + (key == SIZE_KEY) > 1:
            raise InputError(
                f'slice key "{key}" has more than one meaning (clip tag, per-box tag, box size)',
                where=f"golden set {golden_set.name}",
                hint="rename one of the tags",
            )


def partitions(golden_set: GoldenSet, pool: Pool, keys: Sequence[str]) -> tuple[Partition, ...]:
    """The whole set, its clips, and one partition per slice key that the set knows.

    A key that no clip and no box of the set carries gives no rows; see `slice_keys`.

    Raises:
        InputError: as `check_slice_keys`.
    """
    check_slice_keys(golden_set, keys)
    n_clips = len(golden_set.clips)
    clip_tags, box_tags = _clip_tag_keys(golden_set), _box_tag_keys(golden_set)
    made = [
        _by_clip(pool, (Scope(),), np.zeros(n_clips, np.int64)),
        _by_clip(
            pool,
            tuple(Scope(clip=clip.id) for clip in golden_set.clips),
            np.arange(n_clips, dtype=np.int64),
        ),
    ]
    for key in dict.fromkeys(keys):
        if key == SIZE_KEY:
            made.append(_by_size(pool))
        elif key in clip_tags:
            made.append(_by_clip_tag(golden_set, pool, key))
        elif key in box_tags:
            made.append(_by_box_tag(golden_set, pool, key))
    return tuple(made)


def _clip_tag_keys(golden_set: GoldenSet) -> set[str]:
    return {key for clip in golden_set.clips for key, _ in clip.tags}


def _box_tag_keys(golden_set: GoldenSet) -> set[str]:
    return {tag.key for clip in golden_set.clips for tag in clip.truth.tags}


def _by_clip(pool: Pool, scopes: tuple[Scope, ...], clip_group: I64) -> Partition:
    return Partition(
        scopes=scopes,
        truth_group=clip_group[pool.truth_clip],
        detection_group=clip_group[pool.detection_clip],
        membership=(np.arange(len(scopes))[:, None] == clip_group).astype(np.float64),
        by_clip=True,
    )


def _by_clip_tag(golden_set: GoldenSet, pool: Pool, key: str) -> Partition:
    values = [clip.tag(key) for clip in golden_set.clips]
    found = sorted({value for value in values if value is not None})
    clip_group = [-1 if value is None else found.index(value) for value in values]
    scopes = tuple(Scope(slice=((key, value),)) for value in found)
    return _by_clip(pool, scopes, np.array(clip_group, np.int64))


def _by_size(pool: Pool) -> Partition:
    return Partition(
        scopes=tuple(Scope(slice=((SIZE_KEY, name),)) for name in SIZES),
        truth_group=pool.truth_size,
        detection_group=pool.detection_size,
        membership=np.ones((len(SIZES), pool.n_clips)),
        by_clip=False,
    )


def _by_box_tag(golden_set: GoldenSet, pool: Pool, key: str) -> Partition:
    columns = [np.zeros(0, np.str_)]
    for clip in golden_set.clips:
        column = next((tag.values for tag in clip.truth.tags if tag.key == key), None)
        columns.append(np.full(len(clip.truth), "") if column is None else column)
    values = np.concatenate(columns)
    found = np.unique(values[values != ""])
    truth_group = np.searchsorted(found, values).astype(np.int64)
    truth_group[values == ""] = -1
    return Partition(
        scopes=tuple(Scope(slice=((key, str(value)),)) for value in found),
        truth_group=truth_group,
        detection_group=None,
        membership=np.ones((len(found), pool.n_clips)),
        by_clip=False,
    )
