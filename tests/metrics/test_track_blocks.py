"""Tracking under resampling: against counts of whole clips, and against clips repeated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import FAR, A, clip, detections, golden_set, point, table, truth
from tests.metrics.tracked import ALL, CLASSES, Drawn, check_values, cut, drawn, rows_over
from vbench.metrics.resampled import Blocks
from vbench.metrics.track_blocks import track_replicates
from vbench.metrics.track_counts import TrackCounts
from vbench.metrics.tracks import track_counts
from vbench.metrics.values import TRACK_NAMES, Value, track_values
from vbench.types import Bool

SEEDS = st.integers(0, 10**6)
COUNTS = ("n_truth", "n_detections", "clear", "idtp", "hota_matches")
SUMS = ("distance", "association", "location")


def known_of(scene: Drawn) -> Bool:
    return np.array([one.exhaustive for one in scene.clips])


def plain_values(scene: Drawn) -> list[list[Value]]:
    """Of each class, then of all together."""
    counts = track_counts(*scene.matched).counts
    everything = np.ones((1, len(scene.clips)))
    whole = counts.summed(everything)
    known = counts.where(known_of(scene)).summed(everything)
    return [track_values(whole, known, (0, c), ALL, "") for c in range(len(CLASSES) + 1)]


@settings(deadline=None, max_examples=60, derandomize=True)
@given(SEEDS)
def test_blocks_add_up_to_their_clips(seed: int) -> None:
    scene = drawn(seed)
    blocks = cut(np.random.default_rng(seed), scene.clips)
    whole = track_counts(*scene.matched)
    split = track_counts(*scene.matched, blocks)
    assert len(split.block_counts.n_truth) == len(blocks)
    for name in COUNTS:
        expected = getattr(whole.counts, name)
        assert getattr(split.counts, name).tolist() == expected.tolist()
        by_clip = [
            getattr(split.block_counts, name)[blocks.clip == g].sum(axis=0) for g in range(3)
        ]
        assert np.array(by_clip).tolist() == expected.tolist()
    for name in SUMS:
        np.testing.assert_allclose(
            getattr(split.counts, name), getattr(whole.counts, name), rtol=1e-12, atol=1e-12
        )


@settings(deadline=None, max_examples=40, derandomize=True)
@given(SEEDS)
def test_unit_weights_give_the_values(seed: int) -> None:
    scene = drawn(seed)
    blocks = cut(np.random.default_rng(seed), scene.clips)
    counts = track_counts(*scene.matched, blocks).block_counts
    known = counts.where(known_of(scene)[blocks.clip])
    for members in ([1, 1, 1], [0, 1, 1], [0, 0, 1]):
        weights = rows_over(blocks, members)
        expected = plain_values(scene.repeated(members))
        for class_id, values in zip((0, 1, None), expected, strict=True):
            replicates = track_replicates(counts, known, class_id, weights)
            assert sorted(one.name for one in replicates) == sorted(TRACK_NAMES)
            assert all(one.support.shape == (len(blocks),) for one in replicates)
            check_values(replicates, values)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(SEEDS, st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any))
def test_weights_stand_for_clips_repeated(seed: int, times: list[int]) -> None:
    scene = drawn(seed)
    blocks = cut(np.random.default_rng(seed), scene.clips)
    counts = track_counts(*scene.matched, blocks).block_counts.merged(blocks.clip, 3)
    weights = np.array([[1, 1, 1], times], np.float64)
    expected = plain_values(scene.repeated(times))
    for class_id, values in zip((0, 1, None), expected, strict=True):
        replicates = track_replicates(counts, counts.where(known_of(scene)), class_id, weights)
        check_values(replicates, values, row=1)


def two_halves(ids: list[int], there: list[int], elsewhere: tuple[int, ...] = ()) -> TrackCounts:
    """One object in the frames `there`, found under these ids (0: missed); blocks 0-2 and 3-5."""
    near = [(f, A, 0.9) for f in range(6) if ids[f]]
    far = [(f, FAR, 0.9) for f in elsewhere]
    found = detections(near + far, track_id=[one for one in ids if one] + [99] * len(elsewhere))
    one = clip(truth([(f, A) for f in there], track_id=[1] * len(there)), n_frames=6)
    blocks = Blocks(
        of_frame=(np.repeat([0, 1], 3).astype(np.int32),),
        clip=np.zeros(2, np.int64),
        first_frame=np.array([0, 3]),
        last_frame=np.array([2, 5]),
        length=3,
    )
    split = track_counts(golden_set(one), [found], [table(one, found)], point(0.3), blocks)
    return split.block_counts


def test_a_switch_counts_where_it_happens() -> None:
    counts = two_halves([1, 1, 1, 2, 2, 2], [0, 1, 2, 3, 4, 5])
    assert counts.clear[:, 0, 1].tolist() == [0, 1]
    # The track as a whole counts where it starts.
    assert counts.clear[:, 0, 3].tolist() == [1, 0]
    assert counts.clear[:, 0, 6].tolist() == [1, 0]


def test_a_fragment_counts_where_the_track_resumes() -> None:
    counts = two_halves([1, 1, 0, 0, 1, 1], [0, 1, 2, 3, 4, 5], elsewhere=(2, 3))
    assert counts.clear[:, 0, 2].tolist() == [0, 1]
    assert counts.n_detections[:, 0].tolist() == [3, 3]


def test_identity_is_that_of_the_whole_clip() -> None:
    """Identity 1 wins the object with four boxes of six, though the second half is another's."""
    counts = two_halves([1, 1, 1, 1, 2, 2], [0, 1, 2, 3, 4, 5])
    assert counts.idtp[:, 0].tolist() == [3, 1]
    # A = 4 / 6 for each match of identity 1, 2 / 6 for each of identity 2, wherever it is.
    assert counts.association[:, 0, 0].tolist() == pytest.approx([3 * 4 / 6, 4 / 6 + 2 * 2 / 6])
    assert counts.hota_matches[:, 0, 0].tolist() == [3, 3]


def test_nothing_drawn_is_undefined() -> None:
    counts = two_halves([1, 1, 1, 0, 0, 0], [0, 1, 2])
    replicates = {
        one.name: one.values
        for one in track_replicates(counts, counts, None, np.array([[0.0, 1.0], [1.0, 0.0]]))
    }
    assert all(np.isnan(values[0]) for values in replicates.values())
    assert replicates["mota"][1] == replicates["hota"][1] == 1.0
