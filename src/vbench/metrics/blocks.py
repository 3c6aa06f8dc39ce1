"""Cutting the clips of a golden set into blocks of frames that tell nearly independent things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.metrics.frames import counting_detections
from vbench.metrics.resampled import Blocks
from vbench.stats import block_length, cut
from vbench.types import F64, Clip, ClipAnswers, GoldenSet, OperatingPoint

MAX_BLOCKS = 1000
"""Blocks of a golden set, about: more cost time and memory and say nothing more."""


def influence_series(
    golden_set: GoldenSet, answers: Sequence[ClipAnswers], operating_point: OperatingPoint
) -> tuple[list[F64], list[F64]]:
    """What each annotated frame adds to recall, and to precision, all classes together.

    A frame's influence on a ratio of sums is its numerator less the ratio times its denominator
    (Davison & Hinkley 1997, 2.7.2), up to a constant factor.

    Returns:
        Of recall and of precision, per clip (annotated frames,) in order.

    Raises:
        ValueError: other numbers of clips than the golden set has.
        KeyError: the match tables lack the operating IoU.
    """
    counts = [
        _frame_counts(clip, of_clip, operating_point)
        for clip, of_clip in zip(golden_set.clips, answers, strict=True)
    ]
    truth, found, false = (np.concatenate(columns) for columns in zip(*counts, strict=True))
    recall = found.sum() / max(truth.sum(), 1.0)
    precision = found.sum() / max((found + false).sum(), 1.0)
    return (
        [of_found - recall * of_truth for of_truth, of_found, _ in counts],
        [of_found - precision * (of_found + of_false) for _, of_found, of_false in counts],
    )


def block_length_of(
    golden_set: GoldenSet, answers: Sequence[ClipAnswers], operating_point: OperatingPoint
) -> int:
    """Annotated frames per block for one pipeline: the longer one of recall's and precision's.

    Pipelines that are compared share the longest length of all of them.

    Raises:
        ValueError: other numbers of clips than the golden set has.
        KeyError: the match tables lack the operating IoU.
    """
    recall, precision = influence_series(golden_set, answers, operating_point)
    # Where nothing is missed, or nothing false, the other one alone tells.
    varying = [series for series in (recall, precision) if any(np.any(part) for part in series)]
    return max(block_length(series) for series in varying or [recall])


def make_blocks(golden_set: GoldenSet, length: int) -> Blocks:
    """Cut each clip evenly into blocks of about `length` annotated frames.

    Blocks are longer where there would be more than `MAX_BLOCKS`; a clip has at least the number
    that `vbench.stats.cut` says. Frames that are not annotated go with the annotated one before.
    """
    n_annotated = sum(int(clip.annotated.sum()) for clip in golden_set.clips)
    length = max(length, -(-n_annotated // MAX_BLOCKS))
    of_frame, clip_of_block = [], []
    n_blocks = 0
    for g, clip in enumerate(golden_set.clips):
        of_annotated = cut(int(clip.annotated.sum()), length)
        position = np.maximum(np.cumsum(clip.annotated) - 1, 0)
        block = of_annotated[position] if len(of_annotated) else np.zeros_like(position)
        of_frame.append((n_blocks + block).astype(np.int32))
        n_of_clip = int(block[-1]) + 1 if len(block) else 0
        clip_of_block.append(np.full(n_of_clip, g, np.int64))
        n_blocks += n_of_clip
    first = [np.flatnonzero(np.diff(block, prepend=-1)) for block in of_frame]
    last = [
        np.append(starts[1:], len(block))[: len(starts)] - 1
        for starts, block in zip(first, of_frame, strict=True)
    ]
    return Blocks(
        of_frame=tuple(of_frame),
        clip=np.concatenate(clip_of_block),
        first_frame=np.concatenate(first).astype(np.int64),
        last_frame=np.concatenate(last).astype(np.int64),
        length=length,
    )


def _frame_counts(
    clip: Clip, answers: ClipAnswers, operating_point: OperatingPoint
) -> tuple[F64, F64, F64]:
    """Per annotated frame: truth boxes, found ones, false alarms at the operating point."""
    n_frames = clip.facts.n_frames
    truth, found, false = np.zeros(n_frames), np.zeros(n_frames), np.zeros(n_frames)
    for detections, matches in answers.blocks():
        counting = counting_detections(detections, matches, operating_point)
        hit = matches.truth_index[matches.row(operating_point.iou)] >= 0
        found += np.bincount(detections.frame_index[counting & hit], minlength=n_frames)
        false += np.bincount(detections.frame_index[counting & ~hit], minlength=n_frames)
        counts = clip.truth.frame_index[matches.truth_counts]
        truth = np.bincount(counts, minlength=n_frames).astype(np.float64)
    return truth[clip.annotated], found[clip.annotated], false[clip.annotated]
