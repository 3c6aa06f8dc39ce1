"""Gates as a reader needs them: status, numbers, and which clips carry the result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbench.report import wording
from vbench.report.cause_rows import CauseRow, FrameLinks, Link, cause_rows, frames_of
from vbench.report.explained import Fact, gate_facts, is_about_new_errors, why_sentences
from vbench.report.footage import more_footage_text
from vbench.report.language.stored_texts import say_stored
from vbench.report.language.strings import say
from vbench.report.lookup import MetricIndex, clip_tag_keys, gate_clips
from vbench.report.numbers import (
    Change,
    change,
    count_text,
    exact_text,
    number_text,
    number_with_unit,
    percent_text,
    range_text,
)
from vbench.report.verdicts import GateStatus, failures_first, gate_status
from vbench.report.web.interval_chart import IntervalChart, interval_chart
from vbench.report.web.slice_numbers import gate_slices, numbered_slices
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
    interval: str
    """``0.571 to 0.655``; empty where there is none."""
    sure: str
    """The bound that is sure at the confidence asked for: ``95 % sure of at least 0.571``."""
    baseline: str
    """Empty where nothing is compared."""
    baseline_name: str
    change: Change | None
    n: int
    sentence: str
    facts: tuple[Fact, ...]
    """Expected, found, baseline, how sure, ...: everything but why."""
    chart: IntervalChart | None
    why: tuple[str, ...]
    """What carries the loss, in sentences."""
    causes: tuple[CauseRow, ...]
    frames: tuple[tuple[str, tuple[Link, ...]], ...]
    """Pictures of the page that show the loss, by clip."""
    more_footage: str
    """What would decide an undecided gate; empty for any other."""
    rerun: str
    """The command that runs only what matters again; empty for a gate that passed."""
    recovered: str
    """What the causes' last column says: the metric without a part, or with errors corrected."""
    clips: tuple[ClipShare, ...]
    n_clips_left_out: int
    is_accuracy: bool
    """Whether frames with errors can explain it; latency and throughput are not in pictures."""
    slices: tuple[int, ...]
    """Numbers of the slices that it is about; the page is filtered by them."""


def gate_views(index: MetricIndex, links: FrameLinks | None = None) -> tuple[GateView, ...]:
    """Every gate result of a run, failures first; `links` are for the parts that carry a loss."""
    ordered = failures_first(index.run.gates)
    numbers = numbered_slices(index)
    return tuple(
        _view(index, result, number, links or FrameLinks(), numbers)
        for number, result in enumerate(ordered, start=1)
    )


def _view(
    index: MetricIndex,
    result: GateResult,
    number: int,
    links: FrameLinks,
    numbers: Mapping[tuple[str, Slice], int],
) -> GateView:
    gate = result.gate
    # A gate that asks for support is about no value.
    observed = None if gate.form == "require" else result.observed
    value = None if observed is None else observed.value
    before = _before(index, result, observed)
    unit = wording.metric_unit(gate.metric)
    shares = () if gate.form == "require" else _clip_shares(index, result)
    status = gate_status(result)
    causes = cause_rows(index.run, result, links)
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
        reason=_reason(result),
        interval=_interval(observed),
        sure=wording.bound_text(result),
        baseline="" if before is None else number_with_unit(before, unit),
        baseline_name=result.baseline_name or index.run.baseline or "",
        change=None
        if value is None or before is None or observed is None
        else change(value, before, unit, observed.better),
        n=0 if result.observed is None else result.observed.n,
        sentence=wording.verdict_sentence(result),
        facts=tuple(fact for fact in gate_facts(index.run, result) if fact.label != "why"),
        chart=interval_chart(result),
        why=why_sentences(index.run, result),
        causes=causes,
        frames=frames_of(causes),
        more_footage=more_footage_text(index.run, result),
        rerun=result.rerun,
        recovered=say("With it corrected") if is_about_new_errors(result) else say("Without it"),
        clips=shown,
        n_clips_left_out=len(shares) - len(shown),
        is_accuracy=not gate.metric.startswith(("latency", "throughput")),
        slices=gate_slices(index.run, numbers, result),
    )


def _before(index: MetricIndex, result: GateResult, observed: Metric | None) -> float | None:
    """What the baseline has, also where the gate does not compare."""
    if observed is None:
        return None
    baseline = result.baseline or index.baseline_of(observed)
    return None if baseline is None else baseline.value


def _reason(result: GateResult) -> str | None:
    if result.gate.form == "require":
        return None
    observed = result.observed
    if observed is None:
        return say(wording.NOT_MEASURED)
    return None if observed.reason is None else say_stored(observed.reason)


def _interval(observed: Metric | None) -> str:
    if observed is None or observed.interval is None:
        return ""
    return range_text(observed.interval.low, observed.interval.high, observed.unit)


def _clip_shares(index: MetricIndex, result: GateResult) -> tuple[ClipShare, ...]:
    """The metric of a gate on each clip it covers, worst first; undefined ones last."""
    gate = result.gate
    within = _box_slice(gate.slice, clip_tag_keys(index.run))

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
        for clip in gate_clips(index.run, result)
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
        text=say("undefined") if value is None else number_text(value, metric.unit),
        exact="" if value is None else exact_text(value),
        reason=None if metric.reason is None else say_stored(metric.reason),
        n=metric.n,
        missed=missed,
        false=false,
    )


def _part(counts: Sequence[int | None], k: int) -> str:
    """``940 (58 %)``: one count and its share of all."""
    count, total = counts[k], sum(item or 0 for item in counts)
    if count is None:
        return ""
    return f"{count_text(count)} ({percent_text(count / total)})" if total else "0"


def _box_slice(slice_: Slice, clip_keys: frozenset[str]) -> Slice:
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
