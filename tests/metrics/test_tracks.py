"""Tracking rows by hand: CLEAR, identity, HOTA, and who takes part."""

from __future__ import annotations

import pytest

from tests.metrics.scenes import (
    FAR,
    A,
    B,
    Box,
    clip,
    detections,
    evaluate,
    golden_set,
    point,
    truth,
)
from vbench.types import Clip, Detections

FRAMES = range(10)


def walk(track: int = 1) -> Clip:
    """One object that stands still for ten frames."""
    return clip(truth([(f, A) for f in FRAMES], track_id=[track] * 10), n_frames=10)


def follow(ids: list[int], box: Box = A) -> Detections:
    """One detection per frame; id 0 leaves the frame out."""
    frames = [f for f in FRAMES if ids[f]]
    return detections([(f, box, 0.9) for f in frames], track_id=[ids[f] for f in frames])


def test_perfect_tracking() -> None:
    rows = evaluate(golden_set(walk()), [follow([7] * 10)], point(0.3))
    ones = ("mota", "idf1", "idp", "idr", "hota", "deta", "assa", "mostly_tracked")
    assert [rows.value(name) for name in ones] == pytest.approx([1.0] * len(ones))
    zeros = ("motp", "idsw", "fragmentations", "partially_tracked", "mostly_lost")
    assert [rows.value(name) for name in zeros] == [0.0] * len(zeros)
    assert rows.get("mota").n == 10


def test_an_identity_switch_halves_identity_but_not_detection() -> None:
    rows = evaluate(golden_set(walk()), [follow([1] * 5 + [2] * 5)], point(0.3))
    assert rows.value("idsw") == 1
    assert rows.value("fragmentations") == 0
    assert rows.value("mota") == pytest.approx(0.9)
    assert rows.value("idf1") == pytest.approx(0.5)
    assert rows.value("deta") == 1.0
    # Each half: TPA 5, FNA 5, FPA 0.
    assert rows.value("assa") == pytest.approx(0.5)
    assert rows.value("hota") == pytest.approx(0.5**0.5)


def test_a_gap_fragments() -> None:
    ids = [1, 1, 1, 0, 0, 0, 1, 1, 1, 1]
    # Another track is there meanwhile, so that the frames of the gap are compared at all.
    far = [(f, FAR, 0.9) for f in (3, 4, 5)]
    near = [(f, A, 0.9) for f in FRAMES if ids[f]]
    found = detections(near + far, track_id=[1] * 7 + [2] * 3)
    rows = evaluate(golden_set(walk()), [found], point(0.3))
    assert rows.value("fragmentations") == 1
    assert rows.value("idsw") == 0
    assert rows.value("mota") == pytest.approx(1 - (3 + 3) / 10)
    assert rows.value("partially_tracked") == 1
    assert rows.value("idp") == pytest.approx(7 / 10)
    assert rows.value("idr") == pytest.approx(7 / 10)


def test_motp_is_a_distance() -> None:
    half = (0.0, 0.0, 40.0, 24.0)
    rows = evaluate(golden_set(walk()), [follow([1] * 10, half)], point(0.3))
    assert rows.value("motp") == pytest.approx(0.4)
    # IoU 0.6 reaches 12 of the 19 thresholds of HOTA.
    assert rows.value("deta") == pytest.approx(12 / 19)


def test_tracks_are_pooled_over_clips_and_classes() -> None:
    two = ("person", "forklift")
    rows_truth = truth([(0, A), (0, B), (1, A)], class_id=[0, 1, 0], track_id=[1, 1, 1])
    one = clip(rows_truth, exhaustive=(True, True))
    found = detections(
        [(0, A, 0.9), (0, B, 0.9), (1, A, 0.9)], class_id=[0, 0, 0], track_id=[1, 2, 1]
    )
    rows = evaluate(golden_set(one, classes=two), [found], point(0.3, 0.3, classes=two))
    # The forklift was called a person: a miss of one class, a false alarm of the other.
    assert rows.value("mota", "person") == pytest.approx(1 - 1 / 2)
    assert rows.value("mota", "forklift") == 0.0
    assert rows.value("mota") == pytest.approx(1 - 2 / 3)
    assert rows.value("idf1") == pytest.approx(2 * 2 / (3 + 3))
    assert rows.reason("motp", "forklift") == (
        "no tracked detection of class forklift at score >= 0.3 matches the truth"
    )


def test_slices_of_clips_have_tracking() -> None:
    day = clip(truth([(0, A)], track_id=[1]), id="d", tags=(("daypart", "day"),))
    night = clip(truth([(0, A), (1, A)], track_id=[1, 1]), id="n", tags=(("daypart", "night"),))
    found = [detections([(0, A, 0.9)], track_id=[1]), detections([(0, A, 0.9)], track_id=[1])]
    rows = evaluate(golden_set(day, night), found, point(0.3), ["daypart"])
    assert rows.value("mota", slice=(("daypart", "day"),)) == 1.0
    assert rows.value("mota", slice=(("daypart", "night"),)) == pytest.approx(0.5)
    assert rows.value("mota") == pytest.approx(2 / 3)


def test_no_track_ids_on_either_side() -> None:
    rows = evaluate(golden_set(walk()), [detections([(0, A, 0.9)])], point(0.3))
    assert rows.reason("mota") == "pipeline gives no track ids"
    no_truth = clip(truth([(0, A)]))
    rows = evaluate(golden_set(no_truth), [detections([(0, A, 0.9)], track_id=[1])], point(0.3))
    assert rows.reason("idf1") == "truth has no track ids"


def test_a_clip_without_objects_has_no_tracking_score() -> None:
    empty = clip(truth([]), id="empty")
    found = [follow([1] * 10), detections([(0, A, 0.9)], track_id=[1])]
    rows = evaluate(golden_set(walk(), empty), found, point(0.3))
    assert rows.reason("mota", clip="empty") == ("no truth boxes with a track id in clip empty")
    # Its false alarm still counts in the whole.
    assert rows.value("mota") == pytest.approx(0.9)


def test_ignored_detections_and_those_below_the_threshold_take_no_part() -> None:
    one = clip(truth([(0, A), (0, B)], track_id=[1, 2], ignore=[1]))
    found = detections([(0, A, 0.9), (0, B, 0.9), (1, A, 0.1)], track_id=[1, 2, 1])
    rows = evaluate(golden_set(one), [found], point(0.3))
    assert rows.value("mota") == 1.0
    assert rows.value("idf1") == 1.0


def test_truth_without_a_track_id_takes_its_detection_with_it() -> None:
    one = clip(truth([(0, A), (0, B)], track_id=[1, -1]))
    found = detections([(0, A, 0.9), (0, B, 0.9)], track_id=[1, 2])
    rows = evaluate(golden_set(one), [found], point(0.3))
    assert rows.value("mota") == 1.0
    assert rows.get("mota").n == 1


def test_detections_outside_any_track_take_no_part() -> None:
    one = clip(truth([(0, A), (1, A)], track_id=[1, 1]))
    found = detections([(0, A, 0.9), (1, A, 0.9), (1, FAR, 0.9)], track_id=[1, 1, -1])
    rows = evaluate(golden_set(one), [found], point(0.3))
    assert rows.value("fp") == 1
    assert rows.value("mota") == 1.0


def test_a_pair_is_kept_from_the_frame_before_only() -> None:
    near = (0.0, 0.0, 40.0, 30.0)
    gone = detections(
        [(0, A, 0.9), (1, FAR, 0.9), (2, near, 0.9), (2, A, 0.9)], track_id=[1, 1, 1, 2]
    )
    rows = evaluate(golden_set(walk()), [gone], point(0.3))
    assert rows.value("idsw") == 1
    assert rows.value("motp") == 0.0
    held = detections([(0, A, 0.9), (1, near, 0.9), (1, A, 0.9)], track_id=[1, 1, 2])
    rows = evaluate(golden_set(walk()), [held], point(0.3))
    assert rows.value("idsw") == 0
    assert rows.value("motp") == pytest.approx(0.25 / 2)


def test_a_track_twice_in_one_frame_is_meaningless() -> None:
    found = detections([(0, A, 0.9), (0, FAR, 0.8)], track_id=[4, 4])
    rows = evaluate(golden_set(walk()), [found], point(0.3))
    assert rows.reason("hota") == ("the detections have track id 4 twice in frame 0 of clip clip")


def test_scores_that_need_false_positives_need_exhaustive_truth() -> None:
    one = clip(truth([(0, A), (1, A)], track_id=[1, 1]), exhaustive=(False,))
    found = detections([(0, A, 0.9), (1, FAR, 0.9)], track_id=[1, 1])
    rows = evaluate(golden_set(one), [found], point(0.3))
    assert "not annotated exhaustively" in rows.reason("mota", "person")
    assert "no class is annotated exhaustively" in rows.reason("hota")
    assert rows.value("idr") == pytest.approx(0.5)
    assert rows.value("idsw") == 0.0


def test_nothing_found_scores_zero() -> None:
    found = detections([(f, A, 0.1) for f in FRAMES], track_id=[1] * 10)
    rows = evaluate(golden_set(walk()), [found], point(0.3))
    assert [rows.value(name) for name in ("mota", "idf1", "hota", "idr")] == [0.0] * 4
    assert rows.value("mostly_lost") == 1
    assert rows.reason("idp") == "no tracked detections at score >= 0.3"
