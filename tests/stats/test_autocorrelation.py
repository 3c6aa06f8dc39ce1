import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.stats import autocorrelation, block_length
from vbench.stats.autocorrelation import UNKNOWN_LENGTH
from vbench.types import F64


def drifting(memory: float, n_frames: int, seed: int) -> F64:
    """An autoregressive series of order 1 with variance 1."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(n_frames)
    series = np.empty(n_frames)
    series[0] = noise[0]
    for frame in range(1, n_frames):
        series[frame] = memory * series[frame - 1] + math.sqrt(1 - memory**2) * noise[frame]
    return series


def optimal_length(memory: float, n_frames: int) -> float:
    """Politis & White 2004 with the true autocovariances memory^h."""
    slope = 2 * memory / (1 - memory) ** 2
    spectrum = (1 + memory) / (1 - memory)
    return float((2 * slope**2 / (4 / 3 * spectrum**2) * n_frames) ** (1 / 3))


@pytest.mark.parametrize("memory", [0.5, 0.8, 0.9, 0.95])
def test_is_twice_the_optimal_length_of_a_series_with_known_memory(memory: float) -> None:
    clips = [drifting(memory, 5000, seed) for seed in range(4)]
    assert block_length(clips) == pytest.approx(2 * optimal_length(memory, 20_000), rel=0.35)


def products(clip: F64, n_lags: int) -> list[float]:
    """Sums of products at each lag, one by one."""
    return [float(clip[: len(clip) - lag] @ clip[lag:]) for lag in range(n_lags + 1)]


@pytest.mark.parametrize("n_frames", [7, 8, 9, 16, 17, 31, 40])
def test_long_clips_are_transformed_in_parts(
    n_frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = np.random.default_rng(n_frames).standard_normal(n_frames)
    monkeypatch.setattr(autocorrelation, "_PART", 8)
    found = autocorrelation._autocovariance([clip, clip[:5]], 6)
    expected = np.add(products(clip, 6), [*products(clip[:5], 4), 0.0, 0.0])
    assert found == pytest.approx(expected / (n_frames + 5), abs=1e-12)


def test_frames_without_memory_need_no_blocks() -> None:
    rng = np.random.default_rng(0)
    assert block_length([rng.standard_normal(2000) for _ in range(3)]) <= 2


def test_levels_of_clips_are_no_memory() -> None:
    rng = np.random.default_rng(1)
    clips = [10.0 * clip + rng.standard_normal(1000) for clip in range(5)]
    assert block_length(clips) <= 2


def test_a_block_is_at_most_a_quarter_of_the_longest_clip() -> None:
    assert block_length([drifting(0.999, 400, 0), drifting(0.999, 100, 1)]) <= 100


def test_where_nothing_varies_it_is_about_a_second() -> None:
    assert block_length([np.zeros(1000)]) == UNKNOWN_LENGTH
    assert block_length([np.zeros(50), np.zeros(0)]) == 12


def test_clips_of_no_or_one_frame() -> None:
    assert block_length([]) == 1
    assert block_length([np.zeros(0)]) == 1
    assert block_length([np.ones(1), np.ones(1)]) == 1


@given(st.lists(st.lists(st.integers(-3, 3), max_size=40), max_size=4))
def test_any_series_has_a_length_that_does_not_depend_on_its_unit(
    counts: list[list[int]],
) -> None:
    series = [np.array(clip, dtype=np.float64) for clip in counts]
    length = block_length(series)
    assert 1 <= length <= max(1, max((len(clip) for clip in series), default=0) // 4)
    assert block_length([clip * 4.0 for clip in series]) == length


def test_the_order_of_clips_does_not_matter() -> None:
    clips = [drifting(0.9, n_frames, n_frames) for n_frames in (300, 500, 900)]
    assert block_length(clips) == block_length(clips[::-1])
