from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.trackers.scenes import byte_track, crowd, detections, nothing
from tests.pipeline.trackers.twins import ByteTrackTwin
from vbench.config.tracker_entries import ByteTrackStage
from vbench.pipeline.trackers.registry import make_tracker
from vbench.types.frame_detections import FrameDetections

BOX = [100.0, 100.0, 140.0, 200.0]
FAR = [400.0, 100.0, 440.0, 200.0]


def identities(
    frames: list[FrameDetections], stage: ByteTrackStage | None = None
) -> list[list[int]]:
    tracker = make_tracker(stage or byte_track())
    return [tracker.update(k, found).track_id.tolist() for k, found in enumerate(frames)]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.booleans(), st.integers(0, 4))
def test_equals_twin(seed: int, n_objects: int, fuse: bool, buffer_frames: int) -> None:
    stage = byte_track(fuse_score=fuse, buffer_frames=buffer_frames)
    tracker, twin = make_tracker(stage), ByteTrackTwin(stage)
    for index, found in enumerate(crowd(seed, n_objects, 25)):
        expected = twin.update(found.boxes_xyxy, found.scores)
        assert tracker.update(index, found).track_id.tolist() == expected


def test_the_first_frame_shows_identities_at_once_and_later_ones_at_the_second() -> None:
    one, two = detections([BOX]), detections([BOX, FAR])
    assert identities([one, two, two, two]) == [[1], [1, -1], [1, 2], [1, 2]]


def test_a_flash_gets_no_identity_and_takes_no_number() -> None:
    one, two = detections([BOX]), detections([BOX, FAR])
    frames = [one, two, one, two, two]
    assert identities(frames) == [[1], [1, -1], [1], [1, -1], [1, 2]]


def test_a_low_score_continues_a_track_but_starts_none() -> None:
    frames = [detections([BOX], 0.9), detections([BOX], 0.2), detections([BOX, FAR], [0.9, 0.2])]
    assert identities(frames) == [[1], [1], [1, -1]]
    assert identities([detections([BOX], 0.2)] * 3) == [[-1]] * 3


def test_below_the_low_score_nothing_happens() -> None:
    frames = [detections([BOX], 0.9), detections([BOX], 0.05), detections([BOX], 0.9)]
    assert identities(frames) == [[1], [-1], [1]]


def test_a_new_track_needs_more_than_a_high_score() -> None:
    assert identities([detections([BOX], 0.65)] * 3) == [[-1]] * 3
    stage = byte_track(new_track_score=0.6)
    assert identities([detections([BOX], 0.65)] * 3, stage) == [[1]] * 3


def test_scores_at_a_threshold_reach_it() -> None:
    frames = [detections([BOX], 0.7), detections([BOX], 0.6), detections([BOX], 0.1)]
    assert identities(frames, byte_track(new_track_score=0.7)) == [[1], [1], [1]]


def test_a_lost_track_is_found_again_within_the_buffer() -> None:
    one = detections([BOX])
    stage = byte_track(buffer_frames=3)
    assert identities([one, *[nothing()] * 3, one], stage)[-1] == [1]
    gone = identities([one, *[nothing()] * 4, one, one], stage)
    assert gone[-2:] == [[-1], [2]]


def test_a_moving_object_is_found_where_it_must_be_by_then() -> None:
    def at(frame: int) -> FrameDetections:
        return detections([[100 + 12.0 * frame, 100, 140 + 12.0 * frame, 200]])

    frames = [at(k) for k in range(10)] + [nothing()] * 5 + [at(15)]
    assert identities(frames)[-1] == [1]


def test_two_that_pass_each_other_keep_their_identities() -> None:
    def at(frame: int) -> FrameDetections:
        right, left = 100 + 8.0 * frame, 340 - 8.0 * frame
        return detections([[right, 100, right + 40, 200], [left, 110, left + 40, 215]])

    assert identities([at(k) for k in range(31)]) == [[1, 2]] * 31


def test_of_a_doubled_track_the_younger_ends() -> None:
    stage = byte_track(match_iou=0.99, low_match_iou=0.99, fuse_score=False)
    shifted = [value + 1.0 for value in BOX]
    # Nothing matches over a shift, so a second track starts where the first one was lost.
    frames = [detections([BOX]), detections([shifted]), detections([shifted])]
    assert identities(frames, stage) == [[1], [-1], [-1]]


def test_hundreds_of_boxes() -> None:
    side = np.arange(20) * 50.0
    corner = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    found = detections(np.concatenate([corner, corner + 30], axis=1))
    answers = identities([found] * 3)
    assert answers[0] == list(range(1, 401)) == answers[2]
