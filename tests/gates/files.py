"""Benchmark files with gates, and what their benchmark can measure."""

from __future__ import annotations

from pathlib import Path

from vbench.config.benchmark_file import BenchmarkFile, read_benchmark_file
from vbench.config.model_file import ModelFile
from vbench.gates.measurable import Measurable, Reach

BOXES = ("daypart", "weather", "size", "occluded")
SHARE = Reach(True, ("daypart", "size"), lowest=0.0, highest=1.0, better="higher")

KNOWN = Measurable(
    metrics={
        "recall": Reach(True, BOXES, lowest=0.0, highest=1.0, better="higher"),
        "precision": SHARE,
        "ap50": SHARE,
        "frame_accuracy": Reach(True, ("daypart", "weather"), 0.0, 1.0, "higher"),
        "frame_recall": Reach(True, ("daypart", "weather"), 0.0, 1.0, "higher"),
        "mota": Reach(True, ("daypart",), highest=1.0, better="higher"),
        "hota": SHARE,
        "idf1": SHARE,
        "fp_per_frame": Reach(True, ("daypart", "size"), lowest=0.0, better="lower"),
        "alerts_per_camera_hour": Reach(True, ("daypart",), lowest=0.0, better="neither"),
        "latency_ms_p95": Reach(False, ("stage",), lowest=0.0, better="lower"),
        "latency_ms_p99": Reach(False, ("stage",), lowest=0.0, better="lower"),
        "throughput_fps": Reach(False, (), lowest=0.0, better="higher"),
    },
    classes=("person", "forklift"),
    slices={
        "daypart": ("day", "night"),
        "weather": ("dry", "rain"),
        "occluded": ("true",),
        "size": ("small", "large"),
        "stage": ("detect.infer",),
    },
    clip_tags=(
        (("daypart", "day"), ("weather", "dry")),
        (("daypart", "night"), ("weather", "dry")),
        (("daypart", "day"), ("weather", "rain")),
    ),
    clips={"dock1": "dock", "yard1": "yard"},
    golden_sets=("dock", "yard"),
    pipelines=("v1", "v2"),
)


def write(folder: Path, gates: str, before: str = "baseline: v1") -> Path:
    """A benchmark with gates from line 7 on; `before` is its line 5."""
    path = folder / "benchmark.yaml"
    path.write_text(
        "schema: vbench.benchmark/v1\nname: x\ngolden_sets: [g]\npipelines: [p]\n"
        f"{before}\ngates:\n{gates}\n"
    )
    return path


def read(folder: Path, gates: str, before: str = "baseline: v1") -> ModelFile[BenchmarkFile]:
    return read_benchmark_file(write(folder, gates, before))
