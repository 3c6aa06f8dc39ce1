"""Stretches of consecutive frames where errors are densest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.types import F64, I32, I64

SHORTEST_S = 0.2
"""A stretch is at least about this long, where the clip is."""
WINDOW_S = 1.0
"""Over which the local rate of errors is taken."""


@dataclass(frozen=True, slots=True)
class ClipErrors:
    """Errors of one clip on its A annotated frames."""

    clip: int
    """Index among the set's clips."""
    frames: I32
    """(A,) frame numbers, ascending."""
    n_errors: I32
    """(A,)"""
    n_chances: I32
    """(A,) what errors are set against: boxes at stake, or 1 per frame."""
    frames_per_s: float
    """Annotated frames per second."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive frames of one clip."""

    clip: int
    first_frame: int
    last_frame: int
    """Included."""
    n_annotated: int
    n_errors: int


def densest_stretches(clips: Sequence[ClipErrors], n: int) -> list[Stretch]:
    """At most n stretches that do not overlap, most errors first.

    A stretch is the run of frames with the largest sum of (errors - c x chances) of what is left of
    a clip (Kadane's algorithm; Bentley 1984, "Programming pearls: algorithm design techniques"). c
    is half-way between the rate of errors of all the footage and the rate around an average error,
    taken over `WINDOW_S`: footage with a rate below c only makes a stretch worse. Stretches with
    hardly more errors than the overall rate would give are left out: the surplus must be twice the
    root of the expected number, its standard deviation if errors were independent.
    """
    total = sum(float(clip.n_errors.sum()) for clip in clips)
    chances = sum(float(clip.n_chances.sum()) for clip in clips)
    if total == 0 or chances == 0:
        return []
    overall = total / chances
    around = sum(_local_errors(clip) for clip in clips) / total
    limit = (overall + around) / 2
    candidates = [
        found
        for place, clip in enumerate(clips)
        if (found := _best(clip, place, 0, len(clip.frames), overall, limit)) is not None
    ]
    stretches: list[Stretch] = []
    while candidates and len(stretches) < n:
        best = min(candidates, key=lambda one: (-one.n_errors, one.place, one.first))
        candidates.remove(best)
        clip = clips[best.place]
        stretches.append(
            Stretch(
                clip=clip.clip,
                first_frame=int(clip.frames[best.first]),
                last_frame=int(clip.frames[best.end - 1]),
                n_annotated=best.end - best.first,
                n_errors=best.n_errors,
            )
        )
        for begin, end in ((best.begin_left, best.first), (best.end, best.end_right)):
            rest = _best(clip, best.place, begin, end, overall, limit)
            if rest is not None:
                candidates.append(rest)
    return sorted(stretches, key=lambda one: -one.n_errors)


def best_segment(values: F64) -> tuple[int, int] | None:
    """First and last index of the run with the largest sum, the shortest of equal ones.

    None where no value is above 0.
    """
    if not len(values):
        return None
    before = np.zeros(len(values) + 1)
    np.cumsum(values, out=before[1:])
    sums = np.minimum.accumulate(before[:-1])
    np.subtract(before[1:], sums, out=sums)
    last = int(np.argmax(sums))
    if sums[last] <= 0:
        return None
    return last - int(np.argmin(before[last::-1])), last


@dataclass(frozen=True, slots=True)
class _Candidate:
    """The best run of what is left of a clip; places among its annotated frames."""

    place: int
    """Of the clip in the sequence."""
    first: int
    end: int
    begin_left: int
    end_right: int
    """What is left on both sides."""
    n_errors: int


def _best(
    clip: ClipErrors, place: int, begin: int, end: int, overall: float, limit: float
) -> _Candidate | None:
    errors, chances = clip.n_errors[begin:end], clip.n_chances[begin:end]
    segment = best_segment(errors - limit * chances)
    if segment is None:
        return None
    shortest = min(round(SHORTEST_S * clip.frames_per_s), end - begin)
    missing = max(0, shortest - (segment[1] - segment[0] + 1))
    first = max(0, min(segment[0] - missing // 2, end - begin - shortest))
    stop = max(segment[1] + 1, first + shortest)
    n_errors, expected = float(errors[first:stop].sum()), float(chances[first:stop].sum()) * overall
    if n_errors - expected < 2 * np.sqrt(expected):
        return None
    return _Candidate(place, begin + first, begin + stop, begin, end, round(n_errors))


def _local_errors(clip: ClipErrors) -> float:
    """Sum over all errors of the rate of errors by chances in the window around them."""
    reach = round(WINDOW_S * clip.frames_per_s) // 2
    rows = np.flatnonzero(clip.n_errors)
    low = np.maximum(rows - reach, 0)
    high = np.minimum(rows + reach + 1, len(clip.frames))

    def around(values: I32) -> I64:
        before = np.zeros(len(values) + 1, np.int64)
        np.cumsum(values, out=before[1:])
        return np.asarray(before[high] - before[low])

    # A window has chances where it has errors: frames at least, or the boxes that are wrong.
    n_chances = np.maximum(around(clip.n_chances), 1)
    return float(clip.n_errors[rows] @ (around(clip.n_errors) / n_chances))
