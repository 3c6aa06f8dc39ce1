"""Goals: what can be written, and which operating point serves one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.drawn import CLASSES, Drawn, drawn
from vbench.errors import InputError
from vbench.metrics.curves import ScoreCurve, score_curves
from vbench.metrics.goals import Bound, Goal, goal_column, parse_goal, recommend

CURVE = ScoreCurve(
    class_name="person",
    iou=0.5,
    scores=np.array([0.9123, 0.8, 0.7, 0.6, 0.2]),
    tp=np.array([2, 4, 6, 6, 9]),
    known_tp=np.array([2, 4, 6, 6, 9]),
    fp=np.array([0, 0, 1, 3, 9]),
    n_truth=10,
    known_truth=10,
    known_frames=100,
    known_s=3600.0,
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("recall >= 0.9", "recall >= 0.9, fp_per_camera_hour min"),
        ("precision>=0.95", "precision >= 0.95, recall max"),
        ("fp_per_camera_hour <= 30", "fp_per_camera_hour <= 30, recall max"),
        ("f1", "f1 max"),
        (" recall >= .5 , precision >= 0.5 ", "recall >= 0.5, precision >= 0.5, f1 max"),
        ("recall >= 0.9, fp_per_frame min", "recall >= 0.9, fp_per_frame min"),
        ("precision max", "precision max"),
    ],
)
def test_goals_that_can_be_written(text: str, meaning: str) -> None:
    goal = parse_goal(text)
    assert goal.text() == meaning
    assert parse_goal(goal.text()) == goal


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is not a goal"),
        ("recall = 0.9", "is not a goal"),
        ("recal >= 0.9", "not a metric"),
        ("ap >= 0.5", "not a metric"),
        ("recall <= 0.9", "asks for a bad recall: higher is better"),
        ("fp_per_camera_hour >= 3", "lower is better"),
        ("recall >= 1.1", "cannot be reached"),
        ("recall >= nan", "cannot be reached"),
        ("fp_per_frame <= -1", "cannot be reached"),
        ("recall >= much", "is not a number"),
        ("recall min", "the worst recall"),
        ("f1, recall max", "only one of f1 and recall"),
    ],
)
def test_text_that_is_no_goal(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        parse_goal(text)
    assert caught.value.where == "--goal"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("goal", "score"),
    [
        # 0.7 is the highest threshold with recall 0.6; 0.61 to 0.7 separates the same detections.
        ("recall >= 0.5", 0.7),
        ("recall >= 0.2", 0.8),
        # Recall 0.6 too at 0.6, but with more false alarms.
        ("precision >= 0.6", 0.7),
        ("fp_per_camera_hour <= 0", 0.8),
        ("f1", 0.7),
        ("recall >= 0.9", 0.2),
        ("precision max, recall >= 0.1", 0.8),
    ],
)
def test_recommended_by_hand(goal: str, score: float) -> None:
    found = recommend(CURVE, parse_goal(goal), 0.01)
    assert found.reason is None
    assert found.score == score


def test_the_shortest_threshold_that_separates_the_same() -> None:
    high = recommend(CURVE.at(np.array([0.9123, 0.8])), parse_goal("fp_per_frame min"), 0.01)
    assert high.score == 0.8
    only = recommend(CURVE.at(np.array([0.9123])), parse_goal("f1"), 0.01)
    assert only.score == 0.9


def test_a_rounded_threshold_lets_no_further_detection_in() -> None:
    tp, fp = np.array([2, 3]), np.array([0, 1])
    close = ScoreCurve("person", 0.5, np.array([0.83, 0.8]), tp, tp, fp, 4, 4, 10, 1.0)
    assert recommend(close, parse_goal("precision >= 0.9"), 0.01).score == 0.83


def test_out_of_reach_says_what_is_the_best() -> None:
    found = recommend(CURVE, parse_goal("recall >= 0.95"), 0.01)
    assert found.score is None
    assert str(found.reason) == (
        "no score threshold reaches it: recall is 0.9 at best, at score >= 0.2"
    )


def test_nothing_below_the_floor_is_offered() -> None:
    assert recommend(CURVE, parse_goal("recall >= 0.9"), 0.3).score is None
    below = recommend(CURVE, parse_goal("f1"), 0.95)
    assert "no detections between score 0.95" in str(below.reason)


def test_scores_above_1_are_reached_by_1() -> None:
    high = CURVE.at(np.array([0.9123])).at(np.array([0.9123]))
    scaled = ScoreCurve(
        "person", 0.5, high.scores * 100, high.tp, high.known_tp, high.fp, 10, 10, 1, 1.0
    )
    assert recommend(scaled, parse_goal("f1"), 0.0).score == 1.0


@pytest.mark.parametrize(
    ("known_frames", "n_truth", "reason"),
    [(100, 0, "no truth boxes of class person"), (0, 10, "false positives of class person")],
)
def test_undefined_says_why(known_frames: int, n_truth: int, reason: str) -> None:
    curve = ScoreCurve(
        "person",
        0.5,
        CURVE.scores,
        CURVE.tp * (n_truth > 0),
        CURVE.tp * 0,
        CURVE.fp * (known_frames > 0),
        n_truth,
        n_truth * (known_frames > 0),
        known_frames,
        36.0 * known_frames,
    )
    assert reason in str(recommend(curve, parse_goal("recall >= 0.5"), 0.01).reason)


LIMITS = st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0])
GOALS = st.one_of(
    LIMITS.map(lambda limit: Goal((Bound("recall", limit),), "fp_per_camera_hour")),
    LIMITS.map(lambda limit: Goal((Bound("precision", limit),), "recall")),
    LIMITS.map(lambda limit: Goal((Bound("fp_per_frame", limit),), "recall")),
    st.just(Goal((), "f1")),
)


@settings(deadline=None, max_examples=100)
@given(drawn(plain=True), GOALS, st.sampled_from([0.0, 0.25]))
def test_no_other_threshold_is_better(scene: Drawn, goal: Goal, floor: float) -> None:
    lower = goal.objective == "fp_per_camera_hour"
    for curve in score_curves(scene.pool, CLASSES, scene.pool.operating_row):
        found = recommend(curve, goal, floor)
        best: float | None = None
        for score in sorted({one for one in curve.scores.tolist() if one >= floor}):
            at = curve.at(np.array([score]))
            if all(bound.kept(at)[0] for bound in goal.bounds):
                value = float(goal_column(at, goal.objective)[0])
                if not np.isnan(value):
                    best = value if best is None else (min if lower else max)(best, value)
        if found.score is None:
            assert best is None
            continue
        at = curve.at(np.array([found.score]))
        assert found.score >= floor
        assert all(bound.kept(at)[0] for bound in goal.bounds)
        assert float(goal_column(at, goal.objective)[0]) == best
