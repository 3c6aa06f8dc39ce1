"""Gates that would catch a planted regression, to be tried and then suggested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from vbench.bench.regressions import Aim
from vbench.config.benchmark_file import NotWorseEntry
from vbench.metrics.definitions import METRICS
from vbench.types import Gate, GateForm

CONFIDENCE = NotWorseEntry(margin=0.0).confidence
"""What a `not_worse` has that names none."""

MARGINS = (0.01, 0.005, 0.002)


def candidate_gates(aims: Sequence[Aim], losses: Mapping[Aim, float]) -> Iterator[Gate]:
    """Gates that might catch a regression: sure ones first, then by the value alone.

    Args:
        aims: what to look at, most telling first.
        losses: by how much each got worse; only those that have two values.
    """
    for margin in MARGINS:
        for aim in aims:
            if METRICS[aim[0]].unit == "ratio":
                yield not_worse(aim, margin)
    for aim in aims:
        if losses.get(aim, 0.0) > 0.0:
            limit = float(f"{losses[aim] / 2:.1g}")
            form: GateForm = "max_drop" if METRICS[aim[0]].better == "higher" else "max_rise"
            yield replace(not_worse(aim, limit), form=form, confidence=None)


def not_worse(aim: Aim, margin: float) -> Gate:
    """Not worse than the baseline by more than a margin, and sure of it."""
    return Gate(
        metric=aim[0],
        form="not_worse",
        limit=margin,
        class_name=None,
        slice=aim[1],
        clip=None,
        level="error",
        pipelines=None,
        golden_set=None,
        versus=None,
        source="",
        confidence=CONFIDENCE,
    )


def yaml_line(gate: Gate) -> str:
    """A gate over all classes as a line of `gates`."""
    parts = [f"metric: {gate.metric}"]
    if gate.slice:
        parts.append(f"slice: {{{', '.join(f'{key}: {value}' for key, value in gate.slice)}}}")
    limit = f"{gate.limit:g}"
    # `not_worse` has the confidence of `CONFIDENCE` where it names none.
    parts.append(
        f"not_worse: {{margin: {limit}}}" if gate.form == "not_worse" else f"{gate.form}: {limit}"
    )
    return f"- {{{', '.join(parts)}}}"
