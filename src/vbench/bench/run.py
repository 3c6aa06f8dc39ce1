"""The main job: a benchmark from its file to a finished run folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vbench import __version__
from vbench.bench import environment
from vbench.bench.infer import infer_clip, read_decoded
from vbench.bench.outputs import keep_pictures, write_machine_outputs, write_reports
from vbench.bench.plan import BaselineRun, Plan, make_plan
from vbench.bench.preflight import close_pipelines, load_pipelines, verify_media
from vbench.bench.progress import Progress
from vbench.bench.results import JudgedPipeline, Rules, build_run, class_names
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.errors import RunFolderError
from vbench.pipeline.load import Pipeline
from vbench.record.folder import RunFolder, write_whole
from vbench.record.golden_copy import write_golden_copy
from vbench.record.run_json import write_run
from vbench.report.worst_frames import rank_worst_frames
from vbench.types import Digest, GoldenSet, OperatingPoint, Run, RunManifest

SEED = 0
"""Nothing in a run is drawn at random; the manifest says so with a constant."""


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run and where it is."""

    folder: RunFolder
    run: Run


def run_benchmark(
    benchmark: Path,
    out: Path | None,
    progress: Progress,
    *,
    allow_damaged: bool = False,
    report: bool = True,
    pdf: bool = True,
) -> FinishedRun:
    """Run a benchmark into a run folder.

    Args:
        benchmark: ``benchmark.yaml`` or its folder.
        out: the run folder; by default ``runs/<time>-<name>`` under the working folder.
        progress: told what is going on.
        allow_damaged: score what decodes of damaged clips.
        report: write the HTML report.
        pdf: with `report`, write the PDF too.

    Raises:
        VbenchError: anything that is wrong; nothing that existed is overwritten.
    """
    started_at = _now()
    plan = make_plan(benchmark, progress, allow_damaged=allow_damaged)
    folder = RunFolder(out or Path("runs") / f"{_stamp(started_at)}-{plan.file.model.name}")
    refuse_foreign(folder)
    verify_media(plan, progress, allow_damaged=allow_damaged)
    pipelines, digests = _infer(plan, folder, progress, allow_damaged)
    progress.begin("judging", 0)
    manifest = _manifest(plan, started_at, digests, allow_damaged)
    run = build_run(folder, plan.golden_sets, pipelines, _rules(plan), manifest)
    progress.end()
    if report:
        wanted = [(frame.clip, frame.frame_index) for frame in rank_worst_frames(folder, run)]
        keep_pictures(folder, plan.golden_sets, wanted, progress, allow_damaged=allow_damaged)
    write_run(folder, run)
    folder.plan_json.unlink(missing_ok=True)
    write_machine_outputs(folder)
    if report:
        write_reports(folder, progress, pdf=pdf)
    return FinishedRun(folder, run)


def _infer(
    plan: Plan, folder: RunFolder, progress: Progress, allow_damaged: bool
) -> tuple[list[JudgedPipeline], list[Digest]]:
    """Run every clip that is not complete yet; returns the pipelines and what they consist of."""
    judged: dict[str, JudgedPipeline] = {}
    digests: dict[str, Digest] = {}
    names = class_names(plan.golden_sets)
    opened = False
    for golden_set in plan.golden_sets:
        loaded = load_pipelines(plan, golden_set)
        try:
            for file, pipeline in zip(plan.pipelines, loaded, strict=True):
                judged[pipeline.name] = _judged(plan, file, pipeline, names)
                digests.update(
                    {digest.name: digest for digest in pipeline.digests(golden_set.clips)}
                )
            if not opened:
                _open_folder(plan, folder, [*digests.values()], allow_damaged)
                progress.begin("running", plan.n_frames)
                opened = True
            write_golden_copy(folder, golden_set)
            _infer_clips(plan, folder, golden_set, loaded, progress, allow_damaged)
        finally:
            close_pipelines(loaded)
    progress.end()
    return list(judged.values()), list(digests.values())


def _infer_clips(
    plan: Plan,
    folder: RunFolder,
    golden_set: GoldenSet,
    pipelines: Sequence[Pipeline],
    progress: Progress,
    allow_damaged: bool,
) -> None:
    for clip in golden_set.clips:
        progress.clip(clip.id)
        if read_decoded(folder, clip.id) is not None:
            progress.advance(clip.facts.n_frames)
            continue
        infer_clip(
            folder,
            clip,
            golden_set.taxonomy.names,
            pipelines,
            progress,
            n_warmup=plan.file.model.warmup_frames,
            allow_damaged=allow_damaged,
        )


def _judged(
    plan: Plan, file: ModelFile[PipelineFile], pipeline: Pipeline, names: Sequence[str]
) -> JudgedPipeline:
    post = file.model.stages[0].post
    point = OperatingPoint(
        plan.file.model.matching.iou,
        tuple((name, post.score_per_class.get(name, post.score)) for name in names),
    )
    notes = [] if pipeline.needs_frames else ["results were replayed: no latency was measured"]
    if pipeline.missing_classes:
        notes.append(f"never finds {', '.join(pipeline.missing_classes)}: not among its classes")
    return JudgedPipeline(
        name=pipeline.name,
        version=pipeline.version,
        engine=pipeline.engine_text,
        settings=file.document.text,
        point=point,
        score_floor=post.stored_from if pipeline.needs_frames else 0.0,
        notes=tuple(notes),
    )


def _rules(plan: Plan) -> Rules:
    return Rules(plan.file.model.matching.iou, plan.slice_keys, plan.gates, plan.baseline)


def refuse_foreign(folder: RunFolder) -> None:
    """Raise RunFolderError for a folder that holds anything but an unfinished run."""
    if folder.run_json.exists():
        raise RunFolderError(
            "holds a finished run, and runs are never overwritten",
            where=str(folder.path),
            hint="give another --out, or delete the folder",
        )
    if folder.path.exists() and not folder.path.is_dir():
        raise RunFolderError("is a file", where=str(folder.path), hint="give another --out")
    if folder.path.is_dir() and any(folder.path.iterdir()) and not folder.plan_json.is_file():
        raise RunFolderError(
            "holds files that are not of a run",
            where=str(folder.path),
            hint="give --out a new or empty folder",
        )


def _open_folder(
    plan: Plan, folder: RunFolder, digests: Sequence[Digest], allow_damaged: bool
) -> None:
    """Begin a run folder, or go on with one that the same inputs began."""
    identity = {
        "vbench": __version__,
        "golden_sets": {one.name: one.digest for one in plan.golden_sets},
        "pipelines": {digest.name: digest.sha256 for digest in digests},
        "libraries": dict(environment.library_versions()),
        "warmup_frames": plan.file.model.warmup_frames,
        "allow_damaged": allow_damaged,
    }
    text = json.dumps(identity, indent=1, sort_keys=True) + "\n"
    if folder.plan_json.is_file() and folder.plan_json.read_text(encoding="utf-8") != text:
        raise RunFolderError(
            "holds an unfinished run of other inputs or another vbench",
            where=str(folder.path),
            hint="give another --out, or delete the folder",
        )
    write_whole(folder.plan_json, text)
    write_whole(folder.benchmark_yaml, plan.file.document.text)
    if isinstance(plan.baseline, BaselineRun):
        write_whole(folder.baseline_json, plan.baseline.folder.run_json.read_bytes())


def _manifest(
    plan: Plan, started_at: datetime, digests: Sequence[Digest], allow_damaged: bool
) -> RunManifest:
    commit, dirty = environment.git_state(plan.file.folder)
    benchmark = Digest(f"benchmark {plan.file.path.name}", plan.file.document.sha256())
    return RunManifest(
        vbench_version=__version__,
        benchmark=plan.file.model.name,
        started_at=started_at.isoformat(),
        finished_at=_now().isoformat(),
        python_version=environment.python_version(),
        libraries=environment.library_versions(),
        hardware=environment.hardware(),
        git_commit=commit,
        git_dirty=dirty,
        seed=SEED,
        digests=tuple(
            sorted([benchmark, *plan.golden_digests(), *digests], key=lambda item: item.name)
        ),
        command=(
            "vbench",
            "run",
            plan.file.path.name,
            *(["--allow-damaged"] if allow_damaged else []),
        ),
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%d-%H%M%S")
