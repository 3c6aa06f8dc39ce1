"""Curves of a golden set, and what the page's script needs to draw them for other classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.score_counts import ScoreBins, ScoreCounts
from vbench.report.evidence import Evidence
from vbench.report.language.strings import say, say_n
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import number_text
from vbench.report.vega.curves import (
    CURVE,
    OperatingRow,
    calibration_spec,
    f1_spec,
    pr_spec,
)
from vbench.report.vega.figures import Figure, figure
from vbench.report.vega.specification import Json, number
from vbench.report.wording import why_undefined
from vbench.types import PipelineResult

SCRIPTED = (CURVE,)
"""Data sets that the script makes of the counts that the page holds anyway."""

_MAX_IN_WORDS = 6


@dataclass(frozen=True, slots=True)
class LineCell:
    """One number of the table."""

    text: str
    reason: str
    """Why it is undefined; empty where it is not."""


@dataclass(frozen=True, slots=True)
class OperatingLine:
    """A row of the table under the curves: one pipeline at its operating point, all classes."""

    series: int
    pipeline: str
    score: str
    """``0.35``, or ``by class``."""
    floor: str
    """Score down to which detections are stored."""
    cells: tuple[LineCell, ...]
    """Found, missed, false, precision, recall, F1."""


@dataclass(frozen=True, slots=True)
class Curves:
    """The curves of one golden set."""

    number: int
    """Of the golden set, from 0."""
    golden_set: str
    classes: tuple[str, ...]
    figures: tuple[Figure, ...]
    """Precision over recall, F1 over score, calibration."""
    lines: tuple[OperatingLine, ...]
    data: Json
    """For the script."""


LINE_METRICS = ("tp", "fn", "fp", "precision", "recall", "f1")


def curves_of(index: MetricIndex, evidence: Evidence, number_of_set: int) -> Curves:
    """Draw the curves of one golden set over all its classes.

    Raises:
        MissingDependencyError: charts cannot be drawn.
    """
    golden_set = evidence.golden_sets[number_of_set]
    pipelines = index.run.pipelines
    names = [item.name for item in pipelines]
    counts = [evidence.scores(name, golden_set.name) for name in names]
    bins = [evidence.bins(name, golden_set.name) for name in names]
    rows: tuple[str | None, ...] = (None, *golden_set.taxonomy.names)
    points = [
        [_operating(index, item, k, golden_set.name, row) for row in rows]
        for k, item in enumerate(pipelines)
    ]
    whole = [of_pipeline[0] for of_pipeline in points]
    key = f"curves-{number_of_set}"
    return Curves(
        number=number_of_set,
        golden_set=golden_set.name,
        classes=golden_set.taxonomy.names,
        figures=(
            figure(
                pr_spec(names, counts, whole),
                f"{key}-pr",
                say("Precision and recall"),
                _pr_label(names, whole),
            ),
            figure(
                f1_spec(names, counts, whole),
                f"{key}-f1",
                say("F1 by score threshold"),
                _f1_label(names, counts),
            ),
            figure(
                calibration_spec(names, bins),
                f"{key}-calibration",
                say("Calibration"),
                _calibration_label(names, bins),
            ),
        ),
        lines=tuple(
            _line(index, item, k, golden_set.name, whole[k]) for k, item in enumerate(pipelines)
        ),
        data={
            "operating": [[_values(point) for point in of_pipeline] for of_pipeline in points],
            "bins": [_bin_values(one) for one in bins],
            "known": [_known(one) for one in counts],
        },
    )


def _operating(
    index: MetricIndex, item: PipelineResult, series: int, golden_set: str, row: str | None
) -> OperatingRow:
    scores = dict(item.operating_point.scores)
    score = scores.get(row) if row is not None else None
    if score is None and len(set(scores.values())) == 1:
        score = next(iter(scores.values()))

    def value(name: str) -> float | None:
        metric = index.find(item.name, golden_set, name, class_name=row)
        return None if metric is None else metric.value

    return OperatingRow(series, score, value("recall"), value("precision"), value("f1"))


def _line(
    index: MetricIndex, item: PipelineResult, series: int, golden_set: str, point: OperatingRow
) -> OperatingLine:
    cells = []
    for name in LINE_METRICS:
        metric = index.find(item.name, golden_set, name)
        if metric is None or metric.value is None:
            cells.append(LineCell(say("undefined"), why_undefined(metric)))
        else:
            cells.append(LineCell(number_text(metric.value, metric.unit), ""))
    return OperatingLine(
        series=series,
        pipeline=item.name,
        score=say("by class") if point.score is None else f"{point.score:g}",
        floor=f"{item.score_floor:g}",
        cells=tuple(cells),
    )


def _values(point: OperatingRow) -> Json:
    values = (point.recall, point.precision, point.f1)
    return [point.score, *(None if value is None else number(value) for value in values)]


def _bin_values(bins: ScoreBins) -> Json:
    """Per class (mean score, share that is right, detections) of every bin that has some."""
    rows: list[Json] = []
    for row in range(len(bins.n)):
        filled = np.flatnonzero(bins.n[row]).tolist()
        rows.append(
            [
                [
                    number(float(bins.score_sum[row, j] / bins.n[row, j])),
                    number(float(bins.tp[row, j] / bins.n[row, j])),
                    int(bins.n[row, j]),
                ]
                for j in filled
            ]
        )
    return rows


def _known(counts: ScoreCounts) -> Json:
    """By class row, counts of the footage where false alarms can be known, where that is a part."""
    return {
        f"{row}": {
            "tp": counts.known_tp[row].tolist(),
            "n_truth": int(counts.known_truth[row]),
        }
        for row in range(len(counts.n_truth))
        if counts.known_truth[row] != counts.n_truth[row]
        or not np.array_equal(counts.known_tp[row], counts.tp[row])
    }


def _pr_label(names: Sequence[str], points: Sequence[OperatingRow]) -> str:
    texts = [
        say(
            "{name} at its operating point: precision {precision}, recall {recall}",
            name=name,
            precision=_text(point.precision),
            recall=_text(point.recall),
        )
        for name, point in zip(names, points, strict=True)
    ]
    return _listed(texts)


def _f1_label(names: Sequence[str], counts: Sequence[ScoreCounts]) -> str:
    texts = []
    for name, one in zip(names, counts, strict=True):
        below = one.known_tp[0] + one.fp[0] + one.known_truth[0]
        f1 = np.divide(2 * one.known_tp[0], below, out=np.zeros(len(below)), where=below > 0)
        best = int(np.argmax(f1))
        texts.append(
            say(
                "{name}: highest F1 {f1} at score {score}",
                name=name,
                f1=number_text(float(f1[best]), "ratio"),
                score=f"{one.thresholds[best]:.2f}",
            )
        )
    return _listed(texts)


def _calibration_label(names: Sequence[str], bins: Sequence[ScoreBins]) -> str:
    texts = []
    for name, one in zip(names, bins, strict=True):
        total = int(one.n[0].sum())
        if total:
            texts.append(
                say(
                    "{name}: mean score {score}, right {right}",
                    name=name,
                    score=number_text(float(one.score_sum[0].sum() / total), "ratio"),
                    right=number_text(float(one.tp[0].sum() / total), "ratio"),
                )
            )
    return _listed(texts)


def _listed(texts: Sequence[str]) -> str:
    shown = list(texts[:_MAX_IN_WORDS])
    if len(texts) > _MAX_IN_WORDS:
        more = len(texts) - _MAX_IN_WORDS
        shown.append(say_n(more, "and {n} more pipeline", "and {n} more pipelines"))
    return "; ".join(shown)


def _text(value: float | None) -> str:
    return say("undefined") if value is None else number_text(value, "ratio")
