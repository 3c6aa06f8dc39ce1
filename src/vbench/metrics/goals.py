"""Goals for an operating point: ``recall >= 0.9, fp_per_camera_hour min``."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vbench.errors import InputError
from vbench.metrics.curves import ScoreCurve
from vbench.types import F64, Bool

GoalMetric = Literal["recall", "precision", "f1", "fp_per_frame", "fp_per_camera_hour"]

GOAL_METRICS: tuple[GoalMetric, ...] = (
    "recall",
    "precision",
    "f1",
    "fp_per_frame",
    "fp_per_camera_hour",
)
_LOWER_IS_BETTER = ("fp_per_frame", "fp_per_camera_hour")
_RATIOS = ("recall", "precision", "f1")

EXAMPLES = '"recall >= 0.9", "precision >= 0.95", "fp_per_camera_hour <= 30" or "f1"'


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit that a metric has to keep: at most where lower is better, else at least."""

    metric: GoalMetric
    limit: float

    def text(self) -> str:
        """``recall >= 0.9``."""
        return f"{self.metric} {'<=' if self.metric in _LOWER_IS_BETTER else '>='} {self.limit:g}"

    def kept(self, curve: ScoreCurve) -> Bool:
        """(P,) whether each point keeps the limit; a point where it is undefined does not."""
        values = goal_column(curve, self.metric)
        with np.errstate(invalid="ignore"):
            if self.metric in _LOWER_IS_BETTER:
                return np.less_equal(values, self.limit)
            return np.greater_equal(values, self.limit)


@dataclass(frozen=True, slots=True)
class Goal:
    """What an operating point has to reach, and what is best among those that do."""

    bounds: tuple[Bound, ...]
    objective: GoalMetric
    """Highest, or lowest where lower is better."""

    def text(self) -> str:
        """``recall >= 0.9, fp_per_camera_hour min``."""
        best = "min" if self.objective in _LOWER_IS_BETTER else "max"
        return ", ".join([*(bound.text() for bound in self.bounds), f"{self.objective} {best}"])


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The score threshold that serves a goal best, or why there is none."""

    goal: Goal
    score: float | None
    reason: str | None


def parse_goal(text: str) -> Goal:
    """Read a goal: limits and at most one objective, separated by commas.

    A limit is ``METRIC >= NUMBER`` or ``METRIC <= NUMBER``, an objective ``METRIC max`` or
    ``METRIC min`` or a metric alone. Without an objective, limits on recall alone ask for the
    fewest false positives, limits on false positives or precision alone for the best recall, and
    anything else for the best F1.

    Raises:
        InputError: text that is no goal.
    """
    bounds: list[Bound] = []
    objectives: list[GoalMetric] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\w+)\s*(?:(>=|<=)\s*(\S+)|(min|max))?\s*", part)
        if found is None:
            raise _not_a_goal(f'"{part.strip()}" is not a goal')
        metric = _metric(found[1])
        lower = metric in _LOWER_IS_BETTER
        if found[2]:
            if (found[2] == "<=") != lower:
                raise _not_a_goal(
                    f'"{part.strip()}" asks for a bad {metric}: {"lower" if lower else "higher"}'
                    " is better"
                )
            bounds.append(Bound(metric, _limit(metric, found[3])))
        else:
            if found[4] and (found[4] == "min") != lower:
                raise _not_a_goal(f'"{part.strip()}" asks for the worst {metric}')
            objectives.append(metric)
    if len(objectives) > 1:
        raise _not_a_goal(f"only one of {' and '.join(objectives)} can be best")
    return Goal(tuple(bounds), objectives[0] if objectives else _default_objective(bounds))


def recommend(curve: ScoreCurve, goal: Goal, score_floor: float) -> Recommendation:
    """The operating point of a curve that serves a goal best.

    Every score that occurs is tried as a threshold, down to the floor that detections were stored
    to. Equally good points are told apart by F1, then the higher threshold is taken. The threshold
    is stated with as few digits as separate the same detections.
    """
    candidates = curve.at(_candidates(curve.scores, score_floor))
    if not len(candidates):
        reason = f"no detections between score {score_floor:g} (stored from there) and 1"
        return Recommendation(goal, None, reason)
    for metric in (*(bound.metric for bound in goal.bounds), goal.objective):
        if not np.isfinite(goal_column(candidates, metric)).any():
            return Recommendation(goal, None, _undefined(curve, metric))
    kept = np.ones(len(candidates), np.bool_)
    for bound in goal.bounds:
        kept &= bound.kept(candidates)
    kept &= np.isfinite(goal_column(candidates, goal.objective))
    if not kept.any():
        return Recommendation(goal, None, _out_of_reach(candidates, goal))
    rows = np.flatnonzero(kept)
    sign = 1.0 if goal.objective in _LOWER_IS_BETTER else -1.0
    f1 = np.nan_to_num(candidates.f1, nan=-1.0)
    order = np.lexsort((-f1[rows], sign * goal_column(candidates, goal.objective)[rows]))
    best = int(rows[order[0]])
    below = candidates.scores[best + 1] if best + 1 < len(candidates) else score_floor
    return Recommendation(goal, _shortest(float(below), float(candidates.scores[best])), None)


def goal_column(curve: ScoreCurve, metric: GoalMetric) -> F64:
    """(P,) a metric of a curve by name, NaN where it is undefined."""
    columns: dict[GoalMetric, F64] = {
        "recall": curve.recall,
        "precision": curve.precision,
        "f1": curve.f1,
        "fp_per_frame": curve.fp_per_frame,
        "fp_per_camera_hour": curve.fp_per_camera_hour,
    }
    return columns[metric]


def _default_objective(bounds: list[Bound]) -> GoalMetric:
    limited = {bound.metric for bound in bounds}
    if limited and limited <= {"recall"}:
        return "fp_per_camera_hour"
    if limited and limited <= {"precision", "fp_per_frame", "fp_per_camera_hour"}:
        return "recall"
    return "f1"


def _metric(word: str) -> GoalMetric:
    for name in GOAL_METRICS:
        if word == name:
            return name
    near = difflib.get_close_matches(word, GOAL_METRICS, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(GOAL_METRICS)}"
    raise InputError(f'"{word}" is not a metric that a goal can name', where="--goal", hint=hint)


def _limit(metric: GoalMetric, text: str) -> float:
    try:
        limit = float(text)
    except ValueError:
        raise _not_a_goal(f'"{text}" is not a number') from None
    if not math.isfinite(limit) or limit < 0.0 or (metric in _RATIOS and limit > 1.0):
        within = "0 to 1" if metric in _RATIOS else "0 or more"
        raise _not_a_goal(f"{metric} {text} cannot be reached: it is {within}")
    return limit


def _not_a_goal(what: str) -> InputError:
    return InputError(what, where="--goal", hint=f"for example {EXAMPLES}")


def _candidates(scores: F64, score_floor: float) -> F64:
    """Thresholds worth trying, descending: no operating point is above 1 or below the floor."""
    return np.unique(np.minimum(scores[scores >= score_floor], 1.0))[::-1]


def _shortest(below: float, score: float) -> float:
    """The number with the fewest decimals in (below, score]."""
    for decimals in range(1, 16):
        scale = 10.0**decimals
        rounded = math.floor(score * scale) / scale
        if below < rounded <= score:
            return rounded
    return score


def _undefined(curve: ScoreCurve, metric: GoalMetric) -> str:
    of_class = "" if curve.class_name is None else f" of class {curve.class_name}"
    if metric == "recall" or (metric == "f1" and curve.known_frames):
        return f"{metric} is undefined: no truth boxes{of_class}"
    if curve.known_frames == 0:
        return f"{metric} is undefined: false positives{of_class} cannot be known"
    return f"{metric} is undefined{of_class}"


def _out_of_reach(candidates: ScoreCurve, goal: Goal) -> str:
    """What each limit would allow at best."""
    best = []
    for bound in goal.bounds:
        values = goal_column(candidates, bound.metric)
        lower = bound.metric in _LOWER_IS_BETTER
        row = int(np.nanargmin(values) if lower else np.nanargmax(values))
        best.append(
            f"{bound.metric} is {values[row]:.4g} at best, at score >= {candidates.scores[row]:.4g}"
        )
    return f"no score threshold reaches it: {'; '.join(best)}"
