"""Golden sets and answers drawn by Hypothesis: coarse, so that ties and equal boxes are common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from tests.metrics.scenes import clip, golden_set
from vbench.matching import iou_thresholds_with, match_clip
from vbench.metrics.pool import Pool, pooled
from vbench.types import Clip, Detections, GoldenSet, Matches, OperatingPoint, Truth

CLASSES = ("a", "b", "c")
N_FRAMES = 3


@dataclass(frozen=True)
class Drawn:
    golden: GoldenSet
    detections: list[Detections]
    matches: list[Matches]
    point: OperatingPoint
    pool: Pool

    @property
    def arguments(self) -> tuple[GoldenSet, list[Detections], list[Matches], OperatingPoint]:
        return self.golden, self.detections, self.matches, self.point


def _boxes(draw: st.DrawFn, n: int) -> np.ndarray:
    rows = [[draw(st.integers(0, 3)) for _ in range(2)] for _ in range(n)]
    sides = [[draw(st.integers(1, 4)) for _ in range(2)] for _ in range(n)]
    corner = np.array(rows, np.float64).reshape(-1, 2)
    return np.concatenate([corner, corner + np.array(sides, np.float64).reshape(-1, 2)], axis=1)


@st.composite
def _clips(draw: st.DrawFn, name: str, plain: bool) -> Clip:
    m = draw(st.integers(0, 6))
    truth = Truth(
        frame_index=np.sort(np.array([draw(st.integers(0, 2)) for _ in range(m)], np.int64)),
        boxes_xyxy=_boxes(draw, m),
        class_id=np.array([draw(st.integers(0, 2)) for _ in range(m)], np.int64),
        track_id=np.full(m, -1, np.int64),
        ignore=np.array([not plain and draw(st.integers(0, 5)) == 0 for _ in range(m)], np.bool_),
        crowd=np.array([not plain and draw(st.integers(0, 7)) == 0 for _ in range(m)], np.bool_),
    )
    exhaustive = [plain or draw(st.integers(0, 3)) > 0 for _ in CLASSES]
    annotated = np.array([plain or draw(st.integers(0, 4)) > 0 for _ in range(N_FRAMES)])
    return clip(truth, id=name, n_frames=N_FRAMES, exhaustive=exhaustive, annotated=annotated)


@st.composite
def _detections(draw: st.DrawFn) -> Detections:
    n = draw(st.integers(0, 8))
    return Detections.sorted_from(
        frame_index=np.array([draw(st.integers(0, 2)) for _ in range(n)], np.int64),
        boxes_xyxy=_boxes(draw, n),
        scores=np.array([draw(st.integers(0, 10)) / 10 for _ in range(n)], np.float64),
        class_id=np.array([draw(st.integers(0, 2)) for _ in range(n)], np.int64),
        track_id=np.full(n, -1, np.int64),
    )


@st.composite
def drawn(draw: st.DrawFn, *, plain: bool = False) -> Drawn:
    """Two clips; `plain` has no crowd, no ignored truth, and everything is annotated."""
    golden = golden_set(
        draw(_clips("one", plain)), draw(_clips("two", plain)), classes=list(CLASSES)
    )
    found = [draw(_detections()) for _ in golden.clips]
    point = OperatingPoint(
        draw(st.sampled_from([0.3, 0.5])),
        tuple((name, draw(st.sampled_from([0.0, 0.3, 0.55]))) for name in CLASSES),
    )
    thresholds = iou_thresholds_with(point.iou)
    tables = [match_clip(one, of, thresholds) for one, of in zip(golden.clips, found, strict=True)]
    return Drawn(golden, found, tables, point, pooled(golden, found, tables, point))
