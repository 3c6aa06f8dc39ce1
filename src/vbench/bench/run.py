"""The main job: a benchmark from its file to a finished run folder."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from vbench import __version__
from vbench.bench import environment
from vbench.bench.baseline import BaselineRun
from vbench.bench.decoded import machine_load, read_decoded
from vbench.bench.failures import Failures
from vbench.bench.infer import infer_clip
from vbench.bench.memory import give_back_memory
from vbench.bench.outputs import keep_pictures, write_machine_outputs, write_reports
from vbench.bench.partial import restricted
from vbench.bench.plan import Plan, make_plan, today
from vbench.bench.preflight import close_pipelines, load_pipelines, try_out, verify_media
from vbench.bench.progress import Progress
from vbench.bench.results import build_run
from vbench.bench.rules import JudgedPipeline, Rules, gates_of_finished
from vbench.errors import Interrupted, RunFolderError
from vbench.gates.exempt import noise
from vbench.pipeline.load import Pipeline
from vbench.pipeline.thresholds import operating_scores, stored_from
from vbench.record.baseline import copy_baseline
from vbench.record.folder import RunFolder, write_whole
from vbench.record.golden_copy import write_golden_copy
from vbench.record.run_json import write_run
from vbench.report.worst_frames import rank_worst_frames
from vbench.types import Digest, GoldenSet, OperatingPoint, Run, RunManifest

_FILES = "files"
"""Key of the plan of a run: what its pipelines consist of."""

CHANGED_MEDIA = "its media are not those of golden.lock; --allow-damaged let them pass"


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run and where it is."""

    folder: RunFolder
    run: Run
    stored: bool = True
    """Whether `folder` holds this result; False where a run was only judged again."""


def run_benchmark(
    benchmark: Path,
    out: Path | None,
    progress: Progress,
    *,
    clips: Collection[str] = (),
    only_pipelines: Collection[str] = (),
    allow_damaged: bool = False,
    report: bool = True,
    pdf: bool = True,
) -> FinishedRun:
    """Run a benchmark into a run folder.

    Args:
        benchmark: ``benchmark.yaml`` or its folder.
        out: the run folder; by default ``runs/<time>-<name>`` under the working folder.
        progress: told what is going on.
        clips: run these alone, and decide nothing; empty for all.
        only_pipelines: the same for pipelines.
        allow_damaged: score what decodes of damaged clips.
        report: write the HTML report.
        pdf: with `report`, write the PDF too.

    Raises:
        VbenchError: anything that is wrong; nothing that existed is overwritten.
    """
    started_at = _now()
    if out is not None:
        refuse_foreign(RunFolder(out))
    plan = make_plan(benchmark, progress, allow_damaged=allow_damaged)
    plan = restricted(plan, clips, only_pipelines)
    folder = RunFolder(out or Path("runs") / f"{_stamp(started_at)}-{plan.file.model.name}")
    refuse_foreign(folder)
    changed = verify_media(plan, progress, allow_damaged=allow_damaged)
    try:
        failures = Failures(len(plan.pipelines), progress)
        pipelines, digests = _infer(plan, folder, progress, allow_damaged, changed, failures)
    except Interrupted as error:
        raise Interrupted(
            error.what,
            where=str(folder.path),
            hint=f"complete clips are kept: `vbench run {benchmark} --out {folder.path}` goes on",
        ) from None
    load = machine_load(folder, [clip.id for _, clip in plan.clips()])
    manifest = replace(_manifest(plan, started_at, digests, allow_damaged), load=load)
    noisy = noise(load)
    if noisy:
        progress.note(f"times are not trustworthy: {noisy}")
    progress.begin("judging", 0)
    give_back_memory()
    rules = _rules(plan, [pipeline.name for pipeline in pipelines])
    run = build_run(folder, plan.golden_sets, pipelines, rules, manifest, failures.all())
    run = replace(run, manifest=replace(run.manifest, finished_at=_now().isoformat()))
    progress.end()
    # The result is safe before anything is drawn from it.
    write_run(folder, run)
    folder.plan_json.unlink(missing_ok=True)
    write_machine_outputs(folder, run)
    if report:
        wanted = [(frame.clip, frame.frame_index) for frame in rank_worst_frames(folder, run)]
        keep_pictures(folder, plan.golden_sets, wanted, progress, allow_damaged=allow_damaged)
        write_reports(folder, progress, pdf=pdf)
    return FinishedRun(folder, run)


def _infer(
    plan: Plan,
    folder: RunFolder,
    progress: Progress,
    allow_damaged: bool,
    changed: Collection[str],
    failures: Failures,
) -> tuple[list[JudgedPipeline], list[Digest]]:
    """Run every clip that is not complete yet; returns the pipelines and what they consist of.

    The folder is opened only when every pipeline has been checked on every golden set. Pipelines
    whose engine fails are left out, and noted in `failures`.
    """
    loaded: list[tuple[Pipeline, ...]] = []
    digests: dict[str, Digest] = {}
    suspicious: dict[str, dict[str, None]] = {}
    try:
        for golden_set in plan.golden_sets:
            loaded.append(load_pipelines(plan, golden_set, failures))
            for name, found in try_out(golden_set, loaded[-1], failures).items():
                suspicious.setdefault(name, {}).update((str(one), None) for one in found)
            for pipeline in loaded[-1]:
                digests.update((one.name, one) for one in pipeline.digests(golden_set.clips))
        for name, texts in suspicious.items():
            for text in texts:
                progress.note(f"pipeline {name} {text}")
        _open_folder(plan, folder, [*digests.values()])
        progress.begin("running", plan.n_frames)
        for golden_set, pipelines in zip(plan.golden_sets, loaded, strict=True):
            write_golden_copy(folder, golden_set)
            _infer_clips(
                plan, folder, golden_set, pipelines, progress, allow_damaged, changed, failures
            )
        progress.end()
        judged = [
            _judged(
                plan,
                [one for part in loaded for one in part if one.file is file],
                notes=suspicious.get(file.model.name, {}),
            )
            for file in plan.pipelines
            if file.model.name not in failures.names
        ]
        return judged, [*digests.values()]
    finally:
        for pipelines in loaded:
            close_pipelines(pipelines)


def _infer_clips(
    plan: Plan,
    folder: RunFolder,
    golden_set: GoldenSet,
    pipelines: Sequence[Pipeline],
    progress: Progress,
    allow_damaged: bool,
    changed: Collection[str],
    failures: Failures,
) -> None:
    files = {file.model.name: file for file in plan.pipelines}
    for clip in golden_set.clips:
        progress.clip(clip.id)
        left = [one for one in pipelines if one.name not in failures.names]
        decoded = read_decoded(folder, clip.id)
        if decoded is not None and (allow_damaged or decoded.damaged is None):
            # What failed before the run was killed is tried again.
            left = [one for one in left if not folder.detections(one.name, clip.id).is_file()]
        if not left:
            progress.advance(clip.facts.n_frames)
            continue
        failed = infer_clip(
            folder,
            clip,
            golden_set.taxonomy.names,
            left,
            progress,
            n_warmup=plan.file.model.warmup_frames,
            allow_damaged=allow_damaged,
            notes=[CHANGED_MEDIA] if clip.id in changed else [],
        )
        for name, error in failed:
            failures.add(files[name], error)
        failures.stop_when_none_is_left()


def _judged(plan: Plan, loaded: Sequence[Pipeline], notes: Collection[str]) -> JudgedPipeline:
    """One pipeline, loaded once per golden set, as it enters the judgement."""
    first = loaded[0]
    file = first.file
    scores: dict[str, float] = {}
    for golden_set in plan.golden_sets:
        of_set = operating_scores(file, golden_set.taxonomy).tolist()
        scores.update(zip(golden_set.taxonomy.names, of_set, strict=True))
    point = OperatingPoint(plan.file.model.matching.iou, tuple(scores.items()))
    said = list(notes)
    if not first.needs_frames:
        said.append("results were replayed: no latency was measured")
    missing = dict.fromkeys(name for one in loaded for name in one.missing_classes)
    if missing:
        said.append(f"never finds {', '.join(missing)}: not among its classes")
    return JudgedPipeline(
        name=first.name,
        version=first.version,
        engine=first.engine_text,
        settings=file.document.resolved_text(),
        point=point,
        score_floor=stored_from(file),
        notes=tuple(said),
    )


def _rules(plan: Plan, finished: Collection[str]) -> Rules:
    """What is judged."""
    return Rules(
        iou=plan.file.model.matching.iou,
        slice_keys=plan.slice_keys,
        gates=gates_of_finished(plan.gates, finished),
        baseline=plan.baseline,
        intervals=plan.file.model.intervals,
        today=today(),
    )


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


def _open_folder(plan: Plan, folder: RunFolder, digests: Sequence[Digest]) -> None:
    """Begin a run folder, or go on with one that the same inputs began."""
    pipelines = {
        f"pipeline {one.model.name}: {one.path.name}": one.document.sha256()
        for one in plan.pipelines
    }
    files = {digest.name: digest.sha256 for digest in digests}
    identity: dict[str, object] = {
        "vbench": __version__,
        "golden_sets": {one.name: one.digest for one in plan.golden_sets},
        "pipelines": pipelines,
        "libraries": dict(environment.library_versions()),
        "warmup_frames": plan.file.model.warmup_frames,
    }
    if folder.plan_json.is_file():
        files = _refuse_other_plan(folder, identity, files) | files
    text = json.dumps(identity | {_FILES: files}, indent=1, sort_keys=True) + "\n"
    write_whole(folder.plan_json, text)
    write_whole(folder.benchmark_yaml, plan.file.document.text)
    if isinstance(plan.baseline, BaselineRun):
        copy_baseline(folder, plan.baseline.folder, plan.baseline.pipeline)


def _refuse_other_plan(
    folder: RunFolder, identity: Mapping[str, object], files: Mapping[str, str]
) -> dict[str, str]:
    """Raise RunFolderError unless an unfinished run was begun from the same inputs.

    Returns:
        The digests of files that it was begun from. Those of a pipeline that could not be loaded,
        then or now, are unknown, and stop nothing: it is tried again.
    """
    try:
        found = json.loads(folder.plan_json.read_bytes())
        begun_files = {str(name): str(digest) for name, digest in found.pop(_FILES).items()}
        began, now = _leaves(found), _leaves(identity)
        changed = {key for key in {*began, *now} if began.get(key) != now.get(key)}
        changed |= {key for key in files if begun_files.get(key, files[key]) != files[key]}
        if not changed:
            return begun_files
    except (ValueError, AttributeError, KeyError, TypeError):
        changed = set()
    raise RunFolderError(
        f"holds an unfinished run of other inputs; changed: "
        f"{', '.join(sorted(changed)) or 'its plan'}",
        where=str(folder.path),
        hint="give another --out, or delete the folder",
    )


def _leaves(plan: Mapping[str, object]) -> dict[str, object]:
    """A plan without its sections, so that each input has one key."""
    flat: dict[str, object] = {}
    for key, value in plan.items():
        flat.update(value if isinstance(value, dict) else {key: value})
    return flat


def _manifest(
    plan: Plan, started_at: datetime, digests: Sequence[Digest], allow_damaged: bool
) -> RunManifest:
    commit, dirty = environment.git_state(plan.file.folder)
    benchmark = Digest(f"benchmark {plan.file.path.name}", plan.file.document.sha256())
    return RunManifest(
        vbench_version=__version__,
        benchmark=plan.file.model.name,
        started_at=started_at.isoformat(),
        finished_at=started_at.isoformat(),
        python_version=environment.python_version(),
        libraries=environment.library_versions(),
        hardware=environment.hardware(),
        git_commit=commit,
        git_dirty=dirty,
        seed=plan.file.model.intervals.seed,
        digests=tuple(
            sorted([benchmark, *plan.golden_digests(), *digests], key=lambda item: item.name)
        ),
        command=(
            "vbench",
            "run",
            plan.file.path.name,
            *plan.partial_options,
            *(["--allow-damaged"] if allow_damaged else []),
        ),
        benchmark_file=environment.path_in_repository(plan.file.path.resolve()),
        partial=plan.partial,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%d-%H%M%S")
