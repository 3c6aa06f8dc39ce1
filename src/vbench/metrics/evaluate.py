"""All metrics of one pipeline on one golden set."""

from __future__ import annotations

from collections.abc import Sequence

from vbench.types import Detections, GoldenSet, Matches, Metric, OperatingPoint, Timings


def evaluate_pipeline(
    golden_set: GoldenSet,
    pipeline: str,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
    slice_keys: Sequence[str] = (),
    timings: Sequence[Timings | None] = (),
) -> tuple[Metric, ...]:
    """Every metric row of one pipeline on one golden set."""
    raise NotImplementedError
