"""Finding metrics of a run by what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vbench.types import ClipResult, GateResult, Interval, Metric, Run, Slice

STAGE_KEY = "stage"
"""Slice key of latency rows that are about one stage of a pipeline."""

_Key = tuple[str, str, str, str | None, str | None, Slice]


@dataclass(frozen=True, slots=True)
class MetricIndex:
    """All metrics of a run, and the baseline's as far as the run knows them."""

    run: Run
    rows: Mapping[_Key, Metric]
    baseline_rows: Mapping[_Key, Metric]
    """Keyed without the pipeline (empty string in its place)."""
    slices: Mapping[str, tuple[Slice, ...]]
    """Golden set -> its slices, keys after keys in order of appearance; no stages."""
    stages: Mapping[str, tuple[str, ...]]
    """Pipeline -> its stages in order of appearance."""
    changes: Mapping[_Key, Interval | None]
    """Of metrics that gates compare with the run's baseline, on the same resamples."""

    @classmethod
    def of(cls, run: Run) -> MetricIndex:
        """Index a run once; lookups are then cheap however many rows it has."""
        baseline_rows: dict[_Key, Metric] = {}
        slices: dict[str, dict[Slice, None]] = {}
        stages: dict[str, dict[str, None]] = {}
        changes: dict[_Key, Interval | None] = {}
        for result in run.gates:
            if result.gate.versus is not None:
                continue
            if result.baseline is not None:
                baseline_rows[_key(result.baseline, "")] = result.baseline
            if result.observed is not None and result.change is not None:
                changes.setdefault(_key(result.observed, result.pipeline), result.change.interval)
        for metric in run.metrics:
            if metric.pipeline == run.baseline:
                baseline_rows[_key(metric, "")] = metric
            if not metric.slice:
                continue
            key, value = metric.slice[0]
            if key == STAGE_KEY:
                stages.setdefault(metric.pipeline, {})[value] = None
            else:
                slices.setdefault(metric.golden_set, {})[metric.slice] = None
        return cls(
            run=run,
            rows={_key(metric, metric.pipeline): metric for metric in run.metrics},
            baseline_rows=baseline_rows,
            slices={name: _by_key(list(found)) for name, found in slices.items()},
            stages={name: tuple(found) for name, found in stages.items()},
            changes=changes,
        )

    def find(
        self,
        pipeline: str,
        golden_set: str,
        name: str,
        *,
        class_name: str | None = None,
        clip: str | None = None,
        slice_: Slice = (),
    ) -> Metric | None:
        """The one metric that is about exactly this, None where the run has none."""
        return self.rows.get((pipeline, golden_set, name, class_name, clip, slice_))

    def value(
        self, pipeline: str, golden_set: str, name: str, *, slice_: Slice = ()
    ) -> float | None:
        """The value over all classes and clips, None where it is undefined or absent."""
        metric = self.find(pipeline, golden_set, name, slice_=slice_)
        return None if metric is None else metric.value

    def paired_change(self, metric: Metric) -> Interval | None:
        """Interval of a metric's change against the run's baseline on the same resamples.

        None where no gate compares it.
        """
        return self.changes.get(_key(metric, metric.pipeline))

    def baseline_of(self, metric: Metric) -> Metric | None:
        """The baseline's metric about the same; None for the baseline itself."""
        if metric.pipeline == self.run.baseline:
            return None
        return self.baseline_rows.get(_key(metric, ""))


def gate_clips(run: Run, result: GateResult) -> tuple[ClipResult, ...]:
    """Clips that a gate looks at; slice keys that are no clip tags (size) leave every clip in."""
    gate, keys = result.gate, clip_tag_keys(run)
    return tuple(
        clip
        for clip in run.clips
        if clip.golden_set == result.golden_set
        and gate.clip in (None, clip.id)
        and all(tag in clip.tags for tag in gate.slice if tag[0] in keys)
    )


def clip_tag_keys(run: Run) -> frozenset[str]:
    """Slice keys that divide clips; all others divide the boxes within them."""
    return frozenset(key for clip in run.clips for key, _ in clip.tags)


def _by_key(slices: list[Slice]) -> tuple[Slice, ...]:
    def keys_of(slice_: Slice) -> tuple[str, ...]:
        return tuple(key for key, _ in slice_)

    order = list(dict.fromkeys(keys_of(slice_) for slice_ in slices))
    return tuple(sorted(slices, key=lambda slice_: order.index(keys_of(slice_))))


def _key(metric: Metric, pipeline: str) -> _Key:
    return (
        pipeline,
        metric.golden_set,
        metric.name,
        metric.class_name,
        metric.clip,
        metric.slice,
    )
