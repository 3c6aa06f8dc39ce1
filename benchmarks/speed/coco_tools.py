"""One tool's COCO evaluation in this process, as one line of JSON (called by evaluation.py).

    python coco_tools.py arrays TOOL FOLDER REPEATS    arrays in memory to the numbers
    python coco_tools.py files TOOL FOLDER             files to the numbers, as a script would

Peers are timed over evaluate and accumulate alone, with their own objects already loaded; vbench
from plain arrays, so with its columns made, checked and indexed, and with the twelve numbers.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from vbench.types.coco import CocoEvaluation

Answer = dict[str, object]


def arrays_vbench(folder: Path, repeats: int, *, strict: bool = False) -> Answer:
    """First call and median of the warm ones."""
    with np.load(folder / "columns.npz") as stored:
        columns = dict(stored)
    before_mb = peak_mb()
    began = time.perf_counter()
    evaluation = _evaluate_columns(columns, strict=strict)
    first_s = time.perf_counter() - began
    warm_s = [
        _timed(lambda: _evaluate_columns(columns, strict=strict)) for _ in range(max(1, repeats))
    ]
    arrays = (evaluation.precision, evaluation.recall, evaluation.scores)
    return {
        "first_s": first_s,
        "warm_s": statistics.median(warm_s),
        "stats": evaluation.stats.values(),
        "digest": digest(*arrays),
        "peak_mb": peak_mb(),
        "arrays_loaded_mb": before_mb,
    }


def _evaluate_columns(columns: dict[str, np.ndarray], *, strict: bool) -> CocoEvaluation:
    from vbench import CocoResults, CocoTruth, evaluate_coco

    truth = CocoTruth.from_columns(
        image_id=columns["truth_image_id"],
        category_id=columns["truth_category_id"],
        boxes_xywh=columns["truth_xywh"],
        image_ids=columns["image_ids"],
        category_ids=columns["category_ids"],
        area_px2=columns["truth_area"],
        crowd=columns["truth_crowd"],
    )
    results = CocoResults(
        columns["image_id"], columns["category_id"], columns["xywh"], columns["scores"]
    )
    return evaluate_coco(truth, results, strict=strict)


def arrays_peer(tool: str, folder: Path, repeats: int) -> Answer:
    """Median over evaluate and accumulate of a peer with pycocotools' interface."""
    dataset, evaluation_type, load_name = peer_types(tool)
    golden = dataset(str(folder / "gt.json"))
    found = getattr(golden, load_name)(str(folder / "dt.json"))
    times_s = []
    for _ in range(repeats):
        evaluation = evaluation_type(golden, found, "bbox")
        began = time.perf_counter()
        evaluation.evaluate()
        evaluation.accumulate()
        times_s.append(time.perf_counter() - began)
    evaluation.summarize()
    arrays = [np.asarray(evaluation.eval[key]) for key in ("precision", "recall", "scores")]
    return {
        "warm_s": statistics.median(times_s),
        "stats": [float(value) for value in evaluation.stats],
        "digest": digest(*arrays),
        "peak_mb": peak_mb(),
    }


def files_peer(tool: str, folder: Path) -> Answer:
    """Read both files, evaluate, summarize; timed from outside as a whole process."""
    dataset, evaluation_type, load_name = peer_types(tool)
    golden = dataset(str(folder / "gt.json"))
    found = getattr(golden, load_name)(str(folder / "dt.json"))
    evaluation = evaluation_type(golden, found, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return {"stats": [float(value) for value in evaluation.stats], "peak_mb": peak_mb()}


def peer_types(tool: str) -> tuple[Any, Any, str]:
    """Data set type, evaluation type, and the name of the method that loads results."""
    module = import_module(tool.replace("-", "_"))
    if tool == "pycocotools":
        dataset = import_module("pycocotools.coco").COCO
        return dataset, import_module("pycocotools.cocoeval").COCOeval, "loadRes"
    if tool == "faster-coco-eval":
        return module.COCO, module.COCOeval_faster, "loadRes"
    return module.COCO, module.COCOeval, "load_res" if tool == "hotcoco" else "loadRes"


def digest(*arrays: np.ndarray) -> str:
    """One hash of the numbers, whatever their order in memory."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array, np.float64).tobytes())
    return found.hexdigest()[:16]


def peak_mb() -> float:
    """Most memory this process ever held, from the kernel (not the parent's, as rusage gives)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def main() -> None:
    """Run one tool; print what it measured."""
    kind, tool, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    with contextlib.redirect_stdout(io.StringIO()):
        if kind == "files":
            answer = files_peer(tool, folder)
        elif tool.startswith("vbench"):
            answer = arrays_vbench(folder, int(sys.argv[4]), strict=tool.endswith("strict"))
        else:
            answer = arrays_peer(tool, folder, int(sys.argv[4]))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
