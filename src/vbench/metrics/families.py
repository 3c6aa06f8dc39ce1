"""Every family of metrics under resampling: the block tables of a pipeline, read scope by scope."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from vbench.metrics.ap_blocks import ap_replicates, error_cost_replicates
from vbench.metrics.definition import Family
from vbench.metrics.error_kinds import ErrorTable
from vbench.metrics.event_blocks import EventUnits, event_replicates, event_units
from vbench.metrics.events import EventTable
from vbench.metrics.latency_blocks import latency_replicates
from vbench.metrics.object_blocks import (
    KNOWN_TRUTH,
    ObjectBlocks,
    footage_table,
    frame_replicates,
    frame_table,
    object_replicates,
    pool_blocks,
    score_replicates,
    score_table,
)
from vbench.metrics.object_times import ObjectTimes
from vbench.metrics.pool import Pool
from vbench.metrics.ranked import RankedCells, box_cells, clip_cells, ranking_of
from vbench.metrics.resampled import Blocks, Replicate
from vbench.metrics.resampling import Draws
from vbench.metrics.scopes import Partition
from vbench.metrics.time_blocks import first_units, time_replicates
from vbench.metrics.track_blocks import track_replicates
from vbench.metrics.tracks import ClipTracks
from vbench.types import F64, Bool, ClipAnswers, GoldenSet, OperatingPoint, Timings

Replicates: TypeAlias = dict[str | None, list[Replicate]]
"""By class, None for all classes together; of times by stage, None for end to end."""

Source: TypeAlias = Callable[[], Iterable[list[Replicate]]]

_TOGETHER: Mapping[Family, Family] = {"identity": "clear", "hota": "clear"}
"""Families that are counted with another one."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one pipeline answered on a golden set, before it is divided into scopes."""

    golden_set: GoldenSet
    answers: Sequence[ClipAnswers]
    operating_point: OperatingPoint
    pool: Pool
    tracks: ClipTracks
    errors: ErrorTable
    objects: ObjectTimes
    events: EventTable | None
    timings: Sequence[Timings | None]


class PipelineBlocks:
    """What one pipeline answered on a golden set, by block."""

    def __init__(self, counted: Counted, blocks: Blocks) -> None:
        pool, golden_set = counted.pool, counted.golden_set
        self._counted = counted
        self._blocks = blocks
        at = pool_blocks(golden_set, counted.answers, pool, blocks)
        self._footage = footage_table(golden_set, pool, blocks)
        self._objects = ObjectBlocks(pool, at)
        self._all_objects = self._objects.table()
        self._frames = frame_table(golden_set, pool, counted.operating_point, blocks)
        self._scores = score_table(pool, at)
        self._ranking = ranking_of(pool, counted.errors, at.of_detection)
        known = pool.exhaustive[pool.truth_clip, pool.truth_class]
        self._missed = self._objects.truth_table(counted.errors.missed & known)
        self._known_tracks = counted.tracks.block_counts.where(pool.exhaustive[blocks.clip])
        self._block_of_object = first_units(counted.objects, blocks.of_frame)
        self._event_blocks: EventUnits | None = None
        if counted.events is not None:
            self._event_blocks = event_units(
                counted.events, golden_set, blocks.of_frame, len(blocks)
            )

    def ranked(self, partition: Partition) -> RankedCells | None:
        """Stored detections by the scopes of a partition; None where they cannot be told apart."""
        if partition.detection_group is None:
            return None
        pool = self._counted.pool
        if partition.by_clip:
            return clip_cells(pool, partition, self._ranking, self._blocks.clip)
        return box_cells(pool, partition, self._ranking)

    def replicates(
        self,
        partition: Partition,
        ranked: RankedCells | None,
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
        self, partition: Partition, ranked: RankedCells | None, scope: int, draws: Draws
    ) -> Iterator[tuple[Family, Source]]:
        """What gives each family of metrics that a scope has: class by class, then all."""
        objects = draws.summed(self._object_table(partition, scope))
        truth = objects[:, :-1, KNOWN_TRUTH]
        footage = draws.summed(self._footage)
        told_apart = partition.detection_group is not None
        yield "objects", partial(object_replicates, objects, footage, draws, told_apart)
        if ranked is not None:
            yield "average precision", partial(ap_replicates, ranked, scope, truth, draws)
        if not partition.by_clip:
            return
        yield "frames", partial(frame_replicates, draws.summed(self._frames), draws)
        yield "calibration", partial(score_replicates, draws.summed(self._scores), draws)
        if ranked is not None:
            missed = draws.summed(self._missed)
            costs = partial(error_cost_replicates, ranked, scope, truth, missed, draws)
            yield "error cost", costs
        if not self._counted.tracks.absent:
            yield "clear", partial(self._of_tracks, draws)
        yield "time", partial(self._of_objects, draws)
        if self._counted.events is not None and self._event_blocks is not None:
            yield (
                "events",
                partial(self._of_events, self._counted.events, self._event_blocks, draws),
            )

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
        n_units = draws.weights.shape[1]
        counts = self._counted.tracks.block_counts.merged(draws.unit_of_block, n_units)
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

    def _of_events(
        self, events: EventTable, blocks: EventUnits, draws: Draws
    ) -> Iterable[list[Replicate]]:
        units = EventUnits(
            draws.unit_of(blocks.of_event),
            draws.unit_of(blocks.of_alert),
            draws.summed(blocks.hours),
        )
        return (event_replicates(events, units, c, draws.weights) for c in self._classes())

    def _classes(self) -> tuple[int | None, ...]:
        return (*range(self._counted.pool.n_classes), None)
