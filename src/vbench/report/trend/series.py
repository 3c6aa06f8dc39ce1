"""The numbers of several runs in the order in which they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbench.errors import InputError
from vbench.record.deployment import Deployment
from vbench.record.folder import RunFolder
from vbench.record.ledger import file_sha256
from vbench.record.run_json import read_run
from vbench.report.tables import ALERTS, HEADLINE, TRACKING
from vbench.report.trend.changes import changes_between
from vbench.types import Better, Interval, Metric, Run, Slice, Verdict

_Subject = tuple[str, str, str | None, Slice]
"""Golden set, metric, class, slice."""


@dataclass(frozen=True, slots=True)
class TrendRun:
    """One run of a trend."""

    name: str
    """Of its folder."""
    started_at: str
    """ISO 8601, UTC."""
    commit: str
    """Short, with ``+`` where the folder had local changes; empty outside a repository."""
    verdict: Verdict
    verdicts: tuple[tuple[str, str, Verdict | None], ...]
    """Pipeline, its version, and its verdict; None where it did not finish."""
    partial: str
    """Which part of the benchmark was run; empty for the whole."""
    promotions: tuple[Deployment, ...]
    """Promotions of, and rollbacks to, a pipeline of this run."""
    changes: tuple[str, ...]
    """What is different from the run before, one sentence each; empty for the first."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One number of one run."""

    run: int
    """Index into `Trend.runs`."""
    value: float | None
    reason: str
    """Why there is no value; empty where there is one."""
    interval: Interval | None
    n: int


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One pipeline over the runs that have it."""

    pipeline: str
    points: tuple[TrendPoint, ...]

    def is_clear_change(self) -> bool:
        """Whether the intervals of the last two values lie apart: more than chance."""
        known = [point.interval for point in self.points if point.value is not None][-2:]
        if len(known) < 2 or known[0] is None or known[1] is None:
            return False
        before, last = known[0], known[1]
        return last.low > before.high or last.high < before.low

    def last_two(self) -> tuple[TrendPoint, TrendPoint] | None:
        """The last two points that have a value."""
        known = [point for point in self.points if point.value is not None]
        return (known[-2], known[-1]) if len(known) > 1 else None


@dataclass(frozen=True, slots=True)
class TrendMetric:
    """One metric of one golden set, a line for each pipeline."""

    golden_set: str
    name: str
    class_name: str | None
    slice: Slice
    unit: str
    better: Better
    lines: tuple[TrendLine, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Runs of one benchmark, oldest first."""

    benchmark: str
    runs: tuple[TrendRun, ...]
    metrics: tuple[TrendMetric, ...]
    """What gates are about first, then the headline metrics."""


def read_trend(folders: Sequence[RunFolder], deployments: Sequence[Deployment] = ()) -> Trend:
    """Read several runs of one benchmark.

    Args:
        folders: finished runs, in any order.
        deployments: lines of a ledger; those about these runs are marked.

    Raises:
        RunFolderError: a run is not finished or broken.
        InputError: a run is given twice, or is of another benchmark.
    """
    read = [_Read(folder, read_run(folder), file_sha256(folder.run_json)) for folder in folders]
    read.sort(key=lambda item: item.run.manifest.started_at)
    _check(read)
    runs = [item.run for item in read]
    return Trend(
        benchmark=runs[-1].manifest.benchmark,
        runs=tuple(
            _trend_run(item, before, deployments)
            for item, before in zip(read, [None, *runs], strict=False)
        ),
        metrics=_metrics(runs, _subjects(runs)),
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """A run as it was read."""

    folder: RunFolder
    run: Run
    sha256: str
    """Of its ``run.json``."""


def _check(read: Sequence[_Read]) -> None:
    seen: dict[str, str] = {}
    benchmark = read[-1].run.manifest.benchmark
    for item in read:
        run, place = item.run, str(item.folder.path)
        if item.sha256 in seen:
            raise InputError(
                "the same run is given twice",
                where=place,
                hint=f"{seen[item.sha256]} holds the same run.json; give each run once",
            )
        seen[item.sha256] = place
        if run.manifest.benchmark != benchmark:
            raise InputError(
                f'is of the benchmark "{run.manifest.benchmark}", the newest run of "{benchmark}"',
                where=place,
                hint="give runs of one benchmark: other footage gives other numbers",
            )


def _trend_run(item: _Read, before: Run | None, deployments: Sequence[Deployment]) -> TrendRun:
    run, manifest = item.run, item.run.manifest
    commit = (manifest.git_commit or "")[:10]
    finished = [(one.name, one.version, one.verdict) for one in run.pipelines]
    failed = [(one.name, one.version, None) for one in run.failures]
    return TrendRun(
        name=item.folder.path.resolve().name,
        started_at=manifest.started_at,
        commit=f"{commit}+" if commit and manifest.git_dirty else commit,
        verdict=run.verdict,
        verdicts=(*finished, *failed),
        partial=manifest.partial,
        promotions=tuple(entry for entry in deployments if entry.run_sha256 == item.sha256),
        changes=() if before is None else changes_between(before, run),
    )


def _subjects(runs: Sequence[Run]) -> tuple[_Subject, ...]:
    """What to show: what gates of the newest run are about, then the headline metrics."""
    newest = runs[-1]
    gated: list[_Subject] = [
        (item.golden_set, item.gate.metric, item.gate.class_name, item.gate.slice)
        for item in newest.gates
        if item.gate.clip is None and item.gate.form != "require"
    ]
    headline: list[_Subject] = [
        (golden_set.name, name, None, ())
        for golden_set in newest.golden_sets
        for name in (*HEADLINE, *TRACKING, *ALERTS)
    ]
    return tuple(dict.fromkeys([*gated, *headline]))


def _metrics(runs: Sequence[Run], subjects: Sequence[_Subject]) -> tuple[TrendMetric, ...]:
    wanted = set(subjects)
    found: dict[_Subject, dict[str, list[TrendPoint]]] = {key: {} for key in subjects}
    example: dict[_Subject, Metric] = {}
    for k, run in enumerate(runs):
        for metric in run.metrics:
            key = (metric.golden_set, metric.name, metric.class_name, metric.slice)
            if metric.clip is None and key in wanted:
                example[key] = metric
                found[key].setdefault(metric.pipeline, []).append(_point(k, metric))
    return tuple(
        TrendMetric(
            golden_set=key[0],
            name=key[1],
            class_name=key[2],
            slice=key[3],
            unit=example[key].unit,
            better=example[key].better,
            lines=tuple(TrendLine(name, tuple(points)) for name, points in found[key].items()),
        )
        for key in subjects
        if any(point.value is not None for points in found[key].values() for point in points)
    )


def _point(run: int, metric: Metric) -> TrendPoint:
    return TrendPoint(run, metric.value, metric.reason or "", metric.interval, metric.n)
