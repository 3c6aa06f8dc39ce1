"""A benchmark small enough to run in a second: two clips, replayed results, a constant model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.engines import onnx_models
from tests.video.clips import HEIGHT_PX, WIDTH_PX, write_clip

N_FRAMES = 12
TRUTH_BOX = (10.0, 8.0, 40.0, 56.0)
STRAY_BOX = (60.0, 8.0, 80.0, 30.0)

GOLDEN = """\
schema: vbench.golden/v1
name: dock
version: 1.0.0
taxonomy:
  version: 1
  classes: [{name: person, means: any visible human}, {name: forklift, means: a truck}]
truth_format: vbench
clips:
  - {id: a-day, media: videos/a-day.mp4, truth: truth/a-day.csv, tags: {daypart: day}}
  - {id: b-night, media: videos/b-night.mp4, truth: truth/b-night.csv, tags: {daypart: night}}
"""

REPLAY = """\
schema: vbench.pipeline/v1
name: NAME
version: 1.0.0
classes: {names: [person]}
stages:
  - id: detect
    kind: detector
    engine: {type: replay, format: mot, path: "../results/NAME/{clip}.txt"}
"""

CONSTANT = """\
schema: vbench.pipeline/v1
name: constant
version: 1.0.0
classes: {names: [person, forklift]}
stages:
  - id: detect
    kind: detector
    engine: {type: onnxruntime, model: ../constant.onnx, providers: [cpu], threads: 1}
    input: {size: [96, 64], color: bgr, resize: stretch}
    output: {adapter: boxes, columns: [x1, y1, x2, y2, score, class]}
    post: {score: 0.3}
"""

BENCHMARK = """\
schema: vbench.benchmark/v1
name: dock-release
golden_sets: [golden]
pipelines: [pipelines/v1.yaml, pipelines/v2.yaml]
baseline: v1
slices: [daypart, size]
gates:
  - {metric: recall, class: person, min: 0.9}
  - {metric: recall, class: person, slice: {daypart: night}, min: 0.8}
  - {metric: precision, max_drop: 0.01, versus: baseline}
  - {metric: fp_per_camera_hour, max: 0, level: warn}
"""


def write_small_benchmark(folder: Path) -> Path:
    """Write the benchmark; v1 misses everything at night, v2 finds all and cries wolf once.

    Returns:
        The path of ``benchmark.yaml``.
    """
    for part in ("golden/videos", "golden/truth", "pipelines", "results/v1", "results/v2"):
        (folder / part).mkdir(parents=True)
    (folder / "golden" / "golden.yaml").write_text(GOLDEN)
    for clip in ("a-day", "b-night"):
        write_clip(folder / "golden" / "videos" / f"{clip}.mp4", N_FRAMES)
        write_truth(folder / "golden" / "truth" / f"{clip}.csv")
        for name in ("v1", "v2"):
            frames = range(N_FRAMES) if (name, clip) != ("v1", "b-night") else range(0)
            rows = [mot_row(frame, TRUTH_BOX, 0.9) for frame in frames]
            if (name, clip) == ("v2", "b-night"):
                rows.append(mot_row(3, STRAY_BOX, 0.8, identity=2))
            (folder / "results" / name / f"{clip}.txt").write_text("".join(rows))
    for name in ("v1", "v2"):
        (folder / "pipelines" / f"{name}.yaml").write_text(REPLAY.replace("NAME", name))
    (folder / "pipelines" / "constant.yaml").write_text(CONSTANT)
    write_constant_model(folder / "constant.onnx")
    (folder / "benchmark.yaml").write_text(BENCHMARK)
    return folder / "benchmark.yaml"


def write_truth(path: Path, n_frames: int = N_FRAMES) -> None:
    """One person in every frame."""
    lines = ["frame,class,track_id,x1,y1,x2,y2,ignore,crowd"]
    x1, y1, x2, y2 = TRUTH_BOX
    lines += [f"{frame},person,1,{x1},{y1},{x2},{y2},0,0" for frame in range(n_frames)]
    path.write_text("\n".join(lines) + "\n")


def mot_row(
    frame: int, box: tuple[float, float, float, float], score: float, identity: int = 1
) -> str:
    """A line of a MOT results file (frames count from 1)."""
    x1, y1, x2, y2 = box
    return f"{frame + 1},{identity},{x1},{y1},{x2 - x1},{y2 - y1},{score},-1,-1,-1\n"


def write_constant_model(path: Path) -> None:
    """A model that always finds the truth box as a person."""
    rows = np.array([[[*TRUTH_BOX, 0.9, 0.0], [*STRAY_BOX, 0.1, 1.0]]], np.float32)
    onnx_models.write_constant_model(path, {"boxes": rows}, input_shape=(1, 3, HEIGHT_PX, WIDTH_PX))


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that is in the file exactly once."""
    text = path.read_text()
    assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new))


def set_gates(benchmark: Path, *gates: str) -> None:
    """Gates of the benchmark, in place of those it has."""
    text = benchmark.read_text().partition("gates:")[0]
    benchmark.write_text(text + "gates:\n" + "".join(f"  - {gate}\n" for gate in gates))


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder by its relative path; to see that nothing was touched."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
