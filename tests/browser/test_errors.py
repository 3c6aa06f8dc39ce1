"""Errors: numbers of the confusion matrix open frames, label errors are saved as a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.barriers import barriers
from tests.browser.conftest import Opened
from tests.report.made_plan import demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.errors.export import label_errors_coco
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.web.html import write_html


@pytest.fixture(scope="module")
def agreeing(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run whose pipelines answer alike, so that all their false alarms are shared."""
    folder = make_run(tmp_path_factory.mktemp("agreeing") / "run", demo_plan())
    first, *others = read_run(folder).pipelines
    for clip in read_run(folder).clips:
        for one in others:
            for place in (folder.detections, folder.matches):
                shutil.copyfile(place(first.name, clip.id), place(one.name, clip.id))
    write_html(folder)
    return folder


def _open_cell(page: Page) -> None:
    page.locator(".matrix td a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".example-panel")).to_be_focused()


def test_a_number_opens_frames_with_the_keyboard_alone(opened: Opened, run: RunFolder) -> None:
    page = opened.goto(run.report_html)
    cell = page.locator(".matrix td a").first
    _open_cell(page)
    assert cell.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    expect(page.locator(".example-panel")).to_have_count(0)
    expect(cell).to_be_focused()
    _open_cell(page)
    link = page.locator(".example-panel .frame-link").first
    clip, frame = link.get_attribute("data-clip"), link.get_attribute("data-frame")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#viewer")).to_be_visible()
    assert page.evaluate("location.hash") == f"#clip={clip}&frame={frame}"


def test_without_scripts_a_number_leads_to_its_frames(browser: Browser, run: RunFolder) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(run.report_html.as_uri())
    page.locator(".matrix td a").nth(1).click()
    expect(page.locator(".examples li:target .frame-link").first).to_be_visible()
    expect(page.locator("#label-errors-download")).to_be_hidden()
    context.close()


def test_the_saved_file_is_that_of_the_command_line(
    opened: Opened, agreeing: RunFolder, tmp_path: Path
) -> None:
    page = opened.goto(agreeing.report_html)
    with page.expect_download() as download:
        page.locator("#label-errors-download").click()
    assert download.value.suggested_filename == "label-errors.json"
    saved = tmp_path / "label-errors.json"
    download.value.save_as(saved)
    whole = json.loads(label_errors_coco(read_run(agreeing), _evidence(agreeing)))
    assert whole["annotations"]
    assert json.loads(saved.read_text(encoding="utf-8")) == whole


def _evidence(folder: RunFolder) -> Evidence:
    return read_evidence(folder, read_run(folder))


def test_it_is_accessible(opened: Opened, agreeing: RunFolder) -> None:
    page = opened.goto(agreeing.report_html)
    _open_cell(page)
    assert barriers(page, "#errors", all_impacts=True) == []
