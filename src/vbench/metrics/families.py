"""Every family of metrics under resampling: the block tables of a pipeline, read scope by scope."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from typing import TypeAlias

import numpy as np

from vbench.metrics.ap_blocks import ap_replicates, error_cost_replicates
from vbench.metrics.definition import Family
from vbench.metrics.error_kinds import ErrorTable, error_table
from vbench.metrics.event_blocks import EventUnits, event_replicates, event_units
from vbench.metrics.events import EventTable, event_table
from vbench.metrics.latency_blocks import latency_replicates
from vbench.metrics.object_blocks import (
    KNOWN_TRUTH,
    ObjectBlocks,
    PoolBlocks,
    footage_table,
    frame_replicates,
    frame_table,
    object_replicates,
    pool_blocks,
    score_replicates,
    score_table,
)
from vbench.metrics.object_times import ObjectTimes, object_times
from vbench.metrics.pool import Pool, pooled_answers
from vbench.metrics.ranked import RankedCells, Ranking, box_cells, clip_cells, ranking_of
from vbench.metrics.resampled import Blocks, Replicate
from vbench.metrics.resampling import Draws
from vbench.metrics.scopes import Partition
from vbench.metrics.time_blocks import first_units, time_replicates
from vbench.metrics.track_blocks import track_replicates
from vbench.metrics.track_counts import TrackCounts
from vbench.metrics.tracks import ClipTracks, track_counts
from vbench.types import (
    F64,
    I64,
    Alerts,
    Bool,
    ClipAnswers,
    Detections,
    GoldenSet,
    Matches,
    OperatingPoint,
    Timings,
)

Replicates: TypeAlias = dict[str | None, list[Replicate]]
"""By class, None for all classes together; of times by stage, None for end to end."""

Source: TypeAlias = Callable[[], Iterable[list[Replicate]]]

_TOGETHER: Mapping[Family, Family] = {"identity": "clear", "hota": "clear"}
"""Families that are counted with another one."""


class Counted:
    """What one pipeline answered on a golden set, before it is divided into scopes.

    Every table is made when it is first asked for: a few rows need a few of them.
    """

    def __init__(
        self,
        golden_set: GoldenSet,
        answers: Sequence[ClipAnswers],
        operating_point: OperatingPoint,
        timings: Sequence[Timings | None] | None,
        alerts: Sequence[Alerts] | None,
        blocks: Blocks | None,
    ) -> None:
        """Take what `vbench.metrics.evaluate.evaluate_pipeline` is given."""
        self.golden_set = golden_set
        self.answers = answers
        self.operating_point = operating_point
        self.timings = timings or [None] * len(golden_set.clips)
        self._alerts = alerts
        self._blocks = blocks

    @cached_property
    def pool(self) -> Pool:
        """Everything, end to end."""
        return pooled_answers(self.golden_set, self.answers, self.operating_point)

    @cached_property
    def detections(self) -> list[Detections]:
        """Per clip those at the operating point, and those that have a track."""
        return [found for found, _ in self.pool.at_point]

    @cached_property
    def matches(self) -> list[Matches]:
        """Of `detections`."""
        return [table for _, table in self.pool.at_point]

    @cached_property
    def tracks(self) -> ClipTracks:
        """What tracking metrics are made of."""
        return track_counts(
            self.golden_set, self.detections, self.matches, self.operating_point, self._blocks
        )

    @cached_property
    def errors(self) -> ErrorTable:
        """Why answers are wrong."""
        return error_table(self.golden_set, self.answers, self.operating_point, self.pool)

    @cached_property
    def objects(self) -> ObjectTimes:
        """Objects over time."""
        return object_times(self.golden_set, self.detections, self.matches, self.operating_point)

    @cached_property
    def events(self) -> EventTable | None:
        """Events and alerts; None for a pipeline without rules."""
        return None if self._alerts is None else event_table(self.golden_set, self._alerts)


class PipelineBlocks:
    """What one pipeline answered on a golden set, by block; tables as in `Counted`."""

    def __init__(self, counted: Counted, blocks: Blocks) -> None:
        self._counted = counted
        self._blocks = blocks

    @cached_property
    def _at(self) -> PoolBlocks:
        counted = self._counted
        return pool_blocks(counted.golden_set, counted.answers, counted.pool, self._blocks)

    @cached_property
    def _footage(self) -> F64:
        return footage_table(self._counted.golden_set, self._counted.pool, self._blocks)

    @cached_property
    def _objects(self) -> ObjectBlocks:
        return ObjectBlocks(self._counted.pool, self._at)

    @cached_property
    def _all_objects(self) -> F64:
        return self._objects.table()

    @cached_property
    def _frames(self) -> F64:
        counted = self._counted
        return frame_table(counted.golden_set, counted.pool, counted.operating_point, self._blocks)

    @cached_property
    def _scores(self) -> F64:
        return score_table(self._counted.pool, self._at)

    @cached_property
    def _ranking(self) -> Ranking:
        return ranking_of(self._counted.pool, self._counted.errors, self._at.of_detection)

    @cached_property
    def _missed(self) -> I64:
        pool = self._counted.pool
        known = pool.exhaustive[pool.truth_clip, pool.truth_class]
        return self._objects.truth_table(self._counted.errors.missed & known)

    @cached_property
    def _known_tracks(self) -> TrackCounts:
        exhaustive = self._counted.pool.exhaustive
        return self._counted.tracks.block_counts.where(exhaustive[self._blocks.clip])

    @cached_property
    def _block_of_object(self) -> I64:
        return first_units(self._counted.objects, self._blocks.of_frame)

    @cached_property
    def _event_blocks(self) -> EventUnits | None:
        events, blocks = self._counted.events, self._blocks
        if events is None:
            return None
        return event_units(events, self._counted.golden_set, blocks.of_frame, len(blocks))

    def ranked(self, partition: Partition) -> RankedCells:
        """Stored detections by the scopes of a partition, where they can be told apart."""
        pool = self._counted.pool
        if partition.by_clip:
            return clip_cells(pool, partition, self._ranking, self._blocks.clip)
        return box_cells(pool, partition, self._ranking)

    def replicates(
        self,
        partition: Partition,
        ranked: Callable[[], RankedCells],
        scope: int,
        draws: Draws,
        families: Collection[Family] | None = None,
    ) -> Replicates:
        """Metrics of one scope by class under some draws; of some families, None for all."""
        names = (*self._counted.golden_set.taxonomy.names, None)
        by_class: Replicates = {name: [] for name in names}
        wanted = None if families is None else {_TOGETHER.get(one, one) for one in families}
        for family, source in self._sources(partition, ranked, scope, draws):
            if wanted is None or family in wanted:
                for column, part in zip(by_class.values(), source(), strict=True):
                    column.extend(part)
        return by_class

    def _sources(
        self,
        partition: Partition,
        ranked: Callable[[], RankedCells],
        scope: int,
        draws: Draws,
    ) -> Iterator[tuple[Family, Source]]:
        """What gives each family of metrics that a scope has: class by class, then all."""
        told_apart = partition.detection_group is not None
        objects = cache(lambda: draws.summed(self._object_table(partition, scope)))

        def of_objects() -> Iterable[list[Replicate]]:
            return object_replicates(objects(), draws.summed(self._footage), draws, told_apart)

        def of_ap() -> Iterable[list[Replicate]]:
            return ap_replicates(ranked(), scope, objects()[:, :-1, KNOWN_TRUTH], draws)

        def of_costs() -> Iterable[list[Replicate]]:
            truth = objects()[:, :-1, KNOWN_TRUTH]
            return error_cost_replicates(ranked(), scope, truth, draws.summed(self._missed), draws)

        yield "objects", of_objects
        if told_apart:
            yield "average precision", of_ap
        if not partition.by_clip:
            return
        yield "frames", lambda: frame_replicates(draws.summed(self._frames), draws)
        yield "calibration", lambda: score_replicates(draws.summed(self._scores), draws)
        if told_apart:
            yield "error cost", of_costs
        yield "clear", partial(self._of_tracks, draws)
        yield "time", partial(self._of_objects, draws)
        yield "events", partial(self._of_events, draws)

    def latency(self, members: Bool, draws: Draws) -> Replicates:
        """Times of the clips `members` (n_clips,) by stage under some draws."""
        clips = np.flatnonzero(members).tolist()
        return dict(
            latency_replicates(
                [self._counted.timings[g] for g in clips],
                [draws.unit_of_block[self._blocks.of_frame[g]] for g in clips],
                draws.weights,
            )
        )

    def _object_table(self, partition: Partition, scope: int) -> F64:
        """(K, C + 1, 6) of one scope; of a partition by clips all of them, told by the draws."""
        if partition.by_clip:
            return self._all_objects
        false: Bool = np.zeros(len(self._objects.false), np.bool_)
        if partition.detection_group is not None:
            false = partition.detection_group[self._objects.false] == scope
        return self._objects.table(partition.truth_group == scope, false)

    def _of_tracks(self, draws: Draws) -> Iterable[list[Replicate]]:
        tracks = self._counted.tracks
        if tracks.absent:
            return ([] for _ in self._classes())
        n_units = draws.weights.shape[1]
        counts = tracks.block_counts.merged(draws.unit_of_block, n_units)
        known = self._known_tracks.merged(draws.unit_of_block, n_units)
        return (track_replicates(counts, known, c, draws.weights) for c in self._classes())

    def _of_objects(self, draws: Draws) -> Iterable[list[Replicate]]:
        objects = self._counted.objects
        unit = draws.unit_of(self._block_of_object)
        every = np.ones(len(objects), np.bool_)
        return (
            time_replicates(
                objects, unit, every if c is None else objects.class_id == c, draws.weights
            )
            for c in self._classes()
        )

    def _of_events(self, draws: Draws) -> Iterable[list[Replicate]]:
        events, blocks = self._counted.events, self._event_blocks
        if events is None or blocks is None:
            return ([] for _ in self._classes())
        units = EventUnits(
            draws.unit_of(blocks.of_event),
            draws.unit_of(blocks.of_alert),
            draws.summed(blocks.hours),
        )
        return (event_replicates(events, units, c, draws.weights) for c in self._classes())

    def _classes(self) -> tuple[int | None, ...]:
        return (*range(self._counted.pool.n_classes), None)
