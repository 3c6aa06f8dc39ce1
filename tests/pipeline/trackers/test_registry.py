from __future__ import annotations

import numpy as np
import pytest

from tests.pipeline.files import clip
from tests.pipeline.trackers.scenes import byte_track, crowd, detections, nothing, sort
from vbench.config.tracker_entries import ByteTrackStage, SortStage
from vbench.pipeline.trackers.registry import make_tracker

BOX = [100.0, 100.0, 140.0, 200.0]
BOTH = pytest.mark.parametrize("stage", [byte_track(), sort()], ids=["bytetrack", "sort"])

Stage = ByteTrackStage | SortStage


@BOTH
def test_the_detections_stay_as_they_are(stage: Stage) -> None:
    tracker = make_tracker(stage)
    for index, found in enumerate(crowd(3, 8, 10)):
        tracked = tracker.update(index, found)
        assert tracked.boxes_xyxy is found.boxes_xyxy
        assert tracked.scores is found.scores
        assert tracked.class_id is found.class_id
        given = tracked.track_id[tracked.track_id >= 0]
        assert len(set(given.tolist())) == len(given)


@BOTH
def test_every_clip_starts_from_one(stage: Stage) -> None:
    tracker = make_tracker(stage)
    answers = []
    for _ in range(2):
        tracker.begin_clip(clip())
        answers.append(
            [tracker.update(k, found).track_id.tolist() for k, found in enumerate(crowd(5, 6, 12))]
        )
    assert answers[0] == answers[1]
    assert min(one for frame in answers[0] for one in frame if one >= 0) == 1


@BOTH
def test_two_trackers_share_nothing(stage: Stage) -> None:
    first, second = make_tracker(stage), make_tracker(stage)
    first.update(0, detections([BOX]))
    assert second.update(0, detections([BOX])).track_id.tolist() == [1]


@BOTH
def test_no_detections(stage: Stage) -> None:
    tracker = make_tracker(stage)
    assert [len(tracker.update(k, nothing())) for k in range(3)] == [0, 0, 0]


@pytest.mark.parametrize(("per_class", "expected"), [(True, [1, -1]), (False, [1, 1])])
def test_classes_share_a_track_only_where_it_is_allowed(
    per_class: bool, expected: list[int]
) -> None:
    tracker = make_tracker(byte_track(per_class=per_class))
    answers = [tracker.update(k, detections([BOX], class_id=k)).track_id for k in range(2)]
    assert [int(answer[0]) for answer in answers] == expected


def test_a_class_seen_late_does_not_think_that_the_clip_is_young() -> None:
    tracker = make_tracker(byte_track())
    tracker.update(0, nothing())
    assert tracker.update(1, detections([BOX])).track_id.tolist() == [-1]
    assert tracker.update(2, detections([BOX])).track_id.tolist() == [1]


def test_identities_are_shared_by_classes() -> None:
    tracker = make_tracker(byte_track())
    boxes = [BOX, BOX, [300.0, 10, 330, 90]]
    found = tracker.update(0, detections(boxes, class_id=[2, 0, 2]))
    assert found.track_id.tolist() == [2, 1, 3]


@BOTH
@pytest.mark.parametrize("gap", [1, 2, 3, 40, 100_000])
def test_a_gap_is_like_frames_without_detections(stage: Stage, gap: int) -> None:
    skipping, seeing = make_tracker(stage), make_tracker(stage)
    for k in range(6):
        for tracker in (skipping, seeing):
            tracker.update(k, detections([[100.0 + 5 * k, 100, 140 + 5 * k, 200]]))
    for k in range(6, min(6 + gap, 60)):
        seeing.update(k, nothing())
    after = 6 + gap
    for k in range(after, after + 4):
        found = detections([[130.0, 100, 170, 200]])
        expected = seeing.update(k, found).track_id.tolist()
        assert skipping.update(k, found).track_id.tolist() == expected


@BOTH
def test_boxes_without_area_are_left_alone(stage: Stage) -> None:
    tracker = make_tracker(stage)
    flat = [[100.0, 100, 100, 200], [100.0, 100, 140, 100], BOX]
    for k in range(3):
        assert tracker.update(k, detections(flat)).track_id.tolist() == [-1, -1, 1]


def test_frames_out_of_order_are_a_mistake() -> None:
    tracker = make_tracker(byte_track())
    tracker.update(3, nothing())
    with pytest.raises(ValueError, match="frame 3 after frame 3"):
        tracker.update(3, nothing())


@BOTH
def test_a_clip_may_begin_late(stage: Stage) -> None:
    tracker = make_tracker(stage)
    assert tracker.update(500, detections([BOX])).track_id.tolist() == [1]


@BOTH
def test_tiny_and_huge_boxes_give_finite_tracks(stage: Stage) -> None:
    tracker = make_tracker(stage)
    boxes = np.array([[0.0, 0, 1e-6, 1e-6], [0, 0, 1e-3, 5000], [0, 0, 5000, 1e-3]])
    for k in range(5):
        with np.errstate(all="raise", under="ignore"):
            tracker.update(k, detections(boxes * (1.0 + 0.5 * (k % 2))))
