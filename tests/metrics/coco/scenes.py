"""Made COCO columns: many ties, crowd, empty images, boxes without area, sparse ids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vbench.types import F64, I64
from vbench.types.coco import CocoResults, CocoTruth


def scene(
    seed: int,
    *,
    n_images: int = 12,
    n_classes: int = 3,
    n_truth: int = 70,
    n_found: int = 260,
    first_annotation_id: int = 1,
    score_digits: int = 2,
) -> tuple[CocoTruth, CocoResults]:
    """Jittered copies of the truth and noise; a sixth of the copies of another class."""
    rng = np.random.default_rng(seed)
    image_ids = np.sort(rng.choice(np.arange(1, 40 * n_images), n_images, replace=False))
    category_ids = np.sort(rng.choice(np.arange(1, 9 * n_classes), n_classes, replace=False))
    corner = rng.integers(0, 200, (n_truth, 2))
    size = np.round(np.exp(rng.normal(3.6, 1.0, (n_truth, 2))))
    size[rng.random(n_truth) < 0.04] = 0.0
    box = np.concatenate([corner, size], axis=1)
    truth = CocoTruth(
        image_ids=image_ids,
        category_ids=category_ids,
        annotation_id=rng.permutation(n_truth) + first_annotation_id,
        image_id=rng.choice(image_ids[: max(1, n_images - 2)], n_truth),
        category_id=rng.choice(category_ids, n_truth),
        boxes_xywh=box,
        area_px2=np.round(box[:, 2] * box[:, 3] * rng.choice([0.6, 1.0], n_truth), 1),
        crowd=rng.random(n_truth) < 0.1,
        ignore=np.zeros(n_truth, np.bool_),
    )
    source = rng.integers(0, n_truth, n_found) if n_truth else np.zeros(0, np.int64)
    noise = rng.random(n_found) < 0.3
    jitter = np.round(rng.normal(0, 0.1, (n_found, 4)) * np.tile(box[source, 2:], 2), 1)
    found = np.where(noise[:, None], _noise(rng, n_found), box[source] + jitter)
    found[:, 2:] = np.maximum(found[:, 2:], 0.0)
    results = CocoResults(
        image_id=np.where(noise, rng.choice(image_ids, n_found), truth.image_id[source]),
        category_id=np.where(
            rng.random(n_found) < 1 / 6,
            rng.choice(category_ids, n_found),
            truth.category_id[source],
        ),
        boxes_xywh=found,
        scores=np.round(rng.random(n_found), score_digits),
    )
    return truth, results


def one_image(
    boxes: list[list[float]], found: list[list[float]], scores: list[float]
) -> tuple[CocoTruth, CocoResults]:
    """One image, one class; boxes [x, y, width, height]."""
    truth = CocoTruth.from_columns(
        image_id=ones(len(boxes)),
        category_id=ones(len(boxes)),
        boxes_xywh=columns(boxes),
        image_ids=ones(1),
        category_ids=ones(1),
    )
    results = CocoResults(
        ones(len(found)), ones(len(found)), columns(found), np.array(scores, np.float64)
    )
    return truth, results


def without_results(truth: CocoTruth, results: CocoResults) -> tuple[CocoTruth, CocoResults]:
    """The same truth with nothing found."""
    return truth, replace(
        results,
        image_id=results.image_id[:0],
        category_id=results.category_id[:0],
        boxes_xywh=results.boxes_xywh[:0],
        scores=results.scores[:0],
    )


def ones(n: int) -> I64:
    return np.ones(n, np.int64)


def columns(boxes: list[list[float]]) -> F64:
    return np.array(boxes, np.float64).reshape(-1, 4)


def _noise(rng: np.random.Generator, n: int) -> F64:
    corner = rng.integers(0, 200, (n, 2))
    box: F64 = np.concatenate([corner, np.round(np.exp(rng.normal(3.6, 1.0, (n, 2))))], axis=1)
    return box
