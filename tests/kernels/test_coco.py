"""The COCO kernels against obvious twins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.coco import accumulate, match_cells
from vbench.kernels.coco_order import score_order
from vbench.types import F64, I32, Bool

AREAS = np.array([[0.0, 1e10], [0.0, 4.0], [4.0, 9.0]])
THRESHOLDS = np.array([0.5, 0.75, 1.0, 0.3])


@dataclass(frozen=True)
class Scene:
    """One class; cells are images. Coarse boxes, so that ties and equal boxes are common."""

    image: I32
    boxes: F64
    scores: F64
    truth_image: I32
    truth_boxes: F64
    crowd: Bool
    unnamed: Bool
    ignored: Bool

    @property
    def n(self) -> int:
        return len(self.image)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    coordinate, side, image = st.integers(0, 3), st.integers(0, 4), st.integers(0, 3)
    box = st.tuples(coordinate, coordinate, side, side)
    found = draw(st.lists(st.tuples(image, box, st.integers(0, 3)), max_size=14))
    truth = draw(
        st.lists(st.tuples(image, box, st.booleans(), st.booleans(), st.booleans()), max_size=10)
    )
    found.sort(key=lambda item: item[0])
    truth.sort(key=lambda item: item[0])
    truth_boxes = np.array([item[1] for item in truth], np.float64).reshape(-1, 4)
    crowd = np.array([item[2] for item in truth], np.bool_)
    skipped = crowd | np.array([item[3] for item in truth], np.bool_)
    area = truth_boxes[:, 2] * truth_boxes[:, 3]
    outside = (area[:, None] < AREAS[:, 0]) | (area[:, None] > AREAS[:, 1])
    return Scene(
        image=np.array([item[0] for item in found], np.int32),
        boxes=np.array([item[1] for item in found], np.float64).reshape(-1, 4),
        scores=np.array([item[2] / 4 for item in found], np.float64),
        truth_image=np.array([item[0] for item in truth], np.int32),
        truth_boxes=truth_boxes,
        crowd=crowd,
        unnamed=np.array([item[4] for item in truth], np.bool_),
        ignored=skipped[:, None] | outside,
    )


def ordered(scene: Scene) -> tuple[I32, I32, I32]:
    """Row and rank by sequence, and sequence by place in cell order; rows stand in cell order."""
    filled = (np.empty(scene.n, np.int32), np.empty(scene.n, np.int32), np.empty(scene.n, np.int32))
    rows = np.arange(scene.n, dtype=np.int32)
    score_order(0, scene.n, scene.scores, rows, scene.image, *filled)
    return filled


def matched_masks(
    scene: Scene, max_dets: int = 100
) -> tuple[np.ndarray, np.ndarray, tuple[I32, I32, I32]]:
    row_at, rank_at, sequence_of = ordered(scene)
    matched = np.zeros((scene.n, len(AREAS)), np.uint16)
    ignored = np.zeros((scene.n, len(AREAS)), np.uint16)
    match_cells(
        0,
        scene.n,
        scene.image,
        sequence_of,
        row_at,
        scene.boxes,
        0,
        len(scene.truth_image),
        scene.truth_image,
        scene.truth_boxes,
        scene.crowd,
        scene.unnamed,
        scene.ignored,
        THRESHOLDS,
        AREAS,
        max_dets,
        matched,
        ignored,
    )
    return matched, ignored, (row_at, rank_at, sequence_of)


def twin_iou(box: F64, other: F64, crowd: bool) -> float:
    width = max(0.0, min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0]))
    height = max(0.0, min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1]))
    inter = width * height
    if inter == 0.0:
        return 0.0
    area = box[2] * box[3]
    return float(inter / (area if crowd else area + other[2] * other[3] - inter))


def twin_match(
    scene: Scene, row_at: I32, threshold: float, area: int, max_dets: int
) -> tuple[dict[int, bool], dict[int, bool]]:
    """Matched and ignored by row, one detection after the other as pycocotools words it."""
    matched, ignored = {}, {}
    taken = [False] * len(scene.truth_image)
    seen = dict.fromkeys(range(4), 0)
    low, high = AREAS[area]
    for row in row_at.tolist():
        image = int(scene.image[row])
        seen[image] += 1
        if seen[image] > max_dets:
            continue
        best, best_iou = -1, min(threshold, 1 - 1e-10)
        candidates = [j for j, other in enumerate(scene.truth_image.tolist()) if other == image]
        for j in sorted(candidates, key=lambda j: bool(scene.ignored[j, area])):
            if taken[j] and not scene.crowd[j]:
                continue
            if best >= 0 and not scene.ignored[best, area] and scene.ignored[j, area]:
                break
            iou = twin_iou(scene.boxes[row], scene.truth_boxes[j], bool(scene.crowd[j]))
            if iou >= best_iou:
                best, best_iou = j, iou
        if best >= 0:
            taken[best] = True
        matched[row] = best >= 0 and not scene.unnamed[best]
        box_area = scene.boxes[row, 2] * scene.boxes[row, 3]
        outside = box_area < low or box_area > high
        ignored[row] = (best >= 0 and bool(scene.ignored[best, area])) or (
            not matched[row] and bool(outside)
        )
    return matched, ignored


@given(scenes(), st.sampled_from([1, 2, 100]))
@settings(deadline=None, max_examples=300, derandomize=True)
def test_match_cells(scene: Scene, max_dets: int) -> None:
    matched, ignored, (row_at, rank_at, _) = matched_masks(scene, max_dets)
    for a in range(len(AREAS)):
        for t, threshold in enumerate(THRESHOLDS.tolist()):
            hits, skips = twin_match(scene, row_at, threshold, a, max_dets)
            for sequence, row in enumerate(row_at.tolist()):
                if rank_at[sequence] >= max_dets:
                    continue
                assert bool(matched[sequence, a] >> t & 1) == hits[row]
                assert bool(ignored[sequence, a] >> t & 1) == skips[row]


@given(scenes(), st.sampled_from([(0.0, 0.25, 0.5, 1.0), (0.3, 0.34), (0.0,), (1.0,)]))
@settings(deadline=None, max_examples=200, derandomize=True)
def test_accumulate(scene: Scene, recalls: tuple[float, ...]) -> None:
    matched, ignored, (row_at, rank_at, _) = matched_masks(scene)
    limits = np.array([1, 2, 100])
    shape = (len(limits), len(THRESHOLDS))
    for a in range(len(AREAS)):
        n_truth = int((~scene.ignored[:, a]).sum())
        if n_truth == 0:
            continue
        precision, recall = np.zeros((*shape, len(recalls))), np.zeros(shape)
        score_reached = np.zeros_like(precision)
        accumulate(
            0,
            scene.n,
            a,
            scene.scores,
            row_at,
            rank_at,
            matched,
            ignored,
            n_truth,
            limits,
            np.array(recalls),
            precision,
            recall,
            score_reached,
        )
        for m, limit in enumerate(limits.tolist()):
            rows = [z for z in range(scene.n) if rank_at[z] < limit]
            for t in range(len(THRESHOLDS)):
                hits = [bool(matched[z, a] >> t & 1) for z in rows]
                skips = [bool(ignored[z, a] >> t & 1) for z in rows]
                scores = [float(scene.scores[row_at[z]]) for z in rows]
                curve = twin_curve(hits, skips, scores, n_truth, recalls)
                assert recall[m, t] == curve[0]
                assert precision[m, t].tolist() == curve[1]
                assert score_reached[m, t].tolist() == curve[2]


def twin_curve(
    hits: list[bool],
    skips: list[bool],
    scores: list[float],
    n_truth: int,
    recalls: tuple[float, ...],
) -> tuple[float, list[float], list[float]]:
    """Recall, and precision and score at each recall, from the whole list of points."""
    points = []
    tp = fp = 0
    for hit, skip, score in zip(hits, skips, scores, strict=True):
        tp += hit and not skip
        fp += not hit and not skip
        points.append((tp / n_truth, tp / (tp + fp + 2.0**-52), score))
    precision, score_reached = [], []
    for wanted in recalls:
        reached = [k for k, point in enumerate(points) if point[0] >= wanted]
        precision.append(max((points[k][1] for k in reached), default=0.0))
        score_reached.append(points[reached[0]][2] if reached else 0.0)
    return tp / n_truth, precision, score_reached
