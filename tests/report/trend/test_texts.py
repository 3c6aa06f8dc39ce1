import csv
import json

from vbench.record.folder import RunFolder
from vbench.report.trend.page import trend_page
from vbench.report.trend.series import read_trend
from vbench.report.trend.texts import trend_csv, trend_json, trend_markdown


def test_csv_has_every_point_unrounded(weeks: tuple[RunFolder, ...]) -> None:
    trend = read_trend(weeks)
    rows = list(csv.DictReader(trend_csv(trend).splitlines()))
    points = [(m, p) for m in trend.metrics for line in m.lines for p in line.points]
    assert len(rows) == len(points)
    for row, (metric, point) in zip(rows, points, strict=True):
        assert row["metric"] == metric.name
        assert row["value"] == ("" if point.value is None else repr(point.value))
        assert row["low"] == ("" if point.interval is None else repr(point.interval.low))


def test_json_has_runs_points_and_changes(weeks: tuple[RunFolder, ...]) -> None:
    trend = read_trend(weeks)
    document = json.loads(trend_json(trend))
    assert document["schema"] == "vbench.trend/v1"
    assert [run["name"] for run in document["runs"]] == ["first", "second", "third"]
    assert document["runs"][2]["changes"] == ["person-v1 2.1.0 became 2.2.0."]
    line = document["metrics"][0]["lines"][0]
    assert [point["value"] for point in line["points"]] == [
        point.value for point in trend.metrics[0].lines[0].points
    ]


def test_markdown_has_a_row_per_run_and_metric(weeks: tuple[RunFolder, ...]) -> None:
    page = trend_page(read_trend(weeks))
    text = trend_markdown(page)
    assert text.startswith("## dock-release: 3 runs over time\n")
    assert text.count("\n### ") == len(page.metrics)
    assert "2026-11-15 18:04" in text
