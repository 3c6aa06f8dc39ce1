"""From a detector's raw output to the boxes that stay: filter, decode, NMS; against numpy and cv2.

python benchmarks/speed/postprocess.py [--rounds 100] [--json FILE] [--require-quiet]

The table is that of a YOLOv8 export on 80 classes, 84 x 8400. Every way gets the same array and
must keep the same anchors, to the bit. vbench also looks for NaN and infinity in all of it; the
others do not. The ways take turns in stretches of calls, as frames of one video come; then in
single calls, so that each finds the caches full of the others' data. Times are processor time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import cv2
import numpy as np
from harness import Rounds, Table, arguments_of, cpu_s, measure

from vbench.config.output_entries import YoloV8Output
from vbench.config.post_entry import NmsEntry, PostEntry
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.yolo_v8 import YoloV8Adapter
from vbench.pipeline.detections import best_rows
from vbench.types import F32, I64

N_CLASSES = 80
N_ANCHORS = 8400
N_ANCHORS_PER_OBJECT = 25
SIZE = (640, 640)
IOU_THRESHOLD = 0.6
TOP_K = 300
SCENES = ((8, 0.25), (60, 0.25))
"""Objects and score floor."""
STRETCHES = (20, 1)
"""Calls of a way before it is another one's turn."""
WANTED_RATIO = 6.0
"""On the first scene, in long stretches, against the ways that are mostly written."""

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


def repeated(run: Callable[[F32], Found], output: F32, n_calls: int) -> None:
    """So many calls, one after the other."""
    for _ in range(n_calls):
        run(output)


def timed(output: F32, floor: float, n_calls: int, n_rounds: int) -> Rounds:
    """Seconds of every way for `n_calls` calls, in turns."""
    runs = ways(floor)
    return measure(
        {name: cpu_s(partial(repeated, run, output, n_calls)) for name, run in runs.items()},
        n_rounds,
        n_warm=3,
    )


def main() -> None:
    """Measure and print the table."""
    arguments = arguments_of(__doc__, rounds=100).parse_args()
    cv2.setNumThreads(1)
    table = Table("Postprocessing", arguments)
    for scene, (n_objects, floor) in enumerate(SCENES):
        output = output_of(n_objects)
        n_candidates = int((output[0, 4:].max(axis=0) >= floor).sum())
        answers = {name: run(output) for name, run in ways(floor).items()}
        others = [name for name in answers if not same(answers[name], answers["vbench"])]
        if others:
            raise SystemExit(f"other boxes than vbench: {', '.join(others)}")
        for n_calls in STRETCHES:
            rounds = timed(output, floor, n_calls, arguments.rounds)
            turn = "a call" if n_calls == 1 else f"{n_calls} calls"
            what = f"{n_candidates:,} candidates, {turn} a turn"
            a_call_us = [1e6 * value / n_calls for value in rounds.values["vbench"]]
            table.add(f"{what}: vbench", a_call_us, "us", load=rounds.load)
            for name in answers:
                if name != "vbench":
                    wanted = scene == 0 and n_calls > 1 and "argmax" in name
                    table.add(
                        f"{what}: {name}",
                        rounds.ratios(name, "vbench"),
                        "times",
                        at_least=WANTED_RATIO if wanted else None,
                    )
    table.finish()


if __name__ == "__main__":
    main()
