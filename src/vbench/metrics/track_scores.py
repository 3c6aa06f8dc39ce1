"""CLEAR MOT, identity and HOTA of one clip and class.

Definitions and conventions are TrackEval's (github.com/JonathonLuiten/TrackEval, 1.3.0), except
that MOTP is a distance (mean of 1 - IoU), as py-motmetrics and the MOT Challenge's first years
print it; TrackEval prints 1 - MOTP.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.kernels.hota import hota_sums
from vbench.kernels.identity import heaviest_matching
from vbench.kernels.numbering import number_values, repeated_in_frame
from vbench.kernels.overlap import overlapping_boxes, track_alignment
from vbench.kernels.tracking import clear_counts, hota_matches
from vbench.metrics.track_counts import HOTA_ALPHAS, TrackCounts, TrackScores
from vbench.types import F64, I32, I64, Tracks


@dataclass(frozen=True, slots=True)
class _Overlaps:
    """P pairs of overlapping boxes, and the K pairs of tracks that they belong to."""

    frames: I64
    """(F,) the frames that have any box, ascending."""
    truth_start: I64
    found_start: I64
    truth_track: I64
    found_track: I64
    n_truth_tracks: int
    n_found_tracks: int
    pair_start: I64
    pair_truth: I64
    pair_found: I64
    pair_iou: F64
    pair_tracks: I64
    """(P,) number of the pair of tracks."""
    of_truth: I64
    """(K,) truth track of each pair of tracks."""
    of_found: I64
    """(K,) track of each pair of tracks."""


def score_tracks(truth: Tracks, found: Tracks, iou_threshold: float) -> TrackScores:
    """Compare the tracks of one clip and class with the truth.

    Args:
        truth: boxes that count.
        found: boxes of the tracker that count.
        iou_threshold: of CLEAR and identity, above 0; HOTA has its own.

    Raises:
        ValueError: a track is twice in one frame.
    """
    overlaps = _overlaps(truth, found)
    return _block_counts(overlaps, iou_threshold, np.zeros_like(overlaps.frames), 1).at((0,))


def score_blocks(
    truth: Tracks, found: Tracks, iou_threshold: float, block_of_frame: I32 | I64, n_blocks: int
) -> TrackCounts:
    """Compare tracks over the whole clip and count what happens in each block of its frames.

    A box, a match, a switch and a resumed track count in the block of their frame, a track as a
    whole in that of its first box. Sums over all blocks are the counts of the clip.

    Args:
        truth: as in `score_tracks`, like the next two.
        found: -
        iou_threshold: -
        block_of_frame: block of each frame of the clip, 0 .. n_blocks - 1.
        n_blocks: how many blocks the clip has.

    Returns:
        (n_blocks,) groups.

    Raises:
        ValueError: a track is twice in one frame.
    """
    overlaps = _overlaps(truth, found)
    block = block_of_frame[overlaps.frames].astype(np.int64)
    return _block_counts(overlaps, iou_threshold, block, n_blocks)


def _block_counts(
    overlaps: _Overlaps, iou_threshold: float, block: I64, n_blocks: int
) -> TrackCounts:
    """Counts per block; `block` (F,) is that of each frame that has any box."""

    def per_block(n_in_frame: I64) -> I64:
        return np.rint(np.bincount(block, n_in_frame, n_blocks)).astype(np.int64)

    clear, distance = clear_counts(
        overlaps.truth_start,
        overlaps.truth_track,
        overlaps.found_start,
        overlaps.found_track,
        overlaps.pair_start,
        overlaps.pair_truth,
        overlaps.pair_found,
        overlaps.pair_iou,
        overlaps.n_truth_tracks,
        iou_threshold,
        block,
        n_blocks,
    )
    pair_block = np.repeat(block, np.diff(overlaps.pair_start))
    n_matches, association, location = _hota(overlaps, pair_block, n_blocks)
    return TrackCounts(
        n_truth=per_block(np.diff(overlaps.truth_start)),
        n_detections=per_block(np.diff(overlaps.found_start)),
        clear=clear,
        distance=distance,
        idtp=_idtp(overlaps, iou_threshold, pair_block, n_blocks),
        hota_matches=n_matches,
        association=association,
        location=location,
    )


def _overlaps(truth: Tracks, found: Tracks) -> _Overlaps:
    frames = _frames(truth, found)
    truth_start, found_start = _starts(frames, truth), _starts(frames, found)
    truth_track, truth_first = _numbered(truth, truth_start)
    found_track, found_first = _numbered(found, found_start)
    pair_start, pair_truth, pair_found, pair_iou = overlapping_boxes(
        truth_start,
        np.ascontiguousarray(truth.boxes_xyxy),
        found_start,
        np.ascontiguousarray(found.boxes_xyxy),
    )
    both = truth_track[pair_truth] * len(found_first) + found_track[pair_found]
    pair_tracks, first = number_values(both)
    return _Overlaps(
        frames=frames,
        truth_start=truth_start,
        found_start=found_start,
        truth_track=truth_track,
        found_track=found_track,
        n_truth_tracks=len(truth_first),
        n_found_tracks=len(found_first),
        pair_start=pair_start,
        pair_truth=pair_truth,
        pair_found=pair_found,
        pair_iou=pair_iou,
        pair_tracks=pair_tracks,
        of_truth=truth_track[pair_truth[first]],
        of_found=found_track[pair_found[first]],
    )


def _idtp(overlaps: _Overlaps, iou_threshold: float, pair_block: I64, n_blocks: int) -> I64:
    """(n_blocks,) boxes that agree under the identity matching of the whole clip."""
    near = np.flatnonzero(overlaps.pair_iou >= iou_threshold)
    tracks = overlaps.pair_tracks[near]
    agreeing = np.bincount(tracks, minlength=len(overlaps.of_truth))
    some = agreeing > 0
    matched_with = heaviest_matching(
        overlaps.of_truth[some],
        overlaps.of_found[some],
        agreeing[some].astype(np.float64),
        overlaps.n_truth_tracks,
        overlaps.n_found_tracks,
    )
    chosen = matched_with[overlaps.of_truth] == overlaps.of_found
    return np.bincount(pair_block[near[chosen[tracks]]], minlength=n_blocks).astype(np.int64)


def _hota(overlaps: _Overlaps, pair_block: I64, n_blocks: int) -> tuple[I64, F64, F64]:
    n_truth_boxes = np.bincount(overlaps.truth_track, minlength=1).astype(np.int64)
    n_found_boxes = np.bincount(overlaps.found_track, minlength=1).astype(np.int64)
    n_boxes = n_truth_boxes[overlaps.of_truth] + n_found_boxes[overlaps.of_found]
    pairs = (
        overlaps.truth_start,
        overlaps.found_start,
        overlaps.pair_start,
        overlaps.pair_truth,
        overlaps.pair_found,
        overlaps.pair_iou,
        overlaps.pair_tracks,
    )
    matched = np.flatnonzero(hota_matches(*pairs, track_alignment(*pairs, n_boxes)))
    return hota_sums(
        overlaps.pair_tracks[matched],
        overlaps.pair_iou[matched],
        pair_block[matched],
        n_boxes,
        # A copy, because numba would compile once more for a read-only array.
        HOTA_ALPHAS.copy(),
        n_blocks,
    )


def frame_starts(truth: Tracks, found: Tracks) -> tuple[I64, I64]:
    """(F + 1,) first row of each frame on either side, for the frames that have any box."""
    frames = _frames(truth, found)
    return _starts(frames, truth), _starts(frames, found)


def _frames(truth: Tracks, found: Tracks) -> I64:
    return np.union1d(_distinct(truth.frame_index), _distinct(found.frame_index))


def _starts(frames: I64, tracks: Tracks) -> I64:
    return np.append(np.searchsorted(tracks.frame_index, frames), len(tracks))


def _distinct(ascending: I64) -> I64:
    return ascending[np.append(True, np.diff(ascending) > 0)] if len(ascending) else ascending


def _numbered(tracks: Tracks, start: I64) -> tuple[I64, I64]:
    """Tracks as 0, 1, ... and the first row of each; refuses a track twice in one frame."""
    number, first = number_values(np.ascontiguousarray(tracks.track_id))
    row = repeated_in_frame(start, number, len(first))
    if row >= 0:
        raise ValueError(
            f"track {tracks.track_id[row]} is twice in frame {tracks.frame_index[row]}"
        )
    return number, first
