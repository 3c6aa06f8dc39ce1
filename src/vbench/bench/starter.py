"""A starter folder that runs at once."""

from __future__ import annotations

import shutil
from pathlib import Path

from vbench.bench.golden import synthesize
from vbench.bench.progress import Progress
from vbench.bench.shipped import shipped_root
from vbench.errors import InputError

SEED = 11
N_CLIPS = 2
DURATION_S = 4.0

_BENCHMARK = """\
# What is tested, with what, and what must hold. Every key: docs/reference/benchmark.md
schema: vbench.benchmark/v1
name: my-benchmark
golden_sets: [golden]
pipelines: [pipelines/dock-v1.yaml, pipelines/dock-v2.yaml]
baseline: dock-v1        # what runs today; the other pipelines are compared with it
matching: {iou: 0.5}
slices: [daypart, camera, size]
gates:
  - {metric: recall, class: person, min: 0.5}
  - {metric: precision, max_drop: 0.05, versus: baseline}
  - {metric: fp_per_camera_hour, max: 20000, level: warn}
"""

_README = """\
# my-benchmark

    vbench run .             # decode, run both pipelines, judge, report
    vbench check .           # only check the files
    vbench golden validate golden

Make it yours, in this order:

1. `golden/`: put your clips into `videos/`, their truth into `truth/`, list both in
   `golden.yaml` with the tags that matter to you (store, daypart, weather, ...); then
   `vbench golden lock golden`.
2. `pipelines/`: one file per pipeline. Yours may be an ONNX model, or another system's results
   (`engine: {type: replay, ...}`).
3. `benchmark.yaml`: the gates that a deployment has to pass.
"""


def write_starter(folder: Path, progress: Progress) -> None:
    """Write a small golden set, two pipelines and a benchmark.

    Raises:
        InputError: the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            "exists and is not an empty folder", where=str(folder), hint="give a new folder"
        )
    shipped = shipped_root() / "benchmarks" / "loading-dock"
    synthesize(folder / "golden", SEED, N_CLIPS, DURATION_S, progress)
    for part in ("pipelines", "models"):
        shutil.copytree(shipped / part, folder / part)
    (folder / "benchmark.yaml").write_text(_BENCHMARK, encoding="utf-8")
    (folder / "README.md").write_text(_README, encoding="utf-8")
