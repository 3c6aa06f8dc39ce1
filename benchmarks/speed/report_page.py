"""How the report of a run of 100,000 frames behaves in a browser.

python benchmarks/speed/report_page.py [--run FOLDER] [--rounds 5] [--json FILE]

Time until the page of the run (see made_run.py) is interactive, and the longest task while the
timeline of one clip of 100,000 frames (3 pipelines) is zoomed to single frames and moved. Needs
Chromium, as `make test-browser` does. A task is of wall time: other work makes it longer.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import Table, arguments_of, measure
from made_run import make_run
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan
from tests.report.made_run import make_run as make_plain_run

from vbench.record.folder import RunFolder
from vbench.report.web.html import write_html

INTERACTIVE_MS, TASK_MS = 1000.0, 100.0
N_LONG = 100_000
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FRAME_MS = 16
_CHARTS_MS = 3000
_END_MS = 150
"""Until late tasks are noted; a little later the page, left alone, starts charts that are near."""
_N_TURNS = 14
"""To about 20 frames and back; at the end of the zoom the page would scroll to its charts."""
_READY_MS = """async () => {
  await vb.ready;
  const [page] = performance.getEntriesByType('navigation');
  return page.domContentLoadedEventEnd;
}"""
_SHOW_TIMELINE = """() => {
  document.documentElement.style.scrollBehavior = 'auto';
  document.querySelector('.clip').scrollIntoView({ block: 'center' });
}"""
_NOTE_TASKS = """() => {
  window.tasks = [];
  new PerformanceObserver((list) => {
    list.getEntries().forEach((entry) => window.tasks.push(entry.duration));
  }).observe({ type: 'longtask' });
}"""


@dataclass(frozen=True, slots=True)
class Pages:
    """The files that are opened, each in a browser of its own, and what opens them.

    A browser that has ended counts as work of this process.
    """

    program: str
    whole: Path
    """Report of 40 clips, 100,000 frames together."""
    long: Path
    """Report of one clip of 100,000 frames."""

    def interactive_ms(self) -> float:
        """From the navigation's start until the scripts of the page have run."""
        with _opened(self.program, self.whole) as page:
            return float(page.evaluate(_READY_MS))

    def longest_task_ms(self) -> float:
        """Longest task while the timeline is zoomed in, out, in and moved; 0 where none is long."""
        with _opened(self.program, self.long) as page:
            return _zoomed_ms(page)


@contextmanager
def _opened(program: str, path: Path) -> Iterator[Page]:
    with sync_playwright() as play:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = play.chromium.launch(executable_path=program, args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, offline=True)
        page.goto(path.as_uri(), wait_until="load")
        yield page
        browser.close()


def _zoomed_ms(page: Page) -> float:
    page.evaluate(_SHOW_TIMELINE)
    stage = page.locator(".timeline-stage").first
    stage.focus()
    # Charts that came near are made interactive first: tasks of their own.
    page.wait_for_timeout(_CHARTS_MS)
    page.evaluate(_NOTE_TASKS)
    box = stage.bounding_box()
    if box is None:
        sys.exit("the timeline is not shown")
    x, y = box["x"] + 300, box["y"] + 60
    page.mouse.move(x, y)
    for turn in (-240, 240, -240):
        for _ in range(_N_TURNS):
            page.mouse.wheel(0, turn)
            page.wait_for_timeout(_FRAME_MS)
    page.mouse.down()
    for k in range(20):
        page.mouse.move(x - 8 * k, y)
    page.mouse.up()
    page.wait_for_timeout(_END_MS)
    if not page.locator(".clip.zoomed").count():
        sys.exit("the timeline was not zoomed")
    return float(max(page.evaluate("window.tasks"), default=0.0))


def main() -> None:
    """Measure and print the table."""
    parser = arguments_of(__doc__, rounds=5)
    parser.add_argument("--run", type=Path, help="a finished run; by default one is made")
    arguments = parser.parse_args()
    program = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if program is None:
        sys.exit("there is no chromium: apt-get install chromium")
    table = Table("Report of 100,000 frames in Chromium", arguments)
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as scratch:
        folder = Path(scratch)
        whole = RunFolder(arguments.run) if arguments.run else make_run(folder / "run")
        long = make_plain_run(folder / "long", _long_plan())
        pages = Pages(program, write_html(whole), write_html(long))
        ways = {"interactive": pages.interactive_ms, "task": pages.longest_task_ms}
        rounds = measure(ways, arguments.rounds)
    table.add(
        "interactive", rounds.values["interactive"], "ms", at_most=INTERACTIVE_MS, load=rounds.load
    )
    table.add(
        "longest task, zooming a clip of 100,000 frames",
        rounds.values["task"],
        "ms",
        at_most=TASK_MS,
    )
    table.finish()


def _long_plan() -> RunPlan:
    return RunPlan(
        clips=[ClipPlan("long", N_LONG, (("daypart", "day"),), n_objects=2)],
        pipelines=[PipelinePlan(f"p{k}", {"": 0.9}, 0.05, 5.0) for k in range(3)],
        n_pictures=0,
    )


if __name__ == "__main__":
    main()
