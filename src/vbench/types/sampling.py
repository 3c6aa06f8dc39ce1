"""How sure a number is: what other footage of the same kind would have given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Scale = Literal["logit", "log", "identity"]
"""On which scale a number is nearly normal: shares, positive rates and times, anything else."""

Units = Literal["clips", "blocks"]
"""What was resampled: whole clips, or blocks of consecutive frames within clips."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The sampling distribution of one number, from resampling."""

    value: float
    standard_error: float
    """On `scale`; 0 where no resample differs."""
    scale: Scale
    degrees: float
    """Degrees of freedom of Student's t, above 0; fewer where few units carry the support."""
    units: Units
    n_units: int
    """Units that were resampled and have support."""
    n_effective: float | None
    """How many independent objects, frames or detections the support is worth; None where the
    number is no share of anything."""

    def __post_init__(self) -> None:
        numbers = (self.value, self.standard_error, self.degrees)
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"Spread: {numbers} are not all finite")
        if self.standard_error < 0 or self.degrees <= 0:
            raise ValueError(f"Spread: standard error {self.standard_error} of {self.degrees} df")


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval."""

    low: float
    high: float
    confidence: float
    units: Units = "clips"
    n_units: int = 0
    n_effective: float | None = None
    """As in `Spread`."""


@dataclass(frozen=True, slots=True)
class Change:
    """A metric against the same metric of a baseline, on the same resamples."""

    value: float
    """Candidate minus baseline."""
    interval: Interval | None
    """None where it could not be paired; `reason` says why."""
    reason: str
    p_value: float | None
    """Of no change, two-sided."""
