"""Records that cannot be evaluated, refused by record and field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.errors import InputError
from vbench.metrics.coco.cells import index_of
from vbench.types import F64, I64, Bool
from vbench.types.coco import CocoResults, CocoTruth

_JSON_FIELDS = {
    "image_ids": ("images", "id"),
    "category_ids": ("categories", "id"),
    "annotation_id": ("annotations", "id"),
    "boxes_xywh": ("annotations", "bbox"),
    "area_px2": ("annotations", "area"),
    "image_id": ("annotations", "image_id"),
    "category_id": ("annotations", "category_id"),
    "scores": ("", "score"),
}


@dataclass(frozen=True, slots=True)
class _Table:
    """Whose columns are checked, and what a message calls them."""

    name: str
    source: str

    def place(self, column: str, row: int) -> str:
        """``GT.json: annotations[3].bbox``, or ``truth.boxes_xywh[3]`` without a file."""
        if not self.source:
            return f"{self.name}.{column}[{row}]"
        section, field = _JSON_FIELDS[column]
        return f"{self.source}: {section if self.name == 'truth' else ''}[{row}].{field}"

    def refuse(
        self, wrong: Bool, column: str, values: np.ndarray, complaint: str, hint: str
    ) -> None:
        """Raise InputError for the first record that is marked."""
        if wrong.any():
            row = int(np.argmax(wrong))
            text = np.array2string(values[row], separator=", ")
            raise InputError(f"{text} {complaint}", where=self.place(column, row), hint=hint)


def check_truth(truth: CocoTruth) -> None:
    """Raise InputError for the first annotation that cannot be evaluated."""
    table = _Table("truth", truth.source)
    if not len(truth.image_ids):
        raise InputError(
            "the truth has no images",
            where=f"{truth.source}: images" if truth.source else "truth.image_ids",
            hint="list every image that was searched, also those without annotations",
        )
    _refuse_twice(table, "image_ids", truth.image_ids)
    _refuse_twice(table, "category_ids", truth.category_ids)
    _refuse_twice(table, "annotation_id", truth.annotation_id)
    _check_boxes(table, truth.boxes_xywh)
    area = truth.area_px2
    if len(area) and not (area.min() >= 0.0 and area.max() < np.inf):
        wrong = np.logical_not((area >= 0.0) & (area < np.inf))
        table.refuse(wrong, "area_px2", area, "is no area", "give square pixels, or leave it out")


def check_results(results: CocoResults, *, strict: bool) -> None:
    """Raise InputError for the first detection that cannot be evaluated.

    Strict evaluation takes any score, NaN too, as pycocotools does.
    """
    table = _Table("results", results.source)
    _check_boxes(table, results.boxes_xywh)
    scores = results.scores
    if strict or not len(scores) or (scores.min() >= 0.0 and scores.max() <= 1.0):
        return
    wrong = np.logical_not((scores >= 0.0) & (scores <= 1.0))
    hint = "divide percentages by 100, put logits through a sigmoid"
    if np.isnan(scores[wrong][0]):
        hint = "remove the record, or find out why the model gave it"
    table.refuse(wrong, "scores", scores, "is no score from 0 to 1", hint)


def refuse_unknown(truth: CocoTruth, results: CocoResults, *, strict: bool) -> None:
    """Raise InputError for the first record of an image or category that the truth does not list.

    Strict evaluation leaves such records out, as pycocotools does; it too refuses detections in
    unknown images.
    """
    of_results = _Table("results", results.source)
    hint = "do truth and results belong together?"
    _refuse_unknown(of_results, "image_id", results.image_id, truth.image_ids, hint)
    if strict:
        return
    _refuse_unknown(of_results, "category_id", results.category_id, truth.category_ids, hint)
    of_truth = _Table("truth", truth.source)
    hint = "list every image and category that annotations are of"
    _refuse_unknown(of_truth, "image_id", truth.image_id, truth.image_ids, hint)
    _refuse_unknown(of_truth, "category_id", truth.category_id, truth.category_ids, hint)


def _check_boxes(table: _Table, boxes_xywh: F64) -> None:
    if not len(boxes_xywh):
        return
    if not (boxes_xywh.min() > -np.inf and boxes_xywh.max() < np.inf):
        wrong = np.any(~np.isfinite(boxes_xywh), axis=1)
        table.refuse(wrong, "boxes_xywh", boxes_xywh, "is not finite", "correct the box")
    if boxes_xywh[:, 2:].min() < 0.0:
        negative = np.any(boxes_xywh[:, 2:] < 0.0, axis=1)
        hint = "boxes are [x, y, width, height] with x, y the top left corner"
        table.refuse(negative, "boxes_xywh", boxes_xywh, "has a negative size", hint)


def _refuse_unknown(table: _Table, column: str, ids: I64, known: I64, hint: str) -> None:
    kind = "image" if column == "image_id" else "category"
    wrong = index_of(ids, np.unique(known)) < 0
    table.refuse(wrong, column, ids, f"is the id of no {kind} of the truth", hint)


def _refuse_twice(table: _Table, column: str, ids: I64) -> None:
    if bool((ids[1:] > ids[:-1]).all()):
        return
    _, first = np.unique(ids, return_index=True)
    again = np.ones(len(ids), np.bool_)
    again[first] = False
    table.refuse(again, column, ids, "is given twice", "an id is one record")
