"""The boxes of all frames of a clip in as few bytes as one can still look at.

Of the truth every box, of a pipeline those at the operating point. A table of F frames and N boxes
is one `Packed` array, column after column: boxes in each frame (F), then (N) each

- x1, y1, x2, y2 in halves of a pixel, as what is added to another box: to the box before in the
  same track, or to the truth that an answer is matched with, or, where there is none, to zeros;
  0, -1, 1, -2, 2, ... are written 0, 1, 2, 3, 4, ...;
- class;
- of truth: whether it counts; of answers: score in hundredths, rounded down, so that it reaches the
  same hundredths;
- of truth: 1 + track (0: none, or a number beyond 31 bits); of answers: 1 + row in the truth of its
  frame (0: a false alarm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.score_counts import threshold_reached
from vbench.report.evidence import ClipEvidence
from vbench.report.page_data.contract import Packed
from vbench.report.page_data.packing import packed
from vbench.types import F64, I64, Bool, Clip

_STEPS_PER_PX = 2
_FARTHEST = 2**28
"""Twice as far and twice that fits into 32 bits."""
_LARGEST = 2**31 - 1
MAX_CHARS = 2_000_000
"""Of the boxes of all clips together, in base64: some 400,000 of them."""
_MAX_REFUSED = 3


@dataclass(frozen=True, slots=True)
class ClipBoxes:
    """The tables of one clip."""

    truth: Packed
    answers: tuple[Packed, ...]
    """Per pipeline."""

    @property
    def n_chars(self) -> int:
        """Length of all of them."""
        return len(self.truth["z"]) + sum(len(table["z"]) for table in self.answers)


def boxes_within(
    clips: Sequence[tuple[Clip, Sequence[ClipEvidence]]], max_chars: int = MAX_CHARS
) -> list[ClipBoxes | None]:
    """Boxes of clips, those with the most errors first, as far as there is room.

    Args:
        clips: each with what its pipelines answered.
        max_chars: room for all of them.

    Returns:
        In the order of `clips`; None for those that found no room.
    """
    errors = [sum(int((one.fp + one.fn).sum()) for one in items) for _, items in clips]
    found: list[ClipBoxes | None] = [None] * len(clips)
    left, n_refused = max_chars, 0
    for number in sorted(range(len(clips)), key=lambda k: (-errors[k], k)):
        clip, items = clips[number]
        made = ClipBoxes(
            truth_table(clip, truth_that_counts(clip, items)),
            tuple(answer_table(clip, one) for one in items),
        )
        if made.n_chars <= left:
            found[number] = made
            left -= made.n_chars
            continue
        # Packing takes time: a small clip may still fit, but not all of a thousand are tried.
        n_refused += 1
        if n_refused == _MAX_REFUSED:
            break
    return found


def truth_that_counts(clip: Clip, items: Sequence[ClipEvidence]) -> Bool:
    """(M,) truth boxes that can be found or missed; it is the same for all pipelines."""
    if items:
        return items[0].truth_counts
    truth = clip.truth
    counts: Bool = ~truth.ignore & ~truth.crowd & clip.annotated[truth.frame_index]
    return counts


def truth_table(clip: Clip, counts: Bool) -> Packed:
    """All truth boxes of a clip; `counts` (M,) says which can be found or missed."""
    truth = clip.truth
    track_id = np.where(truth.track_id < _LARGEST, truth.track_id, -1)
    facts = [counts.astype(np.int64), track_id + 1]
    steps = _steps(truth.boxes_xyxy)
    added = _added(steps, steps, _before_in_track(truth.class_id, track_id))
    return _table(clip, truth.frame_index, added, truth.class_id, facts)


def answer_table(clip: Clip, item: ClipEvidence) -> Packed:
    """What a pipeline answered at its operating point."""
    found = item.detections
    hit = item.truth_index >= 0
    first = np.searchsorted(clip.truth.frame_index, found.frame_index)
    row = np.where(hit, item.truth_index - first + 1, 0)
    added = _added(_steps(found.boxes_xyxy), _steps(clip.truth.boxes_xyxy), item.truth_index)
    return _table(
        clip, found.frame_index, added, found.class_id, [threshold_reached(found.scores), row]
    )


def _before_in_track(class_id: I64, track_id: I64) -> I64:
    """(M,) row of the box before in the same track and class, -1 for none."""
    before = np.full(len(track_id), -1, np.int64)
    order = np.lexsort((track_id, class_id))
    earlier, later = order[:-1], order[1:]
    same = (track_id[earlier] == track_id[later]) & (track_id[earlier] >= 0)
    same &= class_id[earlier] == class_id[later]
    before[later[same]] = earlier[same]
    return before


def _steps(boxes_xyxy: F64) -> I64:
    return np.clip(np.rint(boxes_xyxy * _STEPS_PER_PX), -_FARTHEST, _FARTHEST).astype(np.int64)


def _added(steps: I64, others: I64, other: I64) -> I64:
    """(N, 4) what is added to the rows `other` (N,) of other boxes, or to zeros for -1."""
    added = steps.copy()
    added[other >= 0] -= others[other[other >= 0]]
    return np.where(added < 0, -2 * added - 1, 2 * added)


def _table(clip: Clip, frame_index: I64, added: I64, class_id: I64, facts: Sequence[I64]) -> Packed:
    in_frame = np.bincount(frame_index, minlength=clip.facts.n_frames)
    return packed(np.concatenate([in_frame, added.T.ravel(), class_id, *facts]))
