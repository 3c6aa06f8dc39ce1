"""Constant-velocity Kalman filters of many tracks at once (Kalman 1960).

Each of a track's coordinates has a position and a velocity of its own. With the diagonal noise that
ByteTrack and SORT use, the filter over all of them falls apart into one small filter for each: that
is exact, and needs no matrices. One step is one frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.types.arrays import F64, I64, Bool, check_column


@dataclass(frozen=True, slots=True)
class Motion:
    """N tracks of four coordinates."""

    position: F64
    """(N, 4) in the tracker's own coordinates."""
    velocity: F64
    """(N, 4) per frame."""
    position_var: F64
    """(N, 4) variance of `position`."""
    covariance: F64
    """(N, 4) of `position` and `velocity`."""
    velocity_var: F64
    """(N, 4) variance of `velocity`."""

    def __post_init__(self) -> None:
        n = len(self.position)
        check_column("Motion", "position", self.position, np.float64, (n, 4))
        check_column("Motion", "velocity", self.velocity, np.float64, (n, 4))
        check_column("Motion", "position_var", self.position_var, np.float64, (n, 4))
        check_column("Motion", "covariance", self.covariance, np.float64, (n, 4))
        check_column("Motion", "velocity_var", self.velocity_var, np.float64, (n, 4))

    def __len__(self) -> int:
        return len(self.position)

    @classmethod
    def at_rest(cls, measured: F64, position_var: F64, velocity_var: F64) -> Motion:
        """(N, 4) first measurements, without velocity."""
        zeros = np.zeros_like(measured)
        return cls(measured, zeros, position_var, zeros, velocity_var)

    def predicted(self, position_noise: F64, velocity_noise: F64) -> Motion:
        """One frame later; both noises are variances, (N, 4) or (4,)."""
        covariance = self.covariance + self.velocity_var
        return Motion(
            self.position + self.velocity,
            self.velocity,
            self.position_var + self.covariance + covariance + position_noise,
            covariance,
            self.velocity_var + velocity_noise,
        )

    def corrected(self, measured: F64, measurement_noise: F64) -> Motion:
        """After a measurement of every track; the noise is a variance, (N, 4) or (4,)."""
        innovation = measured - self.position
        innovation_var = self.position_var + measurement_noise
        gain = self.position_var / innovation_var
        velocity_gain = self.covariance / innovation_var
        return Motion(
            self.position + gain * innovation,
            self.velocity + velocity_gain * innovation,
            self.position_var - gain * self.position_var,
            self.covariance - gain * self.covariance,
            self.velocity_var - velocity_gain * self.covariance,
        )

    def with_velocity(self, velocity: F64) -> Motion:
        """The same with another (N, 4) velocity, its variance untouched."""
        return Motion(
            self.position, velocity, self.position_var, self.covariance, self.velocity_var
        )

    def take(self, rows: I64 | Bool) -> Motion:
        """The tracks of an index array or mask."""
        return Motion(
            self.position[rows],
            self.velocity[rows],
            self.position_var[rows],
            self.covariance[rows],
            self.velocity_var[rows],
        )

    def put(self, rows: I64, other: Motion) -> Motion:
        """The same with the tracks of an index array replaced."""
        changed = []
        for mine, theirs in zip(self._columns(), other._columns(), strict=True):
            column = mine.copy()
            column[rows] = theirs
            changed.append(column)
        return Motion(*changed)

    def joined(self, other: Motion) -> Motion:
        """These tracks, then the others."""
        pairs = zip(self._columns(), other._columns(), strict=True)
        return Motion(*(np.concatenate(pair) for pair in pairs))

    def _columns(self) -> tuple[F64, F64, F64, F64, F64]:
        return (
            self.position,
            self.velocity,
            self.position_var,
            self.covariance,
            self.velocity_var,
        )
