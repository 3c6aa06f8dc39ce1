"""A finished run judged again, and what CI systems are told of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vbench.bench.baseline import BaselineRun
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import Progress
from vbench.bench.score import score_run
from vbench.config.model_file import closest
from vbench.errors import InputError
from vbench.record.folder import RunFolder, write_whole
from vbench.record.run_json import read_run
from vbench.types import Run, Verdict

_STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class CiFiles:
    """Where CI systems want to be told; None: not asked for."""

    junit: Path | None = None
    code_quality: Path | None = None
    comment: Path | None = None
    step_summary: Path | None = None
    """Appended to; the others are written whole."""


def gate_run(
    run_folder: Path,
    benchmark: Path | None,
    baseline: str | None,
    out: Path | None,
    progress: Progress,
) -> FinishedRun:
    """Judge a finished run's stored detections again, without inference.

    Args:
        run_folder: the finished run; it is not changed.
        benchmark: gates, slices, matching and baseline from this file instead of the run's copy.
        baseline: ``RUN`` or ``RUN:PIPELINE`` to compare with instead of what the file names.
        out: a new run folder for the result; None keeps nothing.
        progress: told what is going on.

    Raises:
        VbenchError: as `vbench.bench.score.score_run`; the baseline is missing, failed its gates,
            or has several pipelines and none is named.
    """
    compared = None if baseline is None else _baseline_run(baseline)
    return score_run(run_folder, benchmark, None, out, progress, baseline=compared)


def write_ci_files(run: Run, files: CiFiles) -> None:
    """Write what was asked for.

    Raises:
        InputError: a file cannot be written.
    """
    # Each is loaded where it is asked for: most are not.
    if files.junit is not None:
        from vbench.report.ci.junit import junit_text

        _write(files.junit, junit_text(run))
    if files.code_quality is not None:
        from vbench.report.ci.code_quality import code_quality_json

        _write(files.code_quality, code_quality_json(run))
    if files.comment is not None:
        from vbench.report.text.comment import comment_markdown

        _write(files.comment, comment_markdown(run))
    if files.step_summary is not None:
        from vbench.report.text.summary import summary_markdown

        with (
            _named_errors(files.step_summary),
            files.step_summary.open("a", encoding="utf-8") as file,
        ):
            file.write(summary_markdown(run))


def step_summary_file() -> Path:
    """The file that GitHub shows as the summary of the step. Raises InputError outside GitHub."""
    found = os.environ.get(_STEP_SUMMARY)
    if not found:
        raise InputError(
            f"the environment has no {_STEP_SUMMARY}",
            where="--github",
            hint="use --github in a step of a GitHub workflow; elsewhere --junit or --comment",
        )
    return Path(found)


def _write(path: Path, text: str) -> None:
    with _named_errors(path):
        write_whole(path, text)


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}",
            where=str(path),
            hint="check that its folder exists and may be written to",
        ) from None


def _baseline_run(text: str) -> BaselineRun:
    """The pipeline of an earlier run that ``RUN`` or ``RUN:PIPELINE`` names."""
    folder, name = Path(text), ""
    if not folder.exists() and ":" in text:
        path, _, name = text.rpartition(":")
        folder = Path(path)
    run = read_run(RunFolder(folder))
    names = [item.name for item in run.pipelines]
    if not name and len(names) > 1:
        raise InputError(
            "the baseline run has several pipelines",
            where=f"--baseline {text}",
            hint=f"name one: {', '.join(f'{text}:{one}' for one in names)}",
        )
    if name and name not in names:
        raise InputError(
            f'the baseline run has no pipeline "{name}"',
            where=f"--baseline {text}",
            hint=closest(name, names),
        )
    item = next(one for one in run.pipelines if name in ("", one.name))
    if item.verdict is Verdict.FAIL:
        raise InputError(
            f"the baseline cannot be used: {item.name} failed its gates in that run",
            where=f"--baseline {text}",
            hint="compare with a run that passed, or let a benchmark file say"
            " baseline: {run: FOLDER, pipeline: NAME, accept_failed: true}",
        )
    return BaselineRun(RunFolder(folder), run, item.name)
