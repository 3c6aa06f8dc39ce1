"""Every planted mistake is named, and good, weak and useless pipelines raise nothing."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.pipeline.suspicions import Suspicion, TrialAnswers, suspicions
from vbench.types import Detections, Truth
from vbench.types.arrays import F64, I64

NAMES = ("person", "forklift", "pallet")
THRESHOLDS = np.full(3, 0.5)
N_FRAMES = 8
WIDTH_PX, HEIGHT_PX = 640.0, 360.0


def made_truth(rng: np.random.Generator, per_frame: int = 4, *, near_corner: bool = False) -> Truth:
    """Boxes of up to a third of the frame, each of another shape."""
    n = N_FRAMES * per_frame
    scale = np.array([WIDTH_PX, HEIGHT_PX])
    size = rng.uniform(0.08, 0.33, (n, 2)) * scale
    low = rng.uniform(0, 0.1 if near_corner else 0.65, (n, 2)) * scale
    return Truth(
        frame_index=np.repeat(np.arange(N_FRAMES), per_frame),
        boxes_xyxy=np.column_stack([low, low + size]),
        class_id=np.arange(n) % 3,
        track_id=np.full(n, -1),
        ignore=np.zeros(n, np.bool_),
        crowd=np.zeros(n, np.bool_),
    )


def answers(
    truth: Truth,
    boxes: F64,
    class_id: I64 | None = None,
    *,
    frame_index: I64 | None = None,
    score: float = 0.9,
    n_pictures: int = N_FRAMES,
) -> TrialAnswers:
    """Boxes as a pipeline stores them: inside the frame, with an area."""
    boxes = np.clip(boxes, 0, [WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX])
    rows = np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(axis=1))
    found = Detections.sorted_from(
        frame_index=(truth.frame_index if frame_index is None else frame_index)[rows],
        boxes_xyxy=boxes[rows],
        scores=np.full(len(rows), score),
        class_id=(truth.class_id if class_id is None else class_id)[rows],
        track_id=np.full(len(rows), -1),
    )
    size = np.tile([WIDTH_PX, HEIGHT_PX], (N_FRAMES, 1))
    return TrialAnswers(found, truth, size, n_pictures)


def judge(given: TrialAnswers) -> tuple[Suspicion, ...]:
    return suspicions(given, THRESHOLDS, NAMES)


def only(given: TrialAnswers) -> Suspicion:
    (found,) = judge(given)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_pipelines_of_any_quality_raise_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = made_truth(rng, near_corner=seed % 4 == 0)
    size = np.tile(truth.boxes_xyxy[:, 2:] - truth.boxes_xyxy[:, :2], 2)
    jitter = rng.normal(0, (0.02, 0.1, 0.3, 1.0)[seed % 4], truth.boxes_xyxy.shape)
    boxes = truth.boxes_xyxy + jitter * size
    keep = rng.random(len(boxes)) < (1.0, 0.5, 0.2, 1.0)[seed // 4 % 4]
    boxes[~keep] = made_truth(rng).boxes_xyxy[~keep]
    class_id = np.where(
        rng.random(len(boxes)) < 0.7, truth.class_id, rng.integers(0, 3, len(boxes))
    )
    assert judge(answers(truth, boxes, class_id)) == ()


def test_nothing_at_all() -> None:
    truth = made_truth(np.random.default_rng(0))
    found = only(answers(truth, np.zeros((len(truth), 4))))
    assert found.kind == "nothing"
    assert found.text == "finds nothing at any score on 8 frames with truth"


def test_nothing_at_the_operating_point() -> None:
    truth = made_truth(np.random.default_rng(0))
    found = only(answers(truth, truth.boxes_xyxy, score=0.125))
    assert found.kind == "nothing"
    assert "its best score there is 0.125" in found.text


def test_the_very_same_answer() -> None:
    truth = made_truth(np.random.default_rng(0))
    same = np.tile(truth.boxes_xyxy[:4], (N_FRAMES, 1))
    class_id = np.tile(truth.class_id[:4], N_FRAMES)
    found = only(answers(truth, same, class_id))
    assert found.kind == "same"
    assert "on all 8 frames tried" in str(found)
    assert judge(answers(truth, same, class_id, n_pictures=1)) == ()
    same[-1] += 1e-9
    assert judge(answers(truth, same, class_id)) == ()


def test_boxes_in_shares_of_the_frame() -> None:
    truth = made_truth(np.random.default_rng(0))
    shares = truth.boxes_xyxy / [WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX]
    found = only(answers(truth, shares))
    assert found.kind == "tiny"
    assert found.text == "gives boxes within 0..1, where pixels are expected"
    assert "normalized: true" in found.hint
    found = only(answers(truth, shares * WIDTH_PX / 384))
    assert "within the first 1." in found.text


def test_small_truth_in_the_corner_is_no_mistake() -> None:
    truth = made_truth(np.random.default_rng(0))
    small = Truth(
        truth.frame_index,
        truth.boxes_xyxy / 60,
        truth.class_id,
        truth.track_id,
        truth.ignore,
        truth.crowd,
    )
    assert judge(answers(small, small.boxes_xyxy)) == ()


SCALE = np.array([WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX])
SQUARE = np.array([0.0, (WIDTH_PX - HEIGHT_PX) / 2] * 2)


@pytest.mark.parametrize("reference", ["pixels", "square", "shares"])
def test_swapped_axes(reference: str) -> None:
    truth = made_truth(np.random.default_rng(1))
    boxes = {
        "pixels": truth.boxes_xyxy[:, [1, 0, 3, 2]],
        "square": (truth.boxes_xyxy + SQUARE)[:, [1, 0, 3, 2]] - SQUARE,
        "shares": (truth.boxes_xyxy / SCALE)[:, [1, 0, 3, 2]] * SCALE,
    }[reference]
    found = only(answers(truth, boxes))
    assert found.kind == "axes"
    assert "fit the truth with x and y swapped: mean IoU" in found.text


def misread(truth: Truth, gives: str, read_as: str) -> F64:
    """Boxes that a model gives in one form and the pipeline takes for another."""
    low, high = truth.boxes_xyxy[:, :2], truth.boxes_xyxy[:, 2:]
    size, centre = high - low, (low + high) / 2
    first, second = {
        "corners": (low, high),
        "corner_size": (low, size),
        "centre_size": (centre, size),
    }[gives]
    return {
        "corners": np.column_stack([first, second]),
        "corner_size": np.column_stack([first, first + second]),
        "centre_size": np.column_stack([first - second / 2, first + second / 2]),
    }[read_as]


@pytest.mark.parametrize(
    ("gives", "read_as", "columns"),
    [
        ("corner_size", "corners", "x1 y1 w h"),
        ("centre_size", "corners", "cx cy w h"),
        ("corners", "corner_size", "x1 y1 x2 y2"),
        ("centre_size", "corner_size", "cx cy w h"),
        ("corner_size", "centre_size", "x1 y1 w h"),
    ],
)
def test_boxes_of_another_form(gives: str, read_as: str, columns: str) -> None:
    truth = made_truth(np.random.default_rng(2), near_corner=True)
    found = only(answers(truth, misread(truth, gives, read_as)))
    assert found.kind == "box_form"
    assert found.hint == f"the columns are {columns}"


def test_a_class_list_that_is_shifted() -> None:
    truth = made_truth(np.random.default_rng(3))
    shifted = truth.class_id + 1
    rows = np.flatnonzero(shifted < 3)
    given = answers(
        truth, truth.boxes_xyxy[rows], shifted[rows], frame_index=truth.frame_index[rows]
    )
    found = only(given)
    assert found.kind == "classes"
    assert "not one of the right class" in found.text
    assert '"forklift" where the truth is "person"' in found.text
    assert found.hint.startswith("all are off by 1: ")


def test_one_class_for_another() -> None:
    truth = made_truth(np.random.default_rng(3))
    rows = np.flatnonzero(truth.class_id == 0)
    class_id = np.full(len(rows), 2)
    given = answers(truth, truth.boxes_xyxy[rows], class_id, frame_index=truth.frame_index[rows])
    found = only(given)
    assert found.kind == "classes"
    assert "off by" not in found.hint
    class_id[0] = 0
    given = answers(truth, truth.boxes_xyxy[rows], class_id, frame_index=truth.frame_index[rows])
    assert judge(given) == ()


def test_little_is_no_evidence() -> None:
    truth = made_truth(np.random.default_rng(4), per_frame=1)
    swapped = truth.boxes_xyxy[:2, [1, 0, 3, 2]]
    assert judge(answers(truth, swapped, frame_index=truth.frame_index[:2])) == ()
    one = TrialAnswers(Detections.empty(), Truth.empty(), np.ones((1, 2)), 1)
    assert judge(one) == ()
