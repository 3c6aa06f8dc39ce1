"""What carries the loss behind a failed gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CauseKind = Literal["clip", "slice", "size", "error", "stretch"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A part of the footage or of the errors, and what the metric would be without it."""

    kind: CauseKind
    name: str
    """``dock3-night``, ``daypart=night``, ``size=small``; a stretch: its clip; an error: one of
    ``classification localisation both duplicate background missed low_score``."""
    frames: tuple[int, int] | None
    """First and last frame of a stretch of one clip; None for all other kinds."""
    n_errors: int | None
    """Errors that the gate is about in this part; None for metrics that are not made of errors."""
    share: float | None
    """Of all such errors, 0 to 1."""
    recovered: float | None
    """The metric without it: clips, slices and stretches left out, errors of a kind or size
    corrected; of a comparing gate, with the errors corrected that the baseline does not have.
    None where that leaves nothing to measure, or is not known."""
