"""The report for stakeholders as PDF."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from vbench.errors import MissingDependencyError, VbenchError
from vbench.record.folder import RunFolder, whole_file
from vbench.report.brand import NO_BRAND, Brand
from vbench.report.language.strings import ENGLISH, Strings, speaking
from vbench.report.printed.print_page import read_print_page
from vbench.report.printed.print_pdf import MISSING_LIBRARY
from vbench.report.templates import render

_TIMEOUT_S = 300
_PACKAGES = {
    "pango": "libpango-1.0-0 libpangoft2-1.0-0",
    "gobject": "libglib2.0-0",
    "harfbuzz": "libharfbuzz0b libharfbuzz-subset0",
    "fontconfig": "libfontconfig1",
}
_ALL_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def write_pdf(
    folder: RunFolder,
    *,
    brand: Brand = NO_BRAND,
    strings: Strings = ENGLISH,
    folders: Sequence[Path] = (),
) -> Path:
    """Write ``report.pdf`` into the run folder and return its path.

    Args:
        folder: of a finished run.
        brand: the company's name, logo and colours, and its templates.
        strings: the language.
        folders: template folders that go before those of the brand.

    Raises:
        RunFolderError: the run is not finished, or a part of it is missing or broken.
        ConfigError: a template of one of the folders is broken.
        MissingDependencyError: a system library that WeasyPrint needs is missing.
    """
    # Evidence that the pages were made of is gone before the other process takes its memory.
    html = _pages(folder, brand, strings, folders)
    with whole_file(folder.report_pdf) as part:
        _print(html, str(part))
    return folder.report_pdf


def _pages(folder: RunFolder, brand: Brand, strings: Strings, folders: Sequence[Path]) -> str:
    with speaking(strings):
        html = render(
            "report-print.html.j2",
            folders=(*folders, *brand.folders),
            page=read_print_page(folder),
            brand=brand,
        )
    # WeasyPrint breaks at a zero-width space, not at <wbr>; in HTML it would be copied with names.
    return html.replace("<wbr>", "<wbr>\u200b")


def pdf_library_problem() -> str | None:
    """Why PDFs cannot be written on this machine, one sentence; None where they can."""
    try:
        _print("", "--check")
    except VbenchError as error:
        return f"{error.what}: {error.hint}" if error.hint else error.what
    return None


def _print(html: str, target: str) -> None:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "vbench.report.printed.print_pdf", target],
            input=html.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise VbenchError(
            f"the PDF was not finished within {_TIMEOUT_S} s",
            hint="the HTML report has everything that the PDF has",
        ) from None
    if done.returncode == 0:
        return
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode == MISSING_LIBRARY:
        raise _missing(said)
    last = said.splitlines()[-1] if said else f"exit code {done.returncode}"
    raise VbenchError(
        f"the PDF could not be written: {last}",
        hint="the HTML report has everything that the PDF has",
    )


def _missing(said: str) -> MissingDependencyError:
    """Which library is missing, and what to install: ``cannot load library 'libpango-1.0-0'``."""
    found = re.search(r"cannot load library '([^']+)'", said)
    if found is None:
        return MissingDependencyError(
            f"PDF reports cannot be written: {said}", hint="pip install weasyprint"
        )
    library = found[1]
    packages = next((p for key, p in _PACKAGES.items() if key in library), _ALL_PACKAGES)
    return MissingDependencyError(
        f"PDF reports need the system library {library}",
        hint=f"apt-get install {packages} (or the same for your system)",
    )
