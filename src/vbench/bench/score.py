"""Stored detections judged again, without video or model."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vbench.bench.outputs import write_machine_outputs, write_reports
from vbench.bench.plan import BaselineRun, baseline_of, rules_of
from vbench.bench.progress import Progress
from vbench.bench.results import JudgedPipeline, Rules, build_run
from vbench.bench.run import FinishedRun, refuse_foreign
from vbench.config.benchmark_file import BaselineRunEntry, BenchmarkFile, read_benchmark_file
from vbench.config.model_file import ModelFile
from vbench.errors import InputError, RunFolderError
from vbench.record.folder import RunFolder, write_whole
from vbench.record.golden_copy import read_golden_copy
from vbench.record.run_json import read_run, read_run_json, run_text, write_run
from vbench.types import OperatingPoint, PipelineResult, Run

_KEPT = ("detections", "alerts", "timings", "golden", "decoded", "pictures")
"""Parts of a run folder that judging again does not change."""


def score_run(
    run_folder: Path,
    benchmark: Path | None,
    score: float | None,
    out: Path | None,
    progress: Progress,
) -> FinishedRun:
    """Judge a finished run's stored detections again.

    Args:
        run_folder: the finished run; it is not changed.
        benchmark: gates, slices, matching and baseline from this file instead of the run's copy.
        score: another operating point for all classes and pipelines.
        out: a new run folder for the result, reports included; None keeps nothing.
        progress: told what is going on.

    Raises:
        VbenchError: not a finished run; gates that do not fit; a score below what was stored.
    """
    source = RunFolder(run_folder)
    earlier = read_run(source)
    golden_sets = tuple(read_golden_copy(source, item.name) for item in earlier.golden_sets)
    file = read_benchmark_file(benchmark or source.benchmark_yaml)
    names = tuple(item.name for item in earlier.pipelines)
    gates, slice_keys = rules_of(file, golden_sets, names, _stages(earlier))
    baseline = _baseline(file, source, names, own=benchmark is None)
    rules = Rules(file.model.matching.iou, slice_keys, gates, baseline)
    pipelines = [_judged(item, rules.iou, score) for item in earlier.pipelines]
    if out is not None:
        _refuse_used(out)
    with tempfile.TemporaryDirectory(prefix="vbench-score-") as scratch:
        judged = RunFolder(Path(scratch))
        _link(source, judged)
        progress.begin("judging", 0)
        run = build_run(judged, golden_sets, pipelines, rules, earlier.manifest)
        progress.end()
        if out is None:
            return FinishedRun(source, run, stored=False)
        target = RunFolder(out)
        _copy(judged, target)
    write_whole(target.benchmark_yaml, file.document.text)
    if isinstance(baseline, BaselineRun):
        write_whole(target.baseline_json, run_text(baseline.run))
    write_run(target, run)
    write_machine_outputs(target)
    write_reports(target, progress)
    return FinishedRun(target, run)


def _refuse_used(out: Path) -> None:
    """Raise RunFolderError for a folder that holds anything, an unfinished run included."""
    folder = RunFolder(out)
    refuse_foreign(folder)
    if folder.plan_json.is_file():
        raise RunFolderError(
            "holds an unfinished run", where=str(out), hint="give --out a new or empty folder"
        )


def _stages(run: Run) -> tuple[str, ...]:
    found = (value for item in run.metrics for key, value in item.slice if key == "stage")
    return tuple(dict.fromkeys(found))


def _baseline(
    file: ModelFile[BenchmarkFile], source: RunFolder, names: Sequence[str], *, own: bool
) -> str | BaselineRun | None:
    """The baseline; of an earlier run's copy where the benchmark file is the run's own."""
    written = file.model.baseline
    if own and isinstance(written, BaselineRunEntry) and source.baseline_json.is_file():
        return BaselineRun(source, read_run_json(source.baseline_json), written.pipeline)
    return baseline_of(file, tuple(names))


def _judged(item: PipelineResult, iou: float, score: float | None) -> JudgedPipeline:
    scores = item.operating_point.scores
    if score is not None:
        if not item.score_floor <= score <= 1.0:
            raise InputError(
                f"score {score:g} cannot be judged: {item.name} stored detections from "
                f"{item.score_floor:g} to 1",
                where="--score",
                hint="choose a score in that range, or run again with a lower post.floor",
            )
        scores = tuple((name, score) for name, _ in scores)
    return JudgedPipeline(
        name=item.name,
        version=item.version,
        engine=item.engine,
        settings=item.settings,
        point=OperatingPoint(iou, scores),
        score_floor=item.score_floor,
        notes=item.notes,
    )


def _link(source: RunFolder, target: RunFolder) -> None:
    for part in _KEPT:
        folder = source.path / part
        if folder.is_dir():
            (target.path / part).symlink_to(folder.resolve(), target_is_directory=True)


def _copy(judged: RunFolder, target: RunFolder) -> None:
    for part in (*_KEPT, "matches"):
        folder = judged.path / part
        if folder.is_dir():
            shutil.copytree(folder, target.path / part)
