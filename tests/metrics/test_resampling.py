"""Metrics under resampling: formulas, draws, pairing, and what has no interval."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.crowd import POINT, Crowd, answered, crowd_set
from tests.metrics.drawn import Drawn, drawn
from vbench.metrics import resampling as drawing
from vbench.metrics.blocks import make_blocks
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.resampled import Evaluated, RowKey, row_key
from vbench.metrics.resampling import MIN_CLIPS, Resampling
from vbench.metrics.statistics import Statistics
from vbench.stats import interval
from vbench.types import F64, I64, Metric, whole_answers

KEYS = ("daypart", "store", ("daypart", "store"), "size", ("daypart", "size"), "speed", "carries")


def evaluated(
    crowd: Crowd,
    *,
    pipeline: str = "pipe",
    length: int = 6,
    n_resamples: int = 100,
    seed: int = 0,
    keys: Sequence[str | tuple[str, ...]] = (),
    keep: Collection[RowKey] = (),
) -> Evaluated:
    blocks = make_blocks(crowd.golden, length)
    return evaluate_pipeline(
        crowd.golden,
        pipeline,
        crowd.answers,
        POINT,
        keys,
        crowd.timings,
        crowd.alerts,
        resampling=Resampling(blocks, n_resamples, seed, 0.95),
        keep=keep,
    )


def keys_of(crowd: Crowd, keys: Sequence[str | tuple[str, ...]] = ()) -> list[RowKey]:
    rows = evaluate_pipeline(
        crowd.golden, "pipe", crowd.answers, POINT, keys, crowd.timings, crowd.alerts
    )
    return [row_key(row) for row in rows.metrics]


def ones(clips: int | I64, n_resamples: int, seed_words: Sequence[int]) -> F64:
    """Weights under which every clip and block is drawn once."""
    return np.ones((n_resamples, clips if isinstance(clips, int) else len(clips)))


@pytest.mark.parametrize("n_clips", [1, 11])
def test_weights_of_one_give_the_value_of_every_row(
    n_clips: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "clip_weights", ones)
    monkeypatch.setattr(drawing, "block_weights", ones)
    crowd = answered(crowd_set(n_clips), seed=1)
    result = evaluated(crowd, n_resamples=2, keys=KEYS, keep=keys_of(crowd, KEYS))
    assert_samples_are_values(result)
    assert len({key[0] for key in result.samples}) > 50


@settings(deadline=None, max_examples=60)
@given(drawn(), st.sampled_from([1, 2]))
def test_weights_of_one_give_the_value_of_every_row_of_odd_scenes(one: Drawn, length: int) -> None:
    answers = whole_answers(one.detections, one.matches)
    keys = ("size", "border", "crowding", ("border", "size"))
    rows = evaluate_pipeline(one.golden, "p", answers, one.point, keys).metrics
    with patch.object(drawing, "block_weights", ones):
        result = evaluate_pipeline(
            one.golden,
            "p",
            answers,
            one.point,
            keys,
            resampling=Resampling(make_blocks(one.golden, length), 2, 0, 0.95),
            keep=[row_key(row) for row in rows],
        )
    assert [replace(row, interval=None, no_interval="") for row in result.metrics] == list(rows)
    assert_samples_are_values(result)


def assert_samples_are_values(result: Evaluated) -> None:
    for row in result.metrics:
        if row.value is None or row.name == "longest_gap_s_max":
            assert row_key(row) not in result.samples
        else:
            expected = pytest.approx(row.value, rel=1e-12, abs=1e-12)
            assert result.samples[row_key(row)].replicates.tolist() == [expected, expected], row


def test_a_clip_drawn_twice_counts_as_two_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    times = [2, 0, 1, 3, 1, 0, 1, 1]

    def as_said(n_clips: int, n_resamples: int, seed_words: Sequence[int]) -> F64:
        assert n_clips == len(times)
        return np.tile(np.array(times, np.float64), (n_resamples, 1))

    monkeypatch.setattr(drawing, "clip_weights", as_said)
    crowd = answered(crowd_set(8), seed=1, all_scores_differ=True)
    keys = ("size", "carries", "speed")
    of_all_clips = [key for key in keys_of(crowd, keys) if key[2] is None]
    result = evaluated(crowd, n_resamples=1, keys=keys, keep=of_all_clips)
    again = repeated(crowd, times)
    expected = {
        row_key(row): row
        for row in evaluate_pipeline(
            again.golden, "p", again.answers, POINT, keys, again.timings, again.alerts
        ).metrics
    }
    n_frames = [sum(int(one.annotated.sum()) for one in of.golden.clips) for of in (crowd, again)]
    for key, sample in result.samples.items():
        row = expected[key]
        if row.value is None:
            assert np.isnan(sample.replicates[0]), row
        else:
            footage = n_frames[0] / n_frames[1] if row.unit == "count" else 1.0
            assert sample.replicates[0] == pytest.approx(row.value * footage, rel=1e-9), row
    assert len(result.samples) > 300


def repeated(crowd: Crowd, times: Sequence[int]) -> Crowd:
    """Each clip so many times, under names of its own."""
    rows = [(g, k) for g, n in enumerate(times) for k in range(n)]
    clips = [replace(crowd.golden.clips[g], id=f"clip{g}-{k}") for g, k in rows]
    return Crowd(
        replace(crowd.golden, clips=tuple(clips)),
        tuple(crowd.answers[g] for g, _ in rows),
        [crowd.timings[g] for g, _ in rows],
        [crowd.alerts[g] for g, _ in rows],
    )


def test_a_part_left_out_gives_the_value_of_the_rest() -> None:
    crowd = answered(crowd_set(9), seed=2)
    keep = [key for key in keys_of(crowd, ("daypart",)) if key[2] is None]
    result = evaluated(crowd, n_resamples=2, keys=("daypart",), keep=keep)
    for g in (0, 4):
        rest = without_clip(crowd, g)
        expected = {
            row_key(row): row.value
            for row in evaluate_pipeline(
                rest.golden, "p", rest.answers, POINT, ("daypart",), rest.timings, rest.alerts
            ).metrics
        }
        for key, sample in result.samples.items():
            value = expected[key]
            left_out = sample.without_clip[g]
            assert np.isnan(left_out) if value is None else left_out == pytest.approx(value), key


def without_clip(crowd: Crowd, g: int) -> Crowd:
    return repeated(crowd, [int(k != g) for k in range(len(crowd.golden.clips))])


def test_blocks_left_out_belong_to_the_scope_alone() -> None:
    crowd = answered(crowd_set(9), seed=2)
    key: RowKey = ("recall", "person", None, (("daypart", "night"),))
    result = evaluated(crowd, n_resamples=2, keys=("daypart",), keep=[key])
    sample = result.samples[key]
    (row,) = [row for row in result.metrics if row_key(row) == key]
    blocks = result.blocks
    assert blocks is not None
    night = np.array([clip.tag("daypart") == "night" for clip in crowd.golden.clips])
    by_day = ~night[blocks.clip]
    assert (sample.without_block[by_day] == row.value).all()
    assert (sample.support[by_day] == 0).all()
    assert (sample.without_block[~by_day] != row.value).any()
    assert sample.support.sum() == row.n


def test_few_clips_are_cut_into_blocks_and_many_are_drawn_whole() -> None:
    for n_clips, units in ((MIN_CLIPS - 1, "blocks"), (MIN_CLIPS, "clips")):
        crowd = answered(crowd_set(n_clips), seed=3)
        rows = {row_key(row): row for row in evaluated(crowd, keys=("store",)).metrics}
        whole = rows["recall", "person", None, ()].interval
        half = rows["recall", "person", None, (("store", "0"),)].interval
        one = rows["recall", "person", "clip0", ()].interval
        assert whole is not None
        assert half is not None
        assert one is not None
        assert (whole.units, half.units, one.units) == (units, "blocks", "blocks")
        assert one.low < rows["recall", "person", "clip0", ()].value < one.high  # type: ignore[operator]
        if units == "clips":
            assert whole.n_units == n_clips


def test_every_defined_row_has_an_interval_or_says_why_not() -> None:
    for n_clips in (1, 9):
        crowd = answered(crowd_set(n_clips), seed=4)
        for row in evaluated(crowd, keys=KEYS).metrics:
            assert (row.interval is not None) + bool(row.no_interval) == (row.value is not None), (
                row
            )
            assert row.no_interval != "it was not resampled", row
            if row.interval is not None and row.value is not None:
                assert row.interval.low <= row.value <= row.interval.high
                assert row.interval.low < row.interval.high


def test_slices_of_boxes_have_intervals() -> None:
    crowd = answered(crowd_set(9), seed=4)
    rows = {row_key(row): row for row in evaluated(crowd, keys=("size", "carries")).metrics}
    for name in ("recall", "precision", "ap50", "fp_per_camera_hour"):
        assert rows[name, "person", None, (("size", "medium"),)].interval is not None
    assert rows["recall", None, None, (("carries", "box"),)].interval is not None


def test_the_same_seed_gives_the_same_intervals() -> None:
    crowd = answered(crowd_set(8), seed=5)
    first = evaluated(crowd, keys=("size",)).metrics
    assert evaluated(crowd, keys=("size",)).metrics == first
    other = evaluated(crowd, keys=("size",), seed=1).metrics
    assert [row.value for row in other] == [row.value for row in first]
    assert [row.interval for row in other] != [row.interval for row in first]


def test_scopes_of_the_same_clips_have_the_same_intervals() -> None:
    for n_clips in (3, 8):
        golden = crowd_set(n_clips)
        clips = tuple(replace(one, tags=(("site", "north"),)) for one in golden.clips)
        crowd = answered(replace(golden, clips=clips), seed=5)
        site = (("site", "north"),)
        keep: list[RowKey] = [("recall", "person", None, site)]
        for kept in ([], keep):
            rows = {
                row_key(row): row
                for row in evaluated(crowd, keys=("site",), keep=kept).metrics
                if row.clip is None
            }
            compared = 0
            for (name, class_name, _, of), row in rows.items():
                whole = rows[name, class_name, None, ()] if of == site else row
                assert (row.interval, row.no_interval) == (whole.interval, whole.no_interval)
                compared += whole is not row
            assert compared > 100


def test_several_threads_give_the_same_intervals() -> None:
    crowd = answered(crowd_set(8), seed=5)
    first = evaluated(crowd).metrics
    with ThreadPoolExecutor(4) as pool:
        assert all(rows == first for rows in pool.map(lambda _: evaluated(crowd).metrics, range(4)))


def test_pairing_tells_alike_pipelines_apart() -> None:
    golden = crowd_set(10, seed=6, plain=True)
    candidate = answered(golden, seed=7)
    worse = answered(golden, seed=8, like=candidate)
    keys: list[RowKey] = [
        ("recall", None, None, ()),
        ("ap50", "person", None, ()),
        ("f1", None, "clip1", ()),
    ]
    runs = [
        evaluated(crowd, pipeline=name, keep=keys)
        for name, crowd in (("a", candidate), ("b", worse))
    ]
    statistics = Statistics(runs)
    for key in keys:
        a, b = (row for run in runs for row in run.metrics if row_key(row) == key)
        change = statistics.change(b, a)
        assert change is not None
        assert a.value is not None
        assert b.value is not None
        assert change.value == b.value - a.value
        assert change.value < 0
        unpaired = np.hypot(*(run.samples[key].replicates.std() for run in runs))
        assert change.standard_error < 0.7 * unpaired
        assert change.units == ("clips" if key[2] is None else "blocks")


def test_spreads_agree_with_the_intervals_of_rows() -> None:
    crowd = answered(crowd_set(9), seed=9)
    keep = keys_of(crowd, ("store",))
    result = evaluated(crowd, keys=("store",), keep=keep)
    statistics = Statistics([result])
    n = 0
    for row in result.metrics:
        spread = statistics.spread(row)
        if row.interval is None:
            assert spread is None
        else:
            assert spread is not None
            of_spread = interval(spread, 0.95)
            assert (of_spread.units, of_spread.n_units) == (
                row.interval.units,
                row.interval.n_units,
            )
            ends = (row.interval.low, row.interval.high)
            assert (of_spread.low, of_spread.high) == pytest.approx(ends, rel=1e-9)
            n += 1
    assert n > 300


def test_what_was_not_kept_cannot_be_compared() -> None:
    golden = crowd_set(8)
    first, second = answered(golden, seed=1), answered(golden, seed=2)
    key: RowKey = ("recall", None, None, ())
    a = evaluated(first, pipeline="a", keep=[key])
    b = evaluated(second, pipeline="b", keep=[key])
    other_blocks = evaluated(second, pipeline="b", keep=[key], length=9)

    def row(run: Evaluated, name: str) -> Metric:
        return next(row for row in run.metrics if row_key(row) == (name, None, None, ()))

    assert Statistics([a, b]).change(row(b, "recall"), row(a, "recall")) is not None
    assert Statistics([a, b]).change(row(b, "precision"), row(a, "precision")) is None
    assert Statistics([a, b]).change(row(b, "precision"), row(a, "recall")) is None
    assert Statistics([a]).change(row(b, "recall"), row(a, "recall")) is None
    changed = Statistics([a, other_blocks])
    assert changed.change(row(other_blocks, "recall"), row(a, "recall")) is None


def test_a_count_is_of_the_same_footage_in_every_resample() -> None:
    crowd = answered(crowd_set(9, plain=True), seed=9)
    keys: list[RowKey] = [(name, None, None, ()) for name in ("fp", "fp_per_frame")]
    result = evaluated(crowd, keep=keys)
    fp, per_frame = (result.samples[key].replicates for key in keys)
    n_frames = sum(one.facts.n_frames for one in crowd.golden.clips)
    np.testing.assert_allclose(fp, per_frame * n_frames)


def test_a_class_in_one_clip_says_that_it_is_too_little() -> None:
    golden = crowd_set(8)
    clips = [
        replace(one, truth=one.truth.take(one.truth.class_id != 2)) if g else one
        for g, one in enumerate(golden.clips)
    ]
    crowd = answered(replace(golden, clips=tuple(clips)), seed=1)
    rows = {row_key(row): row for row in evaluated(crowd).metrics}
    row = rows["recall", "pallet", None, ()]
    assert row.value is not None
    assert row.interval is None
    assert row.no_interval == "too little footage: 1 independent clip"
    assert rows["recall", "pallet", "clip0", ()].interval is not None


def test_blocks_of_another_golden_set_are_refused() -> None:
    crowd = answered(crowd_set(2), seed=1)
    blocks = make_blocks(crowd_set(2, n_frames=30), 6)
    with pytest.raises(ValueError, match="do not cut"):
        evaluate_pipeline(
            crowd.golden, "p", crowd.answers, POINT, resampling=Resampling(blocks, 10, 0, 0.95)
        )
