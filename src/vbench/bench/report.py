"""Rendering a finished run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.html import write_html
from vbench.report.junit import write_junit
from vbench.report.pdf import write_pdf
from vbench.report.summary import write_summary

_WRITERS: Mapping[str, Callable[[RunFolder], Path]] = {
    "html": write_html,
    "pdf": write_pdf,
    "md": write_summary,
    "junit": write_junit,
}


def render(run: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Write reports of a finished run into its folder; returns the files.

    Raises:
        RunFolderError: not the folder of a finished run.
        MissingDependencyError: a PDF is asked for and its system libraries are missing.
    """
    folder = RunFolder(run)
    read_run(folder)
    return tuple(_WRITERS[name](folder) for name in formats)
