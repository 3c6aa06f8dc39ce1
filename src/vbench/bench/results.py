"""From stored detections to a `Run`: what `vbench run` and `vbench score` have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vbench.bench.infer import DecodedClip, read_decoded
from vbench.bench.plan import BaselineRun
from vbench.errors import RunFolderError
from vbench.gates.judge import Baseline, judge, overall
from vbench.matching import iou_thresholds_with, match_clip
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.scopes import SliceKeys
from vbench.record.alerts import read_alerts
from vbench.record.folder import RunFolder
from vbench.record.shards import (
    read_detection_blocks,
    read_match_blocks,
    read_timings,
    write_matches,
)
from vbench.types import (
    Alerts,
    Block,
    Clip,
    ClipResult,
    Detections,
    Gate,
    GoldenSet,
    GoldenSetResult,
    Metric,
    OperatingPoint,
    PipelineResult,
    Run,
    RunManifest,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a run is judged by."""

    iou: float
    slice_keys: tuple[SliceKeys, ...]
    gates: tuple[Gate, ...]
    baseline: str | BaselineRun | None


@dataclass(frozen=True, slots=True)
class JudgedPipeline:
    """A pipeline as it enters the judgement."""

    name: str
    version: str
    engine: str
    settings: str
    point: OperatingPoint
    score_floor: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A pipeline's answers on a clip, read from the run folder block by block."""

    folder: RunFolder
    pipeline: str
    clip: str

    def blocks(self) -> Iterator[Block]:
        """Detections with their rows of the match table."""
        matches = read_match_blocks(self.folder.matches(self.pipeline, self.clip))
        return zip(self.detection_blocks(), matches, strict=True)

    def detection_blocks(self) -> Iterator[Detections]:
        """Detections alone."""
        return read_detection_blocks(self.folder.detections(self.pipeline, self.clip))


def build_run(
    folder: RunFolder,
    golden_sets: Sequence[GoldenSet],
    pipelines: Sequence[JudgedPipeline],
    rules: Rules,
    manifest: RunManifest,
) -> Run:
    """Match, measure and judge everything that a run folder holds.

    Writes the match tables; ``run.json`` is the caller's to write.
    """
    scored = [as_decoded(folder, golden_set) for golden_set in golden_sets]
    metrics: list[Metric] = []
    for pipeline in pipelines:
        for golden_set in scored:
            _match(folder, golden_set, pipeline.name, rules.iou)
            metrics.extend(_measure(folder, golden_set, pipeline, rules.slice_keys))
    names = [pipeline.name for pipeline in pipelines]
    results = judge(
        rules.gates, metrics, names, [one.name for one in scored], _baseline(rules, metrics)
    )
    clips = tuple(_clip_result(folder, one, clip) for one in scored for clip in one.clips)
    return Run(
        manifest=manifest,
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
                verdict=overall(result for result in results if result.pipeline == pipeline.name),
                notes=pipeline.notes,
            )
            for pipeline in pipelines
        ),
        baseline=_baseline_name(rules),
        metrics=tuple(metrics),
        gates=results,
        verdict=overall(results),
        notes=tuple(_notes(scored, clips, rules, folder)),
    )


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


def _match(folder: RunFolder, golden_set: GoldenSet, pipeline: str, iou: float) -> None:
    thresholds = iou_thresholds_with(iou)
    for clip in golden_set.clips:
        blocks = read_detection_blocks(folder.detections(pipeline, clip.id))
        write_matches(
            folder.matches(pipeline, clip.id),
            (match_clip(clip, block, thresholds) for block in blocks),
        )


def _measure(
    folder: RunFolder,
    golden_set: GoldenSet,
    pipeline: JudgedPipeline,
    slice_keys: Sequence[SliceKeys],
) -> tuple[Metric, ...]:
    name = pipeline.name
    names = golden_set.taxonomy.names
    point = OperatingPoint(
        pipeline.point.iou, tuple((one, pipeline.point.score_for(one)) for one in names)
    )
    return evaluate_pipeline(
        golden_set,
        name,
        [StoredClip(folder, name, clip.id) for clip in golden_set.clips],
        point,
        slice_keys,
        [read_timings(folder.timings(name, clip.id)) for clip in golden_set.clips],
        _alerts(folder, golden_set, name),
    )


def _alerts(folder: RunFolder, golden_set: GoldenSet, pipeline: str) -> list[Alerts] | None:
    """Alerts per clip; None for a pipeline without rules."""
    found = [read_alerts(folder.alerts(pipeline, clip.id)) for clip in golden_set.clips]
    present = [alerts for alerts in found if alerts is not None]
    return present if len(present) == len(found) else None


def _baseline(rules: Rules, metrics: Sequence[Metric]) -> Baseline | None:
    baseline = rules.baseline
    if baseline is None:
        return None
    if isinstance(baseline, str):
        rows = tuple(metric for metric in metrics if metric.pipeline == baseline)
        return Baseline(baseline, baseline, rows)
    rows = tuple(metric for metric in baseline.run.metrics if metric.pipeline == baseline.pipeline)
    return Baseline(str(_baseline_name(rules)), None, rows)


def _baseline_name(rules: Rules) -> str | None:
    baseline = rules.baseline
    if baseline is None or isinstance(baseline, str):
        return baseline
    return f"{baseline.pipeline} of {baseline.run.manifest.started_at}"


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
) -> Iterable[str]:
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
    baseline = rules.baseline
    if isinstance(baseline, BaselineRun):
        digests = {one.name: one.digest for one in baseline.run.golden_sets}
        for one in golden_sets:
            if digests.get(one.name) != one.digest:
                yield (
                    f"the baseline run saw another version of golden set {one.name}: "
                    "differences may come from the footage"
                )


def _find(golden_sets: Sequence[GoldenSet], clip_id: str) -> Clip:
    return next(clip for one in golden_sets for clip in one.clips if clip.id == clip_id)
