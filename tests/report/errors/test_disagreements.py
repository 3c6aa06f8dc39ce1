"""Frames that pipelines answer differently."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.drawn import Drawn, drawn
from tests.metrics.scenes import FAR, A, B, C, clip, detections, golden_set, truth
from tests.report.errors.made_errors import made_errors, shifted
from vbench.report.errors.clip_errors import SetErrors
from vbench.report.errors.disagreements import differences, find_disagreements

CLASSES = ("person", "truck")


def scene() -> SetErrors:
    boxes = truth([(5, A), (5, B), (5, C), (80, A)], class_id=[0, 0, 1, 0])
    one = clip(boxes, n_frames=200, fps=10.0, exhaustive=(True, True))
    both = [(5, FAR, 0.6)]
    return made_errors(
        golden_set(one, classes=CLASSES),
        {
            "old": [detections([(5, C, 0.9), *both, (80, A, 0.5)], class_id=[1, 1, 0])],
            "new": [
                detections(
                    [(5, A, 0.9), (5, B, 0.8), *both, (5, shifted(FAR, 40), 0.5), (80, A, 0.9)],
                    class_id=[0, 0, 1, 0, 0],
                )
            ],
        },
    )


def test_who_finds_what() -> None:
    (shown,) = find_disagreements(scene(), 12).shown
    assert (shown.clip, shown.frame_index, shown.n_frames) == (0, 5, 1)
    # Three truth boxes that only one of them finds, and one false alarm more.
    assert shown.weight == 4
    told = [(d.is_truth, d.class_id, d.n, d.by, d.not_by) for d in shown.differences]
    assert told == [
        (True, 0, 2, (1,), (0,)),
        (True, 1, 1, (0,), (1,)),
        (False, 0, 1, (1,), (0,)),
    ]
    # The false alarm that both raise is none of them.
    assert shown.differences[0].boxes_xyxy.tolist() == [list(A), list(B)]
    assert shown.differences[2].boxes_xyxy.tolist() == [list(shifted(FAR, 40))]


def test_the_same_answers() -> None:
    one = clip(truth([(0, A), (1, B)]))
    same = [detections([(0, A, 0.9), (1, FAR, 0.9)])]
    found = find_disagreements(made_errors(golden_set(one), {"a": same, "b": same}), 12)
    assert found.shown == ()
    assert found.n_frames == 0


def test_a_second_is_one_scene_and_a_clip_shows_three() -> None:
    boxes = truth([(frame, A) for frame in range(100)])
    busy = clip(boxes, id="busy", n_frames=100, fps=10.0)
    quiet = clip(truth([(50, A)]), id="quiet", n_frames=100, fps=10.0)
    sees = [detections([(frame, A, 0.9) for frame in range(100)]), detections([(50, A, 0.9)])]
    blind = [detections([]), detections([])]
    errors = made_errors(golden_set(busy, quiet), {"sees": sees, "blind": blind})
    found = find_disagreements(errors, 4)
    assert found.n_frames == 101
    assert [(d.clip, d.frame_index, d.n_frames) for d in found.shown] == [
        (0, 0, 11),
        (0, 11, 11),
        (0, 22, 11),
        (1, 50, 1),
    ]
    # Where nothing else is left, a clip shows more.
    assert len(find_disagreements(errors, 6).shown) == 6


@settings(deadline=None, max_examples=60)
@given(drawn(), st.data())
def test_weights_are_what_a_reader_counts(drawn_scene: Drawn, data: st.DataObject) -> None:
    """Slow and obvious: go through every truth box and every false alarm of every frame."""
    golden = drawn_scene.golden
    other = data.draw(drawn()).detections
    errors = made_errors(golden, {"a": drawn_scene.detections, "b": other})
    found = find_disagreements(errors, 100)
    weights: dict[tuple[int, int], int] = {}
    for k, one in enumerate(golden.clips):
        a, b = errors.of_clip(k)
        for frame in range(one.facts.n_frames):
            mixed = [
                row
                for row in range(len(one.truth))
                if one.truth.frame_index[row] == frame
                and bool(a.evidence.missed[row]) != bool(b.evidence.missed[row])
            ]
            alarms = [int(np.sum(item.false.frame_index == frame)) for item in (a, b)]
            weight = len(mixed) + abs(alarms[0] - alarms[1])
            if weight:
                weights[k, frame] = weight
            told = differences(one, (a, b), frame)
            assert sum(d.n for d in told if d.is_truth) == len(mixed)
            assert sum(d.n for d in told if not d.is_truth) >= abs(alarms[0] - alarms[1])
    assert found.n_frames == len(weights)
    assert all(weights[d.clip, d.frame_index] == d.weight for d in found.shown)
    assert [d.weight for d in found.shown] == sorted((d.weight for d in found.shown), reverse=True)
    if weights:
        assert found.shown[0].weight == max(weights.values())
