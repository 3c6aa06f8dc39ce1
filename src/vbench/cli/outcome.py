"""How a finished run is told: the side-by-side table, or JSON; and its exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vbench.cli.terminal import print_error
from vbench.errors import EngineError, ExitCode

if TYPE_CHECKING:
    from rich.table import Table

    from vbench.bench.finished import FinishedRun
    from vbench.report.text.console import ConsoleTable
    from vbench.types import Run

_STYLES = {"good": "green", "bad": "bold red", "warn": "yellow", "neutral": "", "dim": "dim"}


def show_outcome(finished: FinishedRun, *, as_json: bool, inconclusive: str = "report") -> int:
    """Print a finished run on stdout; returns the exit code that its verdict calls for."""
    code = exit_code(finished.run, inconclusive)
    for failure in finished.run.failures:
        what = f"pipeline {failure.name}: {failure.what}"
        print_error(EngineError(what, where=failure.where, hint=failure.hint))
    if as_json:
        print(json.dumps(_outcome(finished, code), ensure_ascii=False, indent=1))
        return code
    print_run(finished.run)
    _print_files(finished)
    return code


def exit_code(run: Run, inconclusive: str = "report") -> ExitCode:
    """The exit code of a run; `inconclusive` is the policy: report, pass or fail."""
    verdict = run.verdict
    if run.failures:
        return ExitCode.MEDIA_OR_ENGINE
    if verdict == "inconclusive":
        policies = {
            "report": ExitCode.INCONCLUSIVE,
            "pass": ExitCode.OK,
            "fail": ExitCode.GATE_FAILED,
        }
        return policies[inconclusive]
    return ExitCode.OK if verdict == "pass" else ExitCode.GATE_FAILED


def print_run(run: Run) -> None:
    """Print a run: pipelines side by side, gates, why some did not pass, verdict."""
    from rich.padding import Padding
    from rich.text import Text

    from vbench.cli.terminal import stdout_console
    from vbench.report.text.console import console_tables, verdict_lines
    from vbench.report.text.console_why import why_lines

    console = stdout_console()
    for table in console_tables(run):
        for part in table.fitting(console.width):
            console.print(_rich_table(part))
    why = why_lines(run)
    for line in why:
        if line.is_command:
            console.print(f"  {line.text}", style="dim", markup=False, soft_wrap=True)
        else:
            indent = 0 if line.is_title else 2
            words = Text(line.text, style="bold" if line.is_title else "")
            console.print(Padding(words, (0, 0, 0, indent), expand=False))
    if why:
        console.print()
    for text, style in verdict_lines(run):
        console.print(text, style=_STYLES[style], markup=False)


def _rich_table(data: ConsoleTable) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=data.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column, justify in zip(data.columns, data.justify, strict=True):
        whole = justify == "right" or data.is_divisible
        table.add_column(Text(column), justify=justify, no_wrap=whole)
    for row in data.rows:
        table.add_row(*(Text(cell.text, style=_STYLES[cell.style]) for cell in row))
    return table


def _print_files(finished: FinishedRun) -> None:
    from vbench.cli.terminal import stdout_console

    console = stdout_console()
    folder = finished.folder
    if not finished.stored:
        console.print("judged again, nothing written; --out FOLDER keeps the result")
        return
    for label, path in (
        ("report", folder.report_html),
        ("PDF", folder.report_pdf),
        ("run", folder.run_json),
    ):
        if path.is_file():
            console.print(f"{label:<7}{path}", markup=False, soft_wrap=True)


def _outcome(finished: FinishedRun, code: int) -> dict[str, object]:
    run = finished.run
    return {
        "run": str(finished.folder.path),
        "verdict": run.verdict.value,
        "exit_code": int(code),
        "pipelines": {item.name: item.verdict.value for item in run.pipelines},
        "failures": {item.name: item.reason for item in run.failures},
        "gates": [
            {
                "pipeline": result.pipeline,
                "golden_set": result.golden_set,
                "gate": result.gate.title(),
                "level": result.gate.level,
                "verdict": result.verdict.value,
                "value": None if result.observed is None else result.observed.value,
                "explanation": result.explanation,
            }
            for result in run.gates
        ],
    }
