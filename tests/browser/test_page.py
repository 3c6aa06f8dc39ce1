"""The page as a whole: opens from disk without network, complains of nothing, fits everywhere."""

from __future__ import annotations

import pypdfium2
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.barriers import barriers
from tests.browser.conftest import Opened
from vbench.record.folder import RunFolder

SECTIONS = {
    "verdict": "dock-release",
    "gates": "Gates",
    "pipelines": "Pipelines side by side",
    "slices": "Slices",
    "timelines": "Timelines",
    "errors": "Errors",
    "worst": "Worst frames",
    "curves": "Curves",
    "tracking": "Tracking",
    "events": "Events",
    "latency": "Latency",
    "sure": "How sure the numbers are",
    "data": "What was tested, and what was not",
    "lineage": "Lineage",
    "glossary": "Glossary",
}
_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth - width;
}"""


def test_every_section_is_there_and_nothing_is_fetched(opened: Opened, run: RunFolder) -> None:
    page = opened.goto(run.report_html)
    for anchor, title in SECTIONS.items():
        heading = page.locator(f"#{anchor} :is(h1, h2)").first
        assert title in heading.inner_text(), anchor
    links = page.locator("nav a").evaluate_all("found => found.map(a => a.getAttribute('href'))")
    assert links == [f"#{anchor}" for anchor in SECTIONS]
    page.mouse.wheel(0, 100_000)
    page.wait_for_timeout(500)
    assert [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert len([url for url in opened.requests if url.startswith("file:")]) == 1


def test_without_scripts_every_section_can_be_read(browser: Browser, run: RunFolder) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(run.report_html.as_uri())
    for anchor in SECTIONS:
        assert page.locator(f"#{anchor}").inner_text().strip(), anchor
    assert page.locator("#worst figure svg image").count() > 0
    assert page.locator("#timelines svg").count() > 0
    context.close()


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_the_page_is_no_wider_than_the_window(browser: Browser, run: RunFolder, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    page = context.new_page()
    page.goto(run.report_html.as_uri())
    assert page.evaluate(_OVERFLOW) <= 0
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_serious_barrier_and_text_is_readable(
    opened: Opened, run: RunFolder, width: int
) -> None:
    opened.page.set_viewport_size({"width": width, "height": 900})
    page = opened.goto(run.report_html)
    page.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
    assert barriers(page) == []


def test_gates_open_by_keyboard(opened: Opened, run: RunFolder) -> None:
    page = opened.goto(run.report_html)
    gates = page.locator(".gates .more > td > details")
    closed = page.locator(".gates .more > td > details:not([open])")
    gate = page.locator(f"#{closed.first.evaluate('(one) => one.closest(`tbody`).id')}")
    expect(gate.locator(".explained").first).to_be_hidden()
    gate.locator("summary").first.focus()
    page.keyboard.press("Enter")
    for heading in ("Run only this again", "In full"):
        expect(gate.get_by_role("heading", name=heading)).to_be_visible()
    page.locator("#toggle-gates").focus()
    page.keyboard.press("Enter")
    expect(closed).to_have_count(0)
    page.keyboard.press("Enter")
    expect(closed).to_have_count(gates.count())


def test_failures_stand_first(opened: Opened, run: RunFolder) -> None:
    page = opened.goto(run.report_html)
    kinds = page.locator(".gates > tbody").evaluate_all("all => all.map((one) => one.className)")
    assert kinds[0] == "gate-fail"
    assert kinds.count("gate-fail") == kinds.index(next(k for k in kinds if k != "gate-fail"))


def test_a_command_is_copied(opened: Opened, context: BrowserContext, run: RunFolder) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened.goto(run.report_html)
    page.get_by_role("button", name="Open all").click()
    command = page.locator(".command").first
    command.get_by_role("button").press("Enter")
    expect(command.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == command.locator("code").inner_text()
    assert copied.startswith("vbench ")


def test_paper_has_what_is_folded_on_the_screen(opened: Opened, run: RunFolder) -> None:
    page = opened.goto(run.report_html)
    closed = "document.querySelectorAll('details:not([open])').length"
    before = page.evaluate(closed)
    assert before > 0
    document = pypdfium2.PdfDocument(page.pdf(format="A4", print_background=True))
    words = " ".join(one.get_textpage().get_text_range() for one in document)
    document.close()
    n_commands = page.locator(".command").count()
    assert words.count("Run only this again") == n_commands > 1
    words = " ".join(words.split())
    for anchor, title in SECTIONS.items():
        assert title in words, anchor
    assert page.evaluate(closed) == before


def test_paper_shows_drawings_that_need_no_pointer(opened: Opened, run: RunFolder) -> None:
    page = opened.goto(run.report_html)
    page.locator(".clip").first.scroll_into_view_if_needed()
    expect(page.locator(".clip.drawn").first).to_be_attached()
    page.set_viewport_size({"width": 718, "height": 1000})
    page.emulate_media(media="print")
    for strips in page.locator(".clip .strips").all():
        expect(strips).to_be_visible()
    for selector in (".timeline-stage", "nav", ".threshold", ".copy", "#toggle-gates"):
        expect(page.locator(f"{selector}:visible")).to_have_count(0)
    assert page.evaluate(_OVERFLOW) <= 0
