"""Tracking kernels against obvious twins with SciPy's assignment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from vbench.kernels.hota import hota_sums
from vbench.kernels.overlap import overlapping_boxes, track_alignment
from vbench.kernels.tracking import assign, best_matches, clear_counts, hota_matches
from vbench.types import F64, I64

Boxes = dict[int, F64]
"""Track number -> box, in one frame."""

ALPHAS = np.arange(0.05, 0.99, 0.05)
N_BLOCKS = 3


@dataclass
class Video:
    truth: list[Boxes]
    found: list[Boxes]
    block: list[int]
    """Of each frame; 0 .. N_BLOCKS - 1."""

    def tracks(self, side: list[Boxes]) -> list[int]:
        return sorted({track for frame in side for track in frame})

    def n_boxes(self, side: list[Boxes], track: int) -> int:
        return sum(track in frame for frame in side)

    def first_block(self, track: int) -> int:
        """Block of a truth track's first box."""
        return next(b for b, frame in zip(self.block, self.truth, strict=True) if track in frame)


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


def twin_clear(video: Video, threshold: float) -> tuple[list[list[int]], list[float]]:
    counts = [[0] * 7 for _ in range(N_BLOCKS)]
    distance = [0.0] * N_BLOCKS
    ever: dict[int, int] = {}
    before: dict[int, int] = {}
    covered = dict.fromkeys(video.tracks(video.truth), 0)
    for block, truth, found in zip(video.block, video.truth, video.found, strict=True):
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
            counts[block][0] += 1
            counts[block][1] += ever.get(g, h) != h
            counts[block][2] += g in ever and g not in before
            distance[block] += 1.0 - iou[i, j]
            covered[g] += 1
            now[g] = ever[g] = h
        before = now
    for g in covered:
        share = covered[g] / video.n_boxes(video.truth, g)
        kind = 3 if share > 0.8 else 5 if share < 0.2 else 4
        counts[video.first_block(g)][kind] += 1
        counts[video.first_block(g)][6] += 1
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


def twin_hota(video: Video) -> tuple[F64, F64, F64]:
    """(N_BLOCKS, A) matches, association, location."""
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
    for block, truth, found in zip(video.block, video.truth, video.found, strict=True):
        iou = matrix(truth, found)
        align = np.array([[jaccard(g, h) for h in found] for g in truth]).reshape(iou.shape)
        for i, j in zip(*linear_sum_assignment(-align * iou), strict=True):
            pairs.append((block, list(truth)[i], list(found)[j], iou[i, j]))
    n_matches, association, location = np.zeros((3, N_BLOCKS, len(ALPHAS)))
    for a, alpha in enumerate(ALPHAS):
        kept = [(g, h) for _, g, h, iou in pairs if iou >= alpha - 2.3e-16]
        for block, g, h, iou in pairs:
            if iou >= alpha - 2.3e-16:
                tpa = kept.count((g, h))
                boxes = video.n_boxes(video.truth, g) + video.n_boxes(video.found, h)
                n_matches[block, a] += 1
                association[block, a] += tpa / (boxes - tpa)
                location[block, a] += iou
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
    blocks = draw(st.lists(st.integers(0, N_BLOCKS - 1), min_size=n_frames, max_size=n_frames))
    return Video([frame() for _ in range(n_frames)], [frame() for _ in range(n_frames)], blocks)


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
        np.array(video.block, np.int64),
        N_BLOCKS,
    )
    expected, expected_distance = twin_clear(video, threshold)
    assert counts.tolist() == expected
    assert distance.tolist() == pytest.approx(expected_distance)


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
    taken = hota_matches(*pairs, track_alignment(*pairs, n_boxes))
    pair_block = np.repeat(np.array(video.block, np.int64), np.diff(c.pair_start))
    n_matches, association, location = hota_sums(
        pair_tracks[taken], c.pair_iou[taken], pair_block[taken], n_boxes, ALPHAS, N_BLOCKS
    )
    expected_matches, expected_association, expected_location = twin_hota(video)
    assert n_matches.tolist() == expected_matches.tolist()
    np.testing.assert_allclose(association, expected_association, rtol=1e-12)
    np.testing.assert_allclose(location, expected_location, rtol=1e-12)


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
