"""Cutting golden sets into blocks of frames."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.scenes import FAR, A, B, clip, detections, golden_set, point, table, truth
from vbench.metrics import blocks as cutting
from vbench.metrics.blocks import block_length_of, influence_series, make_blocks
from vbench.types import Detections, whole_answers


def test_clips_are_cut_evenly_and_numbered_on() -> None:
    golden = golden_set(clip(truth([]), n_frames=10), clip(truth([]), id="b", n_frames=6))
    blocks = make_blocks(golden, 3)
    assert blocks.length == 3
    assert [part.tolist() for part in blocks.of_frame] == [
        [0, 0, 0, 1, 1, 2, 2, 2, 3, 3],
        [4, 4, 5, 6, 6, 7],
    ]
    assert blocks.clip.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert blocks.first_frame.tolist() == [0, 3, 5, 8, 0, 2, 3, 5]
    assert blocks.last_frame.tolist() == [2, 4, 7, 9, 1, 2, 4, 5]


def test_frames_that_are_not_annotated_go_with_the_one_before() -> None:
    annotated = np.zeros(20, np.bool_)
    annotated[[4, 6, 8, 10]] = True
    blocks = make_blocks(golden_set(clip(truth([]), n_frames=20, annotated=annotated)), 1)
    assert blocks.of_frame[0].tolist() == [0] * 6 + [1] * 2 + [2] * 2 + [3] * 10


def test_clips_with_few_or_no_annotated_frames_are_a_block_all_the_same() -> None:
    none = np.zeros(5, np.bool_)
    golden = golden_set(
        clip(truth([]), n_frames=5, annotated=none), clip(truth([]), id="b", n_frames=2)
    )
    blocks = make_blocks(golden, 50)
    assert [part.tolist() for part in blocks.of_frame] == [[0] * 5, [1, 2]]
    assert len(blocks) == 3


def test_there_are_not_too_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "MAX_BLOCKS", 20)
    golden = golden_set(clip(truth([]), n_frames=90), clip(truth([]), id="b", n_frames=10))
    blocks = make_blocks(golden, 1)
    assert blocks.length == 5
    assert len(blocks) == 18 + 4


def test_what_frames_add_to_recall_and_precision() -> None:
    boxes = truth([(0, A), (0, B), (1, A), (3, A)])
    annotated = np.array([True, True, False, True])
    one = clip(boxes, n_frames=4, annotated=annotated)
    found = detections([(0, A, 0.9), (0, FAR, 0.9), (1, A, 0.9), (3, A, 0.1)])
    answers = whole_answers([found], [table(one, found)])
    recall, precision = influence_series(golden_set(one), answers, point(0.3))
    np.testing.assert_allclose(recall[0], [1 - 2 * 0.5, 1 - 0.5, -0.5])
    np.testing.assert_allclose(precision[0], [1 - 2 * 2 / 3, 1 - 2 / 3, 0.0])


def test_objects_that_are_missed_for_long_make_longer_blocks() -> None:
    rng = np.random.default_rng(3)
    n = 600
    one = clip(truth([(frame, A) for frame in range(n)]), n_frames=n)

    def length(hit: np.ndarray) -> int:
        found = detections([(int(frame), A, 0.9) for frame in np.flatnonzero(hit)])
        return block_length_of(
            golden_set(one), whole_answers([found], [table(one, found)]), point(0.3)
        )

    by_frame = length(rng.random(n) < 0.7)
    by_stretch = length(np.repeat(rng.random(n // 20) < 0.7, 20))
    assert by_frame < 5
    assert by_stretch > 3 * by_frame


def test_nothing_found_and_nothing_there_has_a_length() -> None:
    one = clip(truth([]), n_frames=8)
    answers = whole_answers([Detections.empty()], [table(one, Detections.empty())])
    assert block_length_of(golden_set(one), answers, point(0.3)) >= 1
