"""The report as one HTML file: no network, no other files."""

from __future__ import annotations

from pathlib import Path

from vbench.record.folder import RunFolder, write_whole
from vbench.report.page import read_page
from vbench.report.templates import render


def render_html(folder: RunFolder) -> str:
    """The report of a finished run as text.

    Raises:
        RunFolderError: the run is not finished, or a part of it is missing or broken.
    """
    return render("report.html.j2", page=read_page(folder))


def write_html(folder: RunFolder) -> Path:
    """Write ``report.html`` into the run folder and return its path. Raises as `render_html`."""
    write_whole(folder.report_html, render_html(folder))
    return folder.report_html
