from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.trackers.scenes import crowd, detections, nothing, sort
from tests.pipeline.trackers.twins import SortTwin
from vbench.config.tracker_entries import SortStage
from vbench.pipeline.trackers.registry import make_tracker
from vbench.types.frame_detections import FrameDetections

BOX = [100.0, 100.0, 140.0, 200.0]
FAR = [400.0, 100.0, 440.0, 200.0]


def identities(frames: list[FrameDetections], stage: SortStage | None = None) -> list[list[int]]:
    tracker = make_tracker(stage or sort())
    return [tracker.update(k, found).track_id.tolist() for k, found in enumerate(frames)]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(0, 3), st.integers(0, 3))
def test_equals_twin(seed: int, n_objects: int, min_hits: int, buffer_frames: int) -> None:
    stage = sort(min_hits=min_hits, buffer_frames=buffer_frames)
    tracker, twin = make_tracker(stage), SortTwin(stage)
    for index, found in enumerate(crowd(seed, n_objects, 25)):
        expected = twin.update(found.boxes_xyxy, found.scores)
        assert tracker.update(index, found).track_id.tolist() == expected


def test_identities_show_at_once_in_the_first_frames_only() -> None:
    one, two = detections([BOX]), detections([BOX, FAR])
    frames = [one, two, two, two, two, two]
    # The second object is first seen on frame 1: its identity shows while the clip is young (up to
    # frame 2), and again from its third match on (frame 4).
    expected = [[1], [1, 2], [1, 2], [1, -1], [1, 2], [1, 2]]
    assert identities(frames) == expected


def test_after_a_miss_an_identity_must_be_earned_again() -> None:
    one = detections([BOX])
    frames = [one] * 6 + [nothing()] + [one] * 4
    assert identities(frames) == [[1]] * 6 + [[]] + [[-1], [-1], [1], [1]]


def test_two_misses_end_a_track() -> None:
    one = detections([BOX])
    frames = [one] * 4 + [nothing()] * 2 + [one] * 4
    assert identities(frames)[-4:] == [[-1], [-1], [-1], [2]]


def test_a_low_score_never_counts() -> None:
    assert identities([detections([BOX], 0.49)] * 5) == [[-1]] * 5
    assert identities([detections([BOX], 0.5)] * 5) == [[1]] * 5


def test_a_box_that_shrinks_fast_does_not_shrink_to_nothing() -> None:
    def side(length: float) -> FrameDetections:
        return detections([[100 - length, 100 - length, 100 + length, 100 + length]])

    frames = [side(40), side(25), nothing(), nothing(), side(25)]
    assert identities(frames, sort(min_hits=0, buffer_frames=5)) == [[1], [1], [], [], [1]]
