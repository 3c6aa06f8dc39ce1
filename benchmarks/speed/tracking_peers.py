"""One tool's tracking evaluation, timed in this process; started by tracking.py.

Prints JSON: the time of the first call, the median of the warm ones, and the numbers it got.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]
Numbers = dict[str, float]
Evaluate = Callable[[], Numbers]


def vbench(truth: Rows, results: Rows, _n_frames: int) -> Evaluate:
    """Whole call from the arrays, checks included."""
    from vbench import evaluate_mot

    def evaluate() -> Numbers:
        stats = evaluate_mot(truth, results).as_dict()
        return {name: float(value) for name, value in stats.items() if value is not None}

    return evaluate


def trackeval(truth: Rows, results: Rows, n_frames: int) -> Evaluate:
    """IoU matrices and the three metrics; ids are numbered and frames split beforehand."""
    from trackeval.datasets._base_dataset import _BaseDataset  # type: ignore[import-not-found]
    from trackeval.metrics import CLEAR, HOTA, Identity  # type: ignore[import-not-found]

    left, right = _numbered(truth), _numbered(results)
    data = {
        "num_timesteps": n_frames,
        "num_gt_ids": int(left[:, 1].max()) + 1,
        "num_tracker_ids": int(right[:, 1].max()) + 1,
        "num_gt_dets": len(left),
        "num_tracker_dets": len(right),
        "gt_ids": [rows[:, 1].astype(np.int64) for rows in _frames(left, n_frames)],
        "tracker_ids": [rows[:, 1].astype(np.int64) for rows in _frames(right, n_frames)],
    }
    left_boxes = [rows[:, 2:6].copy() for rows in _frames(left, n_frames)]
    right_boxes = [rows[:, 2:6].copy() for rows in _frames(right, n_frames)]
    metrics = CLEAR({"PRINT_CONFIG": False}), Identity({"PRINT_CONFIG": False}), HOTA()

    def evaluate() -> Numbers:
        data["similarity_scores"] = [
            _BaseDataset._calculate_box_ious(a, b)
            for a, b in zip(left_boxes, right_boxes, strict=True)
        ]
        clear, identity, hota = (metric.eval_sequence(data) for metric in metrics)
        counts = {"TP": "CLR_TP", "FP": "CLR_FP", "FN": "CLR_FN", "FM": "Frag"}
        return {
            **{ours: float(clear[theirs]) for ours, theirs in counts.items()},
            **{name: float(clear[name]) for name in ("IDSW", "MT", "PT", "ML", "MOTA")},
            "MOTP": 1.0 - float(clear["MOTP"]),
            **{name: float(identity[name]) for name in ("IDF1", "IDP", "IDR")},
            **{name: float(np.mean(hota[name])) for name in ("HOTA", "DetA", "AssA", "LocA")},
        }

    return evaluate


def motrics(truth: Rows, results: Rows, n_frames: int) -> Evaluate:
    """Its `evaluate`; frames are split beforehand."""
    import motrics as tool  # type: ignore[import-not-found]

    def side(rows: Rows) -> tuple[list[list[int]], list[Rows]]:
        frames = _frames(rows, n_frames)
        ids = [frame[:, 1].astype(np.int64).tolist() for frame in frames]
        return ids, [np.hstack([f[:, 2:4], f[:, 2:4] + f[:, 4:6]]) for f in frames]

    left, right = tool.Frames(*side(truth)), tool.Frames(*side(results))

    def evaluate() -> Numbers:
        result = tool.evaluate(left, right)
        clear, identity, hota = result.clear, result.identity, result.hota
        return {
            "TP": clear.num_matches,
            "FP": clear.num_false_positives,
            "FN": clear.num_misses,
            "IDSW": clear.num_switches,
            "MOTA": clear.mota,
            "MOTP": 1.0 - clear.motp,
            "IDF1": identity.idf1,
            "IDP": identity.idp,
            "IDR": identity.idr,
            "HOTA": hota.hota,
            "DetA": hota.deta,
            "AssA": hota.assa,
            "LocA": hota.loca,
        }

    return evaluate


def motmetrics(truth: Rows, results: Rows, n_frames: int) -> Evaluate:
    """CLEAR and identity only (it has no HOTA), on IoU distances of our own in NumPy."""
    import motmetrics as tool

    names = {
        "TP": "num_detections",
        "FP": "num_false_positives",
        "FN": "num_misses",
        "IDSW": "num_switches",
        "FM": "num_fragmentations",
        "MT": "mostly_tracked",
        "PT": "partially_tracked",
        "ML": "mostly_lost",
        **{name.upper(): name for name in ("mota", "motp", "idf1", "idp", "idr")},
    }
    left, right = _frames(truth, n_frames), _frames(results, n_frames)

    def evaluate() -> Numbers:
        accumulator = tool.MOTAccumulator(auto_id=True)
        for a, b in zip(left, right, strict=True):
            distance = 1.0 - _iou(a[:, 2:6], b[:, 2:6])
            distance[distance > 0.5] = np.nan
            accumulator.update(a[:, 1].astype(np.int64), b[:, 1].astype(np.int64), distance)
        found = tool.metrics.create().compute(accumulator, metrics=list(names.values()))
        return {ours: float(found[theirs].iloc[0]) for ours, theirs in names.items()}

    return evaluate


TOOLS = {"vbench": vbench, "trackeval": trackeval, "motrics": motrics, "motmetrics": motmetrics}


def _numbered(rows: Rows) -> Rows:
    numbered = rows.copy()
    numbered[:, 1] = np.unique(rows[:, 1], return_inverse=True)[1]
    return numbered


def _frames(rows: Rows, n_frames: int) -> list[Rows]:
    start = np.searchsorted(rows[:, 0], np.arange(1, n_frames + 2))
    return [rows[first:last] for first, last in itertools.pairwise(start)]


def _iou(a: Rows, b: Rows) -> Rows:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum((a[:, :2] + a[:, 2:])[:, None], (b[:, :2] + b[:, 2:])[None])
    inter = np.maximum(high - low, 0.0).prod(axis=2)
    area = a[:, 2:].prod(axis=1)[:, None] + b[:, 2:].prod(axis=1)[None]
    return np.asarray(inter / (area - inter), np.float64)


def main() -> None:
    """Time one tool: TOOL DATA.npz REPEATS."""
    tool, path, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    with np.load(path) as data:
        truth, results, n_frames = data["truth"], data["results"], int(data["n_frames"])
    began = time.perf_counter()
    evaluate = TOOLS[tool](truth, results, n_frames)
    ready = time.perf_counter()
    numbers = evaluate()
    first_s = time.perf_counter() - ready
    times_s = []
    for _ in range(repeats):
        start = time.perf_counter()
        evaluate()
        times_s.append(time.perf_counter() - start)
    warm_s = statistics.median(times_s)
    print(
        json.dumps(
            {
                "prepare_s": ready - began,
                "first_s": first_s,
                "warm_s": warm_s,
                "numbers": numbers,
            }
        )
    )


if __name__ == "__main__":
    main()
