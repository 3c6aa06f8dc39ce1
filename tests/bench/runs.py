"""Running the small benchmark in tests, and finding rows in what came out."""

from __future__ import annotations

import json
from pathlib import Path

from vbench.bench.finished import FinishedRun
from vbench.bench.options import Measure, RunOptions
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.record.folder import RunFolder
from vbench.types import GateResult, Metric, Run, Slice

TIMING_NAMES = ("latency_ms_p50", "latency_ms_p95", "latency_ms_p99", "throughput_fps")


class RecordingProgress(NoProgress):
    """Keeps the clips that were begun, the frames that were counted and the notes."""

    def __init__(self) -> None:
        self.clips: list[str] = []
        self.notes: list[str] = []

    def clip(self, clip: str) -> None:
        self.clips.append(clip)

    def note(self, text: str) -> None:
        self.notes.append(text)


def run_quietly(
    benchmark: Path, out: Path, *, allow_damaged: bool = False, measure: Measure = "sample"
) -> FinishedRun:
    """Run without reports and without the cache."""
    options = RunOptions(allow_damaged=allow_damaged, measure=measure, cache=False)
    return run_benchmark(benchmark, out, NoProgress(), options=options, report=False)


def metric(
    run: Run,
    name: str,
    pipeline: str,
    *,
    golden_set: str = "dock",
    class_name: str | None = None,
    clip: str | None = None,
    slice_: Slice = (),
) -> Metric:
    """The one row with this key."""
    wanted = (name, pipeline, golden_set, class_name, clip, slice_)
    (found,) = (
        row
        for row in run.metrics
        if (row.name, row.pipeline, row.golden_set, row.class_name, row.clip, row.slice) == wanted
    )
    return found


def counts(
    run: Run, pipeline: str, *, golden_set: str = "dock", clip: str | None = None
) -> tuple[float | None, ...]:
    """(tp, fp, fn) over all classes."""
    return tuple(
        metric(run, name, pipeline, golden_set=golden_set, clip=clip).value
        for name in ("tp", "fp", "fn")
    )


def gate_result(run: Run, title: str, pipeline: str, golden_set: str = "dock") -> GateResult:
    """What a gate decided about a pipeline on a golden set."""
    (found,) = (
        one
        for one in run.gates
        if (one.gate.title(), one.pipeline, one.golden_set) == (title, pipeline, golden_set)
    )
    return found


def run_json_without_times(folder: RunFolder) -> dict[str, object]:
    """``run.json`` without what differs from run to run by design."""
    data = json.loads(folder.run_json.read_bytes())
    for key in ("started_at", "finished_at"):
        assert data["manifest"].pop(key)
    del data["manifest"]["load"]
    for row in data["metrics"]:
        if row["name"] in TIMING_NAMES:
            row["value"] = row["interval"] = None
    return dict(data)
