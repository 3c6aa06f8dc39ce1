"""The match table of one clip and pipeline: every accuracy number comes from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vbench.types.arrays import F64, Bool, check_column

I32 = npt.NDArray[np.int32]

COCO_IOU_THRESHOLDS: F64 = np.linspace(0.5, 0.95, 10)
"""0.50, 0.55, ..., 0.95 (Lin et al. 2014), the very floats of pycocotools."""
COCO_IOU_THRESHOLDS.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Matches:
    """Which detection was matched with which truth box at each IoU threshold (COCO rule).

    T thresholds, N detections and M truth boxes of one clip; rows follow `Detections` and `Truth`.
    """

    iou_thresholds: F64
    """(T,) ascending."""
    truth_index: I32
    """(T, N) row of the matched truth box, -1 where there is none."""
    iou: F64
    """(T, N) IoU of the matched pair, 0 where there is none."""
    ignored: Bool
    """(T, N) detections that count neither as true nor as false positive."""
    truth_counts: Bool
    """(M,) truth boxes that can be found or missed: not ignored, not crowd, frame annotated."""

    def __post_init__(self) -> None:
        t = len(self.iou_thresholds)
        check_column("Matches", "iou_thresholds", self.iou_thresholds, np.float64, (t,))
        check_column("Matches", "truth_index", self.truth_index, np.int32, (t, -1))
        shape = self.truth_index.shape
        check_column("Matches", "iou", self.iou, np.float64, shape)
        check_column("Matches", "ignored", self.ignored, np.bool_, shape)
        check_column("Matches", "truth_counts", self.truth_counts, np.bool_, (-1,))
        if np.any(np.diff(self.iou_thresholds) <= 0):
            raise ValueError("Matches.iou_thresholds: not ascending")

    def row(self, iou_threshold: float) -> int:
        """Index of a threshold; raises KeyError where the table lacks it."""
        found = np.flatnonzero(np.abs(self.iou_thresholds - iou_threshold) < 1e-9)
        if not len(found):
            raise KeyError(iou_threshold)
        return int(found[0])
