"""Counts at the slider's scores: by hand, against the curves, and summed over clips."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.drawn import CLASSES, Drawn, drawn
from vbench.metrics.calibration import reliability
from vbench.metrics.curves import score_curves
from vbench.metrics.frames import counting_detections
from vbench.metrics.pool import operating_scores
from vbench.metrics.score_counts import (
    N_THRESHOLDS,
    SCORE_THRESHOLDS,
    ScoreBins,
    ScoreCounts,
    score_bins,
    score_counts,
    score_histogram,
)


def counts_of(scene: Drawn) -> list[ScoreCounts]:
    """Of each clip of a drawn scene."""
    made = []
    for clip, found, table in zip(scene.golden.clips, scene.detections, scene.matches, strict=True):
        row = table.row(scene.point.iou)
        judged = ~table.ignored[row]
        histogram = score_histogram(
            found.scores[judged],
            found.class_id[judged],
            table.truth_index[row][judged] >= 0,
            len(CLASSES),
        )
        counts = table.truth_counts
        made.append(
            score_counts(
                histogram,
                clip.truth.class_id[counts],
                clip.exhaustive,
                int(clip.annotated.sum()),
                clip.annotated_s,
            )
        )
    return made


def test_thresholds_are_the_floats_of_their_texts() -> None:
    assert SCORE_THRESHOLDS.tolist() == [float(f"{k / 100:.2f}") for k in range(N_THRESHOLDS)]


@given(
    st.one_of(
        st.floats(-50, 50),
        st.sampled_from([k / 100 for k in range(N_THRESHOLDS)]).flatmap(
            lambda score: st.sampled_from(
                [score, float(np.nextafter(score, -1)), float(np.nextafter(score, 2))]
            )
        ),
    )
)
def test_a_detection_reaches_what_it_is_not_below(score: float) -> None:
    histogram = score_histogram(np.array([score]), np.array([1]), np.array([True]), n_classes=3)
    reached = [k for k in range(N_THRESHOLDS) if score >= SCORE_THRESHOLDS[k]]
    assert histogram.sum() == (1 if reached else 0)
    if reached:
        assert histogram[1, 1, reached[-1]] == 1


@settings(deadline=None, max_examples=60)
@given(drawn())
def test_equals_the_curves(scene: Drawn) -> None:
    summed = reduce(add, counts_of(scene))
    descending = SCORE_THRESHOLDS[::-1]
    curves = score_curves(scene.pool, CLASSES, scene.pool.operating_row)
    for row, curve in enumerate(curves):
        at = curve.at(descending)
        assert summed.tp[row, ::-1].tolist() == at.tp.tolist()
        assert summed.known_tp[row, ::-1].tolist() == at.known_tp.tolist()
        assert summed.fp[row, ::-1].tolist() == at.fp.tolist()
        assert summed.n_truth[row] == at.n_truth
        assert summed.known_truth[row] == at.known_truth
        assert summed.known_frames[row] == at.known_frames
        assert summed.known_s[row] == pytest.approx(at.known_s)
    assert np.array_equal(summed.fn, summed.n_truth[:, None] - summed.tp)


@settings(deadline=None, max_examples=60)
@given(drawn())
def test_bins_equal_those_of_the_metric(scene: Drawn) -> None:
    n_clips = len(scene.golden.clips)
    expected = reliability(scene.pool, CLASSES, np.zeros(n_clips, np.int64), 1)[0]
    summed = ScoreBins.empty(len(CLASSES))
    for clip, found, table in zip(scene.golden.clips, scene.detections, scene.matches, strict=True):
        rows = counting_detections(found, table, scene.point)
        hit = table.truth_index[table.row(scene.point.iou)][rows] >= 0
        summed += score_bins(found.scores[rows], found.class_id[rows], hit, clip.exhaustive)
    assert (operating_scores(scene.point) >= 0).all()
    for row, one in enumerate(expected):
        assert summed.n[row].tolist() == one.n.tolist()
        assert summed.tp[row].tolist() == one.tp.tolist()
        assert summed.score_sum[row] == pytest.approx(one.score_sum)
        assert summed.outside[row] == one.outside


def test_nothing_adds_nothing() -> None:
    empty = ScoreCounts.empty(2)
    assert (empty + empty).tp.shape == (3, N_THRESHOLDS)
    assert not (empty + empty).fn.any()


def test_columns_of_other_lengths_are_refused() -> None:
    one, other = ScoreCounts.empty(1), ScoreCounts.empty(2)
    with pytest.raises(ValueError, match="shape"):
        replace(one, n_truth=other.n_truth)
    bins = ScoreBins.empty(1)
    with pytest.raises(ValueError, match="shape"):
        replace(bins, outside=other.n_truth)
