"""The table of kinds of errors."""

from __future__ import annotations

from dataclasses import replace

from tests.metrics.scenes import FAR, A, B, C, clip, detections, golden_set, truth
from tests.report.errors.made_errors import made_errors
from vbench.metrics.error_kinds import ERROR_KINDS
from vbench.report.errors.clip_errors import SetErrors
from vbench.report.errors.kinds import KIND_ORDER, kind_table
from vbench.report.lookup import MetricIndex
from vbench.types import Metric, Run


def scene() -> SetErrors:
    one = clip(truth([(0, A), (0, B), (1, C)]))
    return made_errors(
        golden_set(one),
        {
            "good": [detections([(0, A, 0.9), (0, B, 0.9), (1, C, 0.9)])],
            "poor": [detections([(0, A, 0.9), (0, A, 0.8), (0, FAR, 0.7)])],
        },
    )


def cost(pipeline: str, kind: str, value: float | None) -> Metric:
    reason = None if value is not None else "no truth"
    return Metric(f"ap_cost_{kind}", value, reason, "ratio", "lower", 3, pipeline, "set")


def table_of(run: Run, *costs: Metric) -> tuple[dict[str, list[int]], tuple[str, ...], bool]:
    table = kind_table(MetricIndex.of(replace(run, metrics=costs)), scene())
    counts = {str(row.kind): [cell.n for cell in row.cells] for row in table.rows}
    return counts, table.sentences, table.has_costs


def test_counts_by_pipeline(demo_run: Run) -> None:
    counts, sentences, has_costs = table_of(demo_run)
    assert counts == {
        "missed": [0, 2],
        "background": [0, 1],
        "localisation": [0, 0],
        "classification": [0, 0],
        "both": [0, 0],
        "duplicate": [0, 1],
    }
    assert sentences == (
        "No errors.",
        "2 of 4 errors (50 %) are objects that no answer comes near.",
    )
    assert not has_costs
    assert sorted(KIND_ORDER) == sorted(ERROR_KINDS)


def test_bars_and_shares(demo_run: Run) -> None:
    table = kind_table(MetricIndex.of(replace(demo_run, metrics=())), scene())
    assert table.totals == (0, 4)
    assert [cell.percent for cell in table.rows[0].cells] == [0.0, 100.0]
    assert [cell.share for cell in table.rows[0].cells] == ["", "50 %"]
    assert [cell.percent for cell in table.rows[1].cells] == [0.0, 50.0]


def test_the_dearest_kind_is_named_where_it_is_another(demo_run: Run) -> None:
    most = cost("poor", "missed", 0.25)
    _, sentences, has_costs = table_of(demo_run, most, cost("poor", "background", 0.5))
    assert has_costs
    assert sentences[1] == (
        "2 of 4 errors (50 %) are objects that no answer comes near. Most AP is lost to alarms "
        "where nothing is: it would be 0.500 higher without them."
    )
    _, sentences, _ = table_of(demo_run, most)
    assert sentences[1].endswith("they also cost most: AP would be 0.250 higher without them.")


def test_an_undefined_cost_is_no_cost(demo_run: Run) -> None:
    _, sentences, has_costs = table_of(demo_run, cost("poor", "missed", None))
    assert not has_costs
    assert "AP" not in sentences[1]
