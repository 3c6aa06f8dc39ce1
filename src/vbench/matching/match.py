"""The match table of one clip, by the COCO rule."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vbench.errors import InputError
from vbench.types import COCO_IOU_THRESHOLDS, F64, I32, I64, Bool, Clip, Detections, Matches, Truth

MatchRule = Literal["coco", "voc", "voc_inclusive"]
"""``voc`` is Pascal VOC's rule, ``voc_inclusive`` with its pixel convention: corners are pixels
that belong to the box, so a side is x2 - x1 + 1 long."""

IGNORE_REGION_SHARE = 0.5
"""A box is inside an ignore region when at least this share of its area is."""


def iou_thresholds_with(operating_iou: float) -> F64:
    """(T,) the COCO thresholds, and the operating IoU where it is none of them; ascending."""
    if np.any(np.abs(COCO_IOU_THRESHOLDS - operating_iou) < 1e-9):
        return COCO_IOU_THRESHOLDS.copy()
    return np.sort(np.append(COCO_IOU_THRESHOLDS, operating_iou))


def match_clip(
    clip: Clip, detections: Detections, iou_thresholds: F64, rule: MatchRule = "coco"
) -> Matches:
    """Match all stored detections of a clip with its truth, per frame and class.

    Detections choose in score order, so those above any score threshold were matched as if the
    rest were not there: one table serves every operating point, per class thresholds included.

    Truth counts unless it is marked ignore or crowd, its frame is not annotated, or at least half
    of its area is inside one ignore region. A detection is ignored when it was matched with
    truth that does not count; when its frame is not annotated; or when it was matched with none
    and its class is not exhaustive or at least half of its area is inside one ignore region.
    A box without area is inside no region. COCO's area ranges play no part here.

    Args:
        clip: the clip with its truth.
        detections: everything the pipeline stored for this clip.
        iou_thresholds: (T,) ascending, in (0, 1].
        rule: every number of a run comes from the COCO rule; the others are for comparisons with
            Pascal VOC, where truth that does not count is "difficult" and crowds do not exist.

    Raises:
        InputError: a detection that no truth can be compared with (not finite, negative size,
            frame or class outside the clip).
    """
    # Kernels are imported where they are called: to read what is known takes no compiler.
    _check_detections(clip, detections)
    truth = clip.truth
    truth_counts = (
        ~truth.ignore
        & ~truth.crowd
        & clip.annotated[truth.frame_index]
        & ~_inside_ignore_region(clip, truth.boxes_xyxy)
    )
    n_classes = len(clip.exhaustive)
    detection_order, detection_group = _group_order(
        detections.frame_index * n_classes + detections.class_id
    )
    truth_order, truth_group = _truth_order(truth, truth_counts, n_classes)
    # Copies, so that read-only arrays do not make numba compile once more.
    columns = (
        detection_group,
        detections.boxes_xyxy[detection_order],
        truth_group,
        truth.boxes_xyxy[truth_order],
        ~truth_counts[truth_order],
    )
    if not len(detections):
        # Truth alone is looked up too, and takes no compiler.
        shape = (len(iou_thresholds), 0)
        matched, matched_iou = np.zeros(shape, np.int32), np.zeros(shape)
    elif rule == "coco":
        from vbench.kernels.match import match_greedy

        matched, matched_iou = match_greedy(
            *columns, truth.crowd[truth_order], iou_thresholds.copy()
        )
    else:
        from vbench.kernels.voc import match_voc

        matched, matched_iou = match_voc(*columns, rule == "voc_inclusive", iou_thresholds.copy())
    truth_index = np.full_like(matched, -1)
    iou = np.zeros_like(matched_iou)
    # Rows back in stored order; the appended -1 is what an unmatched detection looks up.
    stored_row = np.append(truth_order, -1).astype(np.int32)
    truth_index[:, detection_order] = stored_row[matched]
    iou[:, detection_order] = matched_iou
    return Matches(
        iou_thresholds=iou_thresholds,
        truth_index=truth_index,
        iou=iou,
        ignored=_ignored(clip, detections, truth_index, truth_counts),
        truth_counts=truth_counts,
    )


def _group_order(group: I64) -> tuple[I64, I64]:
    """Stable order by group, and the groups in that order."""
    order = np.argsort(group, kind="stable")
    return order, group[order]


def _truth_order(truth: Truth, counts: Bool, n_classes: int) -> tuple[I64, I64]:
    """Order by frame and class with boxes that do not count last, and the groups so ordered."""
    group = truth.frame_index * n_classes + truth.class_id
    order = np.lexsort((~counts, group))
    return order, group[order]


def never_false(clip: Clip, detections: Detections) -> Bool:
    """(N,) detections that are no false positive even where they match no truth."""
    never: Bool = (
        ~clip.exhaustive[detections.class_id]
        | _inside_ignore_region(clip, detections.boxes_xyxy)
        | ~clip.annotated[detections.frame_index]
    )
    return never


def _ignored(clip: Clip, detections: Detections, truth_index: I32, truth_counts: Bool) -> Bool:
    """(T, N) detections that count neither as true nor as false positive."""
    # Truth of a frame that is not annotated does not count. Unmatched detections look up the
    # appended value: their fate is decided apart.
    matched_ignored = np.append(~truth_counts, False)[truth_index]
    ignored: Bool = matched_ignored | ((truth_index < 0) & never_false(clip, detections))
    return ignored


def _inside_ignore_region(clip: Clip, boxes_xyxy: F64) -> Bool:
    """(N,) boxes with at least `IGNORE_REGION_SHARE` of their area inside one ignore region."""
    from vbench.kernels.polygon import overlap_area

    inside = np.zeros(len(boxes_xyxy), np.bool_)
    area = np.prod(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], axis=1)
    for polygon in clip.ignore_regions:
        inside |= overlap_area(boxes_xyxy, polygon) >= IGNORE_REGION_SHARE * area
    inside &= area > 0.0
    return inside


def _check_detections(clip: Clip, detections: Detections) -> None:
    """Raise InputError for the first detection that cannot be compared with truth."""
    boxes = detections.boxes_xyxy
    complaints = (
        (~np.isfinite(detections.scores), "its score is not a finite number"),
        (~np.isfinite(boxes).all(axis=1), "its box is not finite"),
        ((boxes[:, 2:] < boxes[:, :2]).any(axis=1), "its box has a negative size"),
        (
            (detections.frame_index < 0) | (detections.frame_index >= clip.facts.n_frames),
            f"its frame is outside the clip's {clip.facts.n_frames} frames",
        ),
        (
            (detections.class_id < 0) | (detections.class_id >= len(clip.exhaustive)),
            f"its class is outside the taxonomy's {len(clip.exhaustive)} classes",
        ),
    )
    for bad, complaint in complaints:
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(
                f"detection {row} cannot be matched: {complaint}",
                where=f"clip {clip.id}, frame {detections.frame_index[row]}",
                hint="correct the pipeline's output or the results file",
            )
