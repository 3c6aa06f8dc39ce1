"""The frame viewer: what it shows, counts, links and lets the keyboard do."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers
from tests.browser.conftest import Opened
from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.web.html import write_html
from vbench.types import Run

_PICTURE = "#viewer .pane svg"
_DRAWN = "() => window.vb.viewer.drawn"


@pytest.fixture
def page(opened: Opened, run: RunFolder) -> Page:
    """The report of a made run."""
    return opened.goto(run.report_html)


@pytest.fixture(scope="session")
def evidence(run: RunFolder) -> Evidence:
    """What the run folder says of that run."""
    return read_evidence(run, read_run(run))


def open_first(page: Page) -> None:
    """Open the first figure of the gallery."""
    page.locator("#worst figure a.frame-link").first.click()
    expect(page.locator(_PICTURE).first).to_be_visible()


def place(page: Page) -> tuple[int, int]:
    """(clip, frame) that is drawn."""
    drawn = page.evaluate(_DRAWN)
    return drawn["clip"], drawn["frame"]


def counts(page: Page, row: str, pipeline: int = 0) -> list[int]:
    """Found, missed and false in the table; `row` is ``this frame`` or ``all frames``."""
    body = page.locator(".viewer-counts tbody").nth(pipeline)
    cells = body.locator("tr", has_text=row).locator("td").all_inner_texts()
    return [int(text.replace(",", "")) for text in cells]


def expected(evidence: Evidence, run: Run, at: tuple[int, int], score: float) -> list[list[int]]:
    """Found, missed and false of each pipeline on a frame, counted of what the run stored."""
    clips = [(item.name, clip) for item in evidence.golden_sets for clip in item.clips]
    golden_set, clip = clips[at[0]]
    made = []
    for pipeline in run.pipelines:
        stored = evidence.of(pipeline.name, golden_set, clip.id)
        answers = stored.pictured.detections
        rows = [
            row
            for row in range(len(answers))
            if answers.frame_index[row] == at[1] and answers.scores[row] >= score
        ]
        found = {int(stored.pictured.truth_index[row]) for row in rows} - {-1, -2}
        false = sum(int(stored.pictured.truth_index[row]) == -1 for row in rows)
        objects = [
            row
            for row in range(len(clip.truth))
            if clip.truth.frame_index[row] == at[1] and stored.truth_counts[row]
        ]
        made.append([len(found), len(objects) - len(found), false])
    return made


def test_the_slider_counts_as_the_run_does(page: Page, run: RunFolder, evidence: Evidence) -> None:
    open_first(page)
    result = read_run(run)
    for score in (0.05, 0.5, 0.77, 1.0):
        page.locator("#viewer-score").fill(str(score))
        page.wait_for_timeout(150)
        for number, wanted in enumerate(expected(evidence, result, place(page), score)):
            assert counts(page, "this frame", number) == wanted, (score, number)
        sums = [evidence.scores(item.name, result.golden_sets[0].name) for item in result.pipelines]
        for number, found in enumerate(sums):
            tp, fp = (int(column[0, round(100 * score)]) for column in (found.tp, found.fp))
            assert counts(page, "all frames", number) == [tp, int(found.n_truth[0]) - tp, fp]


def test_the_slider_moves_the_boxes_and_goes_back(page: Page) -> None:
    open_first(page)
    before = page.locator(f"{_PICTURE} .box-hit").count()
    at_point = counts(page, "all frames")
    page.locator("#viewer-score").fill("1")
    expect(page.locator(f"{_PICTURE} .box-hit")).to_have_count(0)
    assert counts(page, "this frame")[0] == 0
    page.locator("#viewer-reset").click()
    expect(page.locator(f"{_PICTURE} .box-hit")).to_have_count(before)
    expect(page.locator("#viewer-score-text")).to_contain_text("operating point")
    page.wait_for_timeout(150)
    assert counts(page, "all frames") == at_point


def test_boxes_go_by_pipeline_class_and_outcome(page: Page) -> None:
    open_first(page)
    missed = page.locator(f"{_PICTURE} .box-missed")
    assert missed.count() > 0
    page.locator('.outcomes input[value="missed"]').uncheck()
    expect(missed).to_have_count(0)
    page.locator('.outcomes input[value="missed"]').check()
    whole = counts(page, "this frame")
    for tick in page.locator(".classes input").all():
        tick.uncheck()
    expect(page.locator(f"{_PICTURE} .box")).to_have_count(0)
    assert counts(page, "this frame") == [0, 0, 0]
    page.get_by_role("button", name="All classes").click()
    assert counts(page, "this frame") == whole
    page.get_by_role("button", name="None").click()
    expect(page.locator(f"{_PICTURE} .box")).to_have_count(0)
    page.get_by_role("button", name="All classes").click()
    for tick in page.locator(".viewer-counts input").all():
        tick.uncheck()
    expect(missed).to_have_count(0)
    expect(page.locator(f"{_PICTURE} .box-hit")).to_have_count(0)


def test_the_keyboard_alone(page: Page, run: RunFolder, evidence: Evidence) -> None:
    link = page.locator("#worst figure a.frame-link").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(_PICTURE).first).to_be_visible()
    clip, frame = place(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => window.vb.viewer.drawn.frame === {frame + 1}")
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_function(f"() => window.vb.viewer.drawn.frame === {max(0, frame - 9)}")
    page.keyboard.press("Home")
    page.wait_for_function("() => window.vb.viewer.drawn.frame === 0")
    page.keyboard.press("n")
    page.wait_for_function("() => window.vb.viewer.drawn.frame > 0")
    result = read_run(run)
    name = evidence.golden_sets[0].clips[clip].id
    item = evidence.of(result.pipelines[0].name, result.golden_sets[0].name, name)
    errors = [k for k in range(1, len(item.fp)) if item.fp[k] + item.fn[k]]
    assert place(page) == (clip, errors[0])
    page.keyboard.press("n")
    page.wait_for_function(f"() => window.vb.viewer.drawn.frame === {errors[1]}")
    page.keyboard.press("p")
    page.wait_for_function(f"() => window.vb.viewer.drawn.frame === {errors[0]}")
    page.keyboard.press("+")
    expect(page.locator("#viewer-zoom")).to_have_text("140 %")
    page.keyboard.press("0")
    expect(page.locator("#viewer-zoom")).to_have_text("100 %")
    expect(page.locator("#viewer-said")).to_contain_text(f"Frame {errors[0]} of {name}")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(link).to_be_focused()


def test_a_frame_has_an_address(opened: Opened, run: RunFolder) -> None:
    page = opened.goto(run.report_html, "#clip=1&frame=7")
    expect(page.locator("#viewer-title")).to_contain_text("frame 7")
    assert place(page) == (1, 7)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**#clip=1&frame=8")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    assert "#" not in page.url


def test_back_closes_and_forward_opens_again(page: Page) -> None:
    open_first(page)
    shown = place(page)
    page.wait_for_url("**#clip=*")
    page.go_back()
    expect(page.locator("#viewer")).to_be_hidden()
    page.go_forward()
    expect(page.locator(_PICTURE).first).to_be_visible()
    assert place(page) == shown
    page.locator("#viewer .close").click()
    page.evaluate("vb.openFrame(1, 3)")
    page.wait_for_function("() => window.vb.viewer.drawn.frame === 3")
    expect(page.locator(_PICTURE).first).to_be_visible()


@pytest.mark.parametrize("anchor", ["#clip=999&frame=1", "#clip=0&frame=99999", "#clip=x"])
def test_an_address_of_no_frame_opens_nothing(opened: Opened, run: RunFolder, anchor: str) -> None:
    page = opened.goto(run.report_html, anchor)
    page.wait_for_timeout(200)
    expect(page.locator("#viewer")).to_be_hidden()


def test_a_frame_without_a_picture_says_so_and_offers_the_nearest(page: Page) -> None:
    pictured = page.evaluate("vb.data.frames.map(({ clip, frame }) => [clip, frame])")
    clip, frame = next(
        [clip, frame + 1] for clip, frame in pictured if [clip, frame + 1] not in pictured
    )
    page.evaluate("([clip, frame]) => vb.openFrame(clip, frame)", [clip, frame])
    note = page.locator("#viewer .stage-note")
    expect(note).to_contain_text("no picture of this frame")
    expect(note).to_contain_text("vbench view")
    expect(page.locator(f"{_PICTURE} image")).to_be_hidden()
    note.get_by_role("button", name="Nearest picture").click()
    expect(note).to_be_hidden()
    nearest = place(page)
    assert list(nearest) in pictured
    page.keyboard.press("o")
    page.wait_for_function("shown => vb.viewer.drawn.frame !== shown", arg=nearest[1])
    assert list(place(page)) in pictured


def test_a_frame_of_which_the_file_knows_nothing(page: Page) -> None:
    page.evaluate("vb.data.frames.length = 0; vb.frame = async () => null; vb.openFrame(0, 2)")
    expect(page.locator("#viewer .stage-note")).to_contain_text("neither the picture nor the boxes")
    cells = page.locator(".viewer-counts tbody").first.locator("tr", has_text="this frame")
    assert cells.locator("td").all_inner_texts() == ["–", "–", "–"]


def test_a_frame_that_cannot_be_read_says_why(page: Page) -> None:
    torn = "vb.frame = async () => { throw new Error('the file is torn'); };"
    page.evaluate(f"() => {{ {torn} vb.openFrame(0, 2); }}")
    expect(page.locator("#viewer .stage-note")).to_contain_text("the file is torn")


def test_the_gallery_follows_the_slice_filter(page: Page) -> None:
    figures = page.locator("#worst .gallery figure")
    slices = figures.evaluate_all("all => all.map(one => one.dataset.slices.split(' '))")
    chosen = slices[0][0]
    page.evaluate("id => vb.set('slice', id)", int(chosen))
    shown = figures.evaluate_all("all => all.map(one => one.checkVisibility())")
    assert shown == [chosen in one for one in slices]
    assert not all(shown)


def test_what_is_known_of_the_frame_besides_its_boxes(page: Page) -> None:
    page.evaluate("""() => {
      const clip = vb.data.clips[0];
      clip.events = [{ first: 5, last: 9, text: 'zone_enter' }];
      clip.missed_events = clip.missed_events.map((_, k) => (k === 1 ? [0] : []));
      clip.alerts[0] = [{ frame: 8, outcome: 'duplicate', text: 'intrusion' }];
      clip.late[0] = [7];
      clip.annotated = [[0, 7]];
      vb.openFrame(0, 7);
    }""")
    facts = page.locator(".viewer-facts")
    for text in (
        "daypart=day",
        "Event: zone_enter · missed by person-v2",
        "Second alert of person-v1: intrusion at frame 8",
        "person-v1 took longer than the time between two frames",
        "Not annotated: nothing on this frame counts",
    ):
        expect(facts).to_contain_text(text)


def test_side_by_side_has_a_picture_for_each_pipeline(page: Page, run: RunFolder) -> None:
    open_first(page)
    page.locator('[name="viewer-mode"][value="side"]').check()
    names = [item.name for item in read_run(run).pipelines]
    assert page.locator(".pane-title").all_inner_texts() == names
    for number in range(len(names)):
        found, missed, false = counts(page, "this frame", number)
        pane = page.locator(".pane").nth(number)
        assert pane.locator(".box-found").count() == found
        assert pane.locator(".box-missed").count() == missed
        assert pane.locator(".box-false").count() == false


def title_after(page: Page, wait_ms: int) -> str:
    """Which pipeline is shown after a while."""
    page.wait_for_timeout(wait_ms)
    return page.locator(".pane-title").inner_text()


def test_flicker_changes_pipelines_until_it_is_paused(page: Page) -> None:
    open_first(page)
    page.locator('[name="viewer-mode"][value="flicker"]').check()
    page.locator("#viewer-rate").fill("3")
    assert len({title_after(page, 120) for _ in range(8)}) > 1
    page.get_by_role("button", name="Pause", exact=True).click()
    first = title_after(page, 0)
    assert {title_after(page, 150) for _ in range(5)} == {first}
    page.locator("#viewer .stage").focus()
    page.keyboard.press("x")
    assert title_after(page, 0) != first


def test_nothing_moves_by_itself_for_those_who_asked_for_calm(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_first(page)
    page.locator('[name="viewer-mode"][value="flicker"]').check()
    assert len({title_after(page, 200) for _ in range(6)}) == 1
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_picture_zooms_at_the_pointer_and_moves_within_its_edges(page: Page) -> None:
    open_first(page)
    box = page.locator(_PICTURE).first.bounding_box()
    assert box is not None
    whole = float(viewed(page).split()[2])
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    left, _, width, _ = (float(text) for text in viewed(page).split())
    assert width < whole / 3
    assert 0 < left < whole / 2 - width / 2
    page.mouse.down()
    page.mouse.move(box["x"] + 5000, box["y"] + 5000, steps=3)
    page.mouse.up()
    assert viewed(page).split()[:2] == ["0", "0"]


def viewed(page: Page) -> str:
    """The part of the frame that is seen: left, top, width, height."""
    return page.locator(_PICTURE).first.get_attribute("viewBox") or ""


def test_held_keys_show_the_newest_frame(page: Page) -> None:
    page.evaluate("vb.openFrame(0, 0)")
    expect(page.locator(_PICTURE).first).to_be_visible()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.vb.viewer.drawn.frame === 40")


def test_the_newest_of_slow_frames_is_shown_and_no_older_one(page: Page) -> None:
    slow = """() => {
      const frame = vb.frame;
      window.asked = [];
      vb.frame = async (...place) => {
        window.asked.push(place[1]);
        await new Promise((done) => { setTimeout(done, place[1] === 1 ? 5000 : 50); });
        return frame(...place);
      };
      vb.openFrame(0, 1);
      [2, 3, 4].forEach((one) => vb.openFrame(0, one));
    }"""
    page.evaluate(slow)
    page.wait_for_function("() => window.vb.viewer.drawn.frame === 4", timeout=2000)
    assert page.evaluate("window.asked") == [1, 4]


_WILD = "<img src=x onerror=alert(1)> \u202eabc 🚚 "


def test_names_of_any_kind_stay_in_their_places(opened: Opened, tmp_path: Path) -> None:
    pipelines = [PipelinePlan(f"{_WILD}{k} {'w' * 150}", {"": 0.5}, 0.5, None) for k in range(50)]
    plan = RunPlan(
        clips=[ClipPlan(f"{_WILD}{'c' * 150}", 5, (("daypart", _WILD * 9),))],
        pipelines=pipelines,
        classes=("</script><script>alert(1)</script>" + "x" * 300, "ש" * 300),
    )
    folder = make_run(tmp_path / "run", plan)
    write_html(folder)
    page = opened.goto(folder.report_html, "#clip=0&frame=2")
    expect(page.locator(_PICTURE)).to_be_visible()
    assert (
        page.locator("#viewer-title")
        .inner_text()
        .startswith(_WILD.strip().replace("\u202e", "\ufffd"))
    )
    page.locator("#viewer-labels").select_option("all")
    assert page.locator(f"{_PICTURE} text").count() > 0
    page.get_by_role("button", name="Show all", exact=True).click()
    page.locator('[name="viewer-mode"][value="side"]').check()
    assert page.locator(".pane").count() == 50
    sizes = page.locator(_PICTURE).evaluate_all("all => all.map(one => one.clientHeight)")
    assert min(sizes) > 100
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        wide = "document.getElementById('viewer').scrollWidth - innerWidth"
        assert page.evaluate(wide) <= 0
        side = "(s => s.scrollWidth - s.clientWidth)(document.querySelector('.viewer-side'))"
        assert page.evaluate(side) <= 0


@pytest.mark.parametrize("size_px", [(390, 844), (1280, 800)], ids=["phone", "laptop"])
def test_no_serious_barrier(page: Page, size_px: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size_px[0], "height": size_px[1]})
    open_first(page)
    page.locator('[name="viewer-mode"][value="flicker"]').check()
    page.evaluate("document.querySelectorAll('#viewer details').forEach((one) => one.open = true)")
    wide = "document.getElementById('viewer').scrollWidth - innerWidth"
    assert page.evaluate(wide) <= 0
    assert barriers(page, "#viewer", all_impacts=True) == []
