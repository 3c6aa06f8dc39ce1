"""How the findings of `vbench golden validate` are told."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from vbench.errors import ExitCode

if TYPE_CHECKING:
    from vbench.golden.validate import GoldenSummary, ValidationReport


def show_findings(report: ValidationReport, *, as_json: bool) -> int:
    """Print problems and contents on stdout; returns the exit code: 2 where a set is unusable."""
    code = ExitCode.INPUT if report.n_errors else ExitCode.OK
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=1))
        return code
    for problem in report.problems:
        print(f"{problem.severity}: {problem.what}")
        print(f"  at: {problem.where}")
        if problem.hint:
            print(f"  do: {problem.hint}")
    if report.summary is not None:
        _print_summary(report.summary)
    n_warnings = len(report.problems) - report.n_errors
    print(f"{_count(report.n_errors, 'error')}, {_count(n_warnings, 'warning')}")
    return code


def _print_summary(summary: GoldenSummary) -> None:
    print(
        f"{_count(summary.n_clips, 'clip')}, {summary.n_frames} frames "
        f"({summary.n_frames_annotated} annotated), {summary.duration_s:.1f} s"
    )
    for one in summary.classes:
        print(f"  class {one.name}: {one.n_boxes} boxes in {_count(one.n_clips, 'clip')}")
    for tag in summary.tags:
        print(f"  tag {tag.key}={tag.value}: {_count(tag.n_clips, 'clip')}, {tag.duration_s:.1f} s")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
