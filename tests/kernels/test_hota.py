"""HOTA's sums against a walk through the matches, threshold by threshold."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.hota import hota_sums
from vbench.types import F64, I64

ALPHAS = np.arange(0.05, 0.99, 0.05)


def twin(
    tracks: list[int], iou: list[float], block: list[int], n_boxes: list[int], n_blocks: int
) -> tuple[F64, F64, F64]:
    n_matches, association, location = np.zeros((3, n_blocks, len(ALPHAS)))
    for a, alpha in enumerate(ALPHAS):
        kept = [m for m in range(len(iou)) if iou[m] >= alpha - 2.3e-16]
        for m in kept:
            tpa = sum(tracks[other] == tracks[m] for other in kept)
            n_matches[block[m], a] += 1
            association[block[m], a] += tpa / (n_boxes[tracks[m]] - tpa)
            location[block[m], a] += iou[m]
    return n_matches, association, location


@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            # The thresholds themselves, and anything between.
            st.one_of(st.sampled_from(ALPHAS.tolist()), st.floats(0.001, 1.0)),
            st.integers(0, 2),
        ),
        max_size=30,
    )
)
def test_sums_equal_twin(matches: list[tuple[int, float, int]]) -> None:
    tracks = [of_tracks for of_tracks, _, _ in matches]
    iou = [of_boxes for _, of_boxes, _ in matches]
    block = [of_frame for _, _, of_frame in matches]
    # A pair of tracks has at least two boxes for each of its matches.
    n_boxes = [2 * tracks.count(k) + k for k in range(6)]
    columns: tuple[I64, F64, I64] = (
        np.array(tracks, np.int64),
        np.array(iou, np.float64),
        np.array(block, np.int64),
    )
    found = hota_sums(*columns, np.array(n_boxes, np.int64), ALPHAS, 3)
    for ours, expected in zip(found, twin(tracks, iou, block, n_boxes, 3), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-12)
