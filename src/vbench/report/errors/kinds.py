"""How many errors of each kind, and what each kind costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from vbench.metrics.error_kinds import ERROR_KINDS, ErrorKind
from vbench.report.errors.clip_errors import ClipErrors, SetErrors
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import exact_text, number_text, percent_text
from vbench.types import I64

KIND_ORDER: tuple[ErrorKind, ...] = (
    "missed",
    "background",
    "localisation",
    "classification",
    "both",
    "duplicate",
)
"""As readers meet them: the plainest first."""
KIND_TITLES: Mapping[ErrorKind, str] = MappingProxyType(
    {
        "missed": "Missed",
        "background": "Nothing there",
        "localisation": "Bad place",
        "classification": "Wrong class",
        "both": "Wrong class, bad place",
        "duplicate": "Reported twice",
    }
)
_MEANINGS: Mapping[ErrorKind, str] = MappingProxyType(
    {
        "missed": "an object that no answer comes near",
        "background": "an alarm where no object is (background)",
        "localisation": "the right class, but the box fits badly (localisation)",
        "classification": "a box that fits an object of another class (classification)",
        "both": "a box that overlaps an object of another class a little (both)",
        "duplicate": "a second box on an object that was found (duplicate)",
    }
)
_DOMINANT: Mapping[ErrorKind, str] = MappingProxyType(
    {
        "missed": "objects that no answer comes near",
        "background": "alarms where nothing is",
        "localisation": "boxes of the right class that fit badly",
        "classification": "objects taken for another class",
        "both": "boxes of the wrong class in a bad place",
        "duplicate": "objects reported twice",
    }
)


@dataclass(frozen=True, slots=True)
class KindCell:
    """One kind of one pipeline."""

    n: int
    percent: float
    """Length of its bar: 100 for the most errors of one kind and pipeline."""
    share: str
    """Of the pipeline's errors; empty without any."""
    cost: str
    """AP lost to it; empty where the run does not say."""
    cost_exact: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of error over all pipelines."""

    kind: ErrorKind
    title: str
    meaning: str
    cells: tuple[KindCell, ...]


@dataclass(frozen=True, slots=True)
class KindTable:
    """Kinds of errors by pipeline on one golden set."""

    pipelines: tuple[str, ...]
    rows: tuple[KindRow, ...]
    totals: tuple[int, ...]
    """Errors of each pipeline."""
    sentences: tuple[str, ...]
    """What dominates, per pipeline; names nobody."""
    has_costs: bool


def kind_counts(clips: Sequence[ClipErrors]) -> I64:
    """(K,) errors of each of `ERROR_KINDS` over some clips, at the operating point.

    As `vbench.metrics.error_kinds` defines them; a miss that a localisation or classification
    error is about is not counted twice.
    """
    counts = np.zeros(len(ERROR_KINDS), np.int64)
    for item in clips:
        counts += np.bincount(item.kind, minlength=len(counts))
        counts[ERROR_KINDS.index("missed")] += item.unseen.sum()
    return counts


def kind_table(index: MetricIndex, errors: SetErrors) -> KindTable:
    """The kinds of errors on one golden set, with their cost in AP where the run has it."""
    counts = np.array([kind_counts(clips) for clips in errors.by_pipeline], np.int64)
    counts = counts.reshape(len(errors.pipelines), len(ERROR_KINDS))
    costs = [_costs(index, name, errors.golden_set.name) for name in errors.pipelines]
    most = max(1, int(counts.max(initial=0)))
    rows = []
    for kind in KIND_ORDER:
        of_kind = counts[:, ERROR_KINDS.index(kind)].tolist()
        cells = tuple(
            _cell(n, int(total), most, cost.get(kind))
            for n, total, cost in zip(of_kind, counts.sum(axis=1), costs, strict=True)
        )
        rows.append(KindRow(kind, KIND_TITLES[kind], _MEANINGS[kind], cells))
    return KindTable(
        pipelines=errors.pipelines,
        rows=tuple(rows),
        totals=tuple(int(total) for total in counts.sum(axis=1)),
        sentences=tuple(_sentence(n, cost) for n, cost in zip(counts, costs, strict=True)),
        has_costs=any(costs),
    )


def _costs(index: MetricIndex, pipeline: str, golden_set: str) -> dict[ErrorKind, float]:
    """AP lost to each kind, of those that are defined."""
    values = {kind: index.value(pipeline, golden_set, f"ap_cost_{kind}") for kind in ERROR_KINDS}
    return {kind: value for kind, value in values.items() if value is not None}


def _cell(n: int, total: int, most: int, cost: float | None) -> KindCell:
    return KindCell(
        n=n,
        percent=round(100 * n / most, 1),
        share=percent_text(n / total) if total else "",
        cost="" if cost is None else number_text(cost, "ratio"),
        cost_exact="" if cost is None else exact_text(cost),
    )


def _sentence(counts: I64, costs: Mapping[ErrorKind, float]) -> str:
    """``402 of 812 errors (50 %) are objects that no answer comes near; ...``."""
    total = int(counts.sum())
    if not total:
        return "No errors."
    most = max(KIND_ORDER, key=lambda kind: counts[ERROR_KINDS.index(kind)])
    n = int(counts[ERROR_KINDS.index(most)])
    text = f"{n:,} of {total:,} errors ({percent_text(n / total)}) are {_DOMINANT[most]}"
    dearest = max(costs, key=lambda kind: costs[kind], default=None)
    if dearest is None or costs[dearest] <= 0:
        return f"{text}."
    lost = number_text(costs[dearest], "ratio")
    if dearest == most:
        return f"{text}; they also cost most: AP would be {lost} higher without them."
    return (
        f"{text}. Most AP is lost to {_DOMINANT[dearest]}: it would be {lost} higher without them."
    )
