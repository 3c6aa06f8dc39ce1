"""Metric rows and gate results to and from their lines in ``run.json``."""

from __future__ import annotations

import json
from functools import lru_cache

from vbench.record import run_file as rf
from vbench.types import (
    Cause,
    Change,
    Gate,
    GateResult,
    Interval,
    Metric,
    OperatingPoint,
    Quarantine,
    Verdict,
)


def point_entry(point: OperatingPoint) -> rf.OperatingPointEntry:
    """The line of an operating point."""
    values = {score for _, score in point.scores}
    score = values.pop() if len(values) == 1 else dict(point.scores)
    return rf.OperatingPointEntry(iou=point.iou, score=score)


def _metric_point(metric: Metric) -> rf.OperatingPointEntry | None:
    point = metric.operating_point
    if point is None:
        return None
    if metric.class_name is not None:
        return rf.OperatingPointEntry(iou=point.iou, score=point.score_for(metric.class_name))
    return point_entry(point)


def metric_entry(metric: Metric) -> rf.MetricEntry:
    """The line of a metric row."""
    return rf.MetricEntry(
        pipeline=metric.pipeline,
        golden_set=metric.golden_set,
        name=metric.name,
        class_=metric.class_name,
        clip=metric.clip,
        slice=dict(metric.slice) or None,
        value=metric.value,
        reason=metric.reason,
        unit=metric.unit,
        better=metric.better,
        n=metric.n,
        interval=rf.NoIntervalEntry(reason=metric.no_interval)
        if metric.no_interval
        else interval_entry(metric.interval),
        operating_point=_metric_point(metric),
        signature=metric.signature,
    )


def metric_text(metric: Metric) -> str:
    """The line of a metric row as JSON: that of `metric_entry`, of which there are thousands."""
    point = metric.operating_point
    line = {
        "pipeline": metric.pipeline,
        "golden_set": metric.golden_set,
        "name": metric.name,
        "class": metric.class_name,
        "clip": metric.clip,
        "slice": dict(metric.slice) or None,
        "value": None if metric.value is None else float(metric.value),
        "reason": metric.reason,
        "unit": metric.unit,
        "better": metric.better,
        "n": int(metric.n),
        "interval": {"reason": metric.no_interval}
        if metric.no_interval
        else _interval_line(metric.interval),
        "operating_point": None
        if point is None
        else {"iou": float(point.iou), "score": _metric_score(point, metric.class_name)},
        "signature": metric.signature,
    }
    return json.dumps(line, ensure_ascii=False, allow_nan=False)


def _interval_line(interval: Interval | None) -> dict[str, object] | None:
    if interval is None:
        return None
    n_effective = interval.n_effective
    return {
        "low": float(interval.low),
        "high": float(interval.high),
        "confidence": float(interval.confidence),
        "units": interval.units,
        "n_units": int(interval.n_units),
        "n_effective": None if n_effective is None else float(n_effective),
    }


def _metric_score(point: OperatingPoint, class_name: str | None) -> float | dict[str, float]:
    """One score, or one per class where they differ."""
    if class_name is not None:
        return float(point.score_for(class_name))
    scores = {name: float(score) for name, score in point.scores}
    return scores if len(set(scores.values())) != 1 else next(iter(scores.values()))


def gate_entry(result: GateResult) -> rf.GateEntry:
    """The line of a gate result."""
    gate, held = result.gate, result.gate.quarantine
    return rf.GateEntry(
        title=gate.title(),
        pipeline=result.pipeline,
        golden_set=result.golden_set,
        metric=gate.metric,
        class_=gate.class_name,
        slice=dict(gate.slice) or None,
        clip=gate.clip,
        form=gate.form,
        limit=gate.limit,
        level=gate.level,
        verdict=result.verdict.value,
        observed=None if result.observed is None else metric_entry(result.observed),
        baseline=None if result.baseline is None else metric_entry(result.baseline),
        baseline_name=result.baseline_name,
        explanation=result.explanation,
        pipelines=None if gate.pipelines is None else list(gate.pipelines),
        only_golden_set=gate.golden_set,
        versus=gate.versus,
        source=gate.source,
        confidence=gate.confidence,
        min_n=gate.min_n,
        quarantine=None
        if held is None
        else rf.QuarantineEntry(owner=held.owner, reason=held.reason, expires=held.expires),
        preset=gate.preset,
        change=None if result.change is None else _change_entry(result.change),
        bound=result.bound,
        p_value=result.p_value,
        p_adjusted=result.p_adjusted,
        more_footage=result.more_footage,
        in_quarantine=result.in_quarantine,
        causes=[
            rf.CauseEntry(
                kind=cause.kind,
                name=cause.name,
                frames=cause.frames,
                n_errors=cause.n_errors,
                share=cause.share,
                recovered=cause.recovered,
            )
            for cause in result.causes
        ],
        rerun=result.rerun,
    )


def _change_entry(change: Change) -> rf.ChangeEntry:
    return rf.ChangeEntry(
        value=change.value,
        interval=interval_entry(change.interval),
        reason=change.reason,
        p_value=change.p_value,
    )


def interval_entry(interval: Interval | None) -> rf.IntervalEntry | None:
    """The line of an interval; None for none."""
    if interval is None:
        return None
    return rf.IntervalEntry(
        low=interval.low,
        high=interval.high,
        confidence=interval.confidence,
        units=interval.units,
        n_units=interval.n_units,
        n_effective=interval.n_effective,
    )


def _interval(entry: rf.IntervalEntry | None) -> Interval | None:
    if entry is None:
        return None
    return Interval(
        low=entry.low,
        high=entry.high,
        confidence=entry.confidence,
        units=entry.units,
        n_units=entry.n_units,
        n_effective=entry.n_effective,
    )


def point_from(entry: rf.OperatingPointEntry, classes: tuple[str, ...]) -> OperatingPoint:
    """The operating point of a line; a lone score holds for all `classes`."""
    if isinstance(entry.score, dict):
        return OperatingPoint(entry.iou, tuple(entry.score.items()))
    return _shared_point(entry.iou, entry.score, classes)


@lru_cache(maxsize=1024)
def _shared_point(iou: float, score: float, classes: tuple[str, ...]) -> OperatingPoint:
    """One object for all the rows that are stated at it: there are tens of thousands."""
    return OperatingPoint(iou, tuple((name, score) for name in classes))


def metric_from(item: rf.MetricEntry, classes: dict[str, tuple[str, ...]]) -> Metric:
    """The metric row of a line; `classes` per golden set."""
    names = (item.class_,) if item.class_ is not None else classes.get(item.golden_set, ())
    return Metric(
        name=item.name,
        value=item.value,
        reason=item.reason,
        unit=item.unit,
        better=item.better,
        n=item.n,
        pipeline=item.pipeline,
        golden_set=item.golden_set,
        class_name=item.class_,
        clip=item.clip,
        slice=tuple((item.slice or {}).items()),
        interval=None
        if isinstance(item.interval, rf.NoIntervalEntry)
        else _interval(item.interval),
        no_interval=item.interval.reason if isinstance(item.interval, rf.NoIntervalEntry) else "",
        operating_point=None
        if item.operating_point is None
        else point_from(item.operating_point, names),
        signature=item.signature,
    )


def gate_from(item: rf.GateEntry, classes: dict[str, tuple[str, ...]]) -> GateResult:
    """The gate result of a line."""
    return GateResult(
        gate=Gate(
            metric=item.metric,
            form=item.form,
            limit=item.limit,
            class_name=item.class_,
            slice=tuple((item.slice or {}).items()),
            clip=item.clip,
            level=item.level,
            pipelines=None if item.pipelines is None else tuple(item.pipelines),
            golden_set=item.only_golden_set,
            versus=item.versus,
            source=item.source,
            confidence=item.confidence,
            min_n=item.min_n,
            quarantine=None
            if item.quarantine is None
            else Quarantine(item.quarantine.owner, item.quarantine.reason, item.quarantine.expires),
            preset=item.preset,
        ),
        pipeline=item.pipeline,
        golden_set=item.golden_set,
        observed=None if item.observed is None else metric_from(item.observed, classes),
        baseline=None if item.baseline is None else metric_from(item.baseline, classes),
        baseline_name=item.baseline_name,
        verdict=Verdict(item.verdict),
        explanation=item.explanation,
        change=None
        if item.change is None
        else Change(
            value=item.change.value,
            interval=_interval(item.change.interval),
            reason=item.change.reason,
            p_value=item.change.p_value,
        ),
        bound=item.bound,
        p_value=item.p_value,
        p_adjusted=item.p_adjusted,
        more_footage=item.more_footage,
        in_quarantine=item.in_quarantine,
        causes=tuple(
            Cause(
                kind=cause.kind,
                name=cause.name,
                frames=cause.frames,
                n_errors=cause.n_errors,
                share=cause.share,
                recovered=cause.recovered,
            )
            for cause in item.causes
        ),
        rerun=item.rerun,
    )
