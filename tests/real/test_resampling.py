"""Intervals on real footage: neighbouring frames are alike, and numbers say less than they seem."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.metrics.scenes import clip, golden_set, point, table
from vbench.metrics.blocks import block_length_of, make_blocks
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.resampled import Evaluated, RowKey, row_key
from vbench.metrics.resampling import Resampling
from vbench.metrics.statistics import Statistics
from vbench.types import Detections, GoldenSet, Metric, Truth, whole_answers

pytestmark = pytest.mark.real

KEPT: list[RowKey] = [(name, None, None, ()) for name in ("recall", "precision", "ap50", "f1")]


@pytest.fixture(scope="module")
def both(real_data: Path) -> tuple[Evaluated, Evaluated]:
    """TUD-Campus: a tracker's published results, and a detector's, under the same resamples."""
    folder = real_data / "tud-campus"
    truth = _truth(np.loadtxt(folder / "gt.txt", delimiter=","))
    golden = golden_set(clip(truth, id="tud-campus", n_frames=71, fps=25.0))
    answers = [
        _found(np.loadtxt(folder / name, delimiter=","), scored=scored)
        for name, scored in (("cem_tracker_results.txt", False), ("frcnn_det.txt", True))
    ]
    length = max(
        block_length_of(golden, whole_answers([one], [table(golden.clips[0], one)]), point(0.9))
        for one in answers
    )
    resampling = Resampling(make_blocks(golden, length), 1000, 0, 0.95)
    tracker, detector = (
        _evaluated(golden, name, one, resampling)
        for name, one in zip(("tracker", "detector"), answers, strict=True)
    )
    return tracker, detector


def test_a_frame_is_no_independent_look(both: tuple[Evaluated, Evaluated]) -> None:
    tracker, _ = both
    recall = _row(tracker, "recall")
    assert recall.value == pytest.approx(209 / 359)
    assert recall.interval is not None
    assert recall.interval.units == "blocks"
    assert recall.interval.n_effective is not None
    assert recall.interval.n_effective < 359 / 2
    binomial = 2 * 1.96 * np.sqrt(0.582 * 0.418 / 359)
    assert recall.interval.high - recall.interval.low > 1.5 * binomial


def test_every_published_number_has_an_interval_around_it(
    both: tuple[Evaluated, Evaluated],
) -> None:
    tracker, _ = both
    for name in ("mota", "motp", "idf1", "idp", "idr", "hota", "deta", "assa", "loca", "idsw"):
        row = _row(tracker, name)
        assert row.value is not None
        assert row.interval is not None
        assert row.interval.low < row.value < row.interval.high


def test_pairing_says_more_about_the_difference(both: tuple[Evaluated, Evaluated]) -> None:
    statistics = Statistics(both)
    tracker, detector = (_row(one, "recall") for one in both)
    change = statistics.change(detector, tracker)
    assert change is not None
    assert change.value == pytest.approx((238 - 209) / 359)
    kept = [one.samples[row_key(tracker)].replicates for one in both]
    assert np.std(kept[1] - kept[0]) < np.hypot(kept[0].std(), kept[1].std())


def _row(evaluated: Evaluated, name: str) -> Metric:
    return next(row for row in evaluated.metrics if row_key(row) == (name, None, None, ()))


def _evaluated(
    golden: GoldenSet, name: str, found: Detections, resampling: Resampling
) -> Evaluated:
    answers = whole_answers([found], [table(golden.clips[0], found)])
    return evaluate_pipeline(golden, name, answers, point(0.9), resampling=resampling, keep=KEPT)


def _truth(rows: np.ndarray) -> Truth:
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    none = np.zeros(len(rows), np.bool_)
    return Truth(
        frame_index=rows[:, 0].astype(np.int64) - 1,
        boxes_xyxy=np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], axis=1),
        class_id=np.zeros(len(rows), np.int64),
        track_id=rows[:, 1].astype(np.int64),
        ignore=none,
        crowd=none,
    )


def _found(rows: np.ndarray, *, scored: bool) -> Detections:
    return Detections.sorted_from(
        frame_index=rows[:, 0].astype(np.int64) - 1,
        boxes_xyxy=np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], axis=1),
        scores=rows[:, 6].copy() if scored else np.ones(len(rows)),
        class_id=np.zeros(len(rows), np.int64),
        track_id=rows[:, 1].astype(np.int64),
    )
