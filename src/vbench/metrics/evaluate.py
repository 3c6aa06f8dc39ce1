"""All metrics of one pipeline on one golden set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vbench.metrics.definitions import METRICS
from vbench.metrics.frames import frame_counts
from vbench.metrics.latency import latency_values
from vbench.metrics.pool import pooled
from vbench.metrics.scopes import Scope, SliceKeys, partitions
from vbench.metrics.signature import PER_CLASS, score_text, signature
from vbench.metrics.tables import Tables, tables_of, values_of
from vbench.metrics.tracks import track_counts
from vbench.metrics.values import Subject, Value
from vbench.types import Detections, GoldenSet, Matches, Metric, OperatingPoint, Timings


def evaluate_pipeline(
    golden_set: GoldenSet,
    pipeline: str,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
    slice_keys: Sequence[str | SliceKeys] = (),
    timings: Sequence[Timings | None] | None = None,
) -> tuple[Metric, ...]:
    """Every metric row of one pipeline on one golden set.

    Rows: the whole set, each clip, each value of each slice key; there all classes together
    (class None), then each class of the taxonomy, found or not. Over all classes, counts are
    summed and precision, recall, F1 and frame-level numbers come from the sums (micro); AP is the
    mean over classes that have truth (macro); tracks are pooled and never change class.

    Where a class is not annotated exhaustively in a clip, that clip takes part in what needs no
    false positives only (tp, fn, recall, ...). A slice of boxes (per-box tags, `BOX_PROPERTIES`)
    counts a true positive or a miss where its truth is in the slice and a false positive where its
    own box is; numbers that cannot be told by it are undefined. Tracking has no rows there. Latency
    rows are for class None, end to end and, with the slice ``(("stage", name),)``, per stage.

    Args:
        golden_set: clips with their truth.
        pipeline: its name, for the rows.
        detections: all stored detections per clip, in the order of the set's clips.
        matches: their match tables; with the operating IoU and COCO's ten thresholds.
        operating_point: score thresholds of every taxonomy class, in taxonomy order.
        slice_keys: clip tags, per-box tags, `BOX_PROPERTIES`, or combinations of two of them;
            unknown keys give no rows.
        timings: per clip, None for clips that were not timed; None for no timings at all.

    Raises:
        ValueError: inputs that do not belong together.
        KeyError: match tables that lack an IoU threshold.
        InputError: a slice key with more than one meaning.
    """
    pool = pooled(golden_set, detections, matches, operating_point)
    clips = zip(golden_set.clips, detections, matches, strict=True)
    per_clip_frames = [frame_counts(*clip, operating_point) for clip in clips]
    tracks = track_counts(golden_set, detections, matches, operating_point)
    rows = _Rows(golden_set, pipeline, operating_point)
    metrics: list[Metric] = []
    for partition in partitions(golden_set, detections, pool, slice_keys):
        metrics += rows.of_tables(tables_of(pool, partition, per_clip_frames, tracks))
    metrics += rows.of_latency(timings or [None] * len(golden_set.clips))
    return tuple(metrics)


@dataclass(frozen=True, slots=True)
class _Rows:
    """How values of one pipeline on one golden set become metric rows."""

    golden_set: GoldenSet
    pipeline: str
    operating_point: OperatingPoint

    def of_tables(self, tables: Tables) -> Iterator[Metric]:
        """Rows of every scope: all classes together, then each class."""
        names = self.golden_set.taxonomy.names
        scores = {name: score_text(self.operating_point, name) for name in (None, *names)}
        for s, scope in enumerate(tables.partition.scopes):
            for c, class_name in ((len(names), None), *enumerate(names)):
                score = scores[class_name]
                threshold = f"score >= {score}" if score != PER_CLASS else "the score of its class"
                subject = Subject(class_name, scope.place(), threshold)
                partly_known = bool(tables.partly_known[s, c])
                for value in values_of(tables, (s, c), subject):
                    yield self._metric(value, scope, class_name, score, partly_known)

    def of_latency(self, timings: Sequence[Timings | None]) -> Iterator[Metric]:
        """Rows of the whole set and of each clip, end to end and per stage."""
        parts: list[tuple[str | None, Sequence[Timings | None]]] = [(None, timings)]
        parts += [
            (clip.id, [timing]) for clip, timing in zip(self.golden_set.clips, timings, strict=True)
        ]
        for clip_id, part in parts:
            for stage, value in latency_values(part):
                stage_slice = () if stage is None else (("stage", stage),)
                yield self._metric(value, Scope(clip_id, stage_slice))

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
