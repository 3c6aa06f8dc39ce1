"""Cutting the clips of a golden set into blocks of frames that tell nearly independent things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from vbench.metrics.frames import counting_detections
from vbench.metrics.resampled import Blocks
from vbench.stats import block_length, cut
from vbench.types import F64, I32, Clip, ClipAnswers, GoldenSet, OperatingPoint

MAX_BLOCKS = 1000
"""Blocks of a golden set, about: more cost time and memory and say nothing more."""


def influence_series(
    golden_set: GoldenSet, answers: Sequence[ClipAnswers], operating_point: OperatingPoint
) -> Iterator[list[F64]]:
    """What each annotated frame adds to recall, then to precision, all classes together.

    A frame's influence on a ratio of sums is its numerator less the ratio times its denominator
    (Davison & Hinkley 1997, 2.7.2), up to a constant factor.

    Yields:
        Of recall and of precision, per clip (annotated frames,) in order; one after the other,
        since a long clip has many frames.

    Raises:
        ValueError: other numbers of clips than the golden set has.
        KeyError: the match tables lack the operating IoU.
    """
    counts = [
        _frame_counts(clip, of_clip, operating_point)
        for clip, of_clip in zip(golden_set.clips, answers, strict=True)
    ]
    n_truth, n_found, n_false = (
        sum(int(column.sum()) for column in columns) for columns in zip(*counts, strict=True)
    )
    recall = n_found / max(n_truth, 1.0)
    precision = n_found / max(n_found + n_false, 1.0)
    yield [of_found - recall * of_truth for of_truth, of_found, _ in counts]
    yield [of_found - precision * (of_found + of_false) for _, of_found, of_false in counts]


def block_length_of(
    golden_set: GoldenSet, answers: Sequence[ClipAnswers], operating_point: OperatingPoint
) -> int:
    """Annotated frames per block for one pipeline: the longer one of recall's and precision's.

    Pipelines that are compared share the longest length of all of them.

    Raises:
        ValueError: other numbers of clips than the golden set has.
        KeyError: the match tables lack the operating IoU.
    """
    # Where nothing is missed, or nothing false, the other one alone tells.
    lengths = [
        block_length(series)
        for series in influence_series(golden_set, answers, operating_point)
        if any(np.any(part) for part in series)
    ]
    if lengths:
        return max(lengths)
    return block_length(next(influence_series(golden_set, answers, operating_point)))


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
        of_annotated = cut(int(clip.annotated.sum()), length).astype(np.int32)
        position = np.cumsum(clip.annotated, dtype=np.int32)
        position -= position > 0
        block = of_annotated[position] if len(of_annotated) else np.zeros_like(position)
        of_frame.append(block + np.int32(n_blocks))
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
) -> tuple[I32, I32, I32]:
    """Per annotated frame: truth boxes, found ones, false alarms at the operating point."""
    n_frames = clip.facts.n_frames
    truth, found, false = (np.zeros(n_frames, np.int32) for _ in range(3))
    for detections, matches in answers.blocks():
        counting = counting_detections(detections, matches, operating_point)
        hit = matches.truth_index[matches.row(operating_point.iou)] >= 0
        np.add.at(found, detections.frame_index[counting & hit], 1)
        np.add.at(false, detections.frame_index[counting & ~hit], 1)
        counts = clip.truth.frame_index[matches.truth_counts]
        truth = np.bincount(counts, minlength=n_frames).astype(np.int32)
    return truth[clip.annotated], found[clip.annotated], false[clip.annotated]
