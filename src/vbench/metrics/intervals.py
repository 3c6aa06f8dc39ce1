"""Intervals of metric rows, and the samples of rows that gates look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import groupby

import numpy as np

from vbench.metrics.definition import Family
from vbench.metrics.definitions import METRICS
from vbench.metrics.families import Counted, PipelineBlocks, Replicates
from vbench.metrics.object_blocks import annotated_frames, per
from vbench.metrics.resampled import Replicate, RowKey, RowSample, row_key
from vbench.metrics.resampling import Draws, Resampling, ScopeDraws
from vbench.metrics.scopes import Partition, Scope
from vbench.metrics.spreads import Support, metric_spread
from vbench.stats import MOST_TIMES, MOST_UNDEFINED, interval
from vbench.types import F64, Bool, Metric

_ROUNDING = 1e-9
_NEVER = {"longest_gap_s_max": "a maximum has no interval"}


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one scope, and where their replicates come from."""

    members: Bool
    """(n_clips,)"""
    whole_clips: bool
    """Whether all rows are about the whole of these clips, not about some boxes."""
    rows: Sequence[tuple[str | None, Metric]]
    """Each with the name of its cell."""
    source: Callable[[Draws, Collection[Family] | None], Replicates]
    """Under some draws; of some families, None for all."""

    def drawn(
        self, draws: Draws, families: Collection[Family] | None = None
    ) -> dict[tuple[str | None, str], Replicate]:
        """By cell and metric."""
        cells = self.source(draws, families)
        return {(cell, one.name): one for cell, of_cell in cells.items() for one in of_cell}


class RowIntervals:
    """Gives the rows of one pipeline on one golden set their intervals."""

    def __init__(
        self,
        counted: Counted,
        resampling: Resampling,
        keep: Collection[RowKey] = (),
    ) -> None:
        golden_set = counted.golden_set
        self._resampling = resampling
        self._n_frames = annotated_frames(golden_set, resampling.blocks)
        self._clip_ids = [clip.id for clip in golden_set.clips]
        self._draws = ScopeDraws(golden_set, resampling)
        self._pipeline = PipelineBlocks(counted, resampling.blocks)
        self._keep = frozenset(keep)
        self._done: dict[bytes, dict[tuple[str | None, str], Metric]] = {}
        """By the clips of a scope, and by cell and metric: rows that have their intervals."""
        self.samples: dict[RowKey, RowSample] = {}
        """Of the rows to keep, as far as they have been seen."""

    def of_partition(self, partition: Partition, rows: Sequence[Metric]) -> list[Metric]:
        """The rows of a partition with their intervals, in the same order."""
        result = list(rows)
        for numbers, part in self._parts(partition, rows):
            for number, row in zip(numbers, self._of_part(part), strict=True):
                result[number] = row
        return result

    def of_latency(self, rows: Iterable[Metric]) -> list[Metric]:
        """The rows of latency and throughput with their intervals; those of a clip adjoin."""
        return [row for part in self._latency_parts(rows) for row in self._of_part(part)]

    def keep_of_partition(self, partition: Partition, rows: Sequence[Metric]) -> None:
        """Keep the samples of the rows of a partition that are to be kept, and no more."""
        for _, part in self._parts(partition, rows):
            self._keep_alone(part)

    def keep_of_latency(self, rows: Iterable[Metric]) -> None:
        """Keep the samples of rows of latency and throughput, and no more."""
        for part in self._latency_parts(rows):
            self._keep_alone(part)

    def _parts(
        self, partition: Partition, rows: Sequence[Metric]
    ) -> Iterator[tuple[list[int], _Part]]:
        """Each scope that some rows are about, with the numbers of these rows."""
        by_scope: dict[Scope, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            by_scope[Scope(row.clip, row.slice)].append(number)
        ranked = cache(partial(self._pipeline.ranked, partition))
        for s, scope in enumerate(partition.scopes):
            if numbers := by_scope[scope]:
                part = _Part(
                    partition.membership[s] > 0,
                    partition.by_clip,
                    [(rows[number].class_name, rows[number]) for number in numbers],
                    partial(self._pipeline.replicates, partition, ranked, s),
                )
                yield numbers, part

    def _latency_parts(self, rows: Iterable[Metric]) -> Iterator[_Part]:
        for clip, of_clip in groupby(rows, key=lambda row: row.clip):
            members = np.array([clip in (None, one) for one in self._clip_ids], np.bool_)
            yield _Part(
                members,
                True,
                [(dict(row.slice).get("stage"), row) for row in of_clip],
                partial(self._latency, members),
            )

    def _latency(
        self, members: Bool, draws: Draws, families: Collection[Family] | None
    ) -> Replicates:
        del families
        return self._pipeline.latency(members, draws)

    def _of_part(self, part: _Part) -> list[Metric]:
        kept = [cell_row for cell_row in part.rows if self._is_kept(cell_row[1])]
        if not kept and part.whole_clips and part.members.tobytes() in self._done:
            done = self._done[part.members.tobytes()]
            if all((cell, row.name) in done for cell, row in part.rows):
                return [_like(row, done[cell, row.name]) for cell, row in part.rows]
        draws = self._draws.of(part.members)
        of_scope = _OfScope(self._resampling, draws, self._n_frames)
        drawn = self._drawn(part, draws)
        self._keep_samples(kept, part, draws, drawn)
        rows = [of_scope.with_interval(row, drawn.get((cell, row.name))) for cell, row in part.rows]
        if part.whole_clips:
            done = self._done.setdefault(part.members.tobytes(), {})
            done.update(
                ((cell, row.name), row) for (cell, _), row in zip(part.rows, rows, strict=True)
            )
        return rows

    def _keep_alone(self, part: _Part) -> None:
        kept = [cell_row for cell_row in part.rows if self._is_kept(cell_row[1])]
        families = {METRICS[row.name].family for _, row in kept}
        draws = self._draws.of(part.members)
        self._keep_samples(kept, part, draws, self._drawn(part, draws, families))

    def _drawn(
        self, part: _Part, draws: Draws, families: Collection[Family] | None = None
    ) -> dict[tuple[str | None, str], Replicate]:
        of_scope = _OfScope(self._resampling, draws, self._n_frames)
        found = part.drawn(draws, families)
        return {key: of_scope.same_footage(one) for key, one in found.items()}

    def _is_kept(self, row: Metric) -> bool:
        return row.value is not None and row_key(row) in self._keep

    def _keep_samples(
        self,
        rows: Sequence[tuple[str | None, Metric]],
        part: _Part,
        draws: Draws,
        drawn: Mapping[tuple[str | None, str], Replicate],
    ) -> None:
        kept = {(cell, row.name): row for cell, row in rows if (cell, row.name) in drawn}
        if not kept:
            return
        without = self._draws.without_each(part.members)
        left = part.drawn(without, {METRICS[row.name].family for row in kept.values()})
        n_blocks = len(self._n_frames)
        for key, row in kept.items():
            support = np.zeros(n_blocks)
            support[without.unit_of_block >= 0] = left[key].support
            self.samples[row_key(row)] = RowSample(
                replicates=drawn[key].values,
                support=support,
                units=draws.units,
                without_clip=left[key].values[:-n_blocks],
                without_block=left[key].values[-n_blocks:],
            )


def _like(row: Metric, done: Metric) -> Metric:
    """The row with the interval of one of the same clips."""
    return replace(row, interval=done.interval, no_interval=done.no_interval)


class _OfScope:
    """From replicates of one scope to intervals."""

    def __init__(self, resampling: Resampling, draws: Draws, n_frames: F64) -> None:
        self._confidence = resampling.confidence
        self._length = resampling.blocks.length
        self._units = draws.units
        self._clip_of_unit = draws.first_of_each(resampling.blocks.clip)
        by_unit = draws.summed(n_frames)
        self._footage = per(by_unit.sum(), draws.drawn(by_unit))

    def same_footage(self, replicate: Replicate) -> Replicate:
        """A count as of as much footage as the scope has; anything else as it is.

        Clips differ in length, so that resamples do.
        """
        if METRICS[replicate.name].unit != "count":
            return replicate
        return replace(replicate, values=replicate.values * self._footage)

    def with_interval(self, row: Metric, replicate: Replicate | None) -> Metric:
        """The row with its interval, or the reason why a defined value has none."""
        if row.value is None:
            return row
        if replicate is None:
            return replace(row, no_interval=_NEVER.get(row.name, "it was not resampled"))
        by_unit = replicate.support
        n_strata = 0
        if self._units == "blocks":
            n_strata = int(np.count_nonzero(np.bincount(self._clip_of_unit[by_unit > 0])))
        support = Support(by_unit, self._units, n_strata, self._length)
        spread = metric_spread(row.name, row.value, replicate.values, support)
        if spread is None:
            return replace(row, no_interval=self._why_none(row.value, replicate))
        return replace(row, interval=interval(spread, self._confidence))

    def _why_none(self, value: float, replicate: Replicate) -> str:
        n_units = int(np.count_nonzero(replicate.support > 0))
        if n_units < 2:
            noun = self._units if n_units != 1 else self._units[:-1]
            return f"too little footage: {n_units} independent {noun}"
        undefined = float(np.mean(~np.isfinite(replicate.values)))
        if undefined > MOST_UNDEFINED:
            share = f"it is undefined in {undefined:.0%} of the resamples"
            return f"too little footage: it rests on {n_units} {self._units}, and {share}"
        if float(np.nanstd(replicate.values)) > _ROUNDING * max(1.0, abs(value)):
            return (
                f"too little footage: it rests on {n_units} {self._units}, and could as well be"
                f" more than {MOST_TIMES:,.0f} times as much"
            )
        return "it is the same in every resample, and nothing says how often it could differ"
