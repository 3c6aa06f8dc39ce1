"""Frames with the same errors: by hand, and against a plain loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import FAR, A, B, Box, C, clip, detections, truth
from vbench.metrics.score_counts import ScoreBins, ScoreCounts
from vbench.report.evidence import ClipEvidence, StoredAnswers
from vbench.report.same_errors import SAME_OBJECT_IOU, ClipErrorBoxes
from vbench.types import Clip, Detections

Row = tuple[int, Box]


def scene(missed: list[Row], false: list[Row], n_frames: int = 10) -> tuple[Clip, ClipEvidence]:
    """A clip of one class where all truth is missed and all detections are false."""
    of_clip = clip(truth(missed), n_frames=n_frames)
    found = detections([(frame, box, 0.9) for frame, box in false])
    zeros = np.zeros(n_frames, np.int64)
    return of_clip, ClipEvidence(
        pipeline="p",
        golden_set="g",
        clip=of_clip.id,
        tp=zeros,
        fp=np.bincount(found.frame_index, minlength=n_frames).astype(np.int64),
        fn=np.bincount(of_clip.truth.frame_index, minlength=n_frames).astype(np.int64),
        focus=zeros,
        detections=found,
        truth_index=np.full(len(found), -1, np.int64),
        missed=np.ones(len(missed), np.bool_),
        truth_counts=np.ones(len(missed), np.bool_),
        scores=ScoreCounts.empty(1),
        bins=ScoreBins.empty(1),
        pictured=StoredAnswers(Detections.empty(), np.zeros(0, np.int64)),
    )


def alike(missed: list[Row], false: list[Row], frame: int) -> list[int]:
    boxes = ClipErrorBoxes.of(*scene(missed, false))
    return np.flatnonzero(boxes.frames_like(frame)).tolist()


def test_a_still_object_is_the_same_at_any_time() -> None:
    nearly = (A[0] + 3, A[1], A[2] + 3, A[3])
    assert alike([(0, A), (4, nearly), (9, A)], [], 0) == [0, 4, 9]
    assert alike([(0, A), (4, B), (9, A)], [], 4) == [4]


def test_a_frame_with_one_more_error_is_another_one() -> None:
    missed = [(0, A), (3, A), (3, B), (7, A)]
    assert alike(missed, [], 0) == [0, 7]
    # It shows the errors of all three.
    assert alike(missed, [], 3) == [0, 3, 7]


def test_a_miss_is_no_false_alarm() -> None:
    assert alike([(0, A)], [(5, A), (6, A)], 0) == [0]
    assert alike([(0, A)], [(5, A), (6, A)], 5) == [5, 6]


def test_other_classes_are_other_objects() -> None:
    of_clip, item = scene([(0, A), (1, A)], [])
    other = replace(of_clip, truth=replace(of_clip.truth, class_id=np.array([0, 1])))
    assert np.flatnonzero(ClipErrorBoxes.of(other, item).frames_like(0)).tolist() == [0]


def test_a_box_without_area_is_like_itself_alone() -> None:
    point: Box = (5.0, 5.0, 5.0, 5.0)
    assert alike([], [(2, point), (3, point)], 2) == [2]


_box = st.sampled_from([A, B, C, FAR, (10.0, 0.0, 50.0, 40.0), (25.0, 0.0, 65.0, 40.0)])
_rows = st.lists(st.tuples(st.integers(0, 5), _box), max_size=12).map(sorted)


@settings(deadline=None, max_examples=100)
@given(_rows, _rows)
def test_equals_a_plain_loop(missed: list[Row], false: list[Row]) -> None:
    errors = [(frame, box, "missed") for frame, box in missed]
    errors += [(frame, box, "false") for frame, box in false]
    for frame in {one for one, _, _ in errors}:
        own = [(box, side) for one, box, side in errors if one == frame]
        expected = [
            other
            for other in sorted({one for one, _, _ in errors})
            if all(
                any(
                    side == known_side and _iou(box, known) >= SAME_OBJECT_IOU
                    for known, known_side in own
                )
                for one, box, side in errors
                if one == other
            )
        ]
        assert alike(missed, false, frame) == expected


def _iou(a: Box, b: Box) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = width * height
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return both / (sum(areas) - both)
