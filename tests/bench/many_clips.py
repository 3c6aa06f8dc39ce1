"""A benchmark of nine short clips, whose replayed results miss boxes at a known rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.bench.runs import run_quietly
from tests.bench.small import REPLAY, STRAY_BOX, TRUTH_BOX, mot_row, write_truth
from tests.video.clips import write_clip
from vbench.bench.finished import FinishedRun

N_CLIPS, N_FRAMES = 9, 30
CLIPS = tuple(f"clip-{k}" for k in range(N_CLIPS))

_GOLDEN = """\
schema: vbench.golden/v1
name: dock
version: 1.0.0
taxonomy: {version: 1, classes: [{name: person, means: any visible human}]}
truth_format: vbench
clips:
"""
_CLIP = "  - {{id: {clip}, media: a.mp4, truth: a.csv, tags: {{daypart: {daypart}}}}}\n"

BENCHMARK = """\
schema: vbench.benchmark/v1
name: dock-release
golden_sets: [golden]
pipelines: [PIPELINES]
slices: [daypart]
intervals: {resamples: 200}
gates:
  - {metric: recall, min: 0.1}
"""


def write_golden_set(folder: Path) -> None:
    """One person in every frame of every clip; odd clips are at night."""
    (folder / "golden").mkdir(parents=True)
    write_clip(folder / "golden" / "a.mp4", N_FRAMES)
    write_truth(folder / "golden" / "a.csv", N_FRAMES)
    clips = [
        _CLIP.format(clip=clip, daypart="night" if k % 2 else "day") for k, clip in enumerate(CLIPS)
    ]
    (folder / "golden" / "golden.yaml").write_text(_GOLDEN + "".join(clips))


def write_pipeline(
    folder: Path, name: str, recall: float, *, seed: int, stray: float = 0.1
) -> None:
    """A pipeline that finds the person in this share of the frames, more in some clips.

    Pipelines of one seed miss the same frames first, so the better one finds all that the other
    finds.
    """
    rng = np.random.default_rng(seed)
    results = folder / "results" / name
    results.mkdir(parents=True, exist_ok=True)
    (folder / "pipelines").mkdir(exist_ok=True)
    for clip in CLIPS:
        hard = rng.normal(0.0, 0.08)
        found = rng.random(N_FRAMES) < recall + hard
        false = rng.random(N_FRAMES) < stray
        rows = [mot_row(int(k), TRUTH_BOX, 0.9) for k in np.flatnonzero(found)]
        rows += [mot_row(int(k), STRAY_BOX, 0.8, identity=2) for k in np.flatnonzero(false)]
        (results / f"{clip}.txt").write_text("".join(rows))
    (folder / "pipelines" / f"{name}.yaml").write_text(REPLAY.replace("NAME", name))


def run_pipelines(folder: Path, out: Path, *names: str) -> FinishedRun:
    """Run the benchmark with these pipelines."""
    files = ", ".join(f"pipelines/{name}.yaml" for name in names)
    (folder / "benchmark.yaml").write_text(BENCHMARK.replace("PIPELINES", files))
    return run_quietly(folder, out)
