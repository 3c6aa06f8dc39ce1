"""From stored detections to a `Run`: what `vbench run` and `vbench score` have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from vbench.bench.baseline import BaselineRun
from vbench.bench.decoded import DecodedClip, read_decoded
from vbench.bench.explained import explained
from vbench.bench.measured import measure, statistics_text
from vbench.bench.rules import JudgedPipeline, Rules
from vbench.errors import RunFolderError
from vbench.gates.judge import judge, overall
from vbench.record.detection_cache import DetectionCache
from vbench.record.folder import RunFolder
from vbench.types import (
    Clip,
    ClipResult,
    GateResult,
    GoldenSet,
    GoldenSetResult,
    PipelineFailure,
    PipelineResult,
    Run,
    RunManifest,
    Verdict,
)


def build_run(
    folder: RunFolder,
    golden_sets: Sequence[GoldenSet],
    pipelines: Sequence[JudgedPipeline],
    rules: Rules,
    manifest: RunManifest,
    failures: tuple[PipelineFailure, ...] = (),
    matched: Collection[str] = (),
    cache: DetectionCache | None = None,
) -> Run:
    """Match, measure and judge everything that a run folder holds.

    Writes the match tables but for those of the pipelines `matched`, which stand as they are;
    ``run.json`` is the caller's to write. `failures` are pipelines that are not among `pipelines`
    because an engine failed. What the folder or `cache` has of the very same answers is not
    computed again.
    """
    scored = [as_decoded(folder, golden_set) for golden_set in golden_sets]
    measured = measure(folder, scored, pipelines, rules, manifest.hardware, matched, cache)
    results = judge(
        rules.gates,
        measured.metrics,
        [pipeline.name for pipeline in pipelines],
        [one.name for one in scored],
        measured.baseline,
        statistics=measured.statistics,
        today=rules.today,
        load=manifest.load,
        confidence=rules.intervals.confidence,
    )
    clips = tuple(_clip_result(folder, one, clip) for one in scored for clip in one.clips)
    run = Run(
        manifest=replace(
            manifest, statistics=statistics_text(rules.intervals), seed=rules.intervals.seed
        ),
        golden_sets=tuple(
            GoldenSetResult(one.name, one.version, one.taxonomy, one.digest, one.locked)
            for one in scored
        ),
        clips=clips,
        pipelines=tuple(
            PipelineResult(
                name=pipeline.name,
                version=pipeline.version,
                engine=pipeline.engine,
                settings=pipeline.settings,
                operating_point=pipeline.point,
                score_floor=pipeline.score_floor,
                verdict=_verdict(
                    (result for result in results if result.pipeline == pipeline.name), manifest
                ),
                notes=pipeline.notes,
            )
            for pipeline in pipelines
        ),
        baseline=_baseline_name(rules),
        metrics=measured.metrics,
        gates=results,
        verdict=Verdict.FAIL if failures else _verdict(results, manifest),
        failures=failures,
        notes=tuple(_notes(scored, clips, rules, folder, manifest)),
    )
    run = explained(run, measured, rules)
    measured.store(cache)
    return run


def _verdict(results: Iterable[GateResult], manifest: RunManifest) -> Verdict:
    """A part of a benchmark may fail, but never passes."""
    verdict = overall(results)
    if manifest.partial and verdict is Verdict.PASS:
        return Verdict.INCONCLUSIVE
    return verdict


def class_names(golden_sets: Iterable[GoldenSet]) -> tuple[str, ...]:
    """Classes of all golden sets, each once."""
    return tuple(dict.fromkeys(name for one in golden_sets for name in one.taxonomy.names))


def as_decoded(folder: RunFolder, golden_set: GoldenSet) -> GoldenSet:
    """The golden set without the frames that did not decode: those never count."""
    clips = []
    for clip in golden_set.clips:
        decoded = _decoded(folder, clip)
        if decoded.missing_frames:
            annotated = clip.annotated.copy()
            annotated[np.array(decoded.missing_frames)] = False
            clip = replace(clip, annotated=annotated)
        clips.append(clip)
    return replace(golden_set, clips=tuple(clips))


def _decoded(folder: RunFolder, clip: Clip) -> DecodedClip:
    decoded = read_decoded(folder, clip.id)
    if decoded is None:
        raise RunFolderError(
            f"clip {clip.id} is not complete", where=str(folder.path), hint="run it again"
        )
    return decoded


def _baseline_name(rules: Rules) -> str | None:
    baseline = rules.baseline
    return baseline.name if isinstance(baseline, BaselineRun) else baseline


def _clip_result(folder: RunFolder, golden_set: GoldenSet, clip: Clip) -> ClipResult:
    decoded = _decoded(folder, clip)
    counts = ~clip.truth.ignore & ~clip.truth.crowd & clip.annotated[clip.truth.frame_index]
    return ClipResult(
        golden_set=golden_set.name,
        id=clip.id,
        facts=clip.facts,
        tags=clip.tags,
        n_frames_annotated=int(clip.annotated.sum()),
        n_truth=int(counts.sum()),
        color=decoded.color,
        damaged=decoded.damaged,
    )


def _notes(
    golden_sets: Sequence[GoldenSet],
    clips: Sequence[ClipResult],
    rules: Rules,
    folder: RunFolder,
    manifest: RunManifest,
) -> Iterable[str]:
    if manifest.partial:
        yield manifest.partial
    for one in golden_sets:
        if not one.locked:
            yield f"golden set {one.name} is not locked: nothing vouches that its media stay as is"
    for clip in clips:
        if clip.damaged is not None:
            yield f"clip {clip.id} is damaged and was scored in part: {clip.damaged}"
        for note in _decoded(folder, _find(golden_sets, clip.id)).notes:
            yield f"clip {clip.id}: {note}"
    if not rules.gates:
        yield "the benchmark has no gates: nothing was required, so everything passes"


def _find(golden_sets: Sequence[GoldenSet], clip_id: str) -> Clip:
    return next(clip for one in golden_sets for clip in one.clips if clip.id == clip_id)
