"""How a self-test is told: a table and what follows from it, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table
    from rich.text import Text

    from vbench.bench.selftest import Effect, GroupResults, Planted, SelfTest
    from vbench.types import GateResult

_OUTCOME_STYLES = {"caught": "green", "inconclusive": "yellow", "not caught": "bold red"}
_MOST_EFFECTS = 3
"""Changed numbers in a row; JSON has all."""


def keep_selftest(found: SelfTest, out: Path) -> None:
    """Write the result as ``selftest.json`` into a folder."""
    from vbench.record.folder import write_whole

    write_whole(out / "selftest.json", _json_text(found) + "\n")


def show_selftest(found: SelfTest, *, as_json: bool) -> None:
    """Print a self-test on stdout."""
    if as_json:
        print(_json_text(found))
        return
    from vbench.cli.terminal import stdout_console

    console = stdout_console()
    console.print(f"planted into {found.of}", style="bold", markup=False, soft_wrap=True)
    for number, counts in enumerate((True, False)):
        names = [group.name for group in found.groups if group.counts is counts and group.gates]
        if names or not number:
            console.print()
            title = " + ".join(names) or "no gates"
            console.print(_table(found, title, names, main=counts))
    for text, style in _sentences(found):
        console.print(text, style=style, markup=False, soft_wrap=True)


def _table(found: SelfTest, title: str, names: Sequence[str], *, main: bool) -> Table:
    """Regressions and the gates of some groups; only `main` tells what planting did."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(title if main else f"{title}: what it would add"),
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
        leading=1 if main else 0,
    )
    table.add_column("planted", max_width=22, overflow="fold")
    if main:
        table.add_column("what it did", max_width=24, overflow="fold")
    table.add_column("noticed by", overflow="fold")
    for one in found.planted:
        if one.obstacle:
            if main:
                cells = (one.title, "", f"not applicable: {one.obstacle}")
                table.add_row(*(Text(cell, style="dim") for cell in cells))
            continue
        results = _of_groups(one.worse, names)
        if main:
            did = Text("\n".join(_effect_texts(one)))
            table.add_row(Text(one.title), did, _noticed(one, results))
        elif results:
            table.add_row(Text(one.title), _gate_lines(results))
    control = _gate_lines(_comparing(_of_groups(found.control, names)))
    quiet = control if control.plain else Text("all comparing gates pass", style="green")
    table.add_row(*(Text("nothing, as a control"), *([Text("")] if main else []), quiet))
    return table


def _noticed(one: Planted, results: Sequence[GateResult]) -> Text:
    from rich.text import Text

    lines = _gate_lines(results)
    if one.outcome == "caught":
        return lines
    word = "NOT CAUGHT" if one.outcome == "not caught" else "ONLY INCONCLUSIVE"
    return Text("\n").join(
        [Text(word, style=_OUTCOME_STYLES[one.outcome.value]), *([lines] if lines.plain else [])]
    )


def _gate_lines(results: Sequence[GateResult]) -> Text:
    """A line per gate that fails, and how many are inconclusive; each of these where none fails."""
    from rich.text import Text

    fails = [one for one in results if one.verdict == "fail"]
    stopping = [one for one in fails if one.gate.level == "error" and not one.in_quarantine]
    lines = [_gate_line(one, "fails", "green") for one in stopping]
    lines += [_gate_line(one, "fails", "dim") for one in fails if one not in stopping]
    rest = [one for one in results if one not in fails]
    if stopping and rest:
        lines.append(Text(f"{len(rest)} more inconclusive", style="yellow"))
    else:
        lines += [_gate_line(one, "inconclusive", "yellow") for one in rest]
    return Text("\n").join(lines)


def _gate_line(result: GateResult, word: str, style: str) -> Text:
    from rich.text import Text

    if result.in_quarantine:
        word += " (in quarantine)"
    elif result.gate.level == "warn":
        word += " (warning)"
    # How sure a gate must be takes a line of its own in a narrow table; JSON has it.
    title = replace(result.gate, confidence=None).title()
    return Text(f"{word}: {title}", style=style)


def _of_groups(results: GroupResults, names: Sequence[str]) -> list[GateResult]:
    return [result for name, found in results if name in names for result in found]


def _comparing(results: Sequence[GateResult]) -> list[GateResult]:
    from vbench.types import COMPARING

    return [result for result in results if result.gate.form in COMPARING]


def _effect_texts(one: Planted) -> Iterator[str]:
    """``recall -0.026``: what changed, most telling numbers first."""
    from vbench.report.numbers import number_text

    texts = []
    for effect in one.effects:
        change = effect.change
        if change is None:
            continue
        amount = number_text(change, effect.after.unit)
        if not amount.strip("\u22120."):
            continue
        amount = f"+{amount}" if change > 0 else amount
        texts.append(f"{_subject(effect)} {amount}")
    yield from texts[:_MOST_EFFECTS] or ["nothing that is listed"]


def _subject(effect: Effect) -> str:
    where = [f"{key}={value}" for key, value in effect.after.slice]
    return " ".join([effect.after.name, *where])


def _sentences(found: SelfTest) -> Iterator[tuple[str, str]]:
    """What follows from the table, and the style of each sentence."""
    applicable = [one for one in found.planted if not one.obstacle]
    counted = {
        word: sum(one.outcome == word for one in applicable)
        for word in ("caught", "inconclusive", "not caught")
    }
    yield "", ""
    for result in found.broken_control:
        text = f"the gates fail an unchanged pipeline: {result.gate.title()}: {result.explanation}"
        yield text, "bold red"
    blind = [
        result.gate.title()
        for _, results in found.control
        for result in results
        if result not in found.broken_control
    ]
    if blind:
        text = ", ".join(dict.fromkeys(blind))
        yield f"not passed before anything is planted, so of little use here: {text}", "yellow"
    for note in found.notes:
        yield note, "dim"
    for one in applicable:
        if one.outcome == "caught":
            continue
        yield f"{one.outcome.value}: {one.title}. {_advice(one)}", "yellow"
        if one.suggestion:
            yield f"  {one.suggestion}", ""
    if not applicable:
        yield "nothing could be planted, so nothing is known of the gates", "bold red"
        return
    parts = [f"{n} {word}" for word, n in counted.items() if n]
    control = "fails" if found.broken_control else "is not failed by comparing gates"
    text = f"of {len(applicable)} regressions {', '.join(parts)}; the unchanged pipeline {control}"
    yield text, "bold green" if found.passed else "bold red"


def _advice(one: Planted) -> str:
    if not one.suggestion:
        return "No gate that was tried would: the loss is too small to be told on this footage"
    sure = "" if "not_worse" in one.suggestion else " (by the value alone, so also by chance)"
    return f"This line among `gates` would catch it{sure}:"


def _json_text(found: SelfTest) -> str:
    return json.dumps(_answer(found), ensure_ascii=False, indent=1)


def _answer(found: SelfTest) -> dict[str, object]:
    return {
        "of": found.of,
        "passed": found.passed,
        "groups": [
            {
                "name": group.name,
                "counts": group.counts,
                "gates": [gate.title() for gate in group.gates],
            }
            for group in found.groups
        ],
        "control": {
            "holds": not found.broken_control,
            "not_passed": list(_gate_parts(found.control)),
        },
        "regressions": [
            {
                "name": one.name,
                "title": one.title,
                "obstacle": one.obstacle or None,
                "outcome": None if one.obstacle else one.outcome.value,
                "effects": [_effect_parts(effect) for effect in one.effects],
                "gates": list(_gate_parts(one.worse)),
                "suggestion": one.suggestion or None,
            }
            for one in found.planted
        ],
        "notes": list(found.notes),
    }


def _effect_parts(effect: Effect) -> dict[str, object]:
    return {
        "golden_set": effect.after.golden_set,
        "metric": effect.after.name,
        "slice": dict(effect.after.slice) or None,
        "before": effect.before.value,
        "after": effect.after.value,
        "change": effect.change,
    }


def _gate_parts(results: GroupResults) -> Iterator[dict[str, object]]:
    for name, found in results:
        for result in found:
            yield {
                "group": name,
                "golden_set": result.golden_set,
                "gate": result.gate.title(),
                "level": result.gate.level,
                "in_quarantine": result.in_quarantine,
                "verdict": result.verdict.value,
                "explanation": result.explanation,
            }
