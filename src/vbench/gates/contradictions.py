"""Gates that cannot be meant: they exclude each other, say the same twice, or decide nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from vbench.config.benchmark_file import BaselineRunEntry, BenchmarkFile
from vbench.config.model_file import ModelFile
from vbench.errors import ConfigError
from vbench.gates.measurable import Measurable, Reach
from vbench.gates.presets import WrittenGate
from vbench.types import COMPARING, Better, Gate, GateForm


@dataclass(frozen=True, slots=True)
class _Stated:
    """A gate, its place, and what it comes to."""

    gate: Gate
    where: str
    subject: tuple[object, ...]
    """What its number is: two gates of one subject are about the same number."""
    pipelines: frozenset[str]
    golden_sets: frozenset[str]
    low: float
    """The number must be at least this; minus infinity where it may be as low as it likes."""
    high: float
    """The number must be at most this."""

    @property
    def line(self) -> str:
        return f"line {self.gate.source.rpartition(':')[2]}"


def refuse_contradictions(
    file: ModelFile[BenchmarkFile],
    requirements: Sequence[Gate],
    gates: Sequence[tuple[WrittenGate, Gate]],
    known: Measurable,
) -> None:
    """Raise ConfigError, with both lines, for gates that exclude or repeat each other."""
    stated = [
        _stated(file, gate, file.where("require", index), known)
        for index, gate in enumerate(requirements)
    ]
    stated += [_stated(file, gate, file.where(*one.at), known) for one, gate in gates]
    for first, second in combinations(stated, 2):
        if first.subject != second.subject:
            continue
        if _overlap(first, second) and (first.low > second.high or second.low > first.high):
            raise ConfigError(
                f'"{second.gate.title()}" can never hold together with "{first.gate.title()}" on'
                f" {first.line}",
                where=second.where,
                hint="correct one of the limits, or limit the gates to different pipelines",
            )
        if _is_repeated(first, second):
            raise ConfigError(
                f'"{second.gate.title()}" repeats "{first.gate.title()}" on {first.line}'
                + ("" if first.gate.limit == second.gate.limit else ": only the stricter counts"),
                where=second.where,
                hint="keep one of them",
            )


def refuse_idle_limit(written: WrittenGate, reach: Reach) -> None:
    """Raise ConfigError for a limit that a metric always or never meets."""
    entry = written.entry
    if reach.better == "neither" and entry.form == "not_worse":
        raise ConfigError(
            f"neither a high nor a low {entry.metric} is better, so none is worse",
            where=written.where("not_worse"),
            hint="use max_drop or max_rise",
        )
    lowest, highest = _range(reach, entry.form)
    low, high = _demand(entry.form, entry.limit, reach.better)
    is_floor = low > -math.inf
    on_the_edge = entry.sureness is not None and (low == highest or high == lowest)
    never = low > highest or high < lowest or on_the_edge
    if not never and not (low <= lowest and high >= highest):
        return
    number = f"a change of {entry.metric}" if entry.form in COMPARING else entry.metric
    end = f"never above {highest:g}" if is_floor == never else f"never below {lowest:g}"
    surely = " with a confidence" if on_the_edge else ""
    hint = "give a limit that can be missed; footage that must exist goes in `require`"
    if never:
        is_percent = entry.form == "min" and highest == 1 < low
        hint = "write 0.9 for 90 %" if is_percent else "give a limit that can be met"
    raise ConfigError(
        f"{number} is {end}, so {entry.form} {entry.limit:g}{surely}"
        f" {'never' if never else 'always'} passes",
        where=written.where(entry.form),
        hint=hint,
    )


def _range(reach: Reach, form: GateForm) -> tuple[float, float]:
    """Between what ends the number of a gate lies: a value, or a difference of two."""
    lowest = -math.inf if reach.lowest is None else reach.lowest
    highest = math.inf if reach.highest is None else reach.highest
    return (lowest - highest, highest - lowest) if form in COMPARING else (lowest, highest)


def _demand(form: GateForm, limit: float, better: Better | None) -> tuple[float, float]:
    """What the number of a gate must be at least, and at most."""
    if form in ("min", "require"):
        return limit, math.inf
    if form == "max":
        return -math.inf, limit
    falls = form == "max_drop" or (form == "not_worse" and better != "lower")
    return (-limit, math.inf) if falls else (-math.inf, limit)


def _stated(file: ModelFile[BenchmarkFile], gate: Gate, where: str, known: Measurable) -> _Stated:
    low, high = _demand(gate.form, gate.limit, known.metrics[gate.metric].better)
    against = _against(file, gate) if gate.form in COMPARING else ""
    kind = "support" if gate.form == "require" else "change" if against else "value"
    return _Stated(
        gate=gate,
        where=where,
        subject=(kind, against, gate.metric, gate.class_name, gate.slice, gate.clip),
        pipelines=frozenset(gate.pipelines or known.pipelines),
        golden_sets=frozenset([gate.golden_set] if gate.golden_set else known.golden_sets),
        low=low,
        high=high,
    )


def _against(file: ModelFile[BenchmarkFile], gate: Gate) -> str:
    baseline = file.model.baseline
    if gate.versus is not None or baseline is None:
        return str(gate.versus)
    return (
        f"{baseline.run}:{baseline.pipeline}"
        if isinstance(baseline, BaselineRunEntry)
        else baseline
    )


def _overlap(first: _Stated, second: _Stated) -> bool:
    """Whether both judge some pipeline on some golden set."""
    return bool(first.pipelines & second.pipelines) and bool(first.golden_sets & second.golden_sets)


def _is_repeated(first: _Stated, second: _Stated) -> bool:
    """A warning beside an error, or a bound beside a bare value, is no repetition."""
    return (
        first.pipelines == second.pipelines
        and first.golden_sets == second.golden_sets
        and (first.low > -math.inf) == (second.low > -math.inf)
        and first.gate.level == second.gate.level
        and first.gate.confidence == second.gate.confidence
    )
