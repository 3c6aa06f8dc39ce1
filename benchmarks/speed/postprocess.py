"""From a detector's raw output to the boxes that stay: filter, decode, NMS; against numpy and cv2.

python benchmarks/speed/postprocess.py [--rounds 300] [--json FILE]

The table is that of a YOLOv8 export on 80 classes, 84 x 8400. Every way gets the same array and
must keep the same anchors. The ways take turns; a ratio is of two times of the same round.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from machine import ForeignLoad, describe_machine

from vbench.config.output_entries import YoloV8Output
from vbench.config.post_entry import NmsEntry, PostEntry
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.yolo_v8 import YoloV8Adapter
from vbench.pipeline.detections import best_rows
from vbench.types import F32, F64, I64

N_CLASSES = 80
N_ANCHORS = 8400
N_ANCHORS_PER_OBJECT = 25
SIZE = (640, 640)
IOU_THRESHOLD = 0.6
TOP_K = 300
SCENES = ((8, 0.25), (60, 0.25))
"""Objects and score floor."""
WANTED_RATIO = 6.0
"""On the first scene."""

Found: TypeAlias = tuple[F32, F32, I64]
"""(N, 4) xyxy px, scores and classes."""
FilterTable: TypeAlias = Callable[[F32, float], Found]
Suppress: TypeAlias = Callable[[F32, F32, I64, float], I64]


def output_of(n_objects: int) -> F32:
    """(1, 84, 8400) weak noise, and around each object some anchors that have found it."""
    random = np.random.default_rng(0)
    output = np.empty((1, 4 + N_CLASSES, N_ANCHORS), np.float32)
    table = output[0]
    table[:2] = random.uniform(0, SIZE[0], (2, N_ANCHORS))
    table[2:4] = random.uniform(10, 90, (2, N_ANCHORS))
    table[4:] = 0.2 * random.random((N_CLASSES, N_ANCHORS), np.float32) ** 30
    for _ in range(n_objects):
        anchors = random.choice(N_ANCHORS, N_ANCHORS_PER_OBJECT, replace=False)
        box = np.concatenate([random.uniform(0, 600, 2), random.uniform(20, 140, 2)])
        table[:4, anchors] = box[:, None] + random.normal(0, 3, (4, N_ANCHORS_PER_OBJECT))
        scores = random.uniform(0.3, 0.9, N_ANCHORS_PER_OBJECT)
        table[4 + random.integers(N_CLASSES), anchors] = scores
    return output


def ours(floor: float) -> Callable[[F32], Found]:
    """What a pipeline runs: the adapter and the detector's last step, checks included."""
    entry = YoloV8Output.model_validate({"adapter": "yolo_v8"})
    adapter = YoloV8Adapter(entry, ModelFacts(N_CLASSES, SIZE, "postprocess.py"))
    post = PostEntry(score=floor, floor=floor, nms=NmsEntry(iou=IOU_THRESHOLD), top_k=TOP_K)

    def run(output: F32) -> Found:
        found = adapter.decode([output], post.stored_from)
        kept = found.take(best_rows(post, found.boxes_xyxy, found.scores, found.class_index))
        return kept.boxes_xyxy, kept.scores, kept.class_index

    return run


def peer(filter_table: FilterTable, suppress: Suppress, floor: float) -> Callable[[F32], Found]:
    """A filter and an NMS put together, best first, at most `TOP_K`."""

    def run(output: F32) -> Found:
        boxes_xyxy, scores, class_index = filter_table(output[0], floor)
        rows = suppress(boxes_xyxy, scores, class_index, floor)[:TOP_K]
        return boxes_xyxy[rows], scores[rows], class_index[rows]

    return run


def argmax_filter(table: F32, floor: float) -> Found:
    """As it is mostly written: the class of every anchor, then the anchors above the floor."""
    class_scores = table[4:]
    class_index = class_scores.argmax(axis=0)
    scores = class_scores[class_index, np.arange(table.shape[1])]
    strong = np.flatnonzero(scores >= floor)
    return corners(table[:4, strong]), scores[strong], class_index[strong]


def max_filter(table: F32, floor: float) -> Found:
    """As numpy does it fastest: the class of the anchors above the floor alone."""
    class_scores = table[4:]
    best = class_scores.max(axis=0)
    strong = np.flatnonzero(best >= floor)
    return corners(table[:4, strong]), best[strong], class_scores[:, strong].argmax(axis=0)


def corners(boxes_cxcywh: F32) -> F32:
    """(N, 4) corner boxes from (4, N)."""
    half = boxes_cxcywh[2:] / np.float32(2)
    return np.concatenate([boxes_cxcywh[:2] - half, boxes_cxcywh[:2] + half]).T


def numpy_nms(boxes_xyxy: F32, scores: F32, class_index: I64, _floor: float) -> I64:
    """Greedy, the boxes of each class moved where no other class is."""
    moved = boxes_xyxy.astype(np.float64) + 4096.0 * class_index[:, None]
    low, high = moved[:, :2], moved[:, 2:]
    area = np.prod(high - low, axis=1)
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order):
        first, rest = order[0], order[1:]
        kept.append(first)
        side = np.minimum(high[first], high[rest]) - np.maximum(low[first], low[rest])
        common = np.prod(np.maximum(side, 0.0), axis=1)
        order = rest[common / (area[first] + area[rest] - common) <= IOU_THRESHOLD]
    return np.array(kept, np.int64)


def cv2_nms(boxes_xyxy: F32, scores: F32, class_index: I64, floor: float) -> I64:
    """cv2.dnn.NMSBoxesBatched, with lists: it takes arrays more slowly."""
    boxes_xywh = np.concatenate([boxes_xyxy[:, :2], boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]], axis=1)
    rows = cv2.dnn.NMSBoxesBatched(
        boxes_xywh.tolist(), scores.tolist(), class_index.tolist(), floor, IOU_THRESHOLD
    )
    return np.asarray(rows, np.int64).ravel()


def cv2_nms_boxes(boxes_xyxy: F32, scores: F32, class_index: I64, floor: float) -> I64:
    """cv2.dnn.NMSBoxes, class by class."""
    boxes_xywh = np.concatenate([boxes_xyxy[:, :2], boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]], axis=1)
    kept = []
    for label in np.unique(class_index):
        rows = np.flatnonzero(class_index == label)
        found = cv2.dnn.NMSBoxes(
            boxes_xywh[rows].tolist(), scores[rows].tolist(), floor, IOU_THRESHOLD
        )
        kept.append(rows[np.asarray(found, np.int64)])
    every = np.concatenate(kept) if kept else np.empty(0, np.int64)
    return every[np.argsort(-scores[every], kind="stable")]


def ways(floor: float) -> dict[str, Callable[[F32], Found]]:
    """Every way, ours first."""
    return {
        "vbench": ours(floor),
        "numpy argmax, numpy NMS": peer(argmax_filter, numpy_nms, floor),
        "numpy argmax, NMSBoxesBatched": peer(argmax_filter, cv2_nms, floor),
        "numpy argmax, NMSBoxes a class": peer(argmax_filter, cv2_nms_boxes, floor),
        "numpy max, numpy NMS": peer(max_filter, numpy_nms, floor),
        "numpy max, NMSBoxesBatched": peer(max_filter, cv2_nms, floor),
    }


def same(found: Found, expected: Found) -> bool:
    """Whether two answers are equal to the bit."""
    return all(np.array_equal(found[k], expected[k]) for k in range(3))


def measure(output: F32, floor: float, rounds: int) -> tuple[dict[str, F64], dict[str, Found]]:
    """Microseconds of each round, and the answer, of every way."""
    runs = {name: partial(run, output) for name, run in ways(floor).items()}
    answers = {name: run() for name, run in runs.items()}  # compiles, or loads what was compiled
    times_us: dict[str, F64] = {name: np.empty(rounds) for name in runs}
    for k in range(rounds):
        for name, run in runs.items():
            began_ns = time.perf_counter_ns()
            run()
            times_us[name][k] = (time.perf_counter_ns() - began_ns) / 1000
    return times_us, answers


def quartiles(values: F64) -> str:
    """``97 (96 .. 99)``."""
    low, middle, high = np.percentile(values, (25, 50, 75))
    digits = 0 if middle >= 50 else 1
    return f"{middle:,.{digits}f} ({low:,.{digits}f} .. {high:,.{digits}f})"


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(describe_machine())
    load = ForeignLoad()
    table: dict[str, dict[str, dict[str, float]]] = {}
    for n_objects, floor in SCENES:
        output = output_of(n_objects)
        n_candidates = int((output[0, 4:].max(axis=0) >= floor).sum())
        times_us, answers = measure(output, floor, arguments.rounds)
        scene = f"{n_objects} objects from {floor}: {n_candidates:,} candidates"
        print(f"  {scene}, {len(answers['vbench'][1])} kept; median (quartiles)")
        table[scene] = {}
        for name, values in times_us.items():
            ratio = values / times_us["vbench"]
            equal = "equal" if same(answers[name], answers["vbench"]) else "OTHER BOXES"
            print(f"    {name:31} us {quartiles(values):24} times {quartiles(ratio):20} {equal}")
            table[scene][name] = {
                "us": float(np.median(values)),
                "times": float(np.median(ratio)),
            }
    rivals = {name: row["times"] for name, row in next(iter(table.values())).items()}
    lowest = min(rivals[name] for name in rivals if "argmax" in name)
    verdict = "met" if lowest >= WANTED_RATIO else "MISSED"
    print(f"  at least {WANTED_RATIO:g} times against numpy argmax, first scene: {verdict}")
    print(f"  {load.text()}")
    if arguments.json:
        figures = {"machine": describe_machine(), "table": table, "load": load.text()}
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
