"""Every family of metrics under resampling: the block tables of a pipeline, read scope by scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

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
from vbench.metrics.ranked import (
    RankedCells,
    box_ranking,
    coco_ranking,
    error_ranking,
    ranked_cells,
)
from vbench.metrics.resampled import Blocks, Replicate
from vbench.metrics.resampling import Draws
from vbench.metrics.scopes import Partition
from vbench.metrics.time_blocks import first_units, time_replicates
from vbench.metrics.track_blocks import track_replicates
from vbench.metrics.tracks import ClipTracks
from vbench.types import F64, Bool, ClipAnswers, GoldenSet, OperatingPoint, Timings

Replicates = dict[str | None, list[Replicate]]
"""By class, None for all classes together; of times by stage, None for end to end."""

_TRACKING: tuple[Family, ...] = ("clear", "identity", "hota")


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


@dataclass(frozen=True, slots=True)
class Ranked:
    """Stored detections of a partition, by scope and class."""

    of_ap: RankedCells | None
    """None where detections cannot be told apart."""
    of_errors: RankedCells | None
    """None where boxes were divided, not footage."""


class PipelineBlocks:
    """What one pipeline answered on a golden set, by block."""

    def __init__(self, counted: Counted, blocks: Blocks) -> None:
        pool, golden_set = counted.pool, counted.golden_set
        self._counted = counted
        self._blocks = blocks
        self._at = pool_blocks(golden_set, counted.answers, pool, blocks)
        self._footage = footage_table(golden_set, pool, blocks)
        self._objects = ObjectBlocks(pool, self._at)
        self._all_objects = self._objects.table()
        self._frames = frame_table(golden_set, pool, counted.operating_point, blocks)
        self._scores = score_table(pool, self._at)
        self._ranking = coco_ranking(pool)
        self._error_ranking = error_ranking(pool, counted.errors)
        known = pool.exhaustive[pool.truth_clip, pool.truth_class]
        self._missed = self._objects.truth_table(counted.errors.missed & known)
        self._known_tracks = counted.tracks.block_counts.where(pool.exhaustive[blocks.clip])
        self._block_of_object = first_units(counted.objects, blocks.of_frame)
        self._event_blocks: EventUnits | None = None
        if counted.events is not None:
            self._event_blocks = event_units(
                counted.events, golden_set, blocks.of_frame, len(blocks)
            )

    def ranked(self, partition: Partition) -> Ranked:
        """Sort the stored detections by the scopes of a partition."""
        pool, of_detection = self._counted.pool, self._at.of_detection
        if partition.detection_group is None:
            return Ranked(None, None)
        if not partition.by_clip:
            ranking = box_ranking(pool, partition, self._ranking)
            return Ranked(ranked_cells(pool, partition, ranking, of_detection), None)
        return Ranked(
            ranked_cells(pool, partition, self._ranking, of_detection),
            ranked_cells(pool, partition, self._error_ranking, of_detection),
        )

    def replicates(
        self,
        partition: Partition,
        ranked: Ranked,
        scope: int,
        draws: Draws,
        families: Collection[Family] | None = None,
    ) -> Replicates:
        """Metrics of one scope by class under some draws; of some families, None for all."""
        names = (*self._counted.golden_set.taxonomy.names, None)
        by_class: Replicates = {name: [] for name in names}

        def add(parts: Iterable[list[Replicate]]) -> None:
            for column, part in zip(by_class.values(), parts, strict=True):
                column.extend(part)

        def wanted(*some: Family) -> bool:
            return families is None or not families.isdisjoint(some)

        families = None if families is None else frozenset(families)
        objects = draws.summed(self._object_table(partition, scope))
        known_truth = objects[:, :-1, KNOWN_TRUTH]
        if wanted("objects"):
            told_apart = partition.detection_group is not None
            add(object_replicates(objects, draws.summed(self._footage), draws, told_apart))
        if wanted("average precision") and ranked.of_ap is not None:
            add(ap_replicates(ranked.of_ap, scope, known_truth, draws))
        if not partition.by_clip:
            return by_class
        if wanted("frames"):
            add(frame_replicates(draws.summed(self._frames), draws))
        if wanted("calibration"):
            add(score_replicates(draws.summed(self._scores), draws))
        if wanted("error cost") and ranked.of_errors is not None:
            missed = draws.summed(self._missed)
            add(error_cost_replicates(ranked.of_errors, scope, known_truth, missed, draws))
        if wanted(*_TRACKING):
            add(self._of_tracks(draws))
        if wanted("time"):
            add(self._of_objects(draws))
        if wanted("events") and self._event_blocks is not None:
            add(self._of_events(self._event_blocks, draws))
        return by_class

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
        classes = self._classes()
        if tracks.absent:
            return ([] for _ in classes)
        n_units = draws.weights.shape[1]
        counts = tracks.block_counts.merged(draws.unit_of_block, n_units)
        known = self._known_tracks.merged(draws.unit_of_block, n_units)
        return (track_replicates(counts, known, c, draws.weights) for c in classes)

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

    def _of_events(self, blocks: EventUnits, draws: Draws) -> Iterable[list[Replicate]]:
        events = self._counted.events
        units = EventUnits(
            draws.unit_of(blocks.of_event),
            draws.unit_of(blocks.of_alert),
            draws.summed(blocks.hours),
        )
        if events is None:
            return ([] for _ in self._classes())
        return (event_replicates(events, units, c, draws.weights) for c in self._classes())

    def _classes(self) -> tuple[int | None, ...]:
        return (*range(self._counted.pool.n_classes), None)
