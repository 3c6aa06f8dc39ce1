"""The parts of a golden set that get rows of their own: whole, clips, slices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from vbench.errors import InputError
from vbench.metrics.box_properties import (
    BOX_PROPERTIES,
    OF_TRUTH_ALONE,
    detection_groups,
    truth_groups,
)
from vbench.metrics.pool import Pool
from vbench.types import F64, I32, I64, Bool, ClipAnswers, GoldenSet, Slice

Group = TypeVar("Group", I32, I64)

SliceKeys = tuple[str, ...]
"""Keys whose values are combined: one key, or two."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One part of the golden set."""

    clip: str | None = None
    slice: Slice = ()

    def place(self) -> str:
        """How reasons name it: `` in daypart=night``, empty for the whole."""
        if self.clip is not None:
            return f" in clip {self.clip}"
        values = " and ".join(f"{key}={value}" for key, value in self.slice)
        return f" in {values}" if values else ""


@dataclass(frozen=True, slots=True)
class Partition:
    """S scopes that do not overlap, and which truth boxes and detections fall in which."""

    scopes: tuple[Scope, ...]
    truth_group: I64
    """(M,) scope of each pooled truth box, -1 for none."""
    detection_group: I32 | None
    """(N,) scope of each unmatched detection, -1 for none; None where detections lack the key."""
    membership: F64
    """(S, n_clips) 1 where a clip's footage belongs to a scope."""
    by_clip: bool
    """Whether whole clips were divided, not single boxes."""
    unknown_fp: str = ""
    """Why false positives cannot be told apart by it; empty where they can."""

    @property
    def keys(self) -> SliceKeys:
        """The slice keys; none for the whole set and for its clips."""
        return tuple(key for key, _ in self.scopes[0].slice) if self.scopes else ()


def slice_keys(golden_set: GoldenSet) -> tuple[str, ...]:
    """Every key that slices can be made of: clip tags, per-box tags, box properties; sorted."""
    return tuple(sorted({*_clip_tag_keys(golden_set), *_box_tag_keys(golden_set), *BOX_PROPERTIES}))


def combined_keys(keys: Iterable[str | SliceKeys]) -> tuple[SliceKeys, ...]:
    """Each key or combination of keys once, the keys of a combination sorted."""
    return tuple(
        dict.fromkeys((one,) if isinstance(one, str) else tuple(sorted(one)) for one in keys)
    )


def ordered_values(values: Iterable[str]) -> tuple[str, ...]:
    """Tag values, each once, in reading order: numbers by size, so 2 before 12."""

    def reading_order(value: str) -> tuple[list[tuple[str, int]], str]:
        parts = re.findall(r"(\d+)|(\D+)", value)
        return [(text, int(number or 0)) for number, text in parts], value

    return tuple(sorted(set(values), key=reading_order))


def check_slice_keys(golden_set: GoldenSet, keys: Iterable[str | SliceKeys]) -> None:
    """Raise InputError for a key with several meanings: two kinds of tag, or a box property."""
    clip_tags, box_tags = _clip_tag_keys(golden_set), _box_tag_keys(golden_set)
    for key in (key for one in combined_keys(keys) for key in one):
        if (key in clip_tags) + (key in box_tags) + (key in BOX_PROPERTIES) > 1:
            raise InputError(
                f'slice key "{key}" has more than one meaning'
                " (clip tag, per-box tag, property of boxes)",
                where=f"golden set {golden_set.name}",
                hint="rename one of the tags",
            )


def partitions(
    golden_set: GoldenSet,
    answers: Sequence[ClipAnswers],
    pool: Pool,
    keys: Iterable[str | SliceKeys],
) -> Iterator[Partition]:
    """The whole set, its clips, and one partition per slice key or combination of two.

    A key that no clip and no box of the set carries gives no rows; see `slice_keys`. Of a
    combination, there is a scope for each pair of values that a clip has, or else a truth box.
    Where detections can be told apart by both keys, and not both are clip tags, each pair of
    values has one: an alarm may fall in any of them.

    Raises:
        InputError: as `check_slice_keys`.
    """
    combined = combined_keys(keys)
    check_slice_keys(golden_set, combined)
    n_clips = len(golden_set.clips)
    yield _by_clip(pool, (Scope(),), np.zeros(n_clips, np.int64))
    yield _by_clip(
        pool,
        tuple(Scope(clip=clip.id) for clip in golden_set.clips),
        np.arange(n_clips, dtype=np.int64),
    )
    by_key: dict[str, Partition] = {}
    for one in combined:
        for key in one:
            if key not in by_key:
                by_key[key] = _by_key(golden_set, answers, pool, key)
        first, *others = (by_key[key] for key in one)
        partition = first
        for other in others:
            partition = _crossed(partition, other)
        if partition.scopes:
            yield partition


def _clip_tag_keys(golden_set: GoldenSet) -> set[str]:
    return {key for clip in golden_set.clips for key, _ in clip.tags}


def _box_tag_keys(golden_set: GoldenSet) -> set[str]:
    return {tag.key for clip in golden_set.clips for tag in clip.truth.tags}


def _by_key(
    golden_set: GoldenSet, answers: Sequence[ClipAnswers], pool: Pool, key: str
) -> Partition:
    """The partition of one key; without scopes where nothing carries it."""
    if key in BOX_PROPERTIES:
        return _by_box_property(golden_set, answers, pool, key)
    if key in _clip_tag_keys(golden_set):
        return _by_clip_tag(golden_set, pool, key)
    return _by_box_tag(golden_set, pool, key)


def _by_clip(pool: Pool, scopes: tuple[Scope, ...], clip_group: I64) -> Partition:
    return Partition(
        scopes=scopes,
        truth_group=clip_group[pool.truth_clip],
        detection_group=clip_group.astype(np.int32)[pool.detection_clip],
        membership=(np.arange(len(scopes))[:, None] == clip_group).astype(np.float64),
        by_clip=True,
    )


def _by_clip_tag(golden_set: GoldenSet, pool: Pool, key: str) -> Partition:
    values = [clip.tag(key) for clip in golden_set.clips]
    found = ordered_values(value for value in values if value is not None)
    clip_group = [-1 if value is None else found.index(value) for value in values]
    return _by_clip(pool, _scopes(key, found), np.array(clip_group, np.int64))


def _by_box_property(
    golden_set: GoldenSet, answers: Sequence[ClipAnswers], pool: Pool, key: str
) -> Partition:
    values = BOX_PROPERTIES[key]
    of_truth: list[I64] = []
    of_detections: list[I32] = []
    told_apart = key not in OF_TRUTH_ALONE
    for clip, of_clip in zip(golden_set.clips, answers, strict=True):
        of_truth.append(truth_groups(key, clip))
        if told_apart:
            of_detections += [
                detection_groups(key, clip, found).astype(np.int32)
                for found in of_clip.detection_blocks()
            ]
    return Partition(
        scopes=_scopes(key, values),
        truth_group=np.concatenate(of_truth),
        detection_group=np.concatenate(of_detections)[pool.detection_order] if told_apart else None,
        membership=np.ones((len(values), pool.n_clips)),
        by_clip=False,
        unknown_fp=""
        if told_apart
        else f"detections have no {key}: false positives cannot be told by it",
    )


def _by_box_tag(golden_set: GoldenSet, pool: Pool, key: str) -> Partition:
    columns = [np.zeros(0, np.str_)]
    for clip in golden_set.clips:
        column = next((tag.values for tag in clip.truth.tags if tag.key == key), None)
        columns.append(np.full(len(clip.truth), "") if column is None else column)
    written, place = np.unique(np.concatenate(columns), return_inverse=True)
    found = ordered_values(str(value) for value in written if value)
    rank = {value: number for number, value in enumerate(found)}
    group = np.array([rank.get(str(value), -1) for value in written], np.int64)
    return Partition(
        scopes=_scopes(key, found),
        truth_group=group[place],
        detection_group=None,
        membership=np.ones((len(found), pool.n_clips)),
        by_clip=False,
        unknown_fp=f"detections carry no tag {key}: false positives cannot be told by it",
    )


def _scopes(key: str, values: Sequence[str]) -> tuple[Scope, ...]:
    return tuple(Scope(slice=((key, value),)) for value in values)


def _crossed(first: Partition, second: Partition) -> Partition:
    """The pairs of values of two keys that occur; see `partitions`."""
    n_second = len(second.scopes)
    membership = (first.membership[:, None] * second.membership).reshape(
        -1, first.membership.shape[1]
    )
    truth_group = _paired(first.truth_group, second.truth_group, n_second)
    detection_group = None
    if first.detection_group is not None and second.detection_group is not None:
        detection_group = _paired(first.detection_group, second.detection_group, n_second)
    by_clip = first.by_clip and second.by_clip
    occurs: Bool = membership.max(axis=1) > 0
    if not by_clip and detection_group is None:
        occurs = np.isin(np.arange(len(membership)), truth_group)
    kept = np.flatnonzero(occurs)
    # Rows in no scope look up the appended -1.
    renumbered = np.append(np.where(occurs, np.cumsum(occurs) - 1, -1), -1)
    return Partition(
        scopes=tuple(
            Scope(
                slice=(*first.scopes[pair // n_second].slice, *second.scopes[pair % n_second].slice)
            )
            for pair in kept.tolist()
        ),
        truth_group=renumbered[truth_group],
        detection_group=None
        if detection_group is None
        else renumbered.astype(np.int32)[detection_group],
        membership=membership[kept],
        by_clip=by_clip,
        unknown_fp=first.unknown_fp or second.unknown_fp,
    )


def _paired(first: Group, second: Group, n_second: int) -> Group:
    """Number of the pair of values, -1 where either is missing; of the same dtype."""
    missing = first.dtype.type(-1)
    return np.where((first >= 0) & (second >= 0), first * n_second + second, missing)
