"""Footage for the speed benchmarks: the shipped golden set enlarged and looped by ffmpeg.

Clips are encoded by the ffmpeg program, as golden videos usually are; encoding through PyAV gives
other slices and flatter threading.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from vbench.bench.golden import lock_golden_set
from vbench.bench.progress import NoProgress
from vbench.bench.shipped import shipped_root

CLIP = "dock1-day"
"""A shipped clip with objects most of the time."""

_GOLDEN = """\
schema: vbench.golden/v1
name: speed
version: 1.0.0
taxonomy:
  version: 1
  classes: [{{name: person}}, {{name: forklift}}, {{name: pallet}}]
truth_format: vbench
clips:
  - {{id: clip, media: clip.mp4, truth: clip.csv, tags: {{daypart: day}}}}
"""

_BENCHMARK = """\
schema: vbench.benchmark/v1
name: speed
golden_sets: [golden]
pipelines: [{pipeline}]
slices: [daypart, size]
gates: [{{metric: recall, min: 0.1}}]
"""


def require_ffmpeg() -> None:
    """Exit with a clear word where the ffmpeg program is missing."""
    if shutil.which("ffmpeg") is None:
        sys.exit("this benchmark needs the ffmpeg program: apt-get install ffmpeg")


def make_benchmark(folder: Path, duration_s: float, size: tuple[int, int]) -> Path:
    """Write a benchmark of one looped clip of about `duration_s` seconds and the dock-v2 pipeline.

    Truth is looped and enlarged with the clip. Returns the path of ``benchmark.yaml``.
    """
    require_ffmpeg()
    root = shipped_root()
    shipped = root / "golden_sets" / "loading-dock"
    source = shipped / "videos" / f"{CLIP}.mp4"
    golden = folder / "golden"
    golden.mkdir(parents=True)
    width, height = size
    subprocess.run(
        ["ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", str(source), "-t", f"{duration_s}",
         "-vf", f"scale={width}:{height}", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23",
         "-pix_fmt", "yuv420p", str(golden / "clip.mp4")],
        check=True,
    )  # fmt: skip
    n_frames = _n_frames(golden / "clip.mp4")
    _loop_truth(shipped / "truth" / f"{CLIP}.csv", golden / "clip.csv", n_frames, width / 640)
    (golden / "golden.yaml").write_text(_GOLDEN.format())
    lock_golden_set(golden, NoProgress())
    pipeline = root / "benchmarks" / "loading-dock" / "pipelines" / "dock-v2.yaml"
    (folder / "benchmark.yaml").write_text(_BENCHMARK.format(pipeline=pipeline))
    return folder / "benchmark.yaml"


def _n_frames(path: Path) -> int:
    answer = subprocess.run(
        ["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v:0",
         "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return int(answer.stdout.strip().rstrip(","))


def _loop_truth(source: Path, target: Path, n_frames: int, scale: float) -> None:
    header, *rows = source.read_text().splitlines()
    loop = max(int(row.split(",", 1)[0]) for row in rows) + 1
    lines = [header]
    for start in range(0, n_frames, loop):
        for row in rows:
            frame, name, track, x1, y1, x2, y2, *rest = row.split(",")
            if start + int(frame) >= n_frames:
                continue
            box = [f"{float(value) * scale:.2f}" for value in (x1, y1, x2, y2)]
            lines.append(",".join([str(start + int(frame)), name, track, *box, *rest]))
    target.write_text("\n".join(lines) + "\n")
