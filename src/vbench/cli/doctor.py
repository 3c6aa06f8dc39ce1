"""`vbench doctor`: what this machine can do."""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check Python, libraries, codecs, engines, PDF and caches, and say what to install.

    Exit code 0 when everything that the default needs is there, 2 when something is missing.

    Example: **vbench doctor**
    """
    import json as json_text

    from vbench.bench.doctor import examine
    from vbench.cli.terminal import stdout_console
    from vbench.errors import ExitCode

    findings = examine()
    if json:
        rows = [
            {"name": item.name, "status": item.status, "found": item.found, "hint": item.hint}
            for item in findings
        ]
        typer.echo(json_text.dumps(rows, indent=1))
    else:
        console = stdout_console()
        words = {
            "ok": ("ok     ", "green"),
            "note": ("note   ", "yellow"),
            "missing": ("MISSING", "bold red"),
        }
        for item in findings:
            word, style = words[item.status]
            console.print(word, style=style, end="  ")
            console.print(f"{item.name:<24} {item.found}", markup=False, soft_wrap=True)
            if item.hint:
                console.print(f"{'':<34}{item.hint}", markup=False, soft_wrap=True, style="dim")
    if any(item.status == "missing" for item in findings):
        raise typer.Exit(ExitCode.INPUT)
