"""Timelines: keyboard, pointer, zoom of a long clip; and the filter by slices."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opened
from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import ClipEvidence, read_evidence
from vbench.report.web.html import write_html

N_LONG = 100_000
_CANVAS_INK = """(canvas) => {
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let inked = 0;
  for (let k = 3; k < pixels.length; k += 4) if (pixels[k]) inked += 1;
  return inked;
}"""


@pytest.fixture(scope="session")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A clip of 100,000 frames and a short one, three pipelines."""
    plan = RunPlan(
        clips=[
            ClipPlan("long", N_LONG, (("daypart", "day"),), n_objects=2),
            ClipPlan("short", 60, (("daypart", "night"),)),
        ],
        pipelines=[PipelinePlan(f"p{k}", {"": 0.9}, 0.05, 5.0) for k in range(3)],
        n_pictures=0,
    )
    folder = make_run(tmp_path_factory.mktemp("long") / "run", plan)
    write_html(folder)
    return folder


@pytest.fixture
def page(opened: Opened, run: RunFolder) -> Page:
    return opened.goto(run.report_html)


def stage_of(page: Page, clip: int) -> Locator:
    """The drawing of a clip, in view and drawn."""
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    holder = page.locator(f".clip[data-clip='{clip}']")
    holder.evaluate("(clip) => clip.scrollIntoView({ block: 'center' })")
    stage = holder.locator(".timeline-stage")
    stage.wait_for()
    page.wait_for_timeout(150)
    return stage


def evidence_of(folder: RunFolder, clip: int, pipeline: int) -> ClipEvidence:
    run = read_run(folder)
    found = read_evidence(folder, run).clips
    place = run.clips[clip].id, run.pipelines[pipeline].name
    return next(one for one in found if (one.clip, one.pipeline) == place)


def test_a_clip_is_drawn_when_it_comes_near(page: Page) -> None:
    assert page.locator(".clip.drawn").count() < page.locator(".clip").count()
    stage = stage_of(page, 0)
    assert stage.locator("canvas").evaluate(_CANVAS_INK) > 1000
    assert page.locator(".clip[data-clip='0'] .strips").is_hidden()


def test_keys_go_from_error_to_error_as_stored(page: Page, run: RunFolder) -> None:
    stage = stage_of(page, 0)
    item = evidence_of(run, 0, 1)
    errors = [int(k) for k in (item.fn + item.fp).nonzero()[0]]
    stage.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    seen = []
    for _ in range(4):
        page.keyboard.press("n")
        seen.append(int(stage.get_attribute("aria-valuenow") or -1))
    assert seen == [k for k in errors if k > 0][:4]
    at = seen[-1]
    text = stage.get_attribute("aria-valuetext") or ""
    counts = f"{item.tp[at]} found, {item.fn[at]} missed, {item.fp[at]} false"
    assert f"frame {at}" in text
    assert text.endswith(f"{item.pipeline}: {counts}")
    page.keyboard.press("p")
    assert stage.get_attribute("aria-valuenow") == str(seen[-2])
    page.keyboard.press("Shift+ArrowRight")
    assert stage.get_attribute("aria-valuenow") == str(seen[-2] + 10)


def test_enter_and_click_open_the_frame(page: Page) -> None:
    stage = stage_of(page, 0)
    stage.focus()
    page.keyboard.press("Home")
    page.keyboard.press("n")
    at = stage.get_attribute("aria-valuenow")
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("[vb.state.clip, vb.state.frame]") == [0, int(at or -1)]
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    box = stage.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 60)
    page.locator("dialog[open]").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("vb.state.frame") == int(stage.get_attribute("aria-valuenow") or -1)


def test_the_wheel_scrolls_the_page_until_the_timeline_has_the_focus(page: Page) -> None:
    stage = stage_of(page, 0)
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 60)
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") > before
    clip = page.locator(".clip[data-clip='0']")
    assert "zoomed" not in (clip.get_attribute("class") or "")
    stage.focus()
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, -300)
    page.locator(".clip[data-clip='0'].zoomed").wait_for()
    assert page.evaluate("scrollY") == before
    page.keyboard.press("0")
    page.locator(".clip[data-clip='0']:not(.zoomed)").wait_for()


def test_a_long_clip_is_zoomed_to_frames(opened: Opened, long_run: RunFolder) -> None:
    page = opened.goto(long_run.report_html)
    stage = stage_of(page, 0)
    box = stage.bounding_box()
    assert box is not None
    stage.focus()
    page.mouse.move(box["x"] + 300, box["y"] + 60)
    for _ in range(20):
        page.mouse.wheel(0, -240)
    # So far in that each frame is wider than a hair.
    page.wait_for_function(
        "() => document.querySelector('.clip.zoomed .timeline-cursor')?.offsetWidth >= 10"
    )
    # At the end of the zoom the wheel scrolls the page.
    stage_of(page, 0).click(position={"x": 300, "y": 60})
    page.locator("dialog[open]").wait_for()
    page.wait_for_function("() => vb.state.frame !== null")
    at = page.evaluate("vb.state.frame")
    assert at == int(stage.get_attribute("aria-valuenow") or -1)
    # The place under the pointer stayed where it was.
    assert at / N_LONG == pytest.approx(300 / box["width"], abs=0.02)


def test_one_error_in_a_long_clip_is_seen_at_every_zoom(
    opened: Opened, long_run: RunFolder
) -> None:
    page = opened.goto(long_run.report_html)
    highest = page.evaluate(
        """() => {
          const values = new Uint8Array(100000);
          values[54321] = 1;
          const counts = vb.timelineDrawing.pyramid(values);
          const seen = [];
          for (let size = 1; size <= 100000; size *= 10) {
            const first = Math.floor(54321 / size) * size;
            seen.push(counts.max(first, Math.min(100000, first + size)));
            if (first >= size) seen.push(-counts.max(first - size, first));
          }
          return seen;
        }"""
    )
    assert [abs(one) for one in highest if one > 0] == [1] * 6
    assert [one for one in highest if one < 0] == []


def test_a_slice_filters_the_page_and_a_link_shows_all_again(page: Page) -> None:
    n_clips = page.locator(".clip").count()
    pick = page.locator("button.pick", has_text="daypart=night").first
    pick.focus()
    page.keyboard.press("Enter")
    assert pick.get_attribute("aria-pressed") == "true"
    shown = page.locator(".clip:visible")
    assert 0 < shown.count() < n_clips
    assert all("daypart=night" in text for text in shown.locator("h3").all_text_contents())
    bar = page.locator(".filter-bar")
    assert f"daypart=night only: {shown.count()} of {n_clips} clips" in bar.inner_text()
    assert "daypart=night" in (page.locator("body > [aria-live=polite]").last.text_content() or "")
    gates = page.locator(".gates > tbody:visible > tr > th")
    assert all("night" in text for text in gates.all_text_contents())
    bar.locator("button").click()
    assert bar.is_hidden()
    assert page.locator(".clip:visible").count() == n_clips


def test_heat_maps_show_one_metric_at_a_time(page: Page) -> None:
    group = page.locator("#slices .heat-maps").first
    assert group.locator(".heat-map:visible").count() == 1
    group.get_by_label("Precision", exact=True).check(force=True)
    assert group.locator(".heat-map:visible").get_attribute("data-metric") == "precision"


def test_a_heat_map_by_keyboard(page: Page) -> None:
    group = page.locator("#slices .heat-maps").first
    chosen = group.locator(".choice input:checked")
    before = chosen.get_attribute("value")
    chosen.focus()
    page.keyboard.press("ArrowRight")
    shown = group.locator(".heat-map:visible")
    assert shown.count() == 1
    assert shown.get_attribute("data-metric") == chosen.get_attribute("value") != before
    first, second = (shown.locator("button.pick").nth(k) for k in range(2))
    first.focus()
    page.keyboard.press("Tab")
    expect(second).to_be_focused()
    page.keyboard.press("Space")
    expect(second).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("vb.state.slice") == int(second.get_attribute("data-slice") or -1)
    page.keyboard.press("Space")
    expect(second).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("vb.state.slice") is None


def test_names_of_users_stay_names(opened: Opened, tmp_path: Path) -> None:
    hostile = '<img src=x onerror="document.title=1">'
    plan = RunPlan(
        clips=[ClipPlan("one", 1, (("daypart", hostile),))],
        pipelines=[PipelinePlan(f"</script>{hostile}{k}", {"": 0.5}, 1.0, 5.0) for k in range(8)],
        n_pictures=0,
    )
    folder = make_run(tmp_path / "run", plan)
    write_html(folder)
    page = opened.goto(folder.report_html)
    stage = stage_of(page, 0)
    stage.focus()
    page.keyboard.press("n")
    assert page.locator("img").count() == 0
    assert hostile in page.locator(".timeline-titles").first.inner_text()
    page.get_by_role("button", name="Show 2 more pipelines").click()
    page.locator(".timeline-titles .strip-title").nth(7).wait_for()
