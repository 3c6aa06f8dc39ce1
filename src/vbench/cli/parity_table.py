"""How a parity comparison is told: a table of stages and a sentence, or JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from vbench.bench.parity.compare import Parity
    from vbench.bench.parity.stages import StageReport

_UNITS = {"pixels": " levels", "candidates": " px", "detections": " px", "answer": " px"}
_MOST_KEYS = 12


def show_parity(found: Parity, *, as_json: bool) -> None:
    """Print what `vbench parity` found on stdout."""
    if as_json:
        print(json.dumps(_answer(found), ensure_ascii=False, indent=1))
        return
    from vbench.cli.terminal import stdout_console

    print_parity(stdout_console(), found)


def print_parity(console: Console, found: Parity) -> None:
    """The two sides, a row per stage, the cause, and the settings that differ."""
    from vbench.bench.parity.words import headline

    for letter, file, engine in zip("AB", (found.a, found.b), found.engines, strict=True):
        name = f"{letter}  {file.model.name} {file.model.version}"
        console.print(name, style="bold", end="", markup=False)
        console.print(f"  {file.path}, {engine}", style="dim", markup=False, soft_wrap=True)
    clips = found.clips[0] if len(found.clips) == 1 else f"{len(found.clips)} clips"
    console.print(
        f"   {found.n_frames} frames of {found.golden_set} ({clips})", style="dim", markup=False
    )
    console.print()
    console.print(_table(found))
    for text in dict.fromkeys(one.text for one in found.stages if one.state == "hidden"):
        console.print(f"hidden: {text}", style="dim", markup=False)
    console.print()
    console.print(headline(found), style="bold red" if found.first else "bold green", markup=False)
    _print_cause(console, found)
    _print_keys(console, found)


def _table(found: Parity) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from vbench.bench.parity.words import stage_title

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 2, 0, 0))
    table.add_column("stage", no_wrap=True)
    table.add_column("", no_wrap=True)
    for heading in ("max", "mean", "share", "frames"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("first", justify="right", overflow="fold")
    first = found.first
    for report in found.stages:
        style = {"equal": "green", "hidden": "dim", "differs": "yellow"}[report.state]
        style = "bold red" if report is first else style
        title = f"{'▶ ' if report is first else '  '}{stage_title(report)}"
        cells = (title, report.state, *_numbers(report, with_clip=len(found.clips) > 1))
        table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def _numbers(report: StageReport, *, with_clip: bool) -> tuple[str, ...]:
    if report.state == "hidden":
        return ("",) * 5
    if report.state == "equal":
        return "", "", "", f"0/{report.n_frames}", ""
    return (
        _number(report.max_abs, _UNITS.get(report.stage, "")),
        _number(report.mean_abs, ""),
        _percent(report.share),
        f"{report.n_differing}/{report.n_frames}",
        f"{report.first_clip} {report.first_frame}" if with_clip else f"{report.first_frame}",
    )


def _number(value: float, unit: str) -> str:
    return "-" if math.isnan(value) else f"{value:.3g}{unit}"


def _percent(share: float) -> str:
    return "< 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def _print_cause(console: Console, found: Parity) -> None:
    """The cause, what each side does, what to do, and how it was found."""
    from rich.table import Table
    from rich.text import Text

    from vbench.bench.parity.words import advice, cause_sentence, cause_values

    guess = found.guess
    if guess is None:
        return
    lines = Table.grid(padding=(0, 2, 0, 0))
    lines.add_column(style="bold", no_wrap=True)
    lines.add_column(overflow="fold")
    lines.add_row("cause", Text(cause_sentence(found), style="bold" if guess.causes else "yellow"))
    for text in cause_values(found):
        lines.add_row("", Text(text))
    for text in dict.fromkeys(advice(found)):
        lines.add_row("do", Text(text))
    if guess.causes or guess.explained > 0.0:
        lines.add_row(Text("how", style="dim"), Text(guess.basis, style="dim"))
    console.print(lines)


def _print_keys(console: Console, found: Parity) -> None:
    from rich.padding import Padding
    from rich.text import Text

    if not found.keys:
        return
    console.print()
    console.print("settings that differ in the files", style="dim")
    for one in found.keys[:_MOST_KEYS]:
        line = f"{one.key}: A {one.value_a}, B {one.value_b}"
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2), expand=False))
    if len(found.keys) > _MOST_KEYS:
        console.print(f"  and {len(found.keys) - _MOST_KEYS} more; --json has all", style="dim")


def _answer(found: Parity) -> dict[str, object]:
    from vbench.bench.parity.words import advice, cause_sentence, headline

    guess, first = found.guess, found.first
    return {
        "a": {"name": found.a.model.name, "file": str(found.a.path), "engine": found.engines[0]},
        "b": {"name": found.b.model.name, "file": str(found.b.path), "engine": found.engines[1]},
        "golden_set": found.golden_set,
        "clips": list(found.clips),
        "n_frames": found.n_frames,
        "tolerances": asdict(found.tolerances),
        "same": first is None,
        "headline": headline(found),
        "first": None if first is None else _stage(first),
        "stages": [_stage(one) for one in found.stages],
        "cause": None
        if guess is None
        else {
            "sentence": cause_sentence(found),
            "advice": list(advice(found)),
            "causes": [asdict(cause) for cause in guess.causes],
            "explained": guess.explained,
            "exact": guess.exact,
            "basis": guess.basis,
        },
        "keys": [asdict(one) for one in found.keys],
    }


def _stage(report: StageReport) -> dict[str, object]:
    differs = report.state == "differs"
    return {
        "stage": report.stage,
        "detector": report.detector_id or None,
        "state": report.state,
        "n_frames": report.n_frames,
        "n_differing": report.n_differing,
        "first": {"clip": report.first_clip, "frame": report.first_frame} if differs else None,
        "max_abs": _finite(report.max_abs) if differs else None,
        "mean_abs": _finite(report.mean_abs) if differs else None,
        "share": report.share if differs else None,
        "text": report.text or None,
    }


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else value
