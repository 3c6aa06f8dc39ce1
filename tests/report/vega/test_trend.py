from tests.report.vega.charts import layer_of, rows_of
from vbench.report.vega.trend import TrendDot, trend_spec


def test_undefined_values_leave_a_gap_and_promotions_a_ring() -> None:
    dots = [TrendDot(0, 0, 0.5, 0.4, 0.6, False), TrendDot(0, 1, None, None, None, True)]
    spec = trend_spec(("a",), ("monday", "tuesday"), dots, "recall", "ratio")
    first, second = rows_of(spec, "lines")
    assert (first["v"], first["lo"], first["hi"], first["text"]) == (0.5, 0.4, 0.6, "0.500")
    assert (second["v"], second["text"], second["run"]) == (None, "undefined", "tuesday")
    assert "datum.promoted" in str(layer_of(spec, "promotions")["transform"])


def test_nothing_defined_at_all_is_still_a_chart() -> None:
    spec = trend_spec(("a",), ("monday",), [TrendDot(0, 0, None, None, None, False)], "x", "ms")
    assert rows_of(spec, "points")[0]["v"] is None
