"""Samples of a few rows, computed alone, are those of a full evaluation to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.crowd import POINT, Crowd, answered, crowd_set
from tests.metrics.test_resampling import KEYS, evaluated, keys_of
from vbench.metrics import families
from vbench.metrics.blocks import make_blocks
from vbench.metrics.evaluate import samples_of
from vbench.metrics.resampled import RowKey, RowSample, row_key
from vbench.metrics.resampling import Resampling
from vbench.types import Metric

LENGTH = 6
N_RESAMPLES = 100


def alone(crowd: Crowd, rows: list[Metric]) -> dict[RowKey, RowSample]:
    return samples_of(
        rows,
        crowd.golden,
        crowd.answers,
        POINT,
        crowd.timings,
        crowd.alerts,
        resampling=Resampling(make_blocks(crowd.golden, LENGTH), N_RESAMPLES, 0, 0.95),
    )


def same(first: RowSample, second: RowSample) -> bool:
    return first.units == second.units and all(
        getattr(first, name).tobytes() == getattr(second, name).tobytes()
        for name in ("replicates", "support", "without_clip", "without_block")
    )


@pytest.mark.parametrize("n_clips", [2, 11])
def test_samples_computed_alone_are_the_same_to_the_bit(n_clips: int) -> None:
    crowd = answered(crowd_set(n_clips), seed=1)
    full = evaluated(crowd, keys=KEYS, keep=keys_of(crowd, KEYS), length=LENGTH)
    rows = list(full.metrics)
    together = alone(crowd, rows)
    assert together.keys() == full.samples.keys()
    assert all(same(together[key], full.samples[key]) for key in together)
    # One of each kind: metric, with and without class and clip, slice keys.
    kinds = {
        (row.name, row.class_name is None, row.clip is None, tuple(k for k, _ in row.slice)): row
        for row in rows
        if row_key(row) in full.samples
    }
    picked = list(kinds.values())[:: 1 if n_clips == 2 else 9]
    for row in picked:
        ((key, sample),) = alone(crowd, [row]).items()
        assert key == row_key(row)
        assert same(sample, full.samples[key]), key
    assert {row.name for row in kinds.values()} > {"recall", "ap", "hota", "latency_ms_p95"}


def test_rows_without_samples_are_left_out() -> None:
    crowd = answered(crowd_set(2), seed=1)
    rows = [row for row in evaluated(crowd).metrics if row.name == "longest_gap_s_max"]
    assert rows
    assert alone(crowd, rows) == {}


def test_only_what_is_asked_for_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = answered(crowd_set(2), seed=1)
    full = evaluated(crowd, length=LENGTH)
    row = next(one for one in full.metrics if one.name == "recall" and one.clip is None)
    for name in ("track_counts", "error_table", "object_times", "event_table"):
        monkeypatch.setattr(families, name, lambda *rest: pytest.fail("not asked for"))
    (sample,) = alone(crowd, [row]).values()
    assert np.isfinite(sample.replicates).all()
