"""Public benchmark files read in the plainest way, for comparison only."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from vbench.types import F64, Detections, Truth


def xyxy(xywh: F64) -> F64:
    return np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)


def unmarked_truth(frame_index: F64, boxes_xyxy: F64, class_id: F64, track_id: F64) -> Truth:
    order = np.argsort(frame_index, kind="stable")
    m = len(order)
    return Truth(
        frame_index=frame_index[order].astype(np.int64),
        boxes_xyxy=boxes_xyxy[order],
        class_id=class_id[order].astype(np.int64),
        track_id=track_id[order].astype(np.int64),
        ignore=np.zeros(m, np.bool_),
        crowd=np.zeros(m, np.bool_),
    )


def mot_truth(path: Path) -> Truth:
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    return unmarked_truth(rows[:, 0] - 1, xyxy(rows[:, 2:6]), np.zeros(len(rows)), rows[:, 1])


def mot_detections(path: Path) -> Detections:
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    return Detections.sorted_from(
        frame_index=rows[:, 0].astype(np.int64) - 1,
        boxes_xyxy=xyxy(rows[:, 2:6]),
        scores=rows[:, 6].copy(),
        class_id=np.zeros(len(rows), np.int64),
        track_id=rows[:, 1].astype(np.int64),
    )


def coco(truth_path: Path, results_path: Path) -> tuple[Truth, Detections, int, list[str]]:
    """Truth, detections, how many images, class names; frames are images by ascending id."""
    data = json.loads(truth_path.read_text())
    results = json.loads(results_path.read_text())
    image = {key: k for k, key in enumerate(sorted(item["id"] for item in data["images"]))}
    categories = sorted(data["categories"], key=lambda item: item["id"])
    class_id = {item["id"]: k for k, item in enumerate(categories)}

    def columns(rows: list[dict[str, object]]) -> tuple[F64, F64, F64]:
        return (
            np.array([image[row["image_id"]] for row in rows], np.float64),
            xyxy(np.array([row["bbox"] for row in rows], np.float64)),
            np.array([class_id[row["category_id"]] for row in rows], np.float64),
        )

    frame, boxes, classes = columns(data["annotations"])
    truth = unmarked_truth(frame, boxes, classes, np.full(len(frame), -1.0))
    frame, boxes, classes = columns(results)
    found = Detections.sorted_from(
        frame_index=frame.astype(np.int64),
        boxes_xyxy=boxes,
        scores=np.array([row["score"] for row in results], np.float64),
        class_id=classes.astype(np.int64),
        track_id=np.full(len(results), -1, np.int64),
    )
    return truth, found, len(image), [item["name"] for item in categories]


def padilla(folder: Path) -> tuple[Truth, Detections, int, list[str]]:
    """The toy example of review_object_detection_metrics; frames are its images by name."""
    truth_files = sorted((folder / "gts_vocpascal_format").glob("*.xml"))
    names: list[str] = []
    truth_rows: list[tuple[int, list[float], str]] = []
    found_rows: list[tuple[int, list[float], str, float]] = []
    for frame, path in enumerate(truth_files):
        for item in ElementTree.parse(path).getroot().iter("object"):
            box = item.find("bndbox")
            assert box is not None
            corners = [float(box.findtext(key, "")) for key in ("xmin", "ymin", "xmax", "ymax")]
            truth_rows.append((frame, corners, item.findtext("name", "")))
        results = folder / "dets_classname_abs_xywh" / f"{path.stem}.txt"
        for line in results.read_text().split("\n"):
            if line.strip():
                name, score, *xywh = line.split()
                corners = xyxy(np.array([xywh], np.float64))[0].tolist()
                found_rows.append((frame, corners, name, float(score)))
    names = sorted({row[2] for row in truth_rows} | {row[2] for row in found_rows})
    truth = unmarked_truth(
        np.array([row[0] for row in truth_rows], np.float64),
        np.array([row[1] for row in truth_rows], np.float64),
        np.array([names.index(row[2]) for row in truth_rows], np.float64),
        np.full(len(truth_rows), -1.0),
    )
    found = Detections.sorted_from(
        frame_index=np.array([row[0] for row in found_rows], np.int64),
        boxes_xyxy=np.array([row[1] for row in found_rows], np.float64),
        scores=np.array([row[3] for row in found_rows], np.float64),
        class_id=np.array([names.index(row[2]) for row in found_rows], np.int64),
        track_id=np.full(len(found_rows), -1, np.int64),
    )
    return truth, found, len(truth_files), names
