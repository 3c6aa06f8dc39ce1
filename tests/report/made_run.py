"""A run folder made from arithmetic: known matches, drawn pictures, no video and no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from vbench.metrics.definitions import METRICS
from vbench.metrics.frames import frame_outcomes
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import write_golden_copy
from vbench.record.run_json import write_run
from vbench.record.shards import write_detections, write_matches
from vbench.types import (
    ClassDef,
    Clip,
    ClipResult,
    Detections,
    Digest,
    Gate,
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
    Slice,
    Tags,
    Taxonomy,
    Truth,
    Verdict,
)

WIDTH_PX, HEIGHT_PX = 960, 540
FPS = 25.0
IOUS = np.array([0.5, 0.75])


@dataclass(frozen=True)
class ClipPlan:
    """A clip to make."""

    id: str
    n_frames: int
    tags: Tags
    n_objects: int = 4
    damaged: str | None = None


@dataclass(frozen=True)
class PipelinePlan:
    """A pipeline to imitate."""

    name: str
    recall: dict[str, float]
    """Chance of finding a box, by daypart; ``""`` for any other."""
    false_per_frame: float
    latency_ms: float | None
    """None: replayed results."""


@dataclass(frozen=True)
class RunPlan:
    """A run to make."""

    clips: Sequence[ClipPlan]
    pipelines: Sequence[PipelinePlan]
    classes: Sequence[str] = ("person", "forklift", "pallet")
    golden_set: str = "loading-dock"
    benchmark: str = "dock-release"
    locked: bool = True
    baseline: str | None = None
    gates: Sequence[Gate] = ()
    n_pictures: int = 24
    notes: tuple[str, ...] = ()
    absent_classes: frozenset[str] = field(default_factory=frozenset)
    """Classes that no truth box has."""


def gate(
    metric: str,
    form: str,
    limit: float,
    *,
    class_name: str | None = None,
    slice_: Slice = (),
    level: str = "error",
    line: int = 1,
) -> Gate:
    return Gate(
        metric=metric,
        form=form,  # type: ignore[arg-type]
        limit=limit,
        class_name=class_name,
        slice=slice_,
        clip=None,
        level=level,  # type: ignore[arg-type]
        pipelines=None,
        golden_set=None,
        versus=None,
        source=f"benchmark.yaml:{line}",
    )


def make_run(path: Path, plan: RunPlan) -> RunFolder:
    """Write a whole run folder and return it."""
    folder = RunFolder(path)
    golden_set = _golden_set(plan)
    write_golden_copy(folder, golden_set)
    point = OperatingPoint(0.5, tuple((name, 0.3) for name in plan.classes))
    metrics: list[Metric] = []
    for number, pipeline in enumerate(plan.pipelines):
        metrics += _run_pipeline(folder, golden_set, plan, pipeline, point, seed=number)
    gates = _judge(plan, metrics)
    write_run(folder, _run(plan, golden_set, point, metrics, gates))
    _draw_pictures(folder, golden_set, plan)
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
        write_matches(folder.matches(pipeline.name, clip.id), matches)
        for class_id, name in [(None, None), *enumerate(plan.classes)]:
            counts[name, clip.id] = _counts(clip, detections, matches, point, class_id)
    return _metrics(golden_set, plan, pipeline, point, counts)


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


def _metrics(
    golden_set: GoldenSet,
    plan: RunPlan,
    pipeline: PipelinePlan,
    point: OperatingPoint,
    counts: dict[tuple[str | None, str], np.ndarray],
) -> list[Metric]:
    rows: list[Metric] = []
    ids = [clip.id for clip in golden_set.clips]
    scopes: list[tuple[str | None, Slice, list[str]]] = [(None, (), ids)]
    scopes += [(one, (), [one]) for one in ids]
    tags = dict.fromkeys(tag for clip in golden_set.clips for tag in clip.tags)
    for tag in tags:
        scopes.append((None, (tag,), [c.id for c in golden_set.clips if tag in c.tags]))
    hours = {clip.id: clip.annotated_s / 3600 for clip in golden_set.clips}
    n_frames = {clip.id: clip.facts.n_frames for clip in golden_set.clips}
    for class_name in (None, *plan.classes):
        for clip, slice_, members in scopes:
            total = sum((counts[class_name, one] for one in members), np.zeros(3, np.int64))
            values = _values(
                *(int(value) for value in total),
                hours=sum(hours[one] for one in members),
                n_frames=sum(n_frames[one] for one in members),
                what=class_name or "any class",
            )
            rows += [
                _metric(name, value, n, pipeline, golden_set.name, point, class_name, clip, slice_)
                for name, (value, n) in values.items()
            ]
    rows += _latency(pipeline, golden_set, sum(n_frames.values()))
    return rows


_Value = float | str


def _values(
    tp: int, fp: int, fn: int, *, hours: float, n_frames: int, what: str
) -> dict[str, tuple[_Value, int]]:
    n_truth, n_found = tp + fn, tp + fp
    recall: _Value = tp / n_truth if n_truth else f"no truth boxes of {what}"
    precision: _Value = tp / n_found if n_found else "no detections at score >= 0.3"
    f1: _Value = 2 * tp / (2 * tp + fp + fn) if n_truth else f"no truth boxes of {what}"
    ap50: _Value = f1 if isinstance(f1, str) else f1 * 0.98
    return {
        "tp": (tp, n_truth),
        "fp": (fp, n_found),
        "fn": (fn, n_truth),
        "recall": (recall, n_truth),
        "precision": (precision, n_found),
        "f1": (f1, n_truth),
        "fp_per_frame": (fp / n_frames if n_frames else "no frames", n_frames),
        "fp_per_camera_hour": (fp / hours if hours else "no footage", n_frames),
        "ap50": (ap50, n_truth),
        "ap": (ap50 if isinstance(ap50, str) else ap50 * 0.62, n_truth),
        "frame_accuracy": (1 - (fp + fn) / max(1, 4 * n_frames), n_frames),
        "mota": ("the pipeline gives no track ids", n_truth),
    }


def _latency(pipeline: PipelinePlan, golden_set: GoldenSet, n_frames: int) -> list[Metric]:
    rows = []
    shares = {"decode": 0.4, "detect.preprocess": 0.16, "detect.infer": 0.7, "detect.post": 0.14}
    stages: dict[str, float] = {"": 1.0}
    if pipeline.latency_ms is not None:
        stages |= shares
    for stage, share in stages.items():
        for name, factor in (("p50", 1.0), ("p95", 1.34), ("p99", 1.9)):
            value: _Value = "replayed results have no timings"
            if pipeline.latency_ms is not None:
                value = pipeline.latency_ms * share * factor
            slice_: Slice = (("stage", stage),) if stage else ()
            full_name = f"latency_ms_{name}"
            rows.append(
                _metric(
                    full_name, value, n_frames, pipeline, golden_set.name, None, None, None, slice_
                )
            )
    fps: _Value = "replayed results have no timings"
    if pipeline.latency_ms is not None:
        fps = 1000 / (1.4 * pipeline.latency_ms)
    rows.append(
        _metric("throughput_fps", fps, n_frames, pipeline, golden_set.name, None, None, None, ())
    )
    return rows


def _metric(
    name: str,
    value: _Value,
    n: int,
    pipeline: PipelinePlan,
    golden_set: str,
    point: OperatingPoint | None,
    class_name: str | None,
    clip: str | None,
    slice_: Slice,
) -> Metric:
    return Metric(
        name=name,
        value=None if isinstance(value, str) else float(value),
        reason=value if isinstance(value, str) else None,
        unit=METRICS[name].unit,
        better=METRICS[name].better,
        n=n,
        pipeline=pipeline.name,
        golden_set=golden_set,
        class_name=class_name,
        clip=clip,
        slice=slice_,
        operating_point=point,
        signature="match:coco|iou:0.5|score:0.3",
    )


def _judge(plan: RunPlan, metrics: Sequence[Metric]) -> list[GateResult]:
    """Gates by a slow, obvious rule of their own."""
    results = []
    for one in plan.gates:
        for pipeline in plan.pipelines:
            comparing = one.form in ("max_drop", "max_rise")
            if comparing and pipeline.name == plan.baseline:
                continue
            observed = _find(metrics, one, pipeline.name)
            before = _find(metrics, one, plan.baseline) if comparing and plan.baseline else None
            results.append(_result(plan, one, pipeline.name, observed, before))
    return results


def _find(metrics: Sequence[Metric], one: Gate, pipeline: str) -> Metric | None:
    for metric in metrics:
        about = (metric.name, metric.class_name, metric.slice, metric.clip)
        if metric.pipeline == pipeline and about == (
            one.metric,
            one.class_name,
            one.slice,
            one.clip,
        ):
            return metric
    return None


def _result(
    plan: RunPlan, one: Gate, pipeline: str, observed: Metric | None, before: Metric | None
) -> GateResult:
    passes = False
    if observed is not None and observed.value is not None:
        value = observed.value
        start = before.value if before is not None and before.value is not None else value
        passes = {
            "min": value >= one.limit,
            "max": value <= one.limit,
            "max_drop": start - value <= one.limit,
            "max_rise": value - start <= one.limit,
        }[one.form]
    return GateResult(
        gate=one,
        pipeline=pipeline,
        golden_set=plan.golden_set,
        observed=observed,
        baseline=before,
        baseline_name=plan.baseline if before is not None else None,
        verdict=Verdict.PASS if passes else Verdict.FAIL,
        explanation=f"{one.title()}: found {None if observed is None else observed.value}",
    )


def _run(
    plan: RunPlan,
    golden_set: GoldenSet,
    point: OperatingPoint,
    metrics: Sequence[Metric],
    gates: Sequence[GateResult],
) -> Run:
    def verdict(pipeline: str | None) -> Verdict:
        failed = [
            item
            for item in gates
            if item.verdict is Verdict.FAIL
            and item.gate.level == "error"
            and pipeline in (None, item.pipeline)
        ]
        return Verdict.FAIL if failed else Verdict.PASS

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
        notes=plan.notes,
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
    )


def _draw_pictures(folder: RunFolder, golden_set: GoldenSet, plan: RunPlan) -> None:
    from vbench.record.run_json import read_run
    from vbench.report.worst_frames import rank_worst_frames

    clips = {clip.id: clip for clip in golden_set.clips}
    for frame in rank_worst_frames(folder, read_run(folder))[: plan.n_pictures]:
        path = folder.picture(frame.clip, frame.frame_index)
        path.parent.mkdir(parents=True, exist_ok=True)
        image = draw_scene(clips[frame.clip], frame.frame_index)
        content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        path.write_bytes(content.tobytes())


def draw_scene(clip: Clip, frame_index: int) -> np.ndarray:
    """(H, W, 3) uint8 BGR: a dock with figures where the truth is."""
    rng = np.random.default_rng(frame_index)
    light = {"night": 0.3, "dusk": 0.6}.get(clip.tag("daypart") or "", 1.0)
    image = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.float32)
    image[:220] = np.linspace(150, 120, 220)[:, None, None]
    image[220:] = np.linspace(95, 140, HEIGHT_PX - 220)[:, None, None]
    for left in range(60, WIDTH_PX, 240):
        cv2.rectangle(image, (left, 60), (left + 150, 220), (90, 100, 110), -1)
    truth = clip.truth
    for row in np.flatnonzero(truth.frame_index == frame_index):
        x1, y1, x2, y2 = (int(value) for value in truth.boxes_xyxy[row])
        if truth.class_id[row] == 0:
            cv2.circle(image, ((x1 + x2) // 2, y1 + 14), 13, (120, 150, 190), -1)
            cv2.rectangle(image, (x1 + 6, y1 + 26), (x2 - 6, y2), (70, 60, 150), -1)
        else:
            cv2.rectangle(image, (x1 + 4, y1 + 8), (x2 - 4, y2 - 8), (40, 160, 210), -1)
    noisy = image * light + rng.normal(0, 9, image.shape)
    return noisy.clip(0, 255).astype(np.uint8)


def demo_plan() -> RunPlan:
    """Three pipelines on six clips: one passes, one fails at night, one is a replay."""
    night: Slice = (("daypart", "night"),)
    return RunPlan(
        clips=[
            ClipPlan("dock3-day", 700, (("daypart", "day"), ("weather", "dry"), ("camera", "3"))),
            ClipPlan("dock3-dusk", 400, (("daypart", "dusk"), ("weather", "dry"), ("camera", "3"))),
            ClipPlan(
                "dock3-night", 500, (("daypart", "night"), ("weather", "dry"), ("camera", "3"))
            ),
            ClipPlan("gate1-day", 900, (("daypart", "day"), ("weather", "rain"), ("camera", "1"))),
            ClipPlan(
                "gate1-night",
                450,
                (("daypart", "night"), ("weather", "rain"), ("camera", "1")),
                n_objects=6,
                damaged="decoding stopped at frame 450 of 600 (byte 1,204,992)",
            ),
            ClipPlan("gate1-empty", 300, (("daypart", "day"), ("camera", "1")), n_objects=0),
        ],
        pipelines=[
            PipelinePlan("person-v1", {"": 0.72, "night": 0.55}, 0.10, 14.2),
            PipelinePlan("person-v2", {"": 0.86, "night": 0.42}, 0.05, 8.7),
            PipelinePlan("vendor-replay", {"": 0.70, "night": 0.60}, 0.16, None),
        ],
        classes=("person", "forklift", "pallet", "truck"),
        absent_classes=frozenset({"truck"}),
        baseline="person-v1",
        gates=[
            gate("recall", "min", 0.70, class_name="person", line=14),
            gate("recall", "min", 0.60, slice_=night, line=15),
            gate("precision", "max_drop", 0.01, line=16),
            gate("fp_per_camera_hour", "max", 9000, level="warn", line=17),
            gate("latency_ms_p95", "max", 40, line=18),
            gate("recall", "min", 0.5, class_name="truck", level="warn", line=19),
            gate("f1", "min", 0.6, line=20),
        ],
        notes=(
            "clip gate1-night is damaged and was scored in part: decoding stopped at frame 450 "
            "of 600 (byte 1,204,992)",
        ),
    )


def with_clip_names(plan: RunPlan, names: Sequence[str]) -> RunPlan:
    """The same plan with other clip ids."""
    renamed = [replace(clip, id=name) for clip, name in zip(plan.clips, names, strict=False)]
    return replace(plan, clips=renamed)
