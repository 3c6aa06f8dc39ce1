"""`vbench run` without report rendering against a bare loop over the same clip and model.

python benchmarks/speed/end_to_end.py [--rounds 5] [--seconds 20] [--json FILE]

The bare loop is what an engineer writes first: PyAV with its threads, cv2 letterbox, ONNX Runtime,
numpy decoding, cv2 NMS; no truth, no scoring, nothing stored. Whole calls in turns, one process.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import av
import numpy as np
from footage import PLAIN_720P, clip, make_benchmark
from harness import Table, arguments_of, measure, wall_s
from models import dock
from naive import detect

from vbench.bench.options import RunOptions
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark

LIMIT = 1.25


def bare_loop(path: Path) -> int:
    """Decode, preprocess, infer, postprocess every frame; returns the number of detections."""
    model = dock(2)
    infer = model.alone()
    n_found = 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for picture in container.decode(stream):
            image = np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)
            n_found += len(detect(model, infer, image))
    return n_found


def main() -> None:
    """Measure and print the table."""
    parser = arguments_of(__doc__, rounds=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the clip")
    arguments = parser.parse_args()
    path = clip(PLAIN_720P, arguments.seconds)
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as name:
        folder = Path(name)
        benchmark = make_benchmark(folder, arguments.seconds)

        def run() -> None:
            with tempfile.TemporaryDirectory(dir=folder) as out:
                run_benchmark(
                    benchmark,
                    Path(out) / "run",
                    NoProgress(),
                    options=RunOptions(cache=False),
                    report=False,
                )

        rounds = measure(
            {"bare loop": wall_s(lambda: bare_loop(path)), "vbench run": wall_s(run)},
            arguments.rounds,
        )
    table = Table(f"{arguments.seconds:g} s of 1280x720, dock-v2, whole calls", arguments)
    table.add("bare loop", rounds.values["bare loop"], "s", load=rounds.load)
    table.add("vbench run --no-report", rounds.values["vbench run"], "s")
    ratios = rounds.ratios("vbench run", "bare loop")
    table.add("time of the run / of the loop", ratios, at_most=LIMIT)
    table.finish()


if __name__ == "__main__":
    main()
