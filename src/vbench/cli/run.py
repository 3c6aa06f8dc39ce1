"""`vbench run`: golden videos and pipelines in, a verdict out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Measure(StrEnum):
    """What a run times."""

    SAMPLE = "sample"
    LATENCY = "latency"
    THROUGHPUT = "throughput"


class Inconclusive(StrEnum):
    """What an inconclusive verdict does to the exit code."""

    REPORT = "report"
    PASS = "pass"
    FAIL = "fail"


def run(
    benchmark: Annotated[
        Path,
        typer.Argument(help="benchmark.yaml, or the folder that holds it.", show_default=False),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Run folder to write.  [default: runs/TIME-NAME]", show_default=False),
    ] = None,
    clip: Annotated[
        list[str] | None,
        typer.Option(
            help="Run this clip alone; can be repeated. A part of a benchmark never passes.",
            show_default=False,
        ),
    ] = None,
    pipeline: Annotated[
        list[str] | None,
        typer.Option(help="Run this pipeline alone; can be repeated.", show_default=False),
    ] = None,
    allow_damaged: Annotated[
        bool,
        typer.Option(
            "--allow-damaged", help="Score what decodes of damaged clips, and mark the run."
        ),
    ] = False,
    measure: Annotated[
        Measure,
        typer.Option(
            help="What is timed: the latency of a sample of frames while the rest overlaps; the "
            "latency of every frame, one at a time; or throughput, each pipeline on its own."
        ),
    ] = Measure.SAMPLE,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=1, help="Processes that run clips side by side, with equal results."
        ),
    ] = 1,
    cache: Annotated[
        bool,
        typer.Option(help="Take detections that an earlier run of the same inputs has stored."),
    ] = True,
    report: Annotated[bool, typer.Option(help="Write report.html and report.pdf.")] = True,
    pdf: Annotated[bool, typer.Option(help="Write report.pdf too.")] = True,
    inconclusive: Annotated[
        Inconclusive,
        typer.Option(help="Exit code of an inconclusive verdict: 5, or that of pass or fail."),
    ] = Inconclusive.REPORT,
    json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Run a benchmark: decode the golden videos, run every pipeline, judge, report.

    Stopped or killed, the same command with the same --out goes on where complete clips end.

    Exit codes: 0 all gates pass, 2 wrong input, 3 a gate failed, 4 media or engine failed,
    5 inconclusive, 130 interrupted.

    Example: **vbench run benchmarks/loading-dock/benchmark.yaml --out runs/today**
    """
    from vbench.bench.options import RunOptions
    from vbench.bench.run import run_benchmark
    from vbench.cli.outcome import show_outcome
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        finished = run_benchmark(
            benchmark,
            out,
            progress,
            clips=clip or (),
            only_pipelines=pipeline or (),
            options=RunOptions(
                allow_damaged=allow_damaged, measure=measure.value, n_jobs=jobs, cache=cache
            ),
            report=report,
            pdf=pdf,
        )
    finally:
        progress.end()
    raise typer.Exit(show_outcome(finished, as_json=json, inconclusive=inconclusive.value))
