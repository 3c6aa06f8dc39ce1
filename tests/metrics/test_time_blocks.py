"""Objects over time under resampling, against plain values of clips repeated."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.tracked import ALL, Drawn, check_values, cut, drawn, rows_over, whole_clips
from vbench.metrics.object_times import TIME_NAMES, object_times, time_values
from vbench.metrics.time_blocks import first_units, time_replicates
from vbench.metrics.values import Value
from vbench.types import Bool

SEEDS = st.integers(0, 10**6)
CLASS_IDS = (None, 0, 1)


def plain_values(scene: Drawn, class_id: int | None) -> list[Value]:
    objects = object_times(*scene.matched)
    return time_values(objects.take(of_class(objects.class_id, class_id)), ALL)


def of_class(column: np.ndarray, class_id: int | None) -> Bool:
    return np.ones(len(column), np.bool_) if class_id is None else column == class_id


@settings(deadline=None, max_examples=40, derandomize=True)
@given(SEEDS)
def test_unit_weights_give_the_values(seed: int) -> None:
    scene = drawn(seed)
    blocks = cut(np.random.default_rng(seed), scene.clips)
    objects = object_times(*scene.matched)
    unit = first_units(objects, blocks.of_frame)
    assert blocks.clip[unit].tolist() == objects.clip.tolist()
    for members in ([1, 1, 1], [0, 1, 0]):
        chosen = scene.repeated(members)
        for class_id in CLASS_IDS:
            rows = of_class(objects.class_id, class_id) & np.array(members, np.bool_)[objects.clip]
            replicates = time_replicates(objects, unit, rows, rows_over(blocks, members))
            assert {one.name for one in replicates} == {*TIME_NAMES} - {"longest_gap_s_max"}
            check_values(replicates, plain_values(chosen, class_id))


@settings(deadline=None, max_examples=40, derandomize=True)
@given(SEEDS, st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_weights_stand_for_clips_repeated(seed: int, times: list[int]) -> None:
    scene = drawn(seed)
    objects = object_times(*scene.matched)
    unit = first_units(objects, whole_clips(scene.clips))
    weights = np.array([[1, 1, 1], times], np.float64)
    again = scene.repeated(times) if any(times) else None
    for class_id in CLASS_IDS:
        replicates = time_replicates(objects, unit, of_class(objects.class_id, class_id), weights)
        if again is None:
            assert all(np.isnan(one.values[1]) for one in replicates)
        else:
            check_values(replicates, plain_values(again, class_id), row=1)


def test_an_object_belongs_to_its_first_box() -> None:
    scene = drawn(0)
    objects = object_times(*scene.matched)
    frames = [np.arange(one.facts.n_frames, dtype=np.int32) for one in scene.clips]
    truth = [one.truth for one in scene.clips]
    expected = {
        (g, class_id, min(frame for frame, c, t in rows if (c, t) == (class_id, track)))
        for g, of_clip in enumerate(truth)
        for rows in [
            list(
                zip(
                    of_clip.frame_index.tolist(),
                    of_clip.class_id.tolist(),
                    of_clip.track_id.tolist(),
                    strict=True,
                )
            )
        ]
        for class_id, track in {(c, t) for _, c, t in rows}
    }
    unit = first_units(objects, frames)
    found = zip(objects.clip.tolist(), objects.class_id.tolist(), unit.tolist(), strict=True)
    assert set(found) == expected


def test_support_is_what_the_value_rests_on() -> None:
    scene = drawn(0)
    objects = object_times(*scene.matched)
    unit = first_units(objects, whole_clips(scene.clips))
    everything = np.ones(len(objects), np.bool_)
    support = {
        one.name: one.support for one in time_replicates(objects, unit, everything, np.ones((1, 3)))
    }
    n, n_seen = (np.bincount(objects.clip, column, 3) for column in (everything, objects.seen))
    assert n.sum() > n_seen.sum() > 0
    assert support["never_seen_share"].tolist() == n.tolist()
    assert support["first_detection_s_p95"].tolist() == n_seen.tolist()
    # Outside the scope nothing takes part.
    outside = time_replicates(objects, np.full_like(unit, -1), everything, np.ones((1, 3)))
    assert all(not one.support.any() and np.isnan(one.values[0]) for one in outside)
