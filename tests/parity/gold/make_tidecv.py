"""Writes tidecv.json: what tidecv 1.0.1 says about the made images and about COCO files.

Run with a Python that has tidecv (it is no dependency of vbench), from the repository root:
``python -m tests.parity.gold.make_tidecv [TRUTH.json RESULTS.json]``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.parity.made_images import N_CLASSES, N_IMAGES, error_scene
from tidecv import TIDE  # type: ignore[import-not-found]
from tidecv.data import Data  # type: ignore[import-not-found]

KINDS = {
    "ClassError": "classification",
    "BoxError": "localisation",
    "OtherError": "both",
    "DuplicateError": "duplicate",
    "BackgroundError": "background",
    "MissedError": "missed",
}


def evaluated(truth: Data, found: Data, iou: float) -> dict[str, object]:
    run = TIDE().evaluate(truth, found, pos_threshold=iou)
    costs = {KINDS[kind.__name__]: value / 100.0 for kind, value in run.fix_main_errors().items()}
    counts = {KINDS[kind.__name__]: n for kind, n in run.count_errors().items()}
    return {"iou": iou, "ap": run.ap / 100.0, "cost": costs, "count": counts}


def made(seed: int, iou: float) -> dict[str, object]:
    truth_rows, found_rows = error_scene(seed)
    truth, found = Data("truth"), Data("found")
    for class_id in range(N_CLASSES):
        truth.add_class(class_id, str(class_id))
    for frame in range(N_IMAGES):
        truth.add_image(frame, str(frame))
    for frame, class_id, x1, y1, x2, y2 in truth_rows.tolist():
        truth.add_ground_truth(int(frame), int(class_id), [x1, y1, x2 - x1, y2 - y1])
    for frame, class_id, x1, y1, x2, y2, score in found_rows.tolist():
        found.add_detection(int(frame), int(class_id), score, [x1, y1, x2 - x1, y2 - y1])
    return {"seed": seed, **evaluated(truth, found, iou)}


def coco(truth_path: Path, results_path: Path, iou: float) -> dict[str, object]:
    data = json.loads(truth_path.read_text())
    truth, found = Data("truth"), Data("found")
    for item in data["categories"]:
        truth.add_class(item["id"], item["name"])
    for item in sorted(data["images"], key=lambda image: image["id"]):
        truth.add_image(item["id"], str(item["id"]))
    for item in data["annotations"]:
        add = truth.add_ignore_region if item["iscrowd"] else truth.add_ground_truth
        add(item["image_id"], item["category_id"], item["bbox"])
    for item in json.loads(results_path.read_text()):
        found.add_detection(item["image_id"], item["category_id"], item["score"], item["bbox"])
    return evaluated(truth, found, iou)


def main() -> None:
    gold: dict[str, object] = {
        "made": [made(seed, iou) for seed in range(4) for iou in (0.5, 0.75)],
    }
    if len(sys.argv) == 3:
        gold["coco"] = [coco(Path(sys.argv[1]), Path(sys.argv[2]), iou) for iou in (0.5, 0.75)]
    path = Path(__file__).with_name("tidecv.json")
    path.write_text(json.dumps(gold, indent=1) + "\n")


if __name__ == "__main__":
    main()
