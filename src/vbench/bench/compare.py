"""Pipelines of finished runs against each other, on the same resamples of the same footage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vbench.bench.compare_pick import (
    ComparedRun,
    Contestant,
    allowed_differences,
    check_differences,
    common_golden_sets,
    pick,
    read_runs,
)
from vbench.bench.compare_unpaired import unpaired_change
from vbench.bench.evaluations import Entrant, evaluate_alike, open_evaluations
from vbench.bench.progress import Progress
from vbench.bench.results import as_decoded
from vbench.config.benchmark_file import IntervalsEntry, read_benchmark_file
from vbench.config.model_file import closest
from vbench.errors import InputError, VbenchError
from vbench.gates.compare import change_of
from vbench.metrics.definitions import METRICS
from vbench.metrics.resampled import Evaluated, RowKey, row_key
from vbench.metrics.scopes import SliceKeys, combined_keys
from vbench.metrics.statistics import Statistics
from vbench.record.golden_copy import read_golden_copy
from vbench.stats import holm
from vbench.types import Change, GoldenSet, Metric

HEADLINE = (
    "recall",
    "precision",
    "f1",
    "fp_per_camera_hour",
    "ap50",
    "ap",
    "frame_accuracy",
    "mota",
    "idf1",
    "hota",
    "event_recall",
    "alert_precision",
    "latency_ms_p50",
    "latency_ms_p95",
    "throughput_fps",
)
OF_SLICES = ("recall", "precision")
_TIMED = ("latency", "throughput")


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One metric of a candidate beside the same of the reference."""

    reference: Metric
    candidate: Metric
    paired: bool
    """Whether both were resampled together."""
    change: Change | None
    """None where either is undefined."""
    p_adjusted: float | None
    """The p-value after Holm's correction: over the comparison's rows about the whole golden sets,
    or over those about slices; None where there is none."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate against the reference, on every golden set that both saw."""

    reference: Contestant
    candidate: Contestant
    rows: tuple[ComparedRow, ...]


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The answer of `vbench compare`."""

    runs: tuple[ComparedRun, ...]
    comparisons: tuple[Comparison, ...]
    differences: tuple[str, ...]
    """In spite of which the runs are compared."""
    notes: tuple[str, ...]
    intervals: IntervalsEntry


def compare_runs(
    folders: Sequence[Path],
    pipelines: Sequence[str],
    allow: Sequence[str],
    metrics: Sequence[str],
    class_names: Sequence[str],
    progress: Progress,
) -> RunComparison:
    """Compare pipelines of two or more finished runs; none is changed.

    Args:
        folders: the runs; the first one is the reference.
        pipelines: as `vbench.bench.compare_pick.pick` takes them.
        allow: kinds of differences to compare in spite of.
        metrics: what to compare; none: `HEADLINE`, and `OF_SLICES` for slices.
        class_names: these classes; none: all classes together.
        progress: told what is going on.

    Raises:
        VbenchError: not finished runs; runs that differ in what is not allowed; a pipeline, metric
            or class that is not there.
    """
    allowed = allowed_differences(allow)
    _check_metrics(metrics)
    runs = read_runs(folders)
    groups = pick(runs, pipelines)
    differences = check_differences(groups, allowed)
    _check_classes(runs, class_names)
    intervals = _intervals(runs[0])
    wanted = _Wanted(tuple(metrics), tuple(class_names))
    progress.begin("comparing", 0)
    try:
        comparisons = tuple(
            comparison for group in groups for comparison in _compare(group, wanted, intervals)
        )
    finally:
        progress.end()
    return RunComparison(
        runs=runs,
        comparisons=comparisons,
        differences=differences,
        notes=tuple(_notes(groups)),
        intervals=intervals,
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which rows to compare; empty takes the usual ones."""

    metrics: tuple[str, ...]
    class_names: tuple[str, ...]

    def has(self, row: Metric) -> bool:
        """Whether a row is among them: of the whole set or of a slice, never of a clip."""
        names = self.metrics or (OF_SLICES if row.slice else HEADLINE)
        of_class = row.class_name in self.class_names if self.class_names else not row.class_name
        return row.name in names and of_class and row.clip is None

    def rank(self, row: Metric) -> int:
        """Its place among the rows of one scope."""
        return (self.metrics or HEADLINE).index(row.name)


def _compare(
    group: Sequence[Contestant], wanted: _Wanted, intervals: IntervalsEntry
) -> Iterator[Comparison]:
    reference, *candidates = group
    evaluated: dict[tuple[str, str], Evaluated] = {}
    names = common_golden_sets(group)
    for name in names:
        evaluated.update(_evaluated(group, name, wanted, intervals))
    statistics = Statistics(evaluated.values())
    for candidate in candidates:
        rows = [
            row
            for name in names
            for row in _rows(
                evaluated[reference.label, name],
                evaluated[candidate.label, name],
                wanted,
                timed=candidate.of.folder.path.resolve() == reference.of.folder.path.resolve(),
            )
        ]
        paired = {name: reference.footage(name) == candidate.footage(name) for name in names}
        compared = [
            _compared(*row, statistics, intervals.confidence, paired=paired[row[0].golden_set])
            for row in rows
        ]
        yield Comparison(reference, candidate, _corrected(compared))


def _evaluated(
    group: Sequence[Contestant], name: str, wanted: _Wanted, intervals: IntervalsEntry
) -> Iterator[tuple[tuple[str, str], Evaluated]]:
    """Rows of each contestant on a golden set; those that saw the same footage together."""
    by_footage: dict[tuple[object, ...], list[Contestant]] = {}
    for one in group:
        by_footage.setdefault(one.footage(name), []).append(one)
    keys = _slice_keys(row for one in group for row in one.of.run.metrics)
    keep: set[RowKey] = {
        row_key(row) for one in group for row in one.of.run.metrics if wanted.has(row)
    }
    for together in by_footage.values():
        folder = together[0].of.folder
        golden_set: GoldenSet = as_decoded(folder, read_golden_copy(folder, name))
        entrants = [
            Entrant(one.label, one.of.folder, one.pipeline.name, one.pipeline.operating_point)
            for one in together
        ]
        opened = open_evaluations(golden_set, entrants, None)
        found = evaluate_alike(golden_set, opened, keys, intervals, keep)
        yield from (((one.name, name), rows) for one, rows in zip(entrants, found, strict=True))


def _rows(
    reference: Evaluated, candidate: Evaluated, wanted: _Wanted, *, timed: bool
) -> list[tuple[Metric, Metric]]:
    """Rows that both have, the whole set first, then slice by slice."""
    of_reference = {row_key(row): row for row in reference.metrics if wanted.has(row)}
    found = [
        (of_reference[row_key(row)], row)
        for row in candidate.metrics
        if wanted.has(row)
        and row_key(row) in of_reference
        and (timed or METRICS[row.name].family not in _TIMED)
    ]
    scopes = list(dict.fromkeys((row.slice, row.class_name) for _, row in found))
    return sorted(
        (pair for pair in found if pair[0].value is not None or pair[1].value is not None),
        key=lambda pair: (
            bool(pair[1].slice),
            scopes.index((pair[1].slice, pair[1].class_name)),
            wanted.rank(pair[1]),
        ),
    )


def _compared(
    reference: Metric,
    candidate: Metric,
    statistics: Statistics,
    confidence: float,
    *,
    paired: bool,
) -> ComparedRow:
    if reference.value is None or candidate.value is None:
        return ComparedRow(reference, candidate, paired, None, None)
    value = candidate.value - reference.value
    if not paired:
        spreads = statistics.spread(candidate), statistics.spread(reference)
        change = unpaired_change(value, *spreads, confidence)
        return ComparedRow(reference, candidate, paired, change, None)
    spread = statistics.change(candidate, reference)
    if spread is None:
        reason = candidate.no_interval or reference.no_interval or "no resample differs"
        return ComparedRow(reference, candidate, paired, Change(value, None, reason, None), None)
    change = change_of(candidate, value, spread, confidence)
    return ComparedRow(reference, candidate, paired, change, None)


def _corrected(rows: Sequence[ComparedRow]) -> tuple[ComparedRow, ...]:
    """The rows with corrected p-values: those of the whole together, and those of slices."""
    adjusted: dict[int, float] = {}
    for of_slices in (False, True):
        p_values = {
            k: row.change.p_value
            for k, row in enumerate(rows)
            if bool(row.candidate.slice) is of_slices
            and row.change is not None
            and row.change.p_value is not None
        }
        adjusted.update(zip(p_values, holm(list(p_values.values())), strict=True))
    return tuple(replace(row, p_adjusted=adjusted.get(k)) for k, row in enumerate(rows))


def _slice_keys(rows: Iterable[Metric]) -> tuple[SliceKeys, ...]:
    """Keys by which the runs divided their footage; stages divide time, not footage."""
    found = dict.fromkeys(tuple(key for key, _ in row.slice) for row in rows if row.slice)
    return combined_keys(keys for keys in found if keys != ("stage",))


def _intervals(run: ComparedRun) -> IntervalsEntry:
    """How the reference run made its intervals; the usual way where its copy cannot be read."""
    try:
        return read_benchmark_file(run.folder.benchmark_yaml).model.intervals
    except VbenchError:
        return IntervalsEntry()


def _notes(groups: Sequence[Sequence[Contestant]]) -> Iterator[str]:
    """What a reader must know about the comparison."""
    runs = [one.of for one in groups[0]]
    common = common_golden_sets(groups[0])
    for one in runs:
        left_out = [item.name for item in one.run.golden_sets if item.name not in common]
        if left_out:
            yield f"only run {one.letter} saw {', '.join(left_out)}: left out"
        if one.run.manifest.partial:
            yield f"run {one.letter}: {one.run.manifest.partial}"
    if any(one.folder.path.resolve() != runs[0].folder.path.resolve() for one in runs):
        yield (
            "latency and throughput are left out: times are comparable only within one run, where"
            " pipelines are measured in turns on one machine"
        )


def _check_metrics(names: Sequence[str]) -> None:
    for name in names:
        if name not in METRICS:
            raise InputError(
                f'metric "{name}" is not known', where="--metric", hint=closest(name, METRICS)
            )


def _check_classes(runs: Sequence[ComparedRun], class_names: Sequence[str]) -> None:
    known: Mapping[str, None] = {
        name: None for one in runs for item in one.run.golden_sets for name in item.taxonomy.names
    }
    for name in class_names:
        if name not in known:
            raise InputError(
                f'no run has the class "{name}"', where="--class", hint=closest(name, known)
            )
