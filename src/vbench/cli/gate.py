"""`vbench gate`: judge a finished run again, and tell CI systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vbench.cli.run import Inconclusive


def gate(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)],
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="RUN[:PIPELINE]",
            help="Compare with this earlier run instead of the benchmark's baseline.",
            show_default=False,
        ),
    ] = None,
    benchmark: Annotated[
        Path | None,
        typer.Option(
            help="Take gates, slices and matching from this file instead of the run's own.",
            show_default=False,
        ),
    ] = None,
    inconclusive: Annotated[
        Inconclusive,
        typer.Option(help="Exit code of an inconclusive verdict: 5, or that of pass or fail."),
    ] = Inconclusive.REPORT,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the result as a run folder of its own.", show_default=False),
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option(help="Write the gates as JUnit XML to this file.", show_default=False),
    ] = None,
    github: Annotated[
        bool,
        typer.Option("--github", help="Add to the step summary, and print annotations."),
    ] = False,
    gitlab: Annotated[
        Path | None,
        typer.Option(help="Write GitLab's code-quality JSON to this file.", show_default=False),
    ] = None,
    comment: Annotated[
        Path | None,
        typer.Option(
            help="Write a Markdown comment for a merge request to this file.", show_default=False
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Judge a finished run again without inference, and write what CI systems read.

    The run itself is never changed. Exit codes as for `vbench run`.

    Example: **vbench gate runs/today --baseline runs/may:dock-v1**

    Example: **vbench gate runs/today --junit gates.xml --comment comment.md**
    """
    from vbench.bench.gate import CiFiles, gate_run, step_summary_file, write_ci_files
    from vbench.cli.outcome import show_outcome
    from vbench.cli.terminal import terminal_progress
    from vbench.errors import InputError
    from vbench.report.ci.annotations import github_annotations

    if github and json:
        raise InputError(
            "--github prints workflow commands, which are no JSON",
            where="--github",
            hint="leave --json out, or read run.json of --out DIR",
        )
    step_summary = step_summary_file() if github else None
    progress = terminal_progress()
    try:
        finished = gate_run(run, benchmark, baseline, out, progress)
    finally:
        progress.end()
    write_ci_files(finished.run, CiFiles(junit, gitlab, comment, step_summary))
    code = show_outcome(finished, as_json=json, inconclusive=inconclusive.value)
    if github:
        print(github_annotations(finished.run), end="")
    raise typer.Exit(code)
