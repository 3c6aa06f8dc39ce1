"""Properties of boxes by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import Box, clip, detections, truth
from vbench.metrics.box_properties import BOX_PROPERTIES, detection_groups, truth_groups
from vbench.types import Clip, Detections


def words(key: str, one: Clip, found: Detections | None = None) -> list[str]:
    """The property of the truth, or of detections where they are given; empty for none."""
    column = truth_groups(key, one) if found is None else detection_groups(key, one, found)
    return [BOX_PROPERTIES[key][k] if k >= 0 else "" for k in column.tolist()]


def test_size_has_the_limits_of_coco() -> None:
    sides = [31.9, 32.0, 95.9, 96.0]
    rows = [(k, (0.0, 0.0, side, side)) for k, side in enumerate(sides)]
    expected = ["small", "medium", "medium", "large"]
    assert words("size", clip(truth(rows))) == expected
    found = detections([(frame, box, 0.5) for frame, box in rows])
    assert words("size", clip(truth([])), found) == expected


@pytest.mark.parametrize(
    ("box", "touches"),
    [
        ((2.0, 2.0, 638.0, 478.0), "false"),
        ((1.0, 2.0, 50.0, 50.0), "true"),
        ((1.01, 2.0, 50.0, 50.0), "false"),
        ((2.0, -5.0, 50.0, 50.0), "true"),
        ((2.0, 2.0, 639.0, 50.0), "true"),
        ((2.0, 2.0, 50.0, 479.0), "true"),
        ((2.0, 2.0, 50.0, 478.9), "false"),
    ],
)
def test_border_within_one_px_of_640_x_480(box: Box, touches: str) -> None:
    one = clip(truth([(0, box)]))
    assert words("border", one) == [touches]
    assert words("border", one, detections([(0, box, 0.5)])) == [touches]


# 100 x 100 boxes; the second covers 5 %, 10 %, 49 %, 50 % of the first.
def pair(covered_px: float) -> list[tuple[int, Box]]:
    left = 200.0 - covered_px
    return [(0, (100.0, 100.0, 200.0, 200.0)), (0, (left, 100.0, left + 100.0, 200.0))]


@pytest.mark.parametrize(
    ("covered_px", "expected"),
    [(0.0, "alone"), (5.0, "alone"), (10.0, "some"), (49.0, "some"), (50.0, "crowded")],
)
def test_crowding_limits(covered_px: float, expected: str) -> None:
    one = clip(truth(pair(covered_px), class_id=[0, 1]), exhaustive=(True, True))
    assert words("crowding", one) == [expected, expected]


def test_other_frames_and_ignored_boxes_crowd_nobody() -> None:
    box, cover = (0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 20.0, 10.0)
    rows = [(0, box), (0, cover), (1, box), (2, box), (2, cover)]
    one = clip(truth(rows, ignore=[1], crowd=[4]))
    assert words("crowding", one)[0] == "alone"
    assert words("crowding", one)[2:4] == ["alone", "alone"]
    # What does not count can itself be covered.
    assert words("crowding", one)[1] == "crowded"


def test_a_detection_is_as_crowded_as_the_truth_it_overlaps_most() -> None:
    lonely = (400.0, 400.0, 440.0, 440.0)
    one = clip(truth([*pair(60.0), (0, lonely)]))
    beside = detections(
        [
            (0, (90.0, 100.0, 130.0, 200.0), 0.9),
            (0, (400.0, 400.0, 440.0, 410.0), 0.8),
            (0, (600.0, 0.0, 620.0, 20.0), 0.7),
            (1, (100.0, 100.0, 200.0, 200.0), 0.6),
        ]
    )
    assert words("crowding", one, beside) == ["crowded", "alone", "alone", "alone"]


def walk(*steps: tuple[int, float], side: float = 10.0) -> list[tuple[int, Box]]:
    """Boxes of one side length at (frame, x)."""
    return [(frame, (x, 0.0, x + side, side)) for frame, x in steps]


def test_speed_in_box_sizes_per_second() -> None:
    # At 1 frame/s the neighbours count. Steps of 0.5, 0.5 and 30 px; the box is 10 px.
    one = clip(truth(walk((0, 0.0), (1, 0.5), (2, 1.0), (3, 31.0)), track_id=[5] * 4))
    # 0.05/s; 1 px in 2 s: 0.05/s; 30.5 px in 2 s: 1.5/s; 3/s.
    assert words("speed", one) == ["still", "still", "fast", "fast"]


def test_speed_limits() -> None:
    rows = [*walk((0, 0.0)), *walk((0, 0.0)), *walk((0, 0.0)), *walk((0, 0.0))]
    rows += [*walk((1, 0.99)), *walk((1, 1.0)), *walk((1, 9.9)), *walk((1, 10.0))]
    one = clip(truth(rows, track_id=[1, 2, 3, 4, 1, 2, 3, 4]))
    assert words("speed", one) == ["still", "slow", "slow", "fast"] * 2


def test_speed_is_taken_over_a_quarter_of_a_second_to_each_side() -> None:
    # 20 frames/s: 5 frames to each side. A box that trembles by 1 px and stays in place:
    # from frame to frame 2 sizes/s, over the window 0.2 at most.
    rows = walk(*((frame, float(frame % 2)) for frame in range(11)))
    one = clip(truth(rows, track_id=[1] * 11), n_frames=11, fps=20.0)
    found = words("speed", one)
    assert found[5] == "still"
    assert "fast" not in found


def test_a_gap_in_a_track_is_not_speed() -> None:
    # At 20 frames/s, away for 90 frames and back elsewhere: each side is taken for itself.
    rows = walk((0, 0.0), (1, 0.0), (91, 500.0), (92, 500.0))
    one = clip(truth(rows, track_id=[1] * 4), n_frames=100, fps=20.0)
    assert words("speed", one) == ["still"] * 4


def test_no_speed_without_track_or_neighbour_or_size() -> None:
    flat = (0.0, 0.0, 0.0, 10.0)
    rows = [(0, (0.0, 0.0, 9.0, 9.0)), (0, flat), (0, flat), (1, flat), (1, flat)]
    one = clip(truth(rows, track_id=[3, -1, 7, 7, -1]))
    assert words("speed", one) == [""] * 5
    # The same number in two classes is two tracks.
    two = truth([(0, (0.0, 0.0, 9.0, 9.0)), (1, (0.0, 0.0, 9.0, 9.0))], class_id=[0, 1])
    assert words("speed", clip(two, exhaustive=(True, True))) == ["", ""]
    with pytest.raises(KeyError):
        detection_groups("speed", one, Detections.empty())


def twin_speed(one: Clip) -> list[str]:
    """Speed box by box."""
    rows = one.truth
    boxes = [tuple(box) for box in rows.boxes_xyxy.tolist()]
    reach = int(0.25 * one.facts.fps)
    found = []
    for i, box in enumerate(boxes):
        of_track = [
            j
            for j in range(len(boxes))
            if rows.track_id[j] == rows.track_id[i] >= 0 and rows.class_id[j] == rows.class_id[i]
        ]
        near = [j for j in of_track if abs(rows.frame_index[j] - rows.frame_index[i]) <= reach]
        if len(near) == 1:
            place = of_track.index(i)
            near = of_track[max(place - 1, 0) : place + 2]
        size = ((box[2] - box[0]) * (box[3] - box[1])) ** 0.5
        if len(near) < 2 or size == 0:
            found.append("")
            continue
        a, b = near[0], near[-1]
        way = [(boxes[b][k] + boxes[b][k + 2] - boxes[a][k] - boxes[a][k + 2]) / 2 for k in (0, 1)]
        time_s = (rows.frame_index[b] - rows.frame_index[a]) / one.facts.fps
        speed = (way[0] ** 2 + way[1] ** 2) ** 0.5 / time_s / size
        found.append("still" if speed < 0.1 else "slow" if speed < 1 else "fast")
    return found


@st.composite
def tracked_clips(draw: st.DrawFn) -> Clip:
    """Tracks with gaps, of two classes, at a low and at a high frame rate."""
    seen = draw(
        st.sets(st.tuples(st.integers(0, 29), st.integers(-1, 1), st.integers(0, 1)), max_size=14)
    )
    rows, tracks, classes = [], [], []
    for frame, track, class_id in sorted(seen):
        x, side = draw(st.integers(0, 40)) * 0.37, draw(st.integers(0, 9))
        rows.append((frame, (x, 0.0, x + side, 10.0)))
        tracks.append(track)
        classes.append(class_id)
    fps = draw(st.sampled_from([1.0, 7.0, 25.0]))
    boxes = truth(rows, track_id=tracks, class_id=classes)
    return clip(boxes, n_frames=30, fps=fps, exhaustive=(True, True))


@settings(max_examples=200, deadline=None)
@given(tracked_clips())
def test_speed_against_a_twin(one: Clip) -> None:
    assert words("speed", one) == twin_speed(one)


def test_an_unknown_property() -> None:
    with pytest.raises(KeyError):
        truth_groups("colour", clip(truth([])))


def test_clips_without_boxes() -> None:
    for key in BOX_PROPERTIES:
        groups = truth_groups(key, clip(truth([])))
        assert groups.tolist() == []
        assert groups.dtype == np.int64
