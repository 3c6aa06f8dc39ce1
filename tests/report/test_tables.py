from dataclasses import replace

from vbench.report.lookup import MetricIndex
from vbench.report.tables import (
    N_HEAT_STEPS,
    class_table,
    headline_table,
    row_title,
    slice_table,
    stage_table,
)
from vbench.types import Run


def test_headline_has_a_column_per_pipeline_and_states_undefined(demo_run: Run) -> None:
    table = headline_table(MetricIndex.of(demo_run), "loading-dock")
    assert table.columns == ("person-v1", "person-v2", "vendor-replay")
    rows = {row.name: row for row in table.rows}
    latency = rows["latency_ms_p95"].cells
    assert latency[2].text == "undefined"
    assert latency[2].reason == "replayed results have no timings"
    assert table.reasons[(latency[2].note or 0) - 1] == latency[2].reason
    assert latency[1].change is not None
    assert latency[1].change.word == "better"
    assert row_title(rows["latency_ms_p95"]) == "latency p95 (ms)"
    assert "mota" not in rows


def test_every_cell_has_a_value_or_a_reason(demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    classes = demo_run.golden_sets[0].taxonomy.names
    tables = (
        headline_table(index, "loading-dock"),
        slice_table(index, "loading-dock"),
        class_table(index, "loading-dock", classes),
        stage_table(index, "loading-dock", "person-v1"),
    )
    for table in tables:
        for row in table.rows:
            for cell in row.cells:
                assert bool(cell.exact) != bool(cell.reason)
                assert cell.text.strip() not in ("", "nan", "None")


def test_a_metric_that_the_run_lacks_is_undefined_with_a_reason(demo_run: Run) -> None:
    table = headline_table(MetricIndex.of(demo_run), "loading-dock", ("frame_recall",))
    assert table.rows[0].cells[0].reason == "this run has no such metric"


def test_alerts_are_told_where_a_pipeline_raises_any(demo_run: Run) -> None:
    like = next(
        metric
        for metric in demo_run.metrics
        if (metric.name, metric.pipeline, metric.slice, metric.clip, metric.class_name)
        == ("tp", "person-v2", (), None, None)
    )
    names = ("events_raised_once", "events_missed", "duplicate_alerts", "false_alerts")
    more = tuple(replace(like, name=name, value=float(k)) for k, name in enumerate(names))
    run = replace(demo_run, metrics=(*demo_run.metrics, *more))
    rows = {row.name: row for row in headline_table(MetricIndex.of(run), "loading-dock").rows}
    assert [rows[name].cells[1].text for name in names] == ["0", "1", "2", "3"]
    assert rows["false_alerts"].cells[0].reason == "this run has no such metric"
    assert not set(names) & {
        row.name for row in headline_table(MetricIndex.of(demo_run), "loading-dock").rows
    }


def test_shades_follow_merit(demo_run: Run) -> None:
    table = slice_table(MetricIndex.of(demo_run), "loading-dock")
    rows = {row.name: row for row in table.rows}
    recall_v2 = 3
    assert rows["daypart=night"].cells[recall_v2].heat > rows["daypart=day"].cells[recall_v2].heat
    alarms = [row.cells[k].heat for row in table.rows for k in (2, 5, 8)]
    assert max(alarms) == N_HEAT_STEPS
    assert min(alarms) >= 0
