"""Every box that counts at the operating point and what became of it: what causes are made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.box_properties import (
    BOX_PROPERTIES,
    OF_TRUTH_ALONE,
    detection_groups,
    truth_groups,
)
from vbench.metrics.error_kinds import ERROR_KINDS, false_positive_kinds
from vbench.metrics.frames import counting_detections
from vbench.metrics.pool import check_clip
from vbench.metrics.scopes import ordered_values, slice_keys
from vbench.types import F64, I64, Bool, Clip, ClipAnswers, Detections, GoldenSet, OperatingPoint

LOW_SCORE = "low_score"
"""A miss that a stored detection below the operating score would have found."""

OUTCOMES = ("found", *ERROR_KINDS, LOW_SCORE)
"""What can become of a box. False alarms are of the kinds of `vbench.metrics.error_kinds`; a miss
is, by the first that fits: *low_score*; *localisation* or *classification*, where a false alarm of
that kind is near it; *missed*. So to correct a kind is to correct both sides of it."""
FOUND = OUTCOMES.index("found")
_LOCALISATION = OUTCOMES.index("localisation")
_CLASSIFICATION = OUTCOMES.index("classification")
_MISSED = OUTCOMES.index("missed")
_LOW_SCORE = OUTCOMES.index(LOW_SCORE)
SAME_ALARM_IOU = 0.5
"""False alarms of two pipelines that overlap as much are the same one."""
_FIRST_KIND = 1
"""Place of the first of `ERROR_KINDS` among the outcomes."""


@dataclass(frozen=True, slots=True)
class SliceColumn:
    """The value of one slice key for each box."""

    key: str
    values: tuple[str, ...]
    group: I64
    """(R,) index into `values`, -1 for none."""
    by_clip: bool
    """Whether all boxes of a clip have the same value."""
    tells_false: bool
    """Whether false alarms have values too."""


@dataclass(frozen=True, slots=True)
class ScoredBoxes:
    """R boxes of one pipeline on one golden set: truth that counts, then false alarms; by clip."""

    golden_set: GoldenSet
    clip: I64
    """(R,) index among the set's clips."""
    frame: I64
    class_id: I64
    truth: Bool
    """(R,) truth boxes, found or missed; else false alarms."""
    outcome: I64
    """(R,) index into `OUTCOMES`."""
    false_xyxy: F64
    """(n_false, 4) pixels, of the false alarms in their order."""
    columns: tuple[SliceColumn, ...]
    """One per slice key of the golden set that was asked for, by key."""

    @property
    def known(self) -> Bool:
        """(R,) boxes of a class that is annotated exhaustively in their clip."""
        exhaustive = np.array([clip.exhaustive for clip in self.golden_set.clips], np.bool_)
        known: Bool = exhaustive[self.clip, self.class_id]
        return known

    def column(self, key: str) -> SliceColumn | None:
        """The column of a slice key; None for one that the golden set lacks or nobody wanted."""
        return next((column for column in self.columns if column.key == key), None)


def scored_boxes(
    golden_set: GoldenSet,
    answers: Sequence[ClipAnswers],
    operating_point: OperatingPoint,
    *,
    keys: Collection[str] | None = None,
    with_kinds: bool = True,
) -> ScoredBoxes:
    """Find out what became of every box at the operating point.

    Args:
        golden_set: clips with their truth.
        answers: per clip all stored detections with their matches; read once, block by block. Those
            at the operating point are enough: then no miss is of the kind `LOW_SCORE`.
        operating_point: score thresholds of every taxonomy class, in taxonomy order.
        keys: slice keys that columns are wanted of; None: all that the golden set has.
        with_kinds: whether errors are told apart by kind; else all false alarms are `background`
            and all misses `missed`.

    Raises:
        ValueError: answers that do not belong to the clips.
        KeyError: the match tables lack the operating IoU.
    """
    parts = [
        _scored_clip(number, clip, of_clip, operating_point, with_kinds)
        for number, (clip, of_clip) in enumerate(zip(golden_set.clips, answers, strict=True))
    ]
    clip = np.concatenate([part.clip for part in parts])
    return ScoredBoxes(
        golden_set=golden_set,
        clip=clip,
        frame=np.concatenate([part.frame for part in parts]),
        class_id=np.concatenate([part.class_id for part in parts]),
        truth=np.concatenate([part.truth for part in parts]),
        outcome=np.concatenate([part.outcome for part in parts]),
        false_xyxy=np.concatenate([part.false.boxes_xyxy for part in parts]),
        columns=tuple(
            _column(key, golden_set, parts, clip)
            for key in slice_keys(golden_set)
            if keys is None or key in keys
        ),
    )


def new_errors(boxes: ScoredBoxes, baseline: ScoredBoxes) -> Bool:
    """(R,) misses that a baseline found, and false alarms that it did not raise.

    The baseline raised a false alarm too where it has one of the same frame and class with an IoU
    of at least `SAME_ALARM_IOU`.

    Raises:
        ValueError: the baseline has other truth that counts.
    """
    for name in ("clip", "frame", "class_id"):
        own, other = getattr(boxes, name), getattr(baseline, name)
        if not np.array_equal(own[boxes.truth], other[baseline.truth]):
            raise ValueError(f"the baseline has other truth: its {name} differs")
    new: Bool = boxes.outcome != FOUND
    new[boxes.truth] &= baseline.outcome[baseline.truth] == FOUND
    new[~boxes.truth] = _iou_with_false_alarms(boxes, baseline) < SAME_ALARM_IOU
    return new


def _iou_with_false_alarms(boxes: ScoredBoxes, baseline: ScoredBoxes) -> F64:
    """(n_false,) IoU of each false alarm with the baseline's best of its frame and class."""
    if not len(boxes.false_xyxy) or not len(baseline.false_xyxy):
        return np.zeros(len(boxes.false_xyxy))
    # Kernels are imported where they are called: to read what is known takes no compiler.
    from vbench.kernels.best_overlap import best_overlaps

    _, same_iou, _, _ = best_overlaps(*_false_alarms(boxes), *_false_alarms(baseline))
    return same_iou


def _false_alarms(boxes: ScoredBoxes) -> tuple[I64, I64, F64]:
    """Frame numbered through all clips, class and box of each false alarm."""
    lengths = [clip.facts.n_frames for clip in boxes.golden_set.clips]
    first_frame = np.cumsum([0, *lengths[:-1]]).astype(np.int64)
    false = ~boxes.truth
    return (
        first_frame[boxes.clip[false]] + boxes.frame[false],
        boxes.class_id[false],
        boxes.false_xyxy,
    )


@dataclass(frozen=True, slots=True)
class _ClipBoxes:
    """The boxes of one clip, columns as in `ScoredBoxes`, and where their properties come from."""

    source: Clip
    truth_rows: I64
    """Truth that counts."""
    false: Detections
    clip: I64
    frame: I64
    class_id: I64
    truth: Bool
    outcome: I64


def _scored_clip(
    number: int,
    clip: Clip,
    answers: ClipAnswers,
    operating_point: OperatingPoint,
    with_kinds: bool,
) -> _ClipBoxes:
    truth = clip.truth
    found, found_low = np.zeros(len(truth), np.bool_), np.zeros(len(truth), np.bool_)
    counts = np.zeros(len(truth), np.bool_)
    false_parts: list[Detections] = []
    for detections, matches in answers.blocks():
        check_clip(clip, detections, matches)
        row = matches.row(operating_point.iou)
        truth_index = matches.truth_index[row]
        counting = counting_detections(detections, matches, operating_point)
        found[truth_index[counting & (truth_index >= 0)]] = True
        found_low[truth_index[~matches.ignored[row] & (truth_index >= 0)]] = True
        false_parts.append(detections.take(counting & (truth_index < 0)))
        counts = matches.truth_counts
    false = Detections.concatenate(false_parts)
    kind = np.full(len(false), ERROR_KINDS.index("background"), np.int64)
    near = np.full(len(false), -1, np.int64)
    if with_kinds:
        kind, near = false_positive_kinds(clip, false, counts, operating_point.iou)
    of_truth = np.full(len(truth), _MISSED, np.int64)
    # Later lines win: the first reason that fits is written last.
    for outcome in (_CLASSIFICATION, _LOCALISATION):
        of_truth[near[(near >= 0) & (kind + _FIRST_KIND == outcome)]] = outcome
    of_truth[found_low] = _LOW_SCORE
    of_truth[found] = FOUND
    rows = np.flatnonzero(counts)
    n = len(rows) + len(false)
    return _ClipBoxes(
        source=clip,
        truth_rows=rows,
        false=false,
        clip=np.full(n, number, np.int64),
        frame=np.append(truth.frame_index[rows], false.frame_index),
        class_id=np.append(truth.class_id[rows], false.class_id),
        truth=np.arange(n) < len(rows),
        outcome=np.append(of_truth[rows], kind + _FIRST_KIND),
    )


def _column(key: str, golden_set: GoldenSet, parts: Sequence[_ClipBoxes], clip: I64) -> SliceColumn:
    if key in BOX_PROPERTIES:
        return _property_column(key, parts)
    of_clips = [one.tag(key) for one in golden_set.clips]
    values = ordered_values(value for value in of_clips if value is not None)
    if not values:
        return _tag_column(key, parts)
    group = np.array([-1 if value is None else values.index(value) for value in of_clips], np.int64)
    return SliceColumn(key, values, group[clip], by_clip=True, tells_false=True)


def _property_column(key: str, parts: Sequence[_ClipBoxes]) -> SliceColumn:
    tells_false = key not in OF_TRUTH_ALONE
    groups = []
    for part in parts:
        groups.append(truth_groups(key, part.source)[part.truth_rows])
        if tells_false:
            groups.append(detection_groups(key, part.source, part.false))
        else:
            groups.append(np.full(len(part.false), -1, np.int64))
    return SliceColumn(
        key, BOX_PROPERTIES[key], np.concatenate(groups), by_clip=False, tells_false=tells_false
    )


def _tag_column(key: str, parts: Sequence[_ClipBoxes]) -> SliceColumn:
    columns = [np.zeros(0, np.str_)]
    for part in parts:
        tag = next((tag for tag in part.source.truth.tags if tag.key == key), None)
        none = np.full(len(part.truth_rows), "")
        columns.append(none if tag is None else tag.values[part.truth_rows])
        columns.append(np.full(len(part.false), ""))
    written, place = np.unique(np.concatenate(columns), return_inverse=True)
    values = ordered_values(str(value) for value in written if value)
    group = np.array([values.index(str(text)) if text else -1 for text in written], np.int64)
    return SliceColumn(key, values, group[place], by_clip=False, tells_false=False)
