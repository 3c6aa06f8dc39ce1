"""What gates ask about how sure a number is."""

from __future__ import annotations

from typing import Protocol

from vbench.types import Metric, Spread


class Statistics(Protocol):
    """The sampling distributions of metric rows, and of differences between two."""

    def spread(self, row: Metric) -> Spread | None:
        """Of a row's value; None where it was not resampled or cannot be known."""
        ...

    def change(self, row: Metric, baseline: Metric) -> Spread | None:
        """Of `row` minus `baseline`, both on the same resamples; None where that cannot be."""
        ...

    def same_answers(self, row: Metric, baseline: Metric) -> bool:
        """Whether both pipelines answered the very same on the rows' golden set."""
        ...


class _NoStatistics:
    """Nothing was resampled."""

    def spread(self, row: Metric) -> Spread | None:
        del row
        return None

    def change(self, row: Metric, baseline: Metric) -> Spread | None:
        del row, baseline
        return None

    def same_answers(self, row: Metric, baseline: Metric) -> bool:
        del row, baseline
        return False


NO_STATISTICS: Statistics = _NoStatistics()
"""For runs without resampling: gates that need to be sure stay inconclusive."""
