"""Names and runs that no report was drawn for, in a real browser with the network off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Dialog, expect

from tests.browser.conftest import Opened, watch
from tests.report.made_run import make_run
from tests.report.test_bad_input import WILD, break_pictures, small_plan, unfinished, wild_run
from vbench.record.folder import RunFolder
from vbench.report.web.html import write_html

_TOO_WIDE = """() => {
  document.querySelectorAll('details').forEach((one) => { one.open = true; });
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}"""
_OTHERS = "iframe, object, embed, link, base, form, marquee, [onerror], [onload]"


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = wild_run(tmp_path_factory.mktemp("wild") / "run")
    write_html(folder)
    return folder


def test_wild_names_do_nothing(opened: Opened, wild: RunFolder) -> None:
    page = opened.goto(wild.report_html)
    dialogs: list[str] = []

    def shut(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", shut)
    # Scripts draw names too: of charts, tooltips and the viewer.
    page.locator("#worst a.frame-link").first.click()
    expect(page.locator("dialog[open]")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.locator("dialog[open]").get_by_text("{{ 7*7 }}").count() > 0
    page.keyboard.press("Escape")
    page.mouse.wheel(0, 100_000)
    page.wait_for_timeout(300)
    assert page.locator(_OTHERS).count() == 0
    assert page.locator("main img").count() == 0
    assert page.locator("h1").inner_text().startswith(WILD[:40])
    assert dialogs == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert len([url for url in opened.requests if url.startswith("file:")]) == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_long_names_make_the_page_no_wider(browser: Browser, wild: RunFolder, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    page = context.new_page()
    page.goto(wild.report_html.as_uri())
    assert page.evaluate(_TOO_WIDE) <= 0
    context.close()


def test_broken_pictures_and_no_pipelines_raise_no_error(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = make_run(tmp_path_factory.mktemp("broken") / "run", small_plan(n_pictures=8))
    break_pictures(broken)
    none = unfinished(tmp_path_factory.mktemp("none") / "run", 1)
    context = browser.new_context(offline=True)
    for folder in (broken, none):
        write_html(folder)
        opened = watch(context.new_page())
        page = opened.goto(folder.report_html)
        page.mouse.wheel(0, 100_000)
        page.wait_for_timeout(300)
        assert opened.complaints == []
    context.close()
