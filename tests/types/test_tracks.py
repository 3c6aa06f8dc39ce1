"""Tracks and MOT boxes check themselves."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.types import MotBoxes, Tracks


def tracks(frames: list[int]) -> Tracks:
    n = len(frames)
    return Tracks(np.array(frames, np.int64), np.arange(n), np.zeros((n, 4)))


def test_rows_must_be_sorted_by_frame() -> None:
    assert len(tracks([0, 0, 3])) == 3
    with pytest.raises(ValueError, match="not sorted by frame"):
        tracks([1, 0])


def test_columns_must_agree() -> None:
    with pytest.raises(ValueError, match="track_id"):
        Tracks(np.zeros(2, np.int64), np.zeros(1, np.int64), np.zeros((2, 4)))
    with pytest.raises(TypeError, match="boxes_xyxy"):
        Tracks(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros((1, 4), np.float32))
    with pytest.raises(ValueError, match="zero_marked"):
        MotBoxes(tracks([0]), np.zeros(2, np.bool_), np.zeros(1, np.int64))


def test_take() -> None:
    taken = tracks([0, 1, 2]).take(np.array([True, False, True]))
    assert taken.frame_index.tolist() == [0, 2]
    assert taken.track_id.tolist() == [0, 2]
