"""Small golden sets and detections written as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vbench.matching import iou_thresholds_with, match_clip
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.scopes import SliceKeys
from vbench.types import (
    F64,
    I64,
    Block,
    Bool,
    BoxTag,
    ClassDef,
    Clip,
    Detections,
    GoldenSet,
    Matches,
    MediaFacts,
    Metric,
    OperatingPoint,
    Slice,
    Tags,
    Taxonomy,
    Timings,
    Truth,
    WholeAnswers,
    whole_answers,
)

Box = tuple[float, float, float, float]

A: Box = (0.0, 0.0, 40.0, 40.0)
B: Box = (100.0, 0.0, 140.0, 40.0)
C: Box = (200.0, 200.0, 300.0, 300.0)
FAR: Box = (400.0, 400.0, 420.0, 420.0)


def truth(
    rows: Sequence[tuple[int, Box]],
    *,
    class_id: Sequence[int] | None = None,
    track_id: Sequence[int] | None = None,
    ignore: Sequence[int] = (),
    crowd: Sequence[int] = (),
    tags: tuple[BoxTag, ...] = (),
) -> Truth:
    """Truth from (frame, box) rows; `ignore` and `crowd` list row numbers."""
    m = len(rows)
    marked_ignore, marked_crowd = np.zeros(m, np.bool_), np.zeros(m, np.bool_)
    marked_ignore[list(ignore)] = True
    marked_crowd[list(crowd)] = True
    return Truth(
        frame_index=np.array([frame for frame, _ in rows], np.int64),
        boxes_xyxy=np.array([box for _, box in rows], np.float64).reshape(-1, 4),
        class_id=np.array([0] * m if class_id is None else class_id, np.int64),
        track_id=np.array([-1] * m if track_id is None else track_id, np.int64),
        ignore=marked_ignore,
        crowd=marked_crowd,
        tags=tags,
    )


def detections(
    rows: Sequence[tuple[int, Box, float]],
    *,
    class_id: Sequence[int] | None = None,
    track_id: Sequence[int] | None = None,
) -> Detections:
    """Detections from (frame, box, score) rows in any order."""
    n = len(rows)
    return Detections.sorted_from(
        frame_index=np.array([frame for frame, _, _ in rows], np.int64),
        boxes_xyxy=np.array([box for _, box, _ in rows], np.float64).reshape(-1, 4),
        scores=np.array([score for _, _, score in rows], np.float64),
        class_id=np.array([0] * n if class_id is None else class_id, np.int64),
        track_id=np.array([-1] * n if track_id is None else track_id, np.int64),
    )


def clip(
    boxes: Truth,
    *,
    id: str = "clip",
    n_frames: int = 4,
    fps: float = 1.0,
    annotated: Bool | None = None,
    exhaustive: Sequence[bool] = (True,),
    ignore_regions: tuple[F64, ...] = (),
    tags: Tags = (),
) -> Clip:
    """A clip without media."""
    return Clip(
        id=id,
        media=Path("none.mp4"),
        stream=None,
        facts=MediaFacts("0" * 64, n_frames, fps, n_frames / fps, 640, 480, ""),
        tags=tags,
        truth=boxes,
        annotated=np.ones(n_frames, np.bool_) if annotated is None else annotated,
        exhaustive=np.array(exhaustive, np.bool_),
        ignore_regions=ignore_regions,
        events=(),
    )


def golden_set(*clips: Clip, classes: Sequence[str] = ("person",)) -> GoldenSet:
    return GoldenSet(
        name="set",
        version="1.0.0",
        taxonomy=Taxonomy(1, tuple(ClassDef(name, name) for name in classes)),
        clips=clips,
        digest="",
        locked=False,
    )


def point(*scores: float, iou: float = 0.5, classes: Sequence[str] = ("person",)) -> OperatingPoint:
    return OperatingPoint(iou, tuple(zip(classes, scores, strict=True)))


def table(one: Clip, found: Detections, iou: float = 0.5) -> Matches:
    return match_clip(one, found, iou_thresholds_with(iou))


class Rows:
    """The rows of an evaluation, looked up by what they are about."""

    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self.metrics = metrics
        self._by_key = {(m.name, m.class_name, m.clip, m.slice): m for m in metrics}
        assert len(self._by_key) == len(metrics), "two rows are about the same thing"

    def get(
        self,
        name: str,
        class_name: str | None = None,
        *,
        clip: str | None = None,
        slice: Slice = (),
    ) -> Metric:
        return self._by_key[(name, class_name, clip, slice)]

    def value(
        self,
        name: str,
        class_name: str | None = None,
        *,
        clip: str | None = None,
        slice: Slice = (),
    ) -> float:
        metric = self.get(name, class_name, clip=clip, slice=slice)
        assert metric.value is not None, metric.reason
        return metric.value

    def reason(
        self,
        name: str,
        class_name: str | None = None,
        *,
        clip: str | None = None,
        slice: Slice = (),
    ) -> str:
        metric = self.get(name, class_name, clip=clip, slice=slice)
        assert metric.reason is not None, metric.value
        return metric.reason


def evaluate(
    golden: GoldenSet,
    found: Sequence[Detections],
    operating_point: OperatingPoint,
    slice_keys: Sequence[str | SliceKeys] = (),
    timings: Sequence[Timings | None] | None = None,
) -> Rows:
    tables = [
        table(one, part, operating_point.iou) for one, part in zip(golden.clips, found, strict=True)
    ]
    whole = whole_answers(found, tables)
    by_frame = [ByFrame(one) for one in whole]
    rows = evaluate_pipeline(golden, "pipe", whole, operating_point, slice_keys, timings).metrics
    cut = evaluate_pipeline(golden, "pipe", by_frame, operating_point, slice_keys, timings).metrics
    assert rows == cut, "how answers are cut into blocks made a difference"
    return Rows(rows)


@dataclass(frozen=True)
class ByFrame:
    """Answers with one block per frame."""

    whole: WholeAnswers

    def blocks(self) -> Iterator[Block]:
        found, matches = self.whole.detections, self.whole.matches
        for rows in self._rows():
            yield (
                found.take(rows),
                replace(
                    matches,
                    truth_index=matches.truth_index[:, rows],
                    iou=matches.iou[:, rows],
                    ignored=matches.ignored[:, rows],
                ),
            )

    def detection_blocks(self) -> Iterator[Detections]:
        return (self.whole.detections.take(rows) for rows in self._rows())

    def _rows(self) -> list[I64]:
        frame = self.whole.detections.frame_index
        rows = [np.flatnonzero(frame == one) for one in np.unique(frame)]
        return rows or [np.zeros(0, np.int64)]
