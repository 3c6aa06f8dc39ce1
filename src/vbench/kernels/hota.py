"""HOTA's sums over the matches of one clip and class, block by block."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I64

_EPS = np.finfo(np.float64).eps


@njit(cache=True, nogil=True)
def hota_sums(
    tracks: I64, iou: F64, block: I64, n_boxes: I64, alphas: F64, n_blocks: int
) -> tuple[I64, F64, F64]:
    """Matches, association and localisation at each IoU threshold (Luiten et al. 2020).

    Args:
        tracks: (M,) which pair of tracks each match belongs to, 0 .. K - 1.
        iou: (M,) of the two boxes.
        block: (M,) 0 .. n_blocks - 1.
        n_boxes: (K,) boxes of both tracks of each pair of tracks together, over the whole clip.
        alphas: (A,) thresholds, ascending; a match reaches those up to its IoU.
        n_blocks: how many blocks there are.

    Returns:
        (n_blocks, A) matches; sum over matches of TPA / (TPA + FPA + FNA) of their pair of tracks
        over the whole clip, so that AssA is the quotient; sum of IoU over matches, so that LocA
        is theirs. All can be summed over blocks, clips and classes.
    """
    n_alphas = len(alphas)
    reached = np.searchsorted(alphas - _EPS, iou, side="right")
    # Rows of those pairs of tracks only that have a match.
    row_of_tracks = np.full(len(n_boxes), -1, np.int64)
    tracks_of_row = np.empty(len(n_boxes), np.int64)
    n_rows = 0
    for m in range(len(tracks)):
        if row_of_tracks[tracks[m]] < 0:
            row_of_tracks[tracks[m]] = n_rows
            tracks_of_row[n_rows] = tracks[m]
            n_rows += 1
    # First by how many thresholds a match reaches, then summed from the highest threshold down.
    n_matches = np.zeros((n_blocks, n_alphas + 1), np.int64)
    location = np.zeros((n_blocks, n_alphas + 1))
    share = np.zeros((n_rows, n_alphas + 1))
    for m in range(len(tracks)):
        n_matches[block[m], reached[m]] += 1
        location[block[m], reached[m]] += iou[m]
        share[row_of_tracks[tracks[m]], reached[m]] += 1.0
    for a in range(n_alphas - 1, -1, -1):
        n_matches[:, a] += n_matches[:, a + 1]
        location[:, a] += location[:, a + 1]
        share[:, a] += share[:, a + 1]
    for row in range(n_rows):
        share[row] /= n_boxes[tracks_of_row[row]] - share[row]
    association = np.zeros((n_blocks, n_alphas))
    for m in range(len(tracks)):
        row = row_of_tracks[tracks[m]]
        for a in range(reached[m]):
            association[block[m], a] += share[row, a + 1]
    return n_matches[:, 1:].copy(), association, location[:, 1:].copy()
