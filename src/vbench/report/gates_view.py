"""Gates as a reader needs them: status, numbers, and which clips carry the result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vbench.report import wording
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import (
    Change,
    change,
    exact_text,
    number_text,
    number_with_unit,
    percent_text,
)
from vbench.report.verdicts import GateStatus, failures_first, gate_status
from vbench.types import ClipResult, GateResult, Metric, Run, Slice

_MAX_CLIPS_PASSED = 10


@dataclass(frozen=True, slots=True)
class ClipShare:
    """What one clip contributes to the metric of a gate."""

    clip: str
    tags: str
    text: str
    exact: str
    reason: str | None
    n: int
    missed: str
    """Count and its share of all clips in the table; empty where not known."""
    false: str


@dataclass(frozen=True, slots=True)
class GateView:
    """One gate applied to one pipeline."""

    key: str
    """Anchor of the page, unique and stable."""
    status: GateStatus
    pipeline: str
    golden_set: str
    subject: str
    limit: str
    observed: str
    observed_exact: str
    reason: str | None
    baseline: str
    """Empty where nothing is compared."""
    baseline_name: str
    change: Change | None
    n: int
    sentence: str
    explanation: str
    source: str
    title: str
    clips: tuple[ClipShare, ...]
    n_clips_left_out: int
    is_accuracy: bool
    """Whether frames with errors can explain it; latency and throughput are not in pictures."""


def gate_views(index: MetricIndex) -> tuple[GateView, ...]:
    """Every gate result of a run, failures first."""
    ordered = failures_first(index.run.gates)
    return tuple(_view(index, result, number) for number, result in enumerate(ordered, start=1))


def _view(index: MetricIndex, result: GateResult, number: int) -> GateView:
    observed, gate = result.observed, result.gate
    value = None if observed is None else observed.value
    baseline = result.baseline
    if baseline is None and observed is not None:
        baseline = index.baseline_of(observed)
    before = None if baseline is None else baseline.value
    unit = wording.metric_unit(gate.metric)
    shares = _clip_shares(index, result)
    status = gate_status(result)
    shown = shares[:_MAX_CLIPS_PASSED] if status is GateStatus.PASS else shares
    return GateView(
        key=f"gate-{number}",
        status=status,
        pipeline=result.pipeline,
        golden_set=result.golden_set,
        subject=wording.gate_subject(gate),
        limit=wording.gate_limit(gate),
        observed=wording.gate_observed(result),
        observed_exact="" if value is None else exact_text(value),
        reason=_reason(observed),
        baseline="" if before is None else number_with_unit(before, unit),
        baseline_name=result.baseline_name or index.run.baseline or "",
        change=None
        if value is None or before is None or observed is None
        else change(value, before, unit, observed.better),
        n=0 if observed is None else observed.n,
        sentence=wording.gate_sentence(result),
        explanation=result.explanation,
        source=gate.source,
        title=gate.title(),
        clips=shown,
        n_clips_left_out=len(shares) - len(shown),
        is_accuracy=not gate.metric.startswith(("latency", "throughput")),
    )


def _reason(observed: Metric | None) -> str | None:
    return wording.NOT_MEASURED if observed is None else observed.reason


def _clip_shares(index: MetricIndex, result: GateResult) -> tuple[ClipShare, ...]:
    """The metric of a gate on each clip it covers, worst first; undefined ones last."""
    gate, run = result.gate, index.run
    keys = {key for clip in run.clips for key, _ in clip.tags}
    within = _box_slice(gate.slice, keys)

    def of(clip: ClipResult, name: str) -> Metric | None:
        return index.find(
            result.pipeline,
            result.golden_set,
            name,
            class_name=gate.class_name,
            clip=clip.id,
            slice_=within,
        )

    clips = [
        (clip, metric)
        for clip in run.clips
        if clip.golden_set == result.golden_set and _covers(result, clip, keys)
        if (metric := of(clip, gate.metric)) is not None
    ]
    n_missed = [_count(of(clip, "fn")) for clip, _ in clips]
    n_false = [_count(of(clip, "fp")) for clip, _ in clips]
    shares = [
        _share(clip, metric, _part(n_missed, k), _part(n_false, k))
        for k, (clip, metric) in enumerate(clips)
    ]
    order = sorted(range(len(clips)), key=lambda k: _badness(clips[k][1]))
    return tuple(shares[k] for k in order)


def _share(clip: ClipResult, metric: Metric, missed: str, false: str) -> ClipShare:
    value = metric.value
    return ClipShare(
        clip=clip.id,
        tags=wording.slice_title(clip.tags),
        text="undefined" if value is None else number_text(value, metric.unit),
        exact="" if value is None else exact_text(value),
        reason=metric.reason,
        n=metric.n,
        missed=missed,
        false=false,
    )


def _part(counts: Sequence[int | None], k: int) -> str:
    """``940 (58 %)``: one count and its share of all."""
    count, total = counts[k], sum(item or 0 for item in counts)
    if count is None:
        return ""
    return f"{count:,} ({percent_text(count / total)})" if total else "0"


def _covers(result: GateResult, clip: ClipResult, keys: set[str]) -> bool:
    if result.gate.clip not in (None, clip.id):
        return False
    tags = dict(clip.tags)
    return all(key not in keys or tags.get(key) == value for key, value in result.gate.slice)


def _box_slice(slice_: Slice, clip_keys: set[str]) -> Slice:
    """What is left of a slice within one clip: keys that are no clip tags (stage, size)."""
    return tuple((key, value) for key, value in slice_ if key not in clip_keys)


def _badness(metric: Metric) -> float:
    if metric.value is None:
        return math.inf
    return metric.value if metric.better == "higher" else -metric.value


def _count(metric: Metric | None) -> int | None:
    return None if metric is None or metric.value is None else round(metric.value)


def gate_counts(run: Run) -> tuple[tuple[GateStatus, int], ...]:
    """How many gate results have each status, most urgent first; zeros left out."""
    statuses = [gate_status(result) for result in run.gates]
    counts = [(status, statuses.count(status)) for status in GateStatus]
    return tuple((status, n) for status, n in counts if n)
