from tests.report.vega.charts import rows_of
from vbench.report.vega.latency import StageSpan, TimeBin, time_series_spec, waterfall_spec


def test_stages_of_one_name_have_rows_of_their_own() -> None:
    spans = [StageSpan("detect", 0.0, 2.0, 2.5), StageSpan("detect", 2.0, 1.0, None)]
    spec = waterfall_spec(spans, 4.0)
    first, second = rows_of(spec, "bars")
    assert (first["a"], first["b"], first["w"]) == (0.0, 2.0, 2.5)
    assert (second["a"], second["b"], second["w"]) == (2.0, 3.0, None)
    assert first["row"] != second["row"]
    assert {"name": "stages", "value": ["detect", "detect"]} in spec["params"]  # type: ignore[operator]


def test_a_whisker_that_ends_before_its_bar_does_not_move_the_number() -> None:
    row = rows_of(waterfall_spec([StageSpan("a", 1.0, 2.0, 1.5)], 4.0), "texts")[0]
    assert (row["b"], row["w"], row["end"]) == (3.0, 2.5, 3.0)


def test_latency_has_a_band_and_throughput_has_none() -> None:
    bins = [TimeBin(0, 10, 4, 3.0, 2.0, 5.0, "clip")]
    latency = time_series_spec(("a",), bins, "ms", limit=40.0)
    assert [layer["name"] for layer in latency["layer"]] == [  # type: ignore[union-attr, index, call-overload]
        "bands",
        "lines",
        "limit",
        "hover-points",
    ]
    row = rows_of(latency, "bands")[0]
    assert row == {"k": 0, "i": 12.0, "from": 11, "m": 3, "lo": 2, "hi": 5, "clip": "clip"}
    throughput = time_series_spec(("a",), [TimeBin(0, 0, 4, 30.0, None, None, "clip")], "frames/s")
    names = [layer["name"] for layer in throughput["layer"]]  # type: ignore[union-attr, index, call-overload]
    assert names == ["lines", "hover-points"]
