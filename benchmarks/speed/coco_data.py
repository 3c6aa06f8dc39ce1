"""Synthetic COCO truth and results for the speed harness, as columns and as files.

Jittered copies of the truth (most boxes found, some twice, some of another class) and false boxes.
Scores have four decimals, so that many tie; two percent of the truth is crowd.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vbench.types import F64, I64
from vbench.types.coco import CocoResults, CocoTruth

WIDTH_PX, HEIGHT_PX = 1280, 720
_FOUND, _TWICE, _OTHER_CLASS, _CROWD = 0.85, 0.15, 0.08, 0.02
_BOX_NOISE = 0.08


@dataclass(frozen=True)
class Size:
    """How much there is of what."""

    n_images: int
    n_truth: int
    """Per image, on average."""
    n_found: int
    n_classes: int

    def text(self) -> str:
        """``5,000 images, 10 truth and 30 detections each, 5 classes``."""
        return (
            f"{self.n_images:,} images, {self.n_truth} truth and {self.n_found} detections each, "
            f"{self.n_classes} classes"
        )


SIZES = {"A": Size(5_000, 10, 30, 5), "B": Size(5_000, 10, 100, 80), "C": Size(50_000, 10, 30, 5)}


def make_coco(size: Size, seed: int = 1) -> tuple[CocoTruth, CocoResults]:
    """The columns; the same for the same seed."""
    rng = np.random.default_rng(seed)
    image_id = np.repeat(np.arange(1, size.n_images + 1), rng.poisson(size.n_truth, size.n_images))
    m = len(image_id)
    box = _boxes(rng, m)
    category_id = rng.integers(1, size.n_classes + 1, m)
    truth = CocoTruth.from_columns(
        image_id=image_id,
        category_id=category_id,
        boxes_xywh=box,
        image_ids=np.arange(1, size.n_images + 1),
        category_ids=np.arange(1, size.n_classes + 1),
        area_px2=np.round(box[:, 2] * box[:, 3], 4),
        crowd=rng.random(m) < _CROWD,
    )
    copied = np.concatenate([np.flatnonzero(rng.random(m) < share) for share in (_FOUND, _TWICE)])
    copy = box[copied] + rng.normal(0, _BOX_NOISE, (len(copied), 4)) * np.tile(box[copied, 2:], 2)
    copy[:, 2:] = np.maximum(copy[:, 2:], 2.0)
    wrong = rng.random(len(copied)) < _OTHER_CLASS
    n_false = max(0, size.n_found * size.n_images - len(copied))
    columns = (
        np.concatenate([image_id[copied], rng.integers(1, size.n_images + 1, n_false)]),
        np.concatenate(
            [
                np.where(wrong, _classes(rng, size, len(copied)), category_id[copied]),
                _classes(rng, size, n_false),
            ]
        ),
        np.round(np.concatenate([copy, _boxes(rng, n_false)]), 2),
        np.round(np.concatenate([rng.beta(4, 2, len(copied)), rng.beta(1, 5, n_false)]), 4),
    )
    order = np.lexsort((rng.random(len(columns[0])), columns[0]))
    found, classes, boxes, scores = (column[order] for column in columns)
    return truth, CocoResults(found, classes, boxes, scores)


def save(folder: Path, truth: CocoTruth, results: CocoResults) -> None:
    """Columns as ``columns.npz``, files as ``gt.json`` and ``dt.json``."""
    np.savez(
        folder / "columns.npz",
        image_ids=truth.image_ids,
        category_ids=truth.category_ids,
        truth_image_id=truth.image_id,
        truth_category_id=truth.category_id,
        truth_xywh=truth.boxes_xywh,
        truth_area=truth.area_px2,
        truth_crowd=truth.crowd,
        image_id=results.image_id,
        category_id=results.category_id,
        xywh=results.boxes_xywh,
        scores=results.scores,
    )
    notes = [
        {"id": k + 1, "image_id": i, "category_id": c, "bbox": box, "area": area, "iscrowd": crowd}
        for k, (i, c, box, area, crowd) in enumerate(
            zip(
                truth.image_id.tolist(),
                truth.category_id.tolist(),
                truth.boxes_xywh.tolist(),
                truth.area_px2.tolist(),
                truth.crowd.astype(int).tolist(),
                strict=True,
            )
        )
    ]
    images = [
        {"id": k, "width": WIDTH_PX, "height": HEIGHT_PX, "file_name": f"{k:06d}.jpg"}
        for k in truth.image_ids.tolist()
    ]
    categories = [{"id": k, "name": f"class {k}"} for k in truth.category_ids.tolist()]
    document = {"info": {}, "images": images, "categories": categories, "annotations": notes}
    (folder / "gt.json").write_text(json.dumps(document))
    rows = [
        {"image_id": i, "category_id": c, "bbox": box, "score": score}
        for i, c, box, score in zip(
            results.image_id.tolist(),
            results.category_id.tolist(),
            results.boxes_xywh.tolist(),
            results.scores.tolist(),
            strict=True,
        )
    ]
    (folder / "dt.json").write_text(json.dumps(rows))


def _boxes(rng: np.random.Generator, n: int) -> F64:
    """(n, 4) xywh inside the image, sides from 6 to 500 px, mostly around 55."""
    side = np.exp(rng.normal(4.0, 0.8, (n, 2))).clip(6, 500)
    corner = rng.random((n, 2)) * (np.array([WIDTH_PX, HEIGHT_PX]) - side)
    return np.round(np.concatenate([corner, side], axis=1), 2)


def _classes(rng: np.random.Generator, size: Size, n: int) -> I64:
    return rng.integers(1, size.n_classes + 1, n)
