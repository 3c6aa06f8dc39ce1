"""Tracking kernels against obvious twins with SciPy's assignment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from vbench.kernels.overlap import overlapping_boxes, track_alignment
from vbench.kernels.tracking import assign, best_matches, clear_counts, hota_counts
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


def twin_best_matches(video: Video, threshold: float) -> list[tuple[int, int, int]]:
    """(frame, truth number, detection number) in the frame, whatever the tracks."""
    pairs = []
    for frame, (truth, found) in enumerate(zip(video.truth, video.found, strict=True)):
        score = matrix(truth, found)
        score[score < threshold - 2.3e-16] = 0.0
        for i, j in zip(*linear_sum_assignment(-score), strict=True):
            if score[i, j] > 1e-15:
                pairs.append((frame, int(i), int(j)))
    return pairs


def twin_hota(video: Video) -> tuple[list[int], list[float], list[float]]:
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
    n_matches, association, location = [], [], []
    for alpha in ALPHAS:
        kept = [(g, h) for g, h, iou in pairs if iou >= alpha - 2.3e-16]
        total = 0.0
        for g, h in kept:
            tpa = kept.count((g, h))
            total += tpa / (video.n_boxes(video.truth, g) + video.n_boxes(video.found, h) - tpa)
        n_matches.append(len(kept))
        association.append(total)
        location.append(sum(iou for _, _, iou in pairs if iou >= alpha - 2.3e-16))
    return n_matches, association, location


@st.composite
def videos(draw: st.DrawFn) -> Video:
    """Coarse boxes, empty frames, tracks of one frame, tracks that meet; some a little shaken.

    Coarse boxes make many matchings equally good; shaken ones leave one clear winner.
    """
    coordinate, side = st.integers(0, 4), st.integers(0, 3)
    noise = np.random.default_rng(draw(st.integers(0, 99)))
    shake = draw(st.sampled_from([0.0, 0.0, 0.05, 0.4]))

    def frame() -> Boxes:
        tracks = draw(st.lists(st.integers(0, 4), unique=True, max_size=5))
        boxes = {}
        for track in tracks:
            x, y, w, h = (draw(coordinate), draw(coordinate), draw(side), draw(side))
            boxes[track] = np.array([x, y, x + w, y + h], np.float64)
            boxes[track] += noise.normal(0, shake, 2)[[0, 1, 0, 1]] if shake else 0.0
        return boxes

    n_frames = draw(st.integers(1, 6))
    return Video([frame() for _ in range(n_frames)], [frame() for _ in range(n_frames)])


@dataclass
class Columns:
    """What the kernels read."""

    truth_start: I64
    truth_track: I64
    found_start: I64
    found_track: I64
    pair_start: I64
    pair_truth: I64
    pair_found: I64
    pair_iou: F64


def columns(video: Video) -> Columns:
    def side(frames: list[Boxes]) -> tuple[I64, F64, I64]:
        tracks = video.tracks(frames)
        start = np.cumsum([0, *(len(frame) for frame in frames)])
        boxes = np.array([box for frame in frames for box in frame.values()], np.float64)
        track = np.array([tracks.index(t) for frame in frames for t in frame], np.int64)
        return start, boxes.reshape(-1, 4), track

    truth_start, truth_boxes, truth_track = side(video.truth)
    found_start, found_boxes, found_track = side(video.found)
    pairs = overlapping_boxes(truth_start, truth_boxes, found_start, found_boxes)
    return Columns(truth_start, truth_track, found_start, found_track, *pairs)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(videos(), st.sampled_from([0.05, 0.3, 0.5]))
def test_clear_equals_twin(video: Video, threshold: float) -> None:
    c = columns(video)
    counts, distance = clear_counts(
        c.truth_start,
        c.truth_track,
        c.found_start,
        c.found_track,
        c.pair_start,
        c.pair_truth,
        c.pair_found,
        c.pair_iou,
        len(video.tracks(video.truth)),
        threshold,
    )
    expected, expected_distance = twin_clear(video, threshold)
    assert counts.tolist() == expected
    assert distance == pytest.approx(expected_distance)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(videos())
def test_hota_equals_twin(video: Video) -> None:
    c = columns(video)
    n_found = len(video.tracks(video.found))
    track_pair = c.truth_track[c.pair_truth] * n_found + c.found_track[c.pair_found]
    known, pair_tracks = np.unique(track_pair, return_inverse=True)
    n_truth_boxes = np.bincount(c.truth_track, minlength=1)
    n_found_boxes = np.bincount(c.found_track, minlength=1)
    n_boxes = n_truth_boxes[known // max(n_found, 1)] + n_found_boxes[known % max(n_found, 1)]
    pairs = (
        c.truth_start,
        c.found_start,
        c.pair_start,
        c.pair_truth,
        c.pair_found,
        c.pair_iou,
        pair_tracks,
    )
    alignment = track_alignment(*pairs, n_boxes)
    n_matches, association, location = hota_counts(
        *pairs,
        alignment,
        n_boxes,
        ALPHAS,
    )
    expected_matches, expected_association, expected_location = twin_hota(video)
    assert n_matches.tolist() == expected_matches
    assert association.tolist() == pytest.approx(expected_association)
    assert location.tolist() == pytest.approx(expected_location)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(videos(), st.sampled_from([0.05, 0.3, 0.5]))
def test_best_matches_equal_twin(video: Video, threshold: float) -> None:
    c = columns(video)
    taken = best_matches(
        c.truth_start,
        c.found_start,
        c.pair_start,
        c.pair_truth,
        c.pair_found,
        c.pair_iou,
        threshold,
    )
    frame = np.searchsorted(c.truth_start, c.pair_truth[taken], side="right") - 1
    truth_number = c.pair_truth[taken] - c.truth_start[frame]
    found_number = c.pair_found[taken] - c.found_start[frame]
    rows = sorted(zip(frame.tolist(), truth_number.tolist(), found_number.tolist(), strict=True))
    assert rows == twin_best_matches(video, threshold)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 10**6))
def test_assignment_equals_scipy_with_ties(n_rows: int, n_columns: int, seed: int) -> None:
    cost = np.random.default_rng(seed).integers(-2, 3, (n_rows, n_columns)).astype(np.float64)
    rows, matched = linear_sum_assignment(cost)
    expected = np.full(n_rows, -1)
    expected[rows] = matched
    assert assign(cost).tolist() == expected.tolist()
