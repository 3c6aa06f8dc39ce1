from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.trend.conftest import renamed, run_on
from vbench.errors import InputError
from vbench.record.deployment import Deployment
from vbench.record.folder import RunFolder
from vbench.record.ledger import file_sha256
from vbench.record.run_json import read_run
from vbench.report.trend.series import Trend, TrendLine, TrendMetric, read_trend


def _metric(trend: Trend, name: str) -> TrendMetric:
    return next(
        item
        for item in trend.metrics
        if item.name == name and not item.slice and not item.class_name
    )


def _line(trend: Trend, name: str) -> TrendLine:
    return _metric(trend, name).lines[0]


def test_runs_come_oldest_first_in_whatever_order_they_are_given(
    weeks: tuple[RunFolder, ...],
) -> None:
    trend = read_trend([weeks[2], weeks[0], weeks[1]])
    assert [run.name for run in trend.runs] == ["first", "second", "third"]
    assert [point.run for point in _line(trend, "recall").points] == [0, 1, 2]


def test_points_are_the_values_of_the_runs(weeks: tuple[RunFolder, ...]) -> None:
    trend = read_trend(weeks)
    for k, folder in enumerate(weeks):
        row = next(
            item
            for item in read_run(folder).metrics
            if (item.name, item.class_name, item.clip, item.slice) == ("recall", None, None, ())
        )
        point = _line(trend, "recall").points[k]
        assert (point.value, point.interval, point.n) == (row.value, row.interval, row.n)


def test_what_gates_are_about_comes_first(weeks: tuple[RunFolder, ...]) -> None:
    first = read_trend(weeks).metrics[0]
    assert (first.name, first.class_name) == ("recall", "person")


def test_a_change_is_clear_where_intervals_lie_apart(weeks: tuple[RunFolder, ...]) -> None:
    line = _line(read_trend(weeks), "recall")
    before, last = line.points[-2].interval, line.points[-1].interval
    assert before is not None
    assert last is not None
    assert line.is_clear_change() == (last.high < before.low or last.low > before.high)
    near = replace(line.points[-1], interval=before)
    assert not TrendLine("p", (*line.points[:-1], near)).is_clear_change()
    apart = replace(before, low=before.high + 1, high=before.high + 2)
    far = replace(line.points[-1], interval=apart)
    assert TrendLine("p", (*line.points[:-1], far)).is_clear_change()


def test_promotions_are_marked_at_their_run(weeks: tuple[RunFolder, ...]) -> None:
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
    )
    trend = read_trend(weeks, [entry])
    assert [run.promotions for run in trend.runs] == [(), (entry,), ()]


def test_the_same_run_twice_is_refused(weeks: tuple[RunFolder, ...]) -> None:
    with pytest.raises(InputError, match="given twice"):
        read_trend([weeks[0], weeks[0]])


def test_a_run_of_another_benchmark_is_refused(
    weeks: tuple[RunFolder, ...], tmp_path: Path
) -> None:
    other = run_on(
        tmp_path / "other",
        2,
        0.9,
        lambda run: replace(run, manifest=replace(run.manifest, benchmark="gate-release")),
    )
    with pytest.raises(InputError, match='is of the benchmark "gate-release"') as caught:
        read_trend([weeks[0], other, weeks[2]])
    assert caught.value.where == str(other.path)


def test_a_pipeline_that_comes_later_has_points_from_then_on(
    weeks: tuple[RunFolder, ...], tmp_path: Path
) -> None:
    late = run_on(tmp_path / "late", 20, 0.9, renamed)
    lines = {line.pipeline: line for line in _metric(read_trend([*weeks, late]), "recall").lines}
    assert [point.run for point in lines["new"].points] == [3]
    assert [point.run for point in lines["person-v1"].points] == [0, 1, 2]
