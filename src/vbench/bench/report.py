"""Rendering a finished run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vbench.record.folder import RunFolder, write_whole
from vbench.record.run_json import read_run
from vbench.report.html import write_html
from vbench.report.junit import junit_text
from vbench.report.pdf import write_pdf
from vbench.report.summary import summary_markdown
from vbench.types import Run

_TEXTS: Mapping[str, Callable[[Run], str]] = {"md": summary_markdown, "junit": junit_text}
_PAGES: Mapping[str, Callable[[RunFolder], Path]] = {"html": write_html, "pdf": write_pdf}


def render(run_folder: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Write reports of a finished run into its folder; returns the files.

    Raises:
        RunFolderError: not the folder of a finished run.
        MissingDependencyError: a PDF is asked for and its system libraries are missing.
    """
    folder = RunFolder(run_folder)
    run = read_run(folder)
    places = {"md": folder.summary_md, "junit": folder.junit_xml}
    written = []
    for name in formats:
        if name in _TEXTS:
            write_whole(places[name], _TEXTS[name](run))
            written.append(places[name])
        else:
            written.append(_PAGES[name](folder))
    return tuple(written)
