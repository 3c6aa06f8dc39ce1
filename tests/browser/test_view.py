"""The served page: every frame of the media, decoded when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench.small import N_FRAMES
from tests.browser.conftest import Opened, watch
from tests.video.clips import HEIGHT_PX, WIDTH_PX, number_of
from vbench.bench.finished import FinishedRun
from vbench.bench.view import RunView, served_page
from vbench.cli.view_server import ViewServer

TOKEN = "secret-0123456789-abcdefghijklmnop"
_PICTURE = "#viewer .pane svg"
_SHOWN = """async (frame) => {
  if (window.vb.viewer.drawn.frame !== frame) return false;
  const image = document.querySelector('#viewer .pane svg image');
  if (image.style.display === 'none') return false;
  await image.decode();
  return true;
}"""


@dataclass(frozen=True, slots=True)
class Served:
    """A page that is open, and where it came from."""

    opened: Opened
    origin: str

    @property
    def page(self) -> Page:
        return self.opened.page


@pytest.fixture(scope="module")
def server(finished: FinishedRun) -> Iterator[ViewServer]:
    """What `vbench view` serves of a run over two clips, whose frames show their numbers."""
    view = RunView(finished.folder.path, (), lambda _: None)
    page = served_page(finished.folder.path)
    with ViewServer(page, view, "127.0.0.1", 0, TOKEN) as started:
        thread = Thread(target=started.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield started
        started.shutdown()
        thread.join()
    view.close()


@pytest.fixture
def served(browser: Browser, server: ViewServer) -> Iterator[Served]:
    """The page by its address with the token; it must not complain, nor ask anybody else."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = watch(context.new_page())
    opened.page.goto(f"{server.origin}/{TOKEN}/", wait_until="load")
    yield Served(opened, server.origin)
    assert opened.complaints == []
    inside = (f"{server.origin}/{TOKEN}/", "data:", "blob:")
    assert [url for url in opened.requests if not url.startswith(inside)] == []
    context.close()


def number_shown(page: Page, frame: int) -> int:
    """The number that the drawn picture shows, once it is that of the frame."""
    page.wait_for_function(_SHOWN, arg=frame)
    picture = page.locator(_PICTURE).first
    # Boxes would be seen over it.
    picture.evaluate("(svg) => { svg.querySelector('g').style.display = 'none'; }")
    jpeg = np.frombuffer(picture.screenshot(type="png"), np.uint8)
    picture.evaluate("(svg) => { svg.querySelector('g').style.display = ''; }")
    image = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    assert image is not None
    small = cv2.resize(image, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    return number_of(np.asarray(small, np.uint8))


def test_a_frame_that_the_file_has_no_picture_of_is_decoded(served: Served) -> None:
    page = served.page
    assert page.evaluate("vb.data.frames") == []
    page.evaluate("vb.openFrame(1, 5)")
    assert number_shown(page, 5) == 5
    expect(page.locator("#viewer .stage-note")).to_be_hidden()
    expect(page.locator(f"{_PICTURE} .box")).not_to_have_count(0)
    address = f"{served.origin}/{TOKEN}/frames/1/5.jpg"
    assert any(url.startswith(address) for url in served.opened.requests)


def test_steps_show_the_next_frames(served: Served) -> None:
    page = served.page
    page.evaluate("vb.openFrame(0, 2)")
    assert number_shown(page, 2) == 2
    for key, frame in (("ArrowRight", 3), ("ArrowLeft", 2), ("End", N_FRAMES - 1), ("Home", 0)):
        page.keyboard.press(key)
        assert number_shown(page, frame) == frame


def test_a_timeline_leads_to_the_decoded_frame(served: Served) -> None:
    page = served.page
    stage = page.locator(".clip[data-clip='1'] .timeline-stage")
    page.locator(".clip[data-clip='1']").scroll_into_view_if_needed()
    stage.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert number_shown(page, 1) == 1
    assert page.evaluate("[vb.state.clip, vb.state.frame]") == [1, 1]
