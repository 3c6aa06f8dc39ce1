"""Average precision equals pycocotools and published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tests.metrics.scenes import Rows, clip, evaluate, golden_set, point
from tests.parity.files import coco, padilla, xyxy
from vbench.types import F64, Detections, Truth


def random_images(seed: int, n_images: int, n_classes: int) -> tuple[Truth, Detections]:
    """Jittered copies of the truth and plain noise; scores of two digits, so that many tie."""
    rng = np.random.default_rng(seed)
    m = n_images * 6
    frame = np.sort(rng.integers(0, n_images, m))
    box = np.round(np.concatenate([rng.uniform(0, 300, (m, 2)), rng.uniform(8, 150, (m, 2))], 1), 1)
    class_id = rng.integers(0, n_classes, m)
    crowd = rng.random(m) < 0.08
    truth = Truth(
        frame_index=frame,
        boxes_xyxy=xyxy(box),
        class_id=class_id,
        track_id=np.full(m, -1, np.int64),
        ignore=np.zeros(m, np.bool_),
        crowd=crowd,
    )
    copied = rng.integers(0, m, 2 * m)
    jitter = rng.normal(0, 0.08, (2 * m, 4)) * np.tile(box[copied, 2:], 2)
    copies = np.round(np.maximum(box[copied] + jitter, 1.0), 1)
    noise = np.round(rng.uniform(5, 200, (m, 4)), 1)
    wrong = rng.random(2 * m) < 0.1
    found = Detections.sorted_from(
        frame_index=np.concatenate([frame[copied], rng.integers(0, n_images, m)]),
        boxes_xyxy=xyxy(np.concatenate([copies, noise])),
        scores=np.round(rng.random(3 * m), 2),
        class_id=np.concatenate(
            [np.where(wrong, 0, class_id[copied]), rng.integers(0, n_classes, m)]
        ),
        track_id=np.full(3 * m, -1, np.int64),
    )
    return truth, found


def xywh(boxes_xyxy: F64) -> list[list[float]]:
    rows: list[list[float]] = np.concatenate(
        [boxes_xyxy[:, :2], boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]], axis=1
    ).tolist()
    return rows


def reference(truth: Truth, found: Detections, n_images: int, n_classes: int) -> COCOeval:
    """pycocotools on the same boxes; ids start at 1, because 0 means unmatched there."""
    boxes = xywh(truth.boxes_xyxy)
    golden = COCO()
    golden.dataset = {
        "info": {},
        "images": [{"id": k + 1} for k in range(n_images)],
        "categories": [{"id": k + 1, "name": str(k)} for k in range(n_classes)],
        "annotations": [
            {
                "id": k + 1,
                "image_id": int(truth.frame_index[k]) + 1,
                "category_id": int(truth.class_id[k]) + 1,
                "bbox": boxes[k],
                "area": boxes[k][2] * boxes[k][3],
                "iscrowd": int(truth.crowd[k]),
            }
            for k in range(len(truth))
        ],
    }
    golden.createIndex()
    results = [
        {
            "image_id": int(found.frame_index[k]) + 1,
            "category_id": int(found.class_id[k]) + 1,
            "bbox": box,
            "score": float(found.scores[k]),
        }
        for k, box in enumerate(xywh(found.boxes_xyxy))
    ]
    evaluation = COCOeval(golden, golden.loadRes(results), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation


def evaluated(truth: Truth, found: Detections, n_images: int, names: list[str]) -> Rows:
    one = clip(truth, n_frames=n_images, exhaustive=[True] * len(names))
    return evaluate(
        golden_set(one, classes=names), [found], point(*[0.3] * len(names), classes=names)
    )


@pytest.mark.parametrize("seed", range(4))
def test_equals_pycocotools(seed: int) -> None:
    names = ["a", "b", "c", "nobody"]
    truth, found = random_images(seed, n_images=12, n_classes=3)
    rows = evaluated(truth, found, 12, names)
    expected = reference(truth, found, 12, len(names))
    ours = [rows.value(name) for name in ("ap", "ap50", "ap75")]
    assert ours == pytest.approx(expected.stats[:3].tolist(), abs=1e-9)
    per_class = expected.eval["precision"][:, :, :, 0, 2].mean(axis=(0, 1))
    for name, value in zip(names[:3], per_class, strict=False):
        assert rows.value("ap", name) == pytest.approx(float(value), abs=1e-9)
    assert per_class[3] == -1.0
    assert rows.get("ap", "nobody").value is None


@pytest.mark.real
def test_published_coco_numbers(real_data: Path) -> None:
    folder = real_data / "coco-fakebbox100"
    truth, found, n_images, names = coco(
        folder / "gt_coco100.json", folder / "instances_val2014_fakebbox100_results.json"
    )
    rows = evaluated(truth, found, n_images, names)
    assert rows.value("ap") == pytest.approx(0.503647, abs=1e-6)
    assert rows.value("ap50") == pytest.approx(0.696973, abs=1e-6)
    assert rows.value("ap75") == pytest.approx(0.571667, abs=1e-6)


@pytest.mark.real
@pytest.mark.parametrize(("iou", "tp", "fp"), [(0.5, 11, 1), (0.75, 8, 4)])
def test_published_toy_numbers(real_data: Path, iou: float, tp: int, fp: int) -> None:
    truth, found, n_images, names = padilla(real_data / "padilla-toy")
    one = clip(truth, n_frames=n_images, exhaustive=[True] * len(names))
    golden = golden_set(one, classes=names)
    rows = evaluate(golden, [found], point(*[0.0] * len(names), iou=iou, classes=names))
    assert (rows.value("tp"), rows.value("fp")) == (tp, fp)
