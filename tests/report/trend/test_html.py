from dataclasses import replace
from pathlib import Path

from tests.report.hostile import HOSTILE, hostile_run
from tests.report.html_reading import read_html
from tests.report.trend.conftest import run_on
from vbench.record.deployment import Deployment
from vbench.record.folder import RunFolder
from vbench.record.ledger import file_sha256
from vbench.report.trend.html import trend_html
from vbench.report.trend.page import trend_page
from vbench.report.trend.series import read_trend


def test_a_chart_and_a_table_for_each_metric(weeks: tuple[RunFolder, ...]) -> None:
    trend = read_trend(weeks)
    html = trend_html(trend_page(replace(trend, metrics=trend.metrics[:3])))
    assert html.count('<article class="trend-metric">') == 3
    assert html.count('<svg role="img"') == 3
    assert html.count('aria-label="recall of person, a row per run"') == 1
    assert "person-v1 2.1.0 became 2.2.0." in html
    # Nothing is fetched and nothing runs.
    assert "<script" not in html
    assert "://" not in html.replace("http://www.w3.org", "")


def test_a_promoted_run_has_a_ring_and_words(weeks: tuple[RunFolder, ...]) -> None:
    entry = Deployment(
        action="promote",
        at="2026-11-09T09:00:00Z",
        benchmark="dock-release",
        pipeline="person-v1",
        version="2.1.0",
        digests=(),
        golden_sets=(),
        gates=(),
        run="second",
        run_sha256=file_sha256(weeks[1].run_json),
        note="release 12",
    )
    drawn = []
    for deployments in ((), (entry,)):
        trend = read_trend(weeks, deployments)
        drawn.append(trend_html(trend_page(replace(trend, metrics=trend.metrics[:1]))))
    assert "person-v1 promoted 2026-11-09 (release 12)" in drawn[1]
    assert "promoted 2026" not in drawn[0]
    charts = [text.partition("<svg")[2].partition("</svg>")[0] for text in drawn]
    assert charts[1].count("<path") == charts[0].count("<path") + 1


def test_names_stay_in_their_place(tmp_path: Path) -> None:
    folders = [
        run_on(tmp_path / str(day), day, 0.8, lambda run: hostile_run(replace(run, metrics=())))
        for day in (1, 8)
    ]
    html = trend_html(trend_page(read_trend(folders)))
    root = read_html(html)
    assert not root.all("script")
    assert " ".join(HOSTILE.split()) in " ".join(root.words().split())
