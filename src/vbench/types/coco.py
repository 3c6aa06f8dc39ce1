"""COCO truth, results and evaluation as columns, with COCO's own ids and boxes [x, y, w, h].

Source of the format: https://cocodataset.org/#format-data and #format-results.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vbench.errors import InputError
from vbench.types.arrays import F64, I64, Bool, check_column


@dataclass(frozen=True, slots=True)
class AreaRange:
    """Sizes that one row of the evaluation is about: `low_px2` <= area <= `high_px2`."""

    name: str
    low_px2: float
    high_px2: float


COCO_AREA_RANGES = (
    AreaRange("all", 0.0, 1e10),
    AreaRange("small", 0.0, 32.0**2),
    AreaRange("medium", 32.0**2, 96.0**2),
    AreaRange("large", 96.0**2, 1e10),
)
"""The published ranges; a box of exactly 32 x 32 px is both small and medium."""


@dataclass(frozen=True, slots=True)
class CocoSettings:
    """What pins the meaning of a COCO evaluation. Raises InputError for values that make none."""

    strict: bool = False
    """Give the very numbers of pycocotools 2.0.11, its defects included."""
    iou_thresholds: tuple[float, ...] = tuple(np.linspace(0.5, 0.95, 10).tolist())
    recall_thresholds: tuple[float, ...] = tuple(np.linspace(0.0, 1.0, 101).tolist())
    max_dets: tuple[int, ...] = (1, 10, 100)
    """Detections that count per image and class, best first; ascending."""
    area_ranges: tuple[AreaRange, ...] = COCO_AREA_RANGES

    def __post_init__(self) -> None:
        _check_setting(
            "iou_thresholds",
            bool(self.iou_thresholds) and all(0.0 < t <= 1.0 for t in self.iou_thresholds),
            "give at least one threshold above 0 and up to 1",
        )
        recalls = self.recall_thresholds
        _check_setting(
            "recall_thresholds",
            bool(recalls) and all(0.0 <= r <= 1.0 for r in recalls) and _ascending(recalls),
            "give recalls from 0 to 1 in ascending order",
        )
        _check_setting(
            "max_dets",
            bool(self.max_dets) and self.max_dets[0] >= 1 and _ascending(self.max_dets),
            "give whole numbers from 1 in ascending order",
        )
        names = [item.name for item in self.area_ranges]
        _check_setting(
            "area_ranges",
            bool(names)
            and len(set(names)) == len(names)
            and all(item.low_px2 <= item.high_px2 for item in self.area_ranges),
            "give ranges of different names with low_px2 <= high_px2",
        )


@dataclass(frozen=True, slots=True)
class CocoTruth:
    """M annotations of I images and K categories, in file order."""

    image_ids: I64
    """(I,) every image that is evaluated, also those without annotations; no id twice."""
    category_ids: I64
    """(K,) every category that is evaluated; no id twice."""
    annotation_id: I64
    """(M,) only strict evaluation looks at it: pycocotools takes id 0 for "not matched"."""
    image_id: I64
    """(M,)"""
    category_id: I64
    """(M,)"""
    boxes_xywh: F64
    """(M, 4) px."""
    area_px2: F64
    """(M,) what size ranges go by: the object's area, often less than its box."""
    crowd: Bool
    """(M,) regions that match any number of detections and count none."""
    ignore: Bool
    """(M,) boxes that neither reward nor punish; pycocotools, so strict, overlooks them."""
    source: str = ""
    """The file it was read from, for messages."""

    def __post_init__(self) -> None:
        m = len(self.image_id)
        check_column("CocoTruth", "image_ids", self.image_ids, np.int64, (-1,))
        check_column("CocoTruth", "category_ids", self.category_ids, np.int64, (-1,))
        check_column("CocoTruth", "annotation_id", self.annotation_id, np.int64, (m,))
        check_column("CocoTruth", "image_id", self.image_id, np.int64, (m,))
        check_column("CocoTruth", "category_id", self.category_id, np.int64, (m,))
        check_column("CocoTruth", "boxes_xywh", self.boxes_xywh, np.float64, (m, 4))
        check_column("CocoTruth", "area_px2", self.area_px2, np.float64, (m,))
        check_column("CocoTruth", "crowd", self.crowd, np.bool_, (m,))
        check_column("CocoTruth", "ignore", self.ignore, np.bool_, (m,))

    def __len__(self) -> int:
        return len(self.image_id)

    @classmethod
    def from_columns(
        cls,
        *,
        image_id: I64,
        category_id: I64,
        boxes_xywh: F64,
        image_ids: I64 | None = None,
        category_ids: I64 | None = None,
        annotation_id: I64 | None = None,
        area_px2: F64 | None = None,
        crowd: Bool | None = None,
        ignore: Bool | None = None,
    ) -> CocoTruth:
        """Truth with what is not given derived.

        Images and categories are those of the annotations, ids 1, 2, ..., area the box's,
        nothing crowd or ignored. Give `image_ids` where images without annotations exist:
        detections there count as false.
        """
        m = len(image_id)
        return cls(
            image_ids=np.unique(image_id) if image_ids is None else image_ids,
            category_ids=np.unique(category_id) if category_ids is None else category_ids,
            annotation_id=np.arange(1, m + 1) if annotation_id is None else annotation_id,
            image_id=image_id,
            category_id=category_id,
            boxes_xywh=boxes_xywh,
            area_px2=boxes_xywh[:, 2] * boxes_xywh[:, 3] if area_px2 is None else area_px2,
            crowd=np.zeros(m, np.bool_) if crowd is None else crowd,
            ignore=np.zeros(m, np.bool_) if ignore is None else ignore,
        )


@dataclass(frozen=True, slots=True)
class CocoResults:
    """N detections in file order, which decides between equal scores."""

    image_id: I64
    """(N,)"""
    category_id: I64
    """(N,)"""
    boxes_xywh: F64
    """(N, 4) px."""
    scores: F64
    """(N,) 0 to 1; strict evaluation takes any number."""
    source: str = ""
    """The file it was read from, for messages."""

    def __post_init__(self) -> None:
        n = len(self.image_id)
        check_column("CocoResults", "image_id", self.image_id, np.int64, (n,))
        check_column("CocoResults", "category_id", self.category_id, np.int64, (n,))
        check_column("CocoResults", "boxes_xywh", self.boxes_xywh, np.float64, (n, 4))
        check_column("CocoResults", "scores", self.scores, np.float64, (n,))

    def __len__(self) -> int:
        return len(self.image_id)


@dataclass(frozen=True, slots=True)
class CocoStat:
    """One of the summary numbers; `value` is None, with the reason, where it is undefined.

    A strict evaluation gives -1 there, as pycocotools does.
    """

    name: str
    value: float | None
    reason: str
    """Why there is no value; empty where there is one."""


@dataclass(frozen=True, slots=True)
class CocoStats:
    """The summary numbers in pycocotools' order, looked up by name: ``stats["AP50"]``."""

    items: tuple[CocoStat, ...]

    def __getitem__(self, name: str) -> float | None:
        """The value of one number; raises KeyError for a name that is not there."""
        for item in self.items:
            if item.name == name:
                return item.value
        raise KeyError(name)

    def values(self) -> tuple[float | None, ...]:
        """All values in order."""
        return tuple(item.value for item in self.items)

    def as_dict(self) -> dict[str, float | None]:
        """Value by name, as the JSON output has them."""
        return {item.name: item.value for item in self.items}


@dataclass(frozen=True, slots=True)
class CocoEvaluation:
    """Everything a COCO evaluation gives.

    T IoU thresholds, R recalls, K categories, A area ranges, M limits of detections per image and
    class. Arrays may be views of another memory order.
    """

    settings: CocoSettings
    category_ids: I64
    """(K,) ascending."""
    n_truth: I64
    """(K, A) annotations that count: neither crowd nor ignored, within the range."""
    precision: F64
    """(T, R, K, A, M) highest precision at that recall or above; -1 without truth."""
    recall: F64
    """(T, K, A, M) recall reached; -1 without truth."""
    scores: F64
    """(T, R, K, A, M) score at which that recall is reached, 0 where never; -1 without truth."""
    stats: CocoStats

    def __post_init__(self) -> None:
        settings = self.settings
        t, r = len(settings.iou_thresholds), len(settings.recall_thresholds)
        k, a, m = len(self.category_ids), len(settings.area_ranges), len(settings.max_dets)
        check_column("CocoEvaluation", "category_ids", self.category_ids, np.int64, (k,))
        check_column("CocoEvaluation", "n_truth", self.n_truth, np.int64, (k, a))
        check_column("CocoEvaluation", "precision", self.precision, np.float64, (t, r, k, a, m))
        check_column("CocoEvaluation", "recall", self.recall, np.float64, (t, k, a, m))
        check_column("CocoEvaluation", "scores", self.scores, np.float64, (t, r, k, a, m))


def _ascending(values: tuple[float, ...] | tuple[int, ...]) -> bool:
    return all(a < b for a, b in pairwise(values))


def _check_setting(name: str, fits: bool, hint: str) -> None:
    if not fits:
        raise InputError("makes no COCO evaluation", where=f"CocoSettings.{name}", hint=hint)
