"""Cutting a clip into blocks of consecutive frames."""

from __future__ import annotations

import numpy as np

from vbench.types.arrays import I64

MIN_BLOCKS = 4
"""Blocks of a clip, where it has as many frames: fewer cannot show how much they differ."""


def cut(n_frames: int, length: int) -> I64:
    """Block of each frame: nearly equal blocks of about `length` frames.

    At least `MIN_BLOCKS` of them, or one per frame where there are fewer frames.

    Returns:
        (n_frames,) 0-based, never decreasing; the sizes of two blocks differ by at most 1.
    """
    if length < 1:
        raise ValueError(f"block length {length}, must be at least 1")
    n_blocks = min(n_frames, max(MIN_BLOCKS, round(n_frames / length)))
    # In place: a clip of ten hours has a million frames.
    block = np.arange(n_frames, dtype=np.int64)
    block *= n_blocks
    block //= max(n_frames, 1)
    return block
