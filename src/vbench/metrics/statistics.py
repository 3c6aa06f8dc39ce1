"""What gates ask of metrics under resampling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from vbench.metrics.definitions import METRICS
from vbench.metrics.resampled import Blocks, Evaluated, RowSample, row_key
from vbench.metrics.spreads import Support, change_spread, metric_spread
from vbench.types import Metric, Spread


@dataclass(frozen=True, slots=True)
class AnswersDigest:
    """What a pipeline answered on a golden set, as digests that are equal for equal answers."""

    detections: str
    """Boxes, scores and classes."""
    tracks: str
    """The same with identities."""
    alerts: str


class Statistics:
    """The sampling distributions of kept rows, and of differences between two pipelines."""

    def __init__(
        self,
        evaluated: Iterable[Evaluated],
        answers: Mapping[tuple[str, str], AnswersDigest] | None = None,
    ) -> None:
        """Take the evaluations of pairs of pipeline and golden set, each pair once.

        `answers` is what each pair answered, where that is known.
        """
        self._answers = answers or {}
        self._evaluated: Mapping[tuple[str, str], Evaluated] = {
            (one.metrics[0].pipeline, one.metrics[0].golden_set): one
            for one in evaluated
            if one.metrics
        }

    def sample(self, row: Metric) -> tuple[RowSample, Blocks] | None:
        """What was kept of a row; None where nothing was."""
        evaluated = self._evaluated.get((row.pipeline, row.golden_set))
        if evaluated is None or evaluated.blocks is None:
            return None
        sample = evaluated.samples.get(row_key(row))
        return None if sample is None else (sample, evaluated.blocks)

    def spread(self, row: Metric) -> Spread | None:
        """Of a row's value; None where it was not kept, is undefined, or cannot be known."""
        kept = self.sample(row)
        if kept is None or row.value is None:
            return None
        sample, blocks = kept
        return metric_spread(row.name, row.value, sample.replicates, _support(sample, blocks))

    def same_answers(self, row: Metric, baseline: Metric) -> bool:
        """Whether both pipelines answered the very same, as far as the metric looks at it."""
        first = self._answers.get((row.pipeline, row.golden_set))
        second = self._answers.get((baseline.pipeline, baseline.golden_set))
        if first is None or second is None or row.golden_set != baseline.golden_set:
            return False
        family = METRICS[row.name].family
        if family == "events":
            return first.alerts == second.alerts
        if family in ("clear", "identity", "hota"):
            return first.tracks == second.tracks
        return first.detections == second.detections

    def change(self, row: Metric, baseline: Metric) -> Spread | None:
        """Of `row` minus `baseline`, the same metric on the same resamples.

        None where either was not kept or is undefined, where they are about different parts of
        the golden set, or were resampled differently.
        """
        kept, kept_baseline = self.sample(row), self.sample(baseline)
        if kept is None or kept_baseline is None or row.value is None or baseline.value is None:
            return None
        (sample, blocks), (other, other_blocks) = kept, kept_baseline
        same = (
            row_key(row) == row_key(baseline)
            and row.golden_set == baseline.golden_set
            and sample.units == other.units
            and len(sample.replicates) == len(other.replicates)
            and _same_blocks(blocks, other_blocks)
        )
        if not same:
            return None
        return change_spread(
            row.name,
            row.value - baseline.value,
            sample.replicates - other.replicates,
            _support(sample, blocks),
        )


def _support(sample: RowSample, blocks: Blocks) -> Support:
    by_clip = np.bincount(blocks.clip, weights=sample.support).astype(np.float64)
    if sample.units == "clips":
        return Support(by_clip, "clips", 0, blocks.length)
    return Support(sample.support, "blocks", int(np.count_nonzero(by_clip)), blocks.length)


def _same_blocks(first: Blocks, second: Blocks) -> bool:
    return first is second or (
        np.array_equal(first.clip, second.clip)
        and np.array_equal(first.first_frame, second.first_frame)
        and np.array_equal(first.last_frame, second.last_frame)
    )
