"""Small consecutive numbers instead of arbitrary ids."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import I64

_FIRST_ROOM = 1024
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""2^64 by the golden ratio: neighbouring ids land far apart (Knuth, TAOCP 3, section 6.4)."""


@njit(cache=True, nogil=True)
def number_values(values: I64) -> tuple[I64, I64]:
    """Number the distinct values 0, 1, ... in the order of their first appearance.

    Memory grows with the number of distinct values only.

    Args:
        values: (N,) any integers.

    Returns:
        (N,) number of each value, and (K,) row where each number first appears.
    """
    numbers = np.empty(len(values), np.int64)
    first_row = np.empty(_FIRST_ROOM // 2, np.int64)
    # An open-addressing hash table; a slot holds a number or -1.
    table = np.full(_FIRST_ROOM, -1, np.int64)
    mask = np.uint64(_FIRST_ROOM - 1)
    n = 0
    for row in range(len(values)):
        spread = np.uint64(values[row]) * _SPREAD
        slot = (spread ^ (spread >> np.uint64(32))) & mask
        while table[slot] >= 0 and values[first_row[table[slot]]] != values[row]:
            slot = (slot + np.uint64(1)) & mask
        if table[slot] < 0:
            table[slot] = n
            first_row[n] = row
            n += 1
            if n == len(first_row):
                first_row = np.append(first_row, np.empty(n, np.int64))
                table = np.full(4 * n, -1, np.int64)
                mask = np.uint64(4 * n - 1)
                for k in range(n):
                    spread = np.uint64(values[first_row[k]]) * _SPREAD
                    slot = (spread ^ (spread >> np.uint64(32))) & mask
                    while table[slot] >= 0:
                        slot = (slot + np.uint64(1)) & mask
                    table[slot] = k
            numbers[row] = n - 1
        else:
            numbers[row] = table[slot]
    return numbers, first_row[:n].copy()


@njit(cache=True, nogil=True)
def repeated_in_frame(frame_start: I64, track: I64, n_tracks: int) -> int:
    """First row whose track is already in an earlier row of its frame; -1 where none is.

    Args:
        frame_start: (F + 1,) first row of each frame.
        track: (N,) 0 .. n_tracks - 1.
        n_tracks: how many tracks there are.
    """
    last_frame = np.full(n_tracks, -1, np.int64)
    for frame in range(len(frame_start) - 1):
        for row in range(frame_start[frame], frame_start[frame + 1]):
            if last_frame[track[row]] == frame:
                return row
            last_frame[track[row]] = frame
    return -1
