"""Stored detections judged again, without video or model."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import vbench
from vbench.bench import environment
from vbench.bench.baseline import BaselineRun, baseline_of
from vbench.bench.finished import FinishedRun
from vbench.bench.gate_rules import rules_of, today
from vbench.bench.progress import Progress
from vbench.bench.results import build_run
from vbench.bench.rules import JudgedPipeline, Rules, gates_of_finished
from vbench.config.benchmark_file import BaselineRunEntry, BenchmarkFile, read_benchmark_file
from vbench.config.model_file import ModelFile
from vbench.errors import InputError, RunFolderError
from vbench.matching import iou_thresholds_with
from vbench.record.baseline import baseline_folder, copy_baseline, read_baseline_run
from vbench.record.folder import RunFolder, write_whole
from vbench.record.golden_copy import read_golden_copy
from vbench.record.media_places import copy_media_places
from vbench.record.run_json import read_run, run_text, write_run
from vbench.record.shards import match_table_fits
from vbench.types import GoldenSet, OperatingPoint, PipelineResult, Run

_KEPT = ("detections", "alerts", "timings", "golden", "decoded", "pictures", "brand")
"""Parts of a run folder that judging again does not change."""
_EVALUATED = "evaluated"
"""The part that judging again may add to: it is copied."""


def score_run(
    run_folder: Path,
    benchmark: Path | None,
    score: float | None,
    out: Path | None,
    progress: Progress,
    *,
    baseline: BaselineRun | None = None,
) -> FinishedRun:
    """Judge a finished run's stored detections again.

    Match tables that this version of vbench wrote at the same thresholds are taken as they are.

    Args:
        run_folder: the finished run; it is not changed.
        benchmark: gates, slices, matching and baseline from this file instead of the run's copy.
        score: another operating point for all classes and pipelines.
        out: a new run folder for the result, reports included; None keeps nothing.
        progress: told what is going on.
        baseline: compare with this instead of what the benchmark file names.

    Raises:
        VbenchError: not a finished run, or a part of one; gates that do not fit; a score below
            what was stored.
    """
    source = RunFolder(run_folder)
    earlier = read_run(source)
    if earlier.manifest.partial:
        raise InputError(
            f"cannot be judged again: {earlier.manifest.partial}",
            where=str(source.path),
            hint="run the whole benchmark",
        )
    golden_sets = tuple(read_golden_copy(source, item.name) for item in earlier.golden_sets)
    file = read_benchmark_file(benchmark or source.benchmark_yaml)
    # A pipeline that failed may still be named by gates and as the baseline.
    finished = [item.name for item in earlier.pipelines]
    names = (*finished, *(item.name for item in earlier.failures))
    gates, slice_keys = rules_of(
        file,
        golden_sets,
        names,
        _stages(earlier),
        # A quarantine that is over since does not make a stored run unreadable: its gate counts.
        today=None if benchmark is None else today(),
    )
    compared = baseline or _baseline(file, source, names, own=benchmark is None)
    rules = Rules(
        iou=file.model.matching.iou,
        slice_keys=slice_keys,
        gates=gates_of_finished(gates, finished),
        baseline=compared,
        intervals=file.model.intervals,
        today=today(),
    )
    pipelines = [_judged(item, rules.iou, score) for item in earlier.pipelines]
    manifest = earlier.manifest
    if benchmark is not None:
        # Lines of gates are those of the file that was given.
        named = environment.path_in_repository(file.path.resolve())
        manifest = replace(manifest, benchmark_file=named)
    if out is not None:
        _refuse_used(out)
    with tempfile.TemporaryDirectory(prefix="vbench-score-") as scratch:
        judged = RunFolder(Path(scratch))
        _link(source, judged)
        if isinstance(compared, BaselineRun):
            _link_baseline(compared, judged)
        progress.begin("judging", 0)
        matched = _link_matches(source, judged, earlier, golden_sets, rules.iou)
        run = build_run(judged, golden_sets, pipelines, rules, manifest, earlier.failures, matched)
        progress.end()
        if out is None:
            return FinishedRun(source, run, stored=False)
        target = RunFolder(out)
        _copy(judged, target)
        copy_media_places(source, target)
    # What writes reports is not loaded where none is written.
    from vbench.bench.outputs import write_machine_outputs, write_reports
    from vbench.bench.report_style import style_of_run

    write_whole(target.benchmark_yaml, file.document.text)
    if isinstance(compared, BaselineRun):
        if compared.folder.run_json.is_file():
            copy_baseline(target, compared.folder, compared.pipeline)
        else:
            write_whole(target.baseline_json, run_text(compared.run))
    write_run(target, run)
    write_machine_outputs(target, run)
    write_reports(target, progress, style=style_of_run(target))
    return FinishedRun(target, run)


def _refuse_used(out: Path) -> None:
    """Raise RunFolderError for a folder that holds anything, an unfinished run included."""
    from vbench.bench.unfinished import refuse_foreign

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
    """The baseline; what the run kept of an earlier one where the benchmark file is its own."""
    if own:
        kept = baseline_folder(source)
        earlier = read_baseline_run(source)
        if earlier is not None and kept.run_json.is_file():
            (pipeline,) = (path.name for path in (kept.path / "detections").iterdir())
            return BaselineRun(kept, earlier, pipeline)
        if earlier is not None and isinstance(file.model.baseline, BaselineRunEntry):
            return BaselineRun(kept, earlier, file.model.baseline.pipeline)
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
    _copy_folder(source.path / _EVALUATED, target.path / _EVALUATED)


def _link_matches(
    source: RunFolder, target: RunFolder, run: Run, golden_sets: Sequence[GoldenSet], iou: float
) -> list[str]:
    """Link the match tables that need not be made anew; the names of their pipelines.

    Those are of this version of vbench, at the same thresholds, of the same detections.
    """
    if run.manifest.vbench_version != vbench.__version__:
        return []
    thresholds = iou_thresholds_with(iou)
    clips = [clip.id for golden_set in golden_sets for clip in golden_set.clips]
    names = [
        item.name
        for item in run.pipelines
        if all(
            match_table_fits(
                source.matches(item.name, clip), source.detections(item.name, clip), thresholds
            )
            for clip in clips
        )
    ]
    for name in names:
        part = target.path / "matches" / name
        part.parent.mkdir(exist_ok=True)
        part.symlink_to((source.path / "matches" / name).resolve(), target_is_directory=True)
    return names


def _link_baseline(baseline: BaselineRun, target: RunFolder) -> None:
    """Let an earlier run's answers be read from the target; its match tables are made anew."""
    kept = baseline_folder(target).path
    for part in ("detections", "alerts", "timings"):
        folder = baseline.folder.path / part / baseline.pipeline
        if folder.is_dir():
            (kept / part).mkdir(parents=True)
            (kept / part / baseline.pipeline).symlink_to(folder.resolve(), target_is_directory=True)
    evaluated = baseline.folder.path / _EVALUATED / baseline.pipeline
    _copy_folder(evaluated, kept / _EVALUATED / baseline.pipeline)
    if kept.is_dir() and baseline.folder.run_json.is_file():
        for name in ("golden", "decoded", "run.json"):
            (kept / name).symlink_to((baseline.folder.path / name).resolve())


def _copy(judged: RunFolder, target: RunFolder) -> None:
    for part in (*_KEPT, "matches", _EVALUATED):
        _copy_folder(judged.path / part, target.path / part)


def _copy_folder(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
