"""The small filters against one large filter with matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.trackers.twins import Kalman
from vbench.pipeline.trackers.motion import Motion


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.booleans(), max_size=12))
def test_equals_the_filter_with_matrices(seed: int, seen: list[bool]) -> None:
    random = np.random.default_rng(seed)
    first = random.uniform(0, 100, (1, 4))
    position_var, velocity_var = random.uniform(0.1, 50, (2, 1, 4))
    motion = Motion.at_rest(first, position_var, velocity_var)
    moves = np.eye(8) + np.eye(8, k=4)
    twin = Kalman(
        np.concatenate([first[0], np.zeros(4)]),
        np.diag(np.concatenate([position_var[0], velocity_var[0]])),
        moves,
    )
    for is_seen in seen:
        position_noise, velocity_noise, measurement_noise = random.uniform(0.01, 5, (3, 1, 4))
        motion = motion.predicted(position_noise, velocity_noise)
        twin.predict(np.diag(np.concatenate([position_noise[0], velocity_noise[0]])))
        if is_seen:
            measured = random.uniform(0, 100, (1, 4))
            motion = motion.corrected(measured, measurement_noise)
            twin.update(measured[0], np.diag(measurement_noise[0]))
    assert motion.position[0] == pytest.approx(twin.mean[:4])
    assert motion.velocity[0] == pytest.approx(twin.mean[4:], abs=1e-9)
    assert motion.position_var[0] == pytest.approx(np.diag(twin.covariance)[:4])
    assert motion.velocity_var[0] == pytest.approx(np.diag(twin.covariance)[4:])


def test_a_steady_walk_is_learnt() -> None:
    motion = Motion.at_rest(np.zeros((1, 4)), np.full((1, 4), 4.0), np.full((1, 4), 100.0))
    noise = np.full(4, 1e-6)
    for frame in range(1, 30):
        motion = motion.predicted(noise, noise)
        motion = motion.corrected(np.full((1, 4), 3.0 * frame), np.full(4, 1e-3))
    assert motion.velocity[0] == pytest.approx([3.0] * 4, abs=1e-3)
    assert motion.predicted(noise, noise).position[0] == pytest.approx([90.0] * 4, abs=1e-2)


def test_a_column_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Motion\.velocity"):
        Motion(np.zeros((2, 4)), np.zeros((1, 4)), *np.zeros((3, 2, 4)))
