"""All metrics of one pipeline on one golden set."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from vbench.metrics.analysis import analysis_of, analysis_values
from vbench.metrics.definition import Family
from vbench.metrics.definitions import METRICS
from vbench.metrics.error_kinds import ErrorTable
from vbench.metrics.events import EventTable, event_values
from vbench.metrics.families import Counted
from vbench.metrics.frames import FrameCounts, frame_counts
from vbench.metrics.intervals import RowIntervals
from vbench.metrics.latency import THROUGHPUT_NAME, is_overlapped, latency_values
from vbench.metrics.object_times import ObjectTimes, time_values
from vbench.metrics.pool import Pool
from vbench.metrics.resampled import Evaluated, RowKey, RowSample, row_key
from vbench.metrics.resampling import Resampling, check_blocks
from vbench.metrics.scopes import Partition, Scope, SliceKeys, partitions
from vbench.metrics.signature import OVERLAPPED, PER_CLASS, score_text, signature
from vbench.metrics.tables import Tables, tables_of, unknown_fp_of, values_of
from vbench.metrics.values import Subject, Value
from vbench.types import (
    Alerts,
    ClipAnswers,
    GoldenSet,
    Metric,
    OperatingPoint,
    Timings,
)

_TIMED: tuple[Family, ...] = ("latency", "throughput")


def evaluate_pipeline(
    golden_set: GoldenSet,
    pipeline: str,
    answers: Sequence[ClipAnswers],
    operating_point: OperatingPoint,
    slice_keys: Sequence[str | SliceKeys] = (),
    timings: Sequence[Timings | None] | None = None,
    alerts: Sequence[Alerts] | None = None,
    *,
    resampling: Resampling | None = None,
    keep: Collection[RowKey] = (),
) -> Evaluated:
    """Every metric row of one pipeline on one golden set.

    Rows: the whole set, each clip, each value of each slice key; there all classes together
    (class None), then each class of the taxonomy, found or not. Over all classes, counts are
    summed and precision, recall, F1 and frame-level numbers come from the sums (micro); AP is the
    mean over classes that have truth (macro); tracks are pooled and never change class.

    Where a class is not annotated exhaustively in a clip, that clip takes part in what needs no
    false positives only (tp, fn, recall, ...). A slice of boxes (per-box tags, `BOX_PROPERTIES`)
    counts a true positive or a miss where its truth is in the slice and a false positive where its
    own box is; numbers that cannot be told by it are undefined. Tracking, calibration, error
    costs, objects over time and events have no rows there. Latency rows are for class None, end to
    end and, with the slice ``(("stage", name),)``, per stage.

    Args:
        golden_set: clips with their truth.
        pipeline: its name, for the rows.
        answers: all stored detections with their match tables per clip, in the order of the set's
            clips; the tables with the operating IoU and COCO's ten thresholds. Blocks are read a
            few times each and not kept.
        operating_point: score thresholds of every taxonomy class, in taxonomy order.
        slice_keys: clip tags, per-box tags, `BOX_PROPERTIES`, or combinations of two of them;
            unknown keys give no rows.
        timings: per clip, None for clips that were not timed; None for no timings at all.
        alerts: what the pipeline's rules raised, per clip; None for a pipeline without rules, which
            gives no event rows.
        resampling: how to resample; the rows then have intervals. None: they have none.
        keep: rows whose samples gates will ask for; those without a value are left out.

    Raises:
        ValueError: inputs that do not belong together.
        KeyError: match tables that lack an IoU threshold.
        InputError: a slice key with more than one meaning.
    """
    counted = _counted(golden_set, answers, operating_point, timings, alerts, resampling)
    clips = zip(golden_set.clips, counted.detections, counted.matches, strict=True)
    per_clip_frames = [frame_counts(*clip, operating_point) for clip in clips]
    rows = _Rows(golden_set, pipeline, operating_point)
    intervals = None if resampling is None else RowIntervals(counted, resampling, keep)
    metrics: list[Metric] = []
    for partition in partitions(golden_set, answers, counted.pool, slice_keys):
        of_partition = list(rows.of_partition(partition, counted, per_clip_frames))
        metrics += (
            of_partition if intervals is None else intervals.of_partition(partition, of_partition)
        )
    latency = list(rows.of_latency(counted.timings))
    metrics += latency if intervals is None else intervals.of_latency(latency)
    return Evaluated(
        tuple(metrics),
        {} if intervals is None else intervals.samples,
        None if resampling is None else resampling.blocks,
    )


def samples_of(
    rows: Sequence[Metric],
    golden_set: GoldenSet,
    answers: Sequence[ClipAnswers],
    operating_point: OperatingPoint,
    timings: Sequence[Timings | None] | None = None,
    alerts: Sequence[Alerts] | None = None,
    *,
    resampling: Resampling,
) -> dict[RowKey, RowSample]:
    """Samples of some rows that `evaluate_pipeline` gave, and that it was not asked to keep.

    They are the same to the last bit, and only what they are made of is computed.

    Args:
        rows: of one pipeline on one golden set; those without samples are left out of the answer.
        golden_set: as all that follows, what `evaluate_pipeline` was given.
        answers: ...
        operating_point: ...
        timings: ...
        alerts: ...
        resampling: ...
    """
    counted = _counted(golden_set, answers, operating_point, timings, alerts, resampling)
    wanted = {row_key(row) for row in rows}
    intervals = RowIntervals(counted, resampling, wanted)
    timed = [row for row in rows if METRICS[row.name].family in _TIMED]
    intervals.keep_of_latency(timed)
    others = [row for row in rows if METRICS[row.name].family not in _TIMED]
    if others:
        keys = dict.fromkeys(tuple(key for key, _ in row.slice) for row in others)
        slice_keys = [one for one in keys if one]
        for partition in partitions(golden_set, answers, counted.pool, slice_keys):
            intervals.keep_of_partition(partition, others)
    return intervals.samples


def _counted(
    golden_set: GoldenSet,
    answers: Sequence[ClipAnswers],
    operating_point: OperatingPoint,
    timings: Sequence[Timings | None] | None,
    alerts: Sequence[Alerts] | None,
    resampling: Resampling | None,
) -> Counted:
    if resampling is not None:
        check_blocks(golden_set, resampling.blocks)
    blocks = None if resampling is None else resampling.blocks
    return Counted(golden_set, answers, operating_point, timings, alerts, blocks)


@dataclass(frozen=True, slots=True)
class _Rows:
    """How values of one pipeline on one golden set become metric rows."""

    golden_set: GoldenSet
    pipeline: str
    operating_point: OperatingPoint

    def of_partition(
        self, partition: Partition, counted: Counted, per_clip_frames: Sequence[FrameCounts]
    ) -> Iterator[Metric]:
        """Rows of every scope of a partition."""
        tables = tables_of(counted.pool, partition, per_clip_frames, counted.tracks)
        yield from self.of_tables(tables)
        if not partition.by_clip:
            return
        yield from self.of_analysis(tables, counted.pool, counted.errors)
        yield from self.of_objects(partition, counted.objects)
        if counted.events is not None:
            yield from self.of_events(partition, counted.events)

    def of_tables(self, tables: Tables) -> Iterator[Metric]:
        """Rows of every scope: all classes together, then each class."""
        for (s, scope), (c, subject, score) in self._cells(tables.partition):
            partly_known = bool(tables.partly_known[s, c])
            for value in values_of(tables, (s, c), subject):
                yield self._metric(value, scope, subject.class_name, score, partly_known)

    def of_analysis(self, tables: Tables, pool: Pool, errors: ErrorTable) -> Iterator[Metric]:
        """Rows of every scope of whole clips about scores and kinds of errors."""
        counts = tables.detections
        analysis = analysis_of(pool, tables.partition, errors, self.golden_set.taxonomy.names)
        for (s, scope), (c, subject, score) in self._cells(tables.partition):
            unknown = unknown_fp_of(tables, (s, c), subject)
            if counts.n_frames[s] == 0:
                unknown = f"no annotated frames{subject.place}"
            n_truth, partly_known = int(counts.known_truth[s, c]), bool(tables.partly_known[s, c])
            for value in analysis_values(analysis, (s, c), subject, n_truth, unknown):
                yield self._metric(value, scope, subject.class_name, score, partly_known)

    def of_objects(self, partition: Partition, objects: ObjectTimes) -> Iterator[Metric]:
        """Rows of every scope of whole clips about objects over time."""
        has_tracks = any((clip.truth.track_id >= 0).any() for clip in self.golden_set.clips)
        absent = "" if has_tracks else "truth has no track ids"
        for (s, scope), (c, subject, score) in self._cells(partition):
            rows = partition.membership[s][objects.clip] > 0
            if subject.class_name is not None:
                rows &= objects.class_id == c
            for value in time_values(objects.take(rows), subject, absent):
                yield self._metric(value, scope, subject.class_name, score)

    def of_events(self, partition: Partition, events: EventTable) -> Iterator[Metric]:
        """Rows of every scope of whole clips about events."""
        for (s, scope), (c, subject, score) in self._cells(partition):
            class_id = None if subject.class_name is None else c
            for value in event_values(events, partition.membership[s] > 0, class_id, subject):
                yield self._metric(value, scope, subject.class_name, score)

    def _cells(
        self, partition: Partition
    ) -> Iterator[tuple[tuple[int, Scope], tuple[int, Subject, str]]]:
        """(number, scope) and (class column, subject, score) of every row; all classes first."""
        names = self.golden_set.taxonomy.names
        for s, scope in enumerate(partition.scopes):
            for c, class_name in ((len(names), None), *enumerate(names)):
                score = score_text(self.operating_point, class_name)
                threshold = f"score >= {score}" if score != PER_CLASS else "the score of its class"
                yield (s, scope), (c, Subject(class_name, scope.place(), threshold), score)

    def of_latency(self, timings: Sequence[Timings | None]) -> Iterator[Metric]:
        """Rows of the whole set and of each clip, end to end and per stage."""
        parts: list[tuple[str | None, Sequence[Timings | None]]] = [(None, timings)]
        parts += [
            (clip.id, [timing]) for clip, timing in zip(self.golden_set.clips, timings, strict=True)
        ]
        for clip_id, part in parts:
            for stage, value in latency_values(part):
                stage_slice = () if stage is None else (("stage", stage),)
                row = self._metric(value, Scope(clip_id, stage_slice))
                if value.name == THROUGHPUT_NAME and is_overlapped(part):
                    row = replace(row, signature=OVERLAPPED)
                yield row

    def _metric(
        self,
        value: Value,
        scope: Scope,
        class_name: str | None = None,
        score: str = "",
        partly_known: bool = False,
    ) -> Metric:
        definition = METRICS[value.name]
        all_classes = class_name is None
        return Metric(
            name=value.name,
            value=value.value,
            reason=value.reason,
            unit=definition.unit,
            better=definition.better,
            n=value.n,
            pipeline=self.pipeline,
            golden_set=self.golden_set.name,
            class_name=class_name,
            clip=scope.clip,
            slice=scope.slice,
            operating_point=self._point_of(class_name),
            signature=signature(
                value.name, self.operating_point.iou, score, all_classes, partly_known
            ),
        )

    def _point_of(self, class_name: str | None) -> OperatingPoint:
        """The operating point of one class; of all where a row is about all classes."""
        point = self.operating_point
        if class_name is None:
            return point
        return OperatingPoint(point.iou, ((class_name, point.score_for(class_name)),))
