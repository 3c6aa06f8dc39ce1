"""Tracking kernels against obvious twins with SciPy's assignment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from vbench.kernels.tracking import (
    assign,
    clear_counts,
    hota_counts,
    identity_matches,
    pairwise_iou,
)
from vbench.types import F64, I64

Boxes = dict[int, F64]
"""Track number -> box, in one frame."""

ALPHAS = np.arange(0.05, 0.99, 0.05)


@dataclass
class Video:
    truth: list[Boxes]
    found: list[Boxes]

    def tracks(self, side: list[Boxes]) -> list[int]:
        return sorted({track for frame in side for track in frame})

    def n_boxes(self, side: list[Boxes], track: int) -> int:
        return sum(track in frame for frame in side)


def twin_iou(a: F64, b: F64) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    inter = width * height
    if inter == 0.0:
        return 0.0
    return float(inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter))


def matrix(truth: Boxes, found: Boxes) -> F64:
    rows = [[twin_iou(a, b) for b in found.values()] for a in truth.values()]
    return np.array(rows, np.float64).reshape(len(truth), len(found))


def twin_clear(video: Video, threshold: float) -> tuple[list[int], float]:
    n_matches = n_switches = n_fragments = 0
    distance = 0.0
    ever: dict[int, int] = {}
    before: dict[int, int] = {}
    runs = dict.fromkeys(video.tracks(video.truth), 0)
    covered = dict.fromkeys(video.tracks(video.truth), 0)
    for truth, found in zip(video.truth, video.found, strict=True):
        if not truth or not found:
            continue
        iou = matrix(truth, found)
        kept = [[before.get(g) == h for h in found] for g in truth]
        score = np.where(iou >= threshold - 2.3e-16, 1000.0 * np.array(kept) + iou, 0.0)
        now: dict[int, int] = {}
        for i, j in zip(*linear_sum_assignment(-score), strict=True):
            if score[i, j] <= 1e-15:
                continue
            g, h = list(truth)[i], list(found)[j]
            n_matches += 1
            distance += 1.0 - iou[i, j]
            n_switches += ever.get(g, h) != h
            runs[g] += g not in before
            covered[g] += 1
            now[g] = ever[g] = h
        before = now
    n_fragments = sum(max(0, n - 1) for n in runs.values())
    shares = [covered[g] / video.n_boxes(video.truth, g) for g in covered]
    mostly = sum(share > 0.8 for share in shares)
    lost = sum(share < 0.2 for share in shares)
    partly = len(shares) - mostly - lost
    counts = [n_matches, n_switches, n_fragments, mostly, partly, lost, len(shares)]
    return counts, distance


def twin_identity(video: Video, threshold: float) -> int:
    truth_tracks, found_tracks = video.tracks(video.truth), video.tracks(video.found)
    agree = np.zeros((len(truth_tracks), len(found_tracks)))
    for truth, found in zip(video.truth, video.found, strict=True):
        for g, a in truth.items():
            for h, b in found.items():
                if twin_iou(a, b) >= threshold:
                    agree[truth_tracks.index(g), found_tracks.index(h)] += 1
    return int(agree[linear_sum_assignment(-agree)].sum())


def twin_hota(video: Video) -> tuple[list[int], list[float]]:
    overlap: dict[tuple[int, int], float] = {}
    for truth, found in zip(video.truth, video.found, strict=True):
        iou = matrix(truth, found)
        for i, g in enumerate(truth):
            for j, h in enumerate(found):
                union = iou[i].sum() + iou[:, j].sum() - iou[i, j]
                overlap[g, h] = overlap.get((g, h), 0.0) + (iou[i, j] / union if union else 0.0)

    def jaccard(g: int, h: int) -> float:
        both = overlap[g, h]
        return both / (video.n_boxes(video.truth, g) + video.n_boxes(video.found, h) - both)

    pairs = []
    for truth, found in zip(video.truth, video.found, strict=True):
        iou = matrix(truth, found)
        align = np.array([[jaccard(g, h) for h in found] for g in truth]).reshape(iou.shape)
        for i, j in zip(*linear_sum_assignment(-align * iou), strict=True):
            pairs.append((list(truth)[i], list(found)[j], iou[i, j]))
    n_matches, association = [], []
    for alpha in ALPHAS:
        kept = [(g, h) for g, h, iou in pairs if iou >= alpha - 2.3e-16]
        total = 0.0
        for g, h in kept:
            tpa = kept.count((g, h))
            total += tpa / (video.n_boxes(video.truth, g) + video.n_boxes(video.found, h) - tpa)
        n_matches.append(len(kept))
        association.append(total)
    return n_matches, association


@st.composite
def videos(draw: st.DrawFn) -> Video:
    """Coarse boxes, empty frames, tracks of one frame, tracks that meet."""
    coordinate, side = st.integers(0, 4), st.integers(0, 3)

    def frame() -> Boxes:
        tracks = draw(st.lists(st.integers(0, 3), unique=True, max_size=4))
        boxes = {}
        for track in tracks:
            x, y, w, h = (draw(coordinate), draw(coordinate), draw(side), draw(side))
            boxes[track] = np.array([x, y, x + w, y + h], np.float64)
        return boxes

    n_frames = draw(st.integers(1, 6))
    return Video([frame() for _ in range(n_frames)], [frame() for _ in range(n_frames)])


Columns = tuple[I64, F64, I64, I64, F64, I64]


def side_columns(side: list[Boxes], tracks: list[int]) -> tuple[I64, F64, I64]:
    start = np.cumsum([0, *(len(frame) for frame in side)])
    boxes = np.array([box for frame in side for box in frame.values()], np.float64)
    track = np.array([tracks.index(t) for frame in side for t in frame], np.int64)
    return start, boxes.reshape(-1, 4), track


def columns(video: Video) -> tuple[Columns, int, int]:
    """The kernels' columns, and how many tracks there are on either side."""
    truth_tracks, found_tracks = video.tracks(video.truth), video.tracks(video.found)
    truth, found = side_columns(video.truth, truth_tracks), side_columns(video.found, found_tracks)
    return (*truth, *found), len(truth_tracks), len(found_tracks)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(videos(), st.sampled_from([0.3, 0.5]))
def test_clear_equals_twin(video: Video, threshold: float) -> None:
    arrays, n_truth, _ = columns(video)
    counts, distance = clear_counts(*arrays, n_truth, threshold)
    expected, expected_distance = twin_clear(video, threshold)
    assert counts.tolist() == expected
    assert distance == pytest.approx(expected_distance)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(videos(), st.sampled_from([0.3, 0.5]))
def test_identity_equals_twin(video: Video, threshold: float) -> None:
    arrays, n_truth, n_found = columns(video)
    assert identity_matches(*arrays, n_truth, n_found, threshold) == twin_identity(video, threshold)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(videos())
def test_hota_equals_twin(video: Video) -> None:
    arrays, n_truth, n_found = columns(video)
    n_matches, association = hota_counts(*arrays, n_truth, n_found, ALPHAS)
    expected_matches, expected_association = twin_hota(video)
    assert n_matches.tolist() == expected_matches
    assert association.tolist() == pytest.approx(expected_association)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 10**6))
def test_assignment_equals_scipy_with_ties(n_rows: int, n_columns: int, seed: int) -> None:
    cost = np.random.default_rng(seed).integers(-2, 3, (n_rows, n_columns)).astype(np.float64)
    rows, matched = linear_sum_assignment(cost)
    expected = np.full(n_rows, -1)
    expected[rows] = matched
    assert assign(cost).tolist() == expected.tolist()


def test_iou_by_hand() -> None:
    a = np.array([[0.0, 0.0, 10.0, 10.0]])
    b = np.array([[5.0, 0.0, 15.0, 10.0], [20.0, 20.0, 30.0, 30.0], [3.0, 3.0, 3.0, 8.0]])
    assert pairwise_iou(a, b).tolist() == [[pytest.approx(1 / 3), 0.0, 0.0]]
