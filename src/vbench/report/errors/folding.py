"""The same thing seen frame after frame is one thing."""

from __future__ import annotations

import numpy as np

from vbench.report.errors.boxes import paired_iou
from vbench.types import F64, I64, Clip

_MOVING_IOU = 0.5
"""Of boxes of one thing at most `_GAP_S` apart."""
_STANDING_IOU = 0.8
"""Of boxes of one thing that stands still, however long nobody saw it."""
_GAP_S = 1.0
_N_REMEMBERED = 300
"""How many chains of a class a new one is compared with, the latest: a bound on time."""


def fold_rows(clip: Clip, frame_index: I64, class_id: I64, boxes_xyxy: F64) -> I64:
    """Number the things that boxes of one clip are of.

    Two boxes of one class are of the same thing where they follow each other from one annotated
    frame to the next, or with at most a second between them, with an IoU of at least 0.5; or where
    their IoU is at least 0.8, whenever they are: a parked car is one thing all day.

    Args:
        clip: for its annotated frames and its rate.
        frame_index: (N,) ascending.
        class_id: (N,)
        boxes_xyxy: (N, 4) pixels.

    Returns:
        (N,) numbers 0, 1, ... in the order in which things first appear.
    """
    if not len(frame_index):
        return np.zeros(0, np.int64)
    first, chain = _chains(clip, frame_index, class_id, boxes_xyxy)
    thing = _joined_chains(clip, first, chain, frame_index, class_id, boxes_xyxy)
    _, number = np.unique(thing[chain], return_inverse=True)
    return number.astype(np.int64)


def _chains(clip: Clip, frame_index: I64, class_id: I64, boxes_xyxy: F64) -> tuple[I64, I64]:
    """Boxes that follow each other without a gap.

    Returns:
        (n_chains,) first row of each, ascending; and (N,) the chain of each row.
    """
    # Kernels are imported where they are called: to read what is known takes no compiler.
    from vbench.kernels.match import match_greedy

    step = np.cumsum(clip.annotated)[frame_index]
    n_classes = int(class_id.max()) + 1
    group = step * n_classes + class_id
    order = np.argsort(group, kind="stable")
    no = np.zeros(len(order), np.bool_)
    matched, _ = match_greedy(
        group[order],
        boxes_xyxy[order],
        group[order] + n_classes,
        boxes_xyxy[order],
        no,
        no,
        np.array([_MOVING_IOU]),
    )
    before = np.where(matched[0] >= 0, matched[0], np.arange(len(order)))
    # Each round doubles how far back a row looks.
    while not np.array_equal(before, before[before]):
        before = before[before]
    first_row = np.empty(len(order), np.int64)
    first_row[order] = order[before]
    first, chain = np.unique(first_row, return_inverse=True)
    return first, chain.astype(np.int64)


def _joined_chains(
    clip: Clip, first: I64, chain: I64, frame_index: I64, class_id: I64, boxes_xyxy: F64
) -> I64:
    """(n_chains,) the first chain of the same thing."""
    last = np.zeros(len(first), np.int64)
    np.maximum.at(last, chain, np.arange(len(chain)))
    # Class by class, so that the chains before one are a slice.
    order = np.argsort(class_id[first], kind="stable")
    class_of = class_id[first][order]
    begin = np.searchsorted(class_of, class_of)
    starts, ends = boxes_xyxy[first][order], boxes_xyxy[last][order]
    start_frame, end_frame = frame_index[first][order], frame_index[last][order]
    gap = _GAP_S * clip.facts.fps
    thing = order.copy()
    for k in range(len(order)):
        earlier = slice(max(begin[k], k - _N_REMEMBERED), k)
        iou = paired_iou(ends[earlier], starts[k])
        if iou.max(initial=0.0) < _MOVING_IOU:
            continue
        apart = start_frame[k] - end_frame[earlier]
        same = (iou >= _STANDING_IOU) | ((iou >= _MOVING_IOU) & (apart >= 0) & (apart <= gap))
        if same.any():
            thing[k] = thing[earlier][np.argmax(np.where(same, iou, 0.0))]
    by_chain = np.empty_like(thing)
    by_chain[order] = thing
    return by_chain
