"""Metrics under resampling: what the families give, and what gates and explanations take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from vbench.types import F64, I32, I64, Metric, Slice, Units

RowKey: TypeAlias = tuple[str, str | None, str | None, Slice]
"""Metric, class, clip, slice: a row of one pipeline on one golden set; slice keys sorted."""


def row_key(metric: Metric) -> RowKey:
    """The key of a metric row."""
    return metric.name, metric.class_name, metric.clip, tuple(sorted(metric.slice))


@dataclass(frozen=True, slots=True)
class Blocks:
    """K blocks of consecutive frames, which cut every clip of a golden set; clip after clip."""

    of_frame: tuple[I32, ...]
    """Per clip (F,) the block of each frame, numbered through all clips."""
    clip: I64
    """(K,) index of the block's clip among the set's clips."""
    first_frame: I64
    """(K,) in its clip."""
    last_frame: I64
    """(K,) the same, included."""
    length: int
    """Annotated frames of a usual block; clips are cut evenly, so blocks may differ a little."""

    def __len__(self) -> int:
        return len(self.clip)


@dataclass(frozen=True, slots=True)
class Replicate:
    """One metric of one scope and class under B weight rows over U units: clips, or blocks."""

    name: str
    values: F64
    """(B,) NaN where it is undefined under a row."""
    support: F64
    """(U,) per unit, what the value rests on: the terms of its denominator, samples, or truth."""


@dataclass(frozen=True, slots=True)
class RowSample:
    """One metric row under resampling, kept for gates and explanations; K blocks of the set."""

    replicates: F64
    """(B,) NaN where undefined."""
    support: F64
    """(K,) what the value rests on in each block, as in `Replicate`."""
    units: Units
    """What was drawn; blocks without support are no part of the scope."""
    without_clip: F64
    """(n_clips,) the value when a clip is left out; NaN where nothing is left."""
    without_block: F64
    """(K,) the value when a block is left out; NaN where nothing is left."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All metric rows of one pipeline on one golden set, and the resampling behind them."""

    metrics: tuple[Metric, ...]
    samples: Mapping[RowKey, RowSample]
    """Only of the rows that were asked for."""
    blocks: Blocks | None
    """None where nothing was resampled."""
