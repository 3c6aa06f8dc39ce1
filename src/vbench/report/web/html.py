"""The report as one HTML file: no network, no other files."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path

from vbench.record.folder import RunFolder, write_whole
from vbench.report.brand import NO_BRAND, Brand
from vbench.report.templates import render
from vbench.report.web.page import read_page

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def render_html(
    folder: RunFolder,
    *,
    served: str | None = None,
    brand: Brand = NO_BRAND,
    folders: Sequence[Path] = (),
) -> str:
    """The report of a finished run as text.

    Args:
        folder: of the run.
        served: where the page finds frames that it does not hold, under `vbench view`; None for a
            page that is a file and asks for nothing.
        brand: the company's name, logo and colours, and its templates.
        folders: template folders that go before those of the brand.

    Raises:
        RunFolderError: the run is not finished, or a part of it is missing or broken.
    """
    return render(
        "report.html.j2",
        folders=(*folders, *brand.folders),
        page=read_page(folder, served=served),
        served=served,
        brand=brand,
    )


def content_policy(page: str) -> str:
    """The content security policy that a page of `render_html` states."""
    stated = _POLICY.search(page)
    return "default-src 'none'" if stated is None else html.unescape(stated[1])


def write_html(folder: RunFolder, *, brand: Brand = NO_BRAND, folders: Sequence[Path] = ()) -> Path:
    """Write ``report.html`` into the run folder and return its path; as `render_html`."""
    write_whole(folder.report_html, render_html(folder, brand=brand, folders=folders))
    return folder.report_html
