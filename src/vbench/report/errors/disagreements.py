"""Frames where one pipeline sees what another does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.report.errors.boxes import paired_iou
from vbench.report.errors.clip_errors import ClipErrors, SetErrors
from vbench.report.errors.label_errors import SAME_OBJECT_IOU
from vbench.types import F64, I64, Bool, Clip

_SAME_SCENE_S = 1.0
_PER_CLIP = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """Objects of one class that some pipelines report and the others do not."""

    is_truth: bool
    """Truth boxes, found by some; else false alarms, raised by some."""
    class_id: int
    n: int
    by: tuple[int, ...]
    """Pipelines that report them."""
    not_by: tuple[int, ...]
    boxes_xyxy: F64
    """(n, 4) pixels; of the truth, or of the first pipeline's false alarms."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A frame that pipelines answer differently."""

    clip: int
    """Index among the clips of the golden set."""
    frame_index: int
    weight: int
    """What frames are ranked by."""
    n_frames: int
    """Frames of the same scene that differ too, this one included."""
    differences: tuple[Difference, ...]
    """Truth first, most objects first."""


@dataclass(frozen=True, slots=True)
class Disagreements:
    """Where the pipelines of a run differ on one golden set."""

    shown: tuple[Disagreement, ...]
    """Most differences first."""
    n_frames: int
    """Frames with a difference, shown or not."""


def find_disagreements(errors: SetErrors, n_shown: int) -> Disagreements:
    """Rank frames by how differently pipelines answer them.

    A frame weighs as many truth boxes as some pipelines find and others miss, and the difference
    between the most and the fewest false alarms of any pipeline. Frames of a clip within a second
    are one scene, and a clip shows three scenes unless nothing else is left.

    Args:
        errors: of one golden set; with one pipeline there is nothing to differ from.
        n_shown: scenes at most.
    """
    clips = errors.golden_set.clips
    weights = [_weights(clip, errors.of_clip(k)) for k, clip in enumerate(clips)]
    chosen = _chosen(clips, weights, n_shown)
    shown = tuple(
        Disagreement(
            clip=k,
            frame_index=frame,
            weight=int(weights[k][frame]),
            n_frames=n_frames,
            differences=differences(clips[k], errors.of_clip(k), frame),
        )
        for k, frame, n_frames in chosen
    )
    return Disagreements(shown, sum(int(np.count_nonzero(one)) for one in weights))


def _weights(clip: Clip, pipelines: Sequence[ClipErrors]) -> I64:
    """(F,) differences between pipelines in each frame."""
    fp = np.stack([item.evidence.fp for item in pipelines])
    by_truth = np.bincount(
        clip.truth.frame_index[_found_by_some(pipelines)], minlength=clip.facts.n_frames
    )
    weights: I64 = by_truth + fp.max(axis=0) - fp.min(axis=0)
    return weights


def _found_by_some(pipelines: Sequence[ClipErrors]) -> Bool:
    """(M,) truth that counts, found by one pipeline at least and missed by one at least."""
    missed = [item.evidence.missed for item in pipelines]
    mixed: Bool = np.logical_or.reduce(missed) & ~np.logical_and.reduce(missed)
    return mixed


def _chosen(
    clips: Sequence[Clip], weights: Sequence[I64], n_shown: int
) -> list[tuple[int, int, int]]:
    """(clip, frame, frames of its scene), heaviest first; earliest first among equals."""
    frames = [np.flatnonzero(one) for one in weights]
    clip = np.repeat(np.arange(len(frames)), [len(one) for one in frames])
    frame = np.concatenate(frames)
    weight = np.concatenate([one[rows] for one, rows in zip(weights, frames, strict=True)])
    ranked = np.lexsort((frame, clip, -weight))
    left = [one > 0 for one in weights]
    n_of_clip = [0] * len(clips)
    chosen: list[tuple[int, int, int]] = []
    for per_clip in (_PER_CLIP, n_shown):
        for k, at in zip(clip[ranked].tolist(), frame[ranked].tolist(), strict=True):
            if len(chosen) >= n_shown:
                break
            if not left[k][at] or n_of_clip[k] >= per_clip:
                continue
            gap = int(_SAME_SCENE_S * clips[k].facts.fps)
            scene = left[k][max(0, at - gap) : at + gap + 1]
            chosen.append((k, at, int(scene.sum())))
            scene[:] = False
            n_of_clip[k] += 1
    return sorted(chosen, key=lambda one: (-int(weights[one[0]][one[1]]), one))


def differences(clip: Clip, pipelines: Sequence[ClipErrors], frame: int) -> tuple[Difference, ...]:
    """What some pipelines report in a frame and others do not.

    False alarms of two pipelines are the same where they have the same class and an IoU of at
    least 0.5; each is the same as at most one of another pipeline.
    """
    truth = clip.truth
    groups: dict[tuple[bool, int, tuple[int, ...]], list[F64]] = {}
    first, end = np.searchsorted(truth.frame_index, [frame, frame + 1])
    mixed = np.flatnonzero(_found_by_some(pipelines)[first:end]) + first
    for row in mixed.tolist():
        by = tuple(p for p, item in enumerate(pipelines) if not item.evidence.missed[row])
        key = (True, int(truth.class_id[row]), by)
        groups.setdefault(key, []).append(truth.boxes_xyxy[row])
    for class_id, box, raised_by in _alarms(pipelines, frame):
        if len(raised_by) < len(pipelines):
            groups.setdefault((False, class_id, tuple(raised_by)), []).append(box)
    made = [
        Difference(
            is_truth,
            class_id,
            len(boxes),
            by,
            tuple(p for p in range(len(pipelines)) if p not in by),
            np.array(boxes),
        )
        for (is_truth, class_id, by), boxes in groups.items()
    ]
    return tuple(sorted(made, key=lambda one: (not one.is_truth, -one.n, one.class_id, one.by)))


def _alarms(pipelines: Sequence[ClipErrors], frame: int) -> list[tuple[int, F64, list[int]]]:
    """Class and box of each false alarm of a frame, and the pipelines that raise it."""
    alarms: list[tuple[int, F64, list[int]]] = []
    for p, item in enumerate(pipelines):
        first, end = np.searchsorted(item.false.frame_index, [frame, frame + 1]).tolist()
        for row in range(first, end):
            class_id, box = int(item.false.class_id[row]), item.false.boxes_xyxy[row]
            same = [
                (float(paired_iou(box, other)), by)
                for of_class, other, by in alarms
                if of_class == class_id and p not in by
            ]
            iou, by = max(same, key=lambda one: one[0], default=(0.0, []))
            if iou >= SAME_OBJECT_IOU:
                by.append(p)
            else:
                alarms.append((class_id, box, [p]))
    return alarms
