"""Metrics and gate results of a made run, by slow and obvious rules of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.report.made_decisions import decided, with_interval
from tests.report.made_plan import PipelinePlan, RunPlan
from vbench.metrics.definitions import METRICS
from vbench.types import (
    COMPARING,
    Gate,
    GateResult,
    GoldenSet,
    Metric,
    OperatingPoint,
    Slice,
    Verdict,
)


def made_metrics(
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
    return [with_interval(row) for row in rows] if plan.decided else rows


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


def judged(plan: RunPlan, metrics: Sequence[Metric]) -> list[GateResult]:
    """Gates by a slow, obvious rule of their own."""
    results = []
    for one in plan.gates:
        for pipeline in plan.pipelines:
            comparing = one.form in COMPARING
            if comparing and pipeline.name == plan.baseline:
                continue
            observed = find(metrics, one, pipeline.name)
            before = find(metrics, one, plan.baseline) if comparing and plan.baseline else None
            result = _result(plan, one, pipeline.name, observed, before)
            results.append(decided(plan, result, metrics) if plan.decided else result)
    return results


def find(
    metrics: Sequence[Metric],
    one: Gate,
    pipeline: str,
    *,
    name: str | None = None,
    clip: str | None = None,
) -> Metric | None:
    """The row that a gate is about; or of another metric, or of a clip, in its place."""
    wanted = (name or one.metric, one.class_name, one.slice, clip or one.clip)
    for metric in metrics:
        about = (metric.name, metric.class_name, metric.slice, metric.clip)
        if metric.pipeline == pipeline and about == wanted:
            return metric
    return None


def _result(
    plan: RunPlan, one: Gate, pipeline: str, observed: Metric | None, before: Metric | None
) -> GateResult:
    passes = False
    if observed is not None and one.form == "require":
        passes = observed.n >= one.limit
    elif observed is not None and observed.value is not None:
        value = observed.value
        start = before.value if before is not None and before.value is not None else value
        worse = start - value if observed.better == "higher" else value - start
        passes = {
            "min": value >= one.limit,
            "max": value <= one.limit,
            "max_drop": start - value <= one.limit,
            "max_rise": value - start <= one.limit,
            "not_worse": worse <= one.limit,
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
