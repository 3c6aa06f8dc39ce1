"""Charts: drawings that become interactive in their place, and the score threshold."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.barriers import barriers
from tests.browser.conftest import Opened
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.record.shards import read_detection_blocks, read_match_blocks
from vbench.types import Run

_LIVE = ".vega-live svg"


@pytest.fixture
def page(opened: Opened, run: RunFolder) -> Page:
    """The report of a made run."""
    return opened.goto(run.report_html)


@pytest.fixture(scope="session")
def made(run: RunFolder) -> Run:
    return read_run(run)


def chart(page: Page, key: str) -> Locator:
    """A chart once it is interactive."""
    figure = page.locator(f'.vega-chart[data-chart="{key}"]')
    figure.scroll_into_view_if_needed()
    expect(figure.locator(_LIVE)).to_be_visible(timeout=20_000)
    return figure


def line(page: Page, pipeline: int) -> list[str]:
    """Score, found, missed, false, precision, recall and F1 as the table shows them."""
    row = page.locator(".threshold-table tbody tr").nth(pipeline)
    return row.locator("td").all_inner_texts()


def counted(run: RunFolder, made: Run, pipeline: int, score: float) -> list[str]:
    """Found, missed and false, counted of the shards."""
    name = made.pipelines[pipeline].name
    tp = fp = 0
    for clip in made.clips:
        blocks = zip(
            read_detection_blocks(run.detections(name, clip.id)),
            read_match_blocks(run.matches(name, clip.id)),
            strict=True,
        )
        for detections, matches in blocks:
            counts = (detections.scores >= score) & ~matches.ignored[0]
            tp += int((counts & (matches.truth_index[0] >= 0)).sum())
            fp += int((counts & (matches.truth_index[0] < 0)).sum())
    n_truth = sum(clip.n_truth for clip in made.clips)
    return [f"{n:,}" for n in (tp, n_truth - tp, fp)]


def test_a_chart_becomes_interactive_in_its_place(page: Page) -> None:
    figure = page.locator('.vega-chart[data-chart="curves-0-pr"]')
    drawing = figure.locator(".vega-drawing")
    before = drawing.bounding_box()
    label = drawing.locator(":scope > svg").get_attribute("aria-label")
    chart(page, "curves-0-pr")
    after = drawing.bounding_box()
    assert before is not None
    assert after is not None
    assert (before["width"], before["height"]) == (after["width"], after["height"])
    assert drawing.get_by_role("img").get_attribute("aria-label") == label
    assert page.locator("[data-problem]").count() == 0


def test_without_scripts_the_drawings_are_there(browser: Browser, run: RunFolder) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(run.report_html.as_uri())
    expect(page.locator("#curves .vega-drawing > svg")).to_have_count(3)
    assert page.locator("#curves .threshold").is_hidden()
    assert line(page, 0)[1] != ""
    context.close()


def test_the_slider_counts_what_the_run_stored(page: Page, run: RunFolder, made: Run) -> None:
    assert line(page, 0)[1:4] == counted(run, made, 0, 0.3)
    slider = page.get_by_role("slider", name="Score threshold").first
    slider.focus()
    for _ in range(25):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".threshold output").first).to_have_text("0.55")
    for pipeline in range(len(made.pipelines)):
        expect(page.locator(".threshold-table tbody tr td").nth(7 * pipeline)).to_have_text("0.55")
        assert line(page, pipeline)[1:4] == counted(run, made, pipeline, 0.55)
    page.get_by_role("button", name="Back to the operating points").first.click()
    expect(page.locator(".threshold output").first).to_have_text("operating points")
    assert line(page, 0)[1:4] == counted(run, made, 0, 0.3)


def test_below_the_floor_nothing_is_made_up(page: Page) -> None:
    page.get_by_role("slider", name="Score threshold").first.focus()
    page.keyboard.press("Home")
    expect(page.locator(".threshold-table .stored").first).to_have_text(
        "nothing is stored below 0.01"
    )


def test_another_class_has_its_own_numbers(page: Page, made: Run) -> None:
    page.locator(".curve-class select").first.select_option(label="forklift")
    caption = page.locator(".threshold-table caption").first
    expect(caption).to_have_text("At the operating points, class forklift")
    recall = next(
        metric.value
        for metric in made.metrics
        if (metric.name, metric.class_name, metric.clip, metric.slice)
        == ("recall", "forklift", None, ())
    )
    assert recall is not None
    expect(page.locator(".threshold-table tbody tr").first.locator("td").nth(5)).to_have_text(
        f"{recall:.3f}"
    )


def test_a_pipeline_of_the_legend_stands_out(page: Page) -> None:
    figure = chart(page, "curves-0-f1")
    lines = figure.locator(f"{_LIVE} .mark-line path")
    page.locator("#curves .series-legend button").nth(1).click()
    expect(lines.nth(1)).to_have_attribute("opacity", "1")
    expect(lines.nth(0)).to_have_attribute("opacity", "0.12")
    page.locator("#curves .series-legend button").nth(1).click()
    expect(lines.nth(0)).to_have_attribute("opacity", "1")


def test_buttons_zoom_for_the_keyboard(page: Page) -> None:
    figure = chart(page, "curves-0-pr")
    labels = figure.locator(f"{_LIVE} .role-axis-label text")
    origin = labels.filter(has_text=re.compile(r"^0\.0$"))
    expect(origin).not_to_have_count(0)
    zoom = figure.get_by_role("button", name="Zoom in")
    for _ in range(4):
        zoom.press("Enter")
    expect(origin).to_have_count(0)
    figure.get_by_role("button", name="Show all").press("Enter")
    expect(origin).not_to_have_count(0)


def test_a_tooltip_is_text(page: Page) -> None:
    figure = chart(page, "curves-0-f1")
    figure.locator(f"{_LIVE} .hover_points_marks path").nth(40).hover(force=True)
    tip = page.locator(".vega-tip")
    expect(tip).to_be_visible()
    assert "pipeline" in tip.inner_text()
    page.mouse.wheel(0, 300)
    expect(tip).to_be_hidden()


def test_interactive_charts_are_no_barrier(page: Page) -> None:
    for key in ("curves-0-calibration", "waterfall-0-0"):
        chart(page, key)
        assert barriers(page, f'.vega-chart[data-chart="{key}"]') == []
