"""What the sliders count is what `vbench score RUN --score S` counts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.bench.runs import counts, run_quietly
from tests.bench.small import N_FRAMES, STRAY_BOX, TRUTH_BOX, mot_row, write_small_benchmark
from tests.browser.conftest import Opened
from vbench.bench.progress import NoProgress
from vbench.bench.score import score_run
from vbench.record.folder import RunFolder
from vbench.report.web.html import write_html

SCORES = (0.31, 0.5, 0.77)


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run whose answers, right and wrong, have scores from 0.25 to 0.91."""
    folder = tmp_path_factory.mktemp("scored")
    benchmark = write_small_benchmark(folder / "benchmark")
    for number, path in enumerate(sorted(folder.glob("benchmark/results/*/*.txt"))):
        rows = []
        for frame in range(N_FRAMES):
            score = 0.25 + 0.06 * ((frame + 5 * number) % N_FRAMES)
            rows.append(mot_row(frame, TRUTH_BOX, round(score, 2)))
            rows.append(mot_row(frame, STRAY_BOX, round(1.16 - score, 2), identity=2))
        path.write_text("".join(rows))
    run = run_quietly(benchmark, folder / "run").folder
    write_html(run)
    return run


@pytest.fixture
def page(opened: Opened, scored: RunFolder) -> Page:
    return opened.goto(scored.report_html)


def judged(run: RunFolder, score: float) -> list[list[int]]:
    """Found, missed and false of each pipeline, judged again at this score."""
    again = score_run(run.path, None, score, None, NoProgress()).run
    found = []
    for pipeline in again.pipelines:
        tp, fp, fn = (int(value or 0) for value in counts(again, pipeline.name))
        found.append([tp, fn, fp])
    return found


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_threshold_of_the_curves(page: Page, scored: RunFolder) -> None:
    seen = []
    for score in SCORES:
        page.get_by_role("slider", name="Score threshold").first.fill(str(score))
        rows = page.locator(".threshold-table").first.locator("tbody tr")
        expect(rows.first.locator("td").first).to_have_text(f"{score:.2f}")
        texts = [row.locator("td").all_inner_texts()[1:4] for row in rows.all()]
        seen.append([[number(text) for text in row] for row in texts])
    assert seen == [judged(scored, score) for score in SCORES]
    assert seen[0] != seen[1] != seen[2]


def test_the_slider_of_the_viewer(page: Page, scored: RunFolder) -> None:
    page.evaluate("vb.openFrame(0, 3)")
    for score in SCORES:
        page.locator("#viewer-score").fill(str(score))
        for pipeline, wanted in enumerate(judged(scored, score)):
            row = page.locator(".viewer-counts tbody").nth(pipeline).locator("tr").last
            expect(row.locator("td")).to_have_text([f"{n:,}" for n in wanted])
