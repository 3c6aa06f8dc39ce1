"""Pairs of overlapping boxes against an obvious twin."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.kernels.overlap import overlapping_boxes
from vbench.types import F64


def twin(frames: list[tuple[F64, F64]]) -> list[tuple[int, int, int, float]]:
    """(frame, truth row, detection row, IoU) of boxes that share area."""
    rows = []
    first_truth = first_found = 0
    for frame, (truth, found) in enumerate(frames):
        for i, a in enumerate(truth):
            for j, b in enumerate(found):
                width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
                height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
                inter = width * height
                if inter > 0:
                    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
                    rows.append((frame, first_truth + i, first_found + j, inter / (area - inter)))
        first_truth += len(truth)
        first_found += len(found)
    return rows


@pytest.mark.parametrize("seed", range(20))
def test_equals_twin(seed: int) -> None:
    """Few and many boxes (more pairs than there was room for at first), empty frames, no area."""
    rng = np.random.default_rng(seed)

    def boxes() -> F64:
        n = int(rng.choice([0, 1, 5, 40]))
        corner = rng.integers(0, 8, (n, 2)).astype(np.float64)
        return np.hstack([corner, corner + rng.integers(0, 6, (n, 2))])

    frames = [(boxes(), boxes()) for _ in range(int(rng.integers(1, 6)))]
    starts = [np.cumsum([0, *(len(frame[side]) for frame in frames)]) for side in (0, 1)]
    columns = [np.concatenate([frame[side] for frame in frames]) for side in (0, 1)]
    pair_start, truth_row, found_row, iou = overlapping_boxes(
        starts[0], columns[0], starts[1], columns[1]
    )
    expected = twin(frames)
    frame = np.searchsorted(pair_start, np.arange(len(iou)), side="right") - 1
    pairs = zip(frame.tolist(), truth_row.tolist(), found_row.tolist(), iou.tolist(), strict=True)
    assert list(pairs) == expected


def test_iou_by_hand() -> None:
    truth = np.array([[0.0, 0.0, 10.0, 10.0]])
    found = np.array([[5.0, 0.0, 15.0, 10.0], [20.0, 20.0, 30.0, 30.0], [3.0, 3.0, 3.0, 8.0]])
    start, _, rows, iou = overlapping_boxes(np.array([0, 1]), truth, np.array([0, 3]), found)
    assert start.tolist() == [0, 1]
    assert rows.tolist() == [0]
    assert iou.tolist() == pytest.approx([1 / 3])
