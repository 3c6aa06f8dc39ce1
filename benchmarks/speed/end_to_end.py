"""`vbench run` without report rendering against a bare loop over the same clip and model.

The bare loop is what an engineer writes first: PyAV, cv2 letterbox, ONNX Runtime, numpy decoding,
cv2 NMS; no truth, no scoring, nothing stored. Both run in this process, interleaved.

    python benchmarks/speed/end_to_end.py [--rounds 5] [--seconds 20] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import av
import cv2
import numpy as np
import onnxruntime
from footage import make_benchmark
from machine import ForeignLoad, describe_machine

from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.bench.shipped import shipped_root

MODEL = Path("benchmarks/loading-dock/models/dock-v2.onnx")
INPUT_WIDTH, INPUT_HEIGHT = 384, 224
SCORE_FLOOR, NMS_IOU = 0.01, 0.5
LIMIT = 1.25


def bare_loop(clip: Path) -> int:
    """Decode, preprocess, infer, postprocess every frame; returns the number of detections."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(shipped_root() / MODEL), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    n_found = 0
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for picture in container.decode(stream):
            image = picture.to_ndarray(format="bgr24")
            tensor, ratio, left, top = _letterbox(image)
            (output,) = session.run(None, {name: tensor})
            n_found += len(_boxes(output[0], ratio, left, top))
    return n_found


def _letterbox(image: np.ndarray) -> tuple[np.ndarray, float, int, int]:
    height, width = image.shape[:2]
    ratio = min(INPUT_WIDTH / width, INPUT_HEIGHT / height)
    size = round(width * ratio), round(height * ratio)
    canvas = np.full((INPUT_HEIGHT, INPUT_WIDTH, 3), 114, np.uint8)
    left, top = (INPUT_WIDTH - size[0]) // 2, (INPUT_HEIGHT - size[1]) // 2
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(image, size)
    tensor = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
    return np.ascontiguousarray(tensor), ratio, left, top


def _boxes(output: np.ndarray, ratio: float, left: int, top: int) -> np.ndarray:
    scores = output[4:].max(axis=0)
    classes = output[4:].argmax(axis=0)
    keep = scores >= SCORE_FLOOR
    cx, cy, w, h = output[:4, keep]
    x, y = (cx - w / 2 - left) / ratio, (cy - h / 2 - top) / ratio
    boxes = np.stack([x, y, w / ratio, h / ratio], axis=1)
    chosen = cv2.dnn.NMSBoxesBatched(
        boxes.tolist(), scores[keep].tolist(), classes[keep].tolist(), SCORE_FLOOR, NMS_IOU
    )
    return boxes[np.array(chosen, np.int64)]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the clip")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        benchmark = make_benchmark(folder, arguments.seconds, (1280, 720))
        clip = folder / "golden" / "clip.mp4"
        # Once each, not counted: kernels, libraries and the page cache get warm.
        bare_loop(clip)
        run_benchmark(benchmark, folder / "warm", NoProgress(), report=False)
        load = ForeignLoad()
        bare_s, vbench_s = [], []
        for number in range(arguments.rounds):
            began = time.perf_counter()
            bare_loop(clip)
            middle = time.perf_counter()
            run_benchmark(benchmark, folder / f"run{number}", NoProgress(), report=False)
            bare_s.append(middle - began)
            vbench_s.append(time.perf_counter() - middle)
    ratios = [b / a for a, b in zip(bare_s, vbench_s, strict=True)]
    result = {
        "machine": describe_machine(),
        "load": load.text(),
        "clip": f"{arguments.seconds:g} s, 1280x720",
        "bare_loop_s": bare_s,
        "vbench_run_s": vbench_s,
        "ratio": ratios,
        "limit": LIMIT,
    }
    print(f"{result['machine']}; {result['load']}")
    print(f"clip {result['clip']}, {arguments.rounds} interleaved rounds; median (min .. max)")
    for label, values in (("bare loop", bare_s), ("vbench run", vbench_s)):
        print(f"  {label:<12}{_spread(values)} s")
    print(f"  {'ratio':<12}{_spread(ratios)}   (at most {LIMIT})")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):6.2f} ({min(values):.2f} .. {max(values):.2f})"


if __name__ == "__main__":
    main()
