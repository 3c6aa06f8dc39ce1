"""Track scores by hand: counts, ratios, thresholds, empty sides."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.metrics.track_counts import HOTA_ALPHAS
from vbench.metrics.track_scores import score_tracks
from vbench.types import Tracks


def tracks(rows: list[tuple[int, int, float]]) -> Tracks:
    """(frame, track, x) rows: boxes of 10 x 10 px."""
    x = np.array([row[2] for row in rows], np.float64)
    return Tracks(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.column_stack([x, np.zeros_like(x), x + 10.0, np.full_like(x, 10.0)]),
    )


NOTHING = tracks([])


def test_thresholds_of_hota() -> None:
    # IoU 1 in one frame, 0.6 in the other: all 19 thresholds keep the first, 12 the second.
    truth = tracks([(0, 1, 0.0), (1, 1, 0.0)])
    found = tracks([(0, 5, 0.0), (1, 5, 2.5)])
    scores = score_tracks(truth, found, 0.5)
    assert scores.hota_matches.tolist() == [2] * 12 + [1] * 7
    assert scores.deta_per_alpha.tolist() == pytest.approx([1.0] * 12 + [1 / 3] * 7)
    assert scores.assa_per_alpha.tolist() == pytest.approx([1.0] * 12 + [1 / 3] * 7)
    assert scores.hota_per_alpha.tolist() == pytest.approx([1.0] * 12 + [1 / 3] * 7)
    assert scores.loca_per_alpha.tolist() == pytest.approx([0.8] * 12 + [1.0] * 7)
    assert scores.loca == pytest.approx((12 * 0.8 + 7) / 19)
    assert scores.motp == pytest.approx(0.2)
    assert len(HOTA_ALPHAS) == 19


def test_no_results() -> None:
    scores = score_tracks(tracks([(0, 1, 0.0), (3, 1, 0.0)]), NOTHING, 0.5)
    assert (scores.tp, scores.fp, scores.fn, scores.mostly_lost) == (0, 0, 2, 1)
    assert (scores.mota, scores.idf1, scores.idr, scores.hota) == (0.0, 0.0, 0.0, 0.0)
    assert (scores.motp, scores.idp, scores.loca) == (None, None, None)


def test_no_truth() -> None:
    scores = score_tracks(NOTHING, tracks([(0, 1, 0.0)]), 0.5)
    assert (scores.tp, scores.fp, scores.fn) == (0, 1, 0)
    assert (scores.mota, scores.hota, scores.deta, scores.assa) == (None, None, None, None)
    assert scores.idp == 0.0


def test_nothing_at_all() -> None:
    scores = score_tracks(NOTHING, NOTHING, 0.5)
    assert (scores.n_truth, scores.n_detections, scores.idtp) == (0, 0, 0)
    assert scores.idf1 is None


def test_the_iou_threshold_is_of_clear_and_identity() -> None:
    truth, found = tracks([(0, 1, 0.0)]), tracks([(0, 9, 5.0)])  # IoU 1/3
    assert score_tracks(truth, found, 0.5).tp == 0
    assert score_tracks(truth, found, 0.5).idtp == 0
    loose = score_tracks(truth, found, 0.3)
    assert (loose.tp, loose.idtp) == (1, 1)
    assert loose.hota == score_tracks(truth, found, 0.5).hota


def test_a_track_twice_in_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="track 4 is twice in frame 2"):
        score_tracks(NOTHING, tracks([(2, 4, 0.0), (2, 4, 50.0)]), 0.5)


def test_ids_and_frames_may_be_any_numbers() -> None:
    truth, found = tracks([(0, 1, 0.0), (5, 1, 3.0)]), tracks([(0, 7, 1.0), (5, 7, 3.0)])
    far = 10**12
    moved = Tracks(found.frame_index * far, found.track_id * far, found.boxes_xyxy)
    wide = Tracks(truth.frame_index * far, truth.track_id, truth.boxes_xyxy)
    plain, moved_scores = score_tracks(truth, found, 0.5), score_tracks(wide, moved, 0.5)
    assert moved_scores.clear.tolist() == plain.clear.tolist()
    assert moved_scores.hota == plain.hota
