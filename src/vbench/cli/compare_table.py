"""How a comparison of runs is told: a sentence and a table each, or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from vbench.bench.compare import ComparedRow, Comparison, RunComparison
    from vbench.types import Metric, Slice

_MOST_NAMED = 6
"""Differences in a sentence; the table has all."""


def show_comparison(found: RunComparison, *, as_json: bool) -> None:
    """Print what `vbench compare` found on stdout."""
    if as_json:
        print(json.dumps(_answer(found), ensure_ascii=False, indent=1))
        return
    from vbench.cli.terminal import stdout_console

    console = stdout_console()
    for text in found.differences:
        console.print(f"! in spite of: {text}", style="yellow", markup=False, soft_wrap=True)
    for text in found.notes:
        console.print(f"note: {text}", markup=False, soft_wrap=True)
    for number, comparison in enumerate(found.comparisons):
        if number or found.differences or found.notes:
            console.print()
        _print_comparison(console, comparison, found)
    _print_method(console, found)


def sentence(comparison: Comparison, confidence: float) -> str:
    """Better in what, worse in what, and that the rest cannot be told apart."""
    b, a = comparison.candidate.label, comparison.reference.label
    apart = [row for row in comparison.rows if _is_told_apart(row, confidence)]
    if not comparison.rows:
        return f"{a} and {b} have no such numbers in common"
    if all(row.change is not None and row.change.value == 0 for row in comparison.rows):
        return f"{a} and {b} are equal in all {len(comparison.rows)} numbers"
    if not apart:
        return f"{a} and {b} cannot be told apart in any of {len(comparison.rows)} numbers"
    several = len({row.candidate.golden_set for row in comparison.rows}) > 1
    parts = []
    for word, verb in (("better", "better in"), ("worse", "worse in"), ("other", "different in")):
        rows = [row for row in apart if _sense(row) == word]
        named = [_named(row, with_set=several) for row in rows[:_MOST_NAMED]]
        if len(rows) > _MOST_NAMED:
            named.append(f"{len(rows) - _MOST_NAMED} more")
        if named:
            parts.append(f"{verb} {_joined(named)}")
    rest = len(comparison.rows) - len(apart)
    tail = "; the rest cannot be told apart" if rest else ""
    return f"{b} is {', '.join(parts)} than {a}{tail}"


def _print_comparison(console: Console, comparison: Comparison, found: RunComparison) -> None:
    for one in (comparison.reference, comparison.candidate):
        text = f"{one.label}  {one.pipeline.name} {one.pipeline.version} of {one.of.folder.path}"
        point = one.pipeline.operating_point.text()
        console.print(f"{text}, {point}", markup=False, soft_wrap=True)
    text = sentence(comparison, found.intervals.confidence)
    console.print(text, style="bold", markup=False, soft_wrap=True)
    for name in dict.fromkeys(row.candidate.golden_set for row in comparison.rows):
        rows = [row for row in comparison.rows if row.candidate.golden_set == name]
        console.print(_table(comparison, name, rows, found.intervals.confidence))


def _print_method(console: Console, found: RunComparison) -> None:
    percent = f"{100 * found.intervals.confidence:g} %"
    console.print(
        f"change: with {percent} interval, {found.intervals.resamples:,} resamples, seed"
        f" {found.intervals.seed}; p: of no change, corrected for being many (Holm), numbers of the"
        " whole and of slices apart; told apart where it is at most"
        f" {1 - found.intervals.confidence:.2g}",
        style="dim",
        markup=False,
        soft_wrap=True,
    )


def _table(
    comparison: Comparison, golden_set: str, rows: Sequence[ComparedRow], confidence: float
) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    paired = all(row.paired for row in rows)
    title = Text(f"on {golden_set}" + ("" if paired else ", other footage: not paired"))
    table = Table(
        title=title,
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    longest = max(len(_subject(row.candidate)) for row in rows)
    table.add_column("", min_width=min(longest, 24), overflow="fold")
    for heading in (comparison.reference.label, comparison.candidate.label, "change", "p"):
        table.add_column(heading, justify="right")
    styles = {"better": "green", "worse": "bold red", "other": "yellow"}
    for row in rows:
        style = styles[_sense(row)] if _is_told_apart(row, confidence) else ""
        cells = (
            _subject(row.candidate),
            _value(row.reference),
            _value(row.candidate),
            _change_text(row),
            _p_text(row.p_adjusted),
        )
        table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def _change_text(row: ComparedRow) -> str:
    """The change with its interval, or why there is none."""
    change = row.change
    if change is None:
        return ""
    unit = row.candidate.unit
    value = f"{'+' if change.value > 0 else ''}{_plain(change.value, unit)}"
    if change.interval is None:
        return f"{value} ({change.reason})"
    return f"{value} ({_plain(change.interval.low, unit)} to {_plain(change.interval.high, unit)})"


def _named(row: ComparedRow, *, with_set: bool) -> str:
    """``recall by 0.082 (0.055 to 0.109)``; amounts without a sign."""
    subject = _subject(row.candidate)
    if with_set:
        subject += f" on {row.candidate.golden_set}"
    change = row.change
    if change is None or change.interval is None:
        return subject
    unit = row.candidate.unit
    ends = (change.interval.low, change.interval.high)
    low, high = ends if change.value > 0 else (-ends[1], -ends[0])
    amounts = [_plain(number, unit) for number in (abs(change.value), low, high)]
    return f"{subject} by {amounts[0]} ({amounts[1]} to {amounts[2]})"


def _is_told_apart(row: ComparedRow, confidence: float) -> bool:
    return row.p_adjusted is not None and row.p_adjusted <= 1.0 - confidence


def _sense(row: ComparedRow) -> str:
    change, better = row.change, row.candidate.better
    if change is None or better == "neither":
        return "other"
    return "better" if (change.value > 0) == (better == "higher") else "worse"


def _subject(row: Metric) -> str:
    of_class = "" if row.class_name is None else f"[{row.class_name}]"
    return " ".join([f"{row.name}{of_class}", *_slice_words(row.slice)])


def _slice_words(slice_: Slice) -> list[str]:
    return [f"{key}={value}" for key, value in slice_]


def _value(row: Metric) -> str:
    return "undefined" if row.value is None else _plain(row.value, row.unit)


def _plain(number: float, unit: str) -> str:
    from vbench.report.numbers import number_text

    return number_text(number, unit)


def _p_text(p_value: float | None) -> str:
    if p_value is None:
        return ""
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _answer(found: RunComparison) -> dict[str, object]:
    return {
        "differences": list(found.differences),
        "notes": list(found.notes),
        "confidence": found.intervals.confidence,
        "resamples": found.intervals.resamples,
        "seed": found.intervals.seed,
        "runs": {one.letter: str(one.folder.path) for one in found.runs},
        "comparisons": [
            {
                "reference": {"run": one.reference.label, "pipeline": one.reference.pipeline.name},
                "candidate": {"run": one.candidate.label, "pipeline": one.candidate.pipeline.name},
                "sentence": sentence(one, found.intervals.confidence),
                "rows": [_row(row) for row in one.rows],
            }
            for one in found.comparisons
        ],
    }


def _row(row: ComparedRow) -> dict[str, object]:
    change = row.change
    ends = None if change is None or change.interval is None else change.interval
    return {
        "golden_set": row.candidate.golden_set,
        "name": row.candidate.name,
        "class": row.candidate.class_name,
        "slice": dict(row.candidate.slice) or None,
        "unit": row.candidate.unit,
        "better": row.candidate.better,
        "reference": row.reference.value,
        "candidate": row.candidate.value,
        "paired": row.paired,
        "change": None if change is None else change.value,
        "interval": None if ends is None else {"low": ends.low, "high": ends.high},
        "reason": _reason(row),
        "p_value": None if change is None else change.p_value,
        "p_adjusted": row.p_adjusted,
    }


def _reason(row: ComparedRow) -> str | None:
    """Why there is no change, or no interval of it."""
    if row.change is None:
        return row.candidate.reason or row.reference.reason
    return row.change.reason or None
