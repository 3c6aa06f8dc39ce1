"""Held-out numbers of an exported detector: AP50, and recall and precision per threshold.

A training-time check with its own few lines of matching; the benchmark's numbers come from vbench.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from dataset import INPUT_WH, PICTURE_WH

NAMES = ("person", "forklift", "pallet")
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
FRAMES_PER_HOUR = 20 * 3600


def detect(
    session: onnxruntime.InferenceSession, picture: np.ndarray, yolox: bool, centred: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return xyxy boxes in picture pixels, scores and classes after class-wise NMS."""
    top = (INPUT_WH[1] - PICTURE_WH[1]) // 2 if centred else 0
    padded = np.full((INPUT_WH[1], INPUT_WH[0], 3), 114, np.float32)
    padded[top : top + PICTURE_WH[1]] = picture
    if not yolox:
        padded = padded[..., ::-1] / 255.0
    feed = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], np.float32)
    (out,) = session.run(None, {"images": feed})
    if yolox:
        rows = out[0]
        points, strides = [], []
        for s in (8, 16, 32):
            grid = np.mgrid[0 : INPUT_WH[1] // s, 0 : INPUT_WH[0] // s]
            points.append(np.stack([grid[1], grid[0]], -1).reshape(-1, 2))
            strides.append(np.full((len(points[-1]), 1), s))
        stride = np.concatenate(strides)
        centre = (rows[:, :2] + np.concatenate(points)) * stride
        size = np.exp(rows[:, 2:4]) * stride
        probability = rows[:, 4:5] * rows[:, 5:]
    else:
        rows = out[0].T
        centre, size, probability = rows[:, :2], rows[:, 2:4], rows[:, 4:]
    scores, labels = probability.max(1), probability.argmax(1)
    keep = scores > 0.01
    boxes = np.concatenate([centre - size / 2, centre + size / 2], 1)[keep]
    boxes[:, [1, 3]] -= top
    scores, labels = scores[keep], labels[keep]
    shifted = boxes + labels[:, None] * 4000
    wh = np.concatenate([shifted[:, :2], shifted[:, 2:] - shifted[:, :2]], 1)
    kept = np.array(cv2.dnn.NMSBoxes(wh.tolist(), scores.tolist(), 0.01, 0.5), int).ravel()
    return boxes[kept], scores[kept], labels[kept]


def iou_table(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.clip(high - low, 0, None).prod(-1)
    areas = (a[:, 2:] - a[:, :2]).prod(-1)[:, None] + (b[:, 2:] - b[:, :2]).prod(-1)[None]
    return inter / (areas - inter + 1e-9)


def match(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> list[tuple[float, bool]]:
    """Return (score, hit) per detection of one class; those on ignored truth are left out."""
    rows, taken = [], np.zeros(len(truth), bool)
    table = iou_table(boxes, truth[:, :4])
    for i in np.argsort(-scores, kind="stable"):
        free = np.where(taken | (truth[:, 5] == 1), 0.0, table[i]) if len(truth) else np.zeros(0)
        if len(free) and free.max() >= 0.5:
            taken[free.argmax()] = True
            rows.append((float(scores[i]), True))
        elif not (len(truth) and (table[i][truth[:, 5] == 1] >= 0.5).any()):
            rows.append((float(scores[i]), False))
    return rows


def average_precision(rows: list[tuple[float, bool]], n_truth: int) -> float:
    order = sorted(rows, key=lambda row: -row[0])
    hits = np.cumsum([hit for _, hit in order])
    precision = hits / np.arange(1, len(order) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    recall = hits / max(n_truth, 1)
    points = np.linspace(0, 1, 101)
    at = np.searchsorted(recall, points)
    return float(np.mean([precision[k] if k < len(precision) else 0.0 for k in at]))


def print_held_out(folder: Path, model: Path, yolox: bool, centred: bool) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
    images = np.load(folder / "images.npy", mmap_mode="r")
    boxes = np.load(folder / "boxes.npy")
    rows = json.loads((folder / "scenes.json").read_text())
    for daypart in ("day", "dusk", "night"):
        chosen = [i for i, row in enumerate(rows) if row == ["held_out", daypart]]
        found: dict[int, list[tuple[float, bool]]] = {k: [] for k in range(3)}
        n_truth = [0, 0, 0]
        for i in chosen:
            xyxy, scores, labels = detect(session, images[i], yolox, centred)
            for k in range(3):
                truth = boxes[i][boxes[i, :, 4] == k]
                n_truth[k] += int((truth[:, 5] == 0).sum())
                mine = labels == k
                found[k] += match(xyxy[mine], scores[mine], truth)
        for k, name in enumerate(NAMES):
            ap = average_precision(found[k], n_truth[k])
            line = [f"{model.stem} {daypart:5} {name:8} n={n_truth[k]:4} AP50 {ap:.3f} |"]
            for threshold in THRESHOLDS:
                kept = [hit for score, hit in found[k] if score >= threshold]
                recall = sum(kept) / max(n_truth[k], 1)
                precision = sum(kept) / max(len(kept), 1)
                wrong = (len(kept) - sum(kept)) / len(chosen)
                line.append(f"{threshold}: R{recall:.2f} P{precision:.2f} {wrong:.2f}/f")
            print(" ".join(line), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--yolox", action="store_true")
    parser.add_argument("--centred", action="store_true")
    a = parser.parse_args()
    print_held_out(a.folder, a.model, a.yolox, a.centred)
