"""The main job: a benchmark from its file to a finished run folder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from vbench import __version__
from vbench.bench import environment
from vbench.bench.cached import open_cache
from vbench.bench.decoded import machine_load
from vbench.bench.deployed import deployed_names
from vbench.bench.failures import Failures
from vbench.bench.finished import FinishedRun
from vbench.bench.gate_rules import today
from vbench.bench.how_timed import how_timed
from vbench.bench.inferring import infer_benchmark
from vbench.bench.memory import give_back_memory
from vbench.bench.options import RunOptions
from vbench.bench.outputs import keep_pictures, write_machine_outputs, write_reports
from vbench.bench.partial import restricted
from vbench.bench.pictures import frames_worth_keeping
from vbench.bench.plan import Plan, make_plan
from vbench.bench.preflight import verify_media
from vbench.bench.progress import Progress
from vbench.bench.results import build_run
from vbench.bench.rules import Rules, gates_of_finished
from vbench.bench.unfinished import refuse_foreign
from vbench.errors import Interrupted
from vbench.gates.exempt import noise
from vbench.record.folder import RunFolder
from vbench.record.media_places import write_media_places
from vbench.record.run_json import write_run
from vbench.report.brand import NO_BRAND, copy_brand
from vbench.types import Digest, RunManifest

_DEFAULT = RunOptions()


def run_benchmark(
    benchmark: Path,
    out: Path | None,
    progress: Progress,
    *,
    clips: Collection[str] = (),
    only_pipelines: Collection[str] = (),
    options: RunOptions = _DEFAULT,
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
        options: how to run it.
        report: write the HTML report.
        pdf: with `report`, write the PDF too.

    Raises:
        VbenchError: anything that is wrong; nothing that existed is overwritten.
    """
    started_at = _now()
    options.check()
    if out is not None:
        refuse_foreign(RunFolder(out))
    cache = open_cache(progress) if options.uses_cache else None
    plan = make_plan(benchmark, progress, allow_damaged=options.allow_damaged)
    plan = restricted(plan, clips, only_pipelines)
    folder = RunFolder(out or Path("runs") / f"{_stamp(started_at)}-{plan.file.model.name}")
    refuse_foreign(folder)
    changed = verify_media(plan, progress, allow_damaged=options.allow_damaged)
    try:
        failures = Failures(len(plan.pipelines), progress)
        inferred = infer_benchmark(plan, folder, options, changed, failures, progress, cache)
    except Interrupted as error:
        raise Interrupted(
            error.what,
            where=str(folder.path),
            hint=f"complete clips are kept: `vbench run {benchmark} --out {folder.path}` goes on",
        ) from None
    load = machine_load(folder, [clip.id for _, clip in plan.clips()])
    timing, input_paths = how_timed(
        folder,
        [pipeline.name for pipeline in inferred.pipelines],
        [clip for _, clip in plan.clips()],
    )
    manifest = replace(
        _manifest(plan, started_at, inferred.digests, options),
        load=load,
        timing=timing,
        input_paths=input_paths,
    )
    noisy = noise(load)
    if noisy:
        progress.note(f"times are not trustworthy: {noisy}")
    progress.begin("judging", 0)
    give_back_memory()
    rules = _rules(plan, [pipeline.name for pipeline in inferred.pipelines])
    run = build_run(
        folder,
        plan.golden_sets,
        inferred.pipelines,
        rules,
        manifest,
        failures.all(),
        cache=cache,
    )
    run = replace(run, manifest=replace(run.manifest, finished_at=_now().isoformat()))
    progress.end()
    # The result is safe before anything is drawn from it.
    media = {clip.id: clip.media for _, clip in plan.clips()}
    if plan.style.brand != NO_BRAND:
        copy_brand(plan.style.brand, folder)
    write_media_places(folder, media, environment.project_folder(plan.file.folder))
    write_run(folder, run)
    folder.plan_json.unlink(missing_ok=True)
    write_machine_outputs(folder, run)
    if report:
        keep_pictures(
            folder,
            plan.golden_sets,
            frames_worth_keeping(folder, run),
            progress,
            allow_damaged=options.allow_damaged,
        )
        write_reports(folder, progress, style=plan.style, pdf=pdf)
    return FinishedRun(folder, run)


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


def _manifest(
    plan: Plan, started_at: datetime, digests: Sequence[Digest], options: RunOptions
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
            *(["--allow-damaged"] if options.allow_damaged else []),
            *(["--measure", options.measure] if options.measure != "sample" else []),
        ),
        benchmark_file=environment.path_in_repository(plan.file.path.resolve()),
        partial=plan.partial,
        deployed=deployed_names(plan.file.folder, plan.file.model.name),
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%d-%H%M%S")
