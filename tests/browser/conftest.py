"""The report in the system's Chromium, with the network off."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.bench.conftest import finished, written
from tests.report.made_plan import decided_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.report.web.html import write_html

__all__ = ["finished", "written"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    found = [path for name in _NAMES if (path := shutil.which(name))]
    if not found:
        if os.environ.get("VBENCH_BROWSER") == "required":
            pytest.fail(
                "a browser was promised, and there is no chromium: apt-get install chromium"
            )
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found[0], args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@dataclass
class Opened:
    """A page, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def goto(self, path: Path, anchor: str = "") -> Page:
        """Open a file of the disk and wait until its scripts have run."""
        self.page.goto(f"{path.as_uri()}{anchor}", wait_until="load")
        return self.page


def watch(page: Page) -> Opened:
    """Note errors of the console, exceptions, and every request for something outside the page."""
    opened = Opened(page)

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            opened.complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("request", lambda request: opened.requests.append(request.url))
    return opened


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile without network, laptop size."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    yield made
    made.close()


@pytest.fixture
def opened(context: BrowserContext) -> Iterator[Opened]:
    """A page that must not complain."""
    found = watch(context.new_page())
    yield found
    assert found.complaints == []


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A made run with intervals, causes and pictures; its report is written."""
    folder = make_run(tmp_path_factory.mktemp("browser") / "run", decided_plan())
    write_html(folder)
    return folder
