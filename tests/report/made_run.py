"""A run folder made from arithmetic: known matches, drawn pictures, no video and no model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.report.made_metrics import judged, made_metrics
from tests.report.made_pictures import draw_pictures
from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan
from vbench.metrics.frames import frame_outcomes
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import write_golden_copy
from vbench.record.run_json import write_run
from vbench.record.shards import read_detection_blocks, write_detections, write_matches
from vbench.types import (
    ClassDef,
    Clip,
    ClipResult,
    Detections,
    Digest,
    GateResult,
    GoldenSet,
    GoldenSetResult,
    Matches,
    MediaFacts,
    Metric,
    OperatingPoint,
    PipelineResult,
    Run,
    RunManifest,
    Taxonomy,
    Truth,
    Verdict,
)

WIDTH_PX, HEIGHT_PX = 960, 540
FPS = 25.0
IOUS = np.array([0.5, 0.75])


def make_run(path: Path, plan: RunPlan) -> RunFolder:
    """Write a whole run folder and return it."""
    folder = RunFolder(path)
    golden_set = _golden_set(plan)
    write_golden_copy(folder, golden_set)
    point = OperatingPoint(0.5, tuple((name, 0.3) for name in plan.classes))
    metrics: list[Metric] = []
    for number, pipeline in enumerate(plan.pipelines):
        metrics += _run_pipeline(folder, golden_set, plan, pipeline, point, seed=number)
    gates = judged(plan, metrics)
    write_run(folder, _run(plan, golden_set, point, metrics, gates))
    draw_pictures(folder, golden_set, plan.n_pictures)
    return folder


def _golden_set(plan: RunPlan) -> GoldenSet:
    clips = []
    for number, clip in enumerate(plan.clips):
        clips.append(
            Clip(
                id=clip.id,
                media=Path(f"{clip.id}.mp4"),
                stream=None,
                facts=_facts(clip),
                tags=clip.tags,
                truth=_truth(plan, clip, np.random.default_rng(100 + number)),
                annotated=np.ones(clip.n_frames, np.bool_),
                exhaustive=np.ones(len(plan.classes), np.bool_),
                ignore_regions=(),
                events=(),
            )
        )
    classes = tuple(ClassDef(name, f"any visible {name}") for name in plan.classes)
    return GoldenSet(
        name=plan.golden_set,
        version="1.2.0",
        taxonomy=Taxonomy(3, classes),
        clips=tuple(clips),
        digest="5e" * 32,
        locked=plan.locked,
    )


def _facts(clip: ClipPlan) -> MediaFacts:
    return MediaFacts(
        sha256="ab" * 32,
        n_frames=clip.n_frames,
        fps=FPS,
        duration_s=clip.n_frames / FPS,
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        fingerprint="cd" * 32,
    )


def _truth(plan: RunPlan, clip: ClipPlan, rng: np.random.Generator) -> Truth:
    """Objects that walk across the picture; the middle third of each clip is empty."""
    present = [k for k, name in enumerate(plan.classes) if name not in plan.absent_classes]
    n = clip.n_objects if present else 0
    frames = np.arange(clip.n_frames)
    frames = frames[(frames < clip.n_frames * 0.45) | (frames >= clip.n_frames * 0.6)]
    class_id = np.array([present[k % len(present)] for k in range(n)], np.int64)
    start = rng.uniform(40, WIDTH_PX - 200, n)
    top = rng.uniform(120, HEIGHT_PX - 220, n)
    speed = rng.uniform(-1.5, 1.5, n)
    width = np.where(class_id == 0, 46, 120) * rng.uniform(0.8, 1.2, n)
    height = np.where(class_id == 0, 120, 90) * rng.uniform(0.8, 1.2, n)
    frame_index = np.repeat(frames, n)
    who = np.tile(np.arange(n), len(frames))
    x = np.abs((start[who] + speed[who] * frame_index) % (2 * (WIDTH_PX - 130)) - (WIDTH_PX - 130))
    boxes = np.stack([x, top[who], x + width[who], top[who] + height[who]], axis=1)
    m = len(frame_index)
    return Truth(
        frame_index=frame_index.astype(np.int64),
        boxes_xyxy=boxes.astype(np.float64).reshape(m, 4),
        class_id=class_id[who] if n else np.zeros(m, np.int64),
        track_id=who.astype(np.int64),
        ignore=np.zeros(m, np.bool_),
        crowd=np.zeros(m, np.bool_),
    )


def _run_pipeline(
    folder: RunFolder,
    golden_set: GoldenSet,
    plan: RunPlan,
    pipeline: PipelinePlan,
    point: OperatingPoint,
    *,
    seed: int,
) -> list[Metric]:
    counts: dict[tuple[str | None, str], np.ndarray] = {}
    for number, clip in enumerate(golden_set.clips):
        rng = np.random.default_rng([seed, number])
        detections, matches = _detect(clip, pipeline, rng, len(plan.classes))
        write_detections(folder.detections(pipeline.name, clip.id), detections, plan.classes)
        stored = read_detection_blocks(folder.detections(pipeline.name, clip.id))
        write_matches(folder.matches(pipeline.name, clip.id), _cut(matches, map(len, stored)))
        for class_id, name in [(None, None), *enumerate(plan.classes)]:
            counts[name, clip.id] = _counts(clip, detections, matches, point, class_id)
    return made_metrics(golden_set, plan, pipeline, point, counts)


def _cut(matches: Matches, lengths: Iterable[int]) -> list[Matches]:
    """Blocks of the lengths that the detections were stored in."""
    ends = np.cumsum([0, *lengths])
    return [
        replace(
            matches,
            truth_index=matches.truth_index[:, first:end],
            iou=matches.iou[:, first:end],
            ignored=matches.ignored[:, first:end],
        )
        for first, end in pairwise(ends)
    ]


def _detect(
    clip: Clip, pipeline: PipelinePlan, rng: np.random.Generator, n_classes: int
) -> tuple[Detections, Matches]:
    truth = clip.truth
    chance = pipeline.recall.get(clip.tag("daypart") or "", pipeline.recall[""])
    # Misses come in bursts, as they do in reality.
    wave = 0.5 + 0.5 * np.sin(truth.frame_index / 9.0 + truth.track_id)
    found = np.flatnonzero(rng.random(len(truth)) ** 0.7 * (0.35 + 0.65 * wave) < chance)
    n_false = rng.poisson(pipeline.false_per_frame, clip.facts.n_frames)
    false_frame = np.repeat(np.arange(clip.facts.n_frames), n_false)
    corner = rng.uniform([20, 90], [WIDTH_PX - 160, HEIGHT_PX - 160], (len(false_frame), 2))
    false_boxes = np.concatenate([corner, corner + rng.uniform(40, 140, corner.shape)], axis=1)
    jitter = rng.normal(0, 3, (len(found), 4))
    frame = np.concatenate([truth.frame_index[found], false_frame]).astype(np.int64)
    boxes = np.concatenate([truth.boxes_xyxy[found] + jitter, false_boxes]).reshape(-1, 4)
    scores = np.concatenate(
        [rng.uniform(0.35, 0.99, len(found)), rng.uniform(0.3, 0.7, len(false_frame))]
    )
    class_id = np.concatenate(
        [truth.class_id[found], rng.integers(0, n_classes, len(false_frame))]
    ).astype(np.int64)
    truth_index = np.concatenate([found, np.full(len(false_frame), -1)]).astype(np.int32)
    order = np.lexsort((-scores, frame))
    detections = Detections(
        frame[order], boxes[order], scores[order], class_id[order], np.full(len(order), -1)
    )
    index = np.stack([truth_index[order]] * len(IOUS))
    return detections, Matches(
        IOUS,
        index,
        np.where(index >= 0, 0.8, 0.0),
        np.zeros(index.shape, np.bool_),
        np.ones(len(truth), np.bool_),
    )


def _counts(
    clip: Clip,
    detections: Detections,
    matches: Matches,
    point: OperatingPoint,
    class_id: int | None,
) -> np.ndarray:
    """(3,) tp, fp, fn."""
    if class_id is None:
        counts = frame_outcomes(clip, detections, matches, point)
        return np.array([counts.tp.sum(), counts.fp.sum(), counts.fn.sum()])
    of_class = detections.class_id == class_id
    hit = matches.truth_index[0] >= 0
    n_truth = int((clip.truth.class_id == class_id).sum())
    tp = int((of_class & hit).sum())
    return np.array([tp, int((of_class & ~hit).sum()), n_truth - tp])


def _run(
    plan: RunPlan,
    golden_set: GoldenSet,
    point: OperatingPoint,
    metrics: Sequence[Metric],
    gates: Sequence[GateResult],
) -> Run:
    def verdict(pipeline: str | None) -> Verdict:
        counting = {
            item.verdict
            for item in gates
            if item.gate.level == "error"
            and not item.in_quarantine
            and pipeline in (None, item.pipeline)
        }
        for worst in (Verdict.FAIL, Verdict.INCONCLUSIVE):
            if worst in counting:
                return worst
        return Verdict.PASS

    return Run(
        manifest=_manifest(plan),
        golden_sets=(
            GoldenSetResult(
                golden_set.name,
                golden_set.version,
                golden_set.taxonomy,
                golden_set.digest,
                golden_set.locked,
            ),
        ),
        clips=tuple(
            ClipResult(
                golden_set=golden_set.name,
                id=clip.id,
                facts=clip.facts,
                tags=clip.tags,
                n_frames_annotated=clip.facts.n_frames,
                n_truth=len(clip.truth),
                color="bt709 limited (from the stream)",
                damaged=made.damaged,
            )
            for clip, made in zip(golden_set.clips, plan.clips, strict=True)
        ),
        pipelines=tuple(
            PipelineResult(
                name=item.name,
                version="2.1.0",
                engine="replay (mot)"
                if item.latency_ms is None
                else "onnxruntime 1.22 (CPUExecutionProvider, 1 thread)",
                settings=f"schema: vbench.pipeline/v1\nname: {item.name}\n",
                operating_point=point,
                score_floor=0.01,
                verdict=verdict(item.name),
                notes=("no latency: results were replayed",) if item.latency_ms is None else (),
            )
            for item in plan.pipelines
        ),
        baseline=plan.baseline,
        metrics=tuple(metrics),
        gates=tuple(gates),
        verdict=verdict(None),
        notes=(*([plan.partial] if plan.partial else []), *plan.notes),
    )


def _manifest(plan: RunPlan) -> RunManifest:
    return RunManifest(
        vbench_version="0.1.0",
        benchmark=plan.benchmark,
        started_at="2026-11-20T18:04:11Z",
        finished_at="2026-11-20T18:05:49Z",
        python_version="3.11.9",
        libraries=(("numpy", "2.4.6"), ("onnxruntime", "1.22.0"), ("vbench", "0.1.0")),
        hardware=(
            ("cpu", "AMD EPYC 7R13 (2 of 96 cores)"),
            ("n_cpus", "2"),
            ("memory", "8 GiB"),
            ("os", "Debian 12"),
        ),
        git_commit="0123456789abcdef0123456789abcdef01234567",
        git_dirty=True,
        seed=0,
        digests=(Digest("benchmark.yaml", "11" * 32), Digest("person-v2.onnx", "22" * 32)),
        command=("vbench", "run", "benchmark.yaml"),
        benchmark_file=plan.benchmark_file,
        load=plan.load,
        partial=plan.partial,
        statistics="1000 resamples, seed 0, 95 % intervals" if plan.decided else "",
    )
