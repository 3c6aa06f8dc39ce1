from vbench.report.lookup import MetricIndex
from vbench.report.tested import what_was_tested
from vbench.types import Run


def test_thin_footage_and_absent_classes_are_named(demo_run: Run) -> None:
    data = what_was_tested(MetricIndex.of(demo_run), demo_run.golden_sets[0])
    assert data.gaps == (
        "daypart night: only 38 s of footage",
        "daypart dusk: only 16 s of footage",
        "weather rain: only 54 s of footage",
        "truck: never seen in the footage",
        "daypart dusk with weather rain: no footage",
        "daypart dusk with camera 1: no footage",
    )
    day = next(tag for tag in data.tags if tag.value == "day")
    assert day.n_clips == 3
    assert day.annotated_s == 76.0
    assert not day.is_thin
    assert {item.name: item.n_boxes for item in data.classes}["person"] > 1000


def test_combinations_of_tags_show_what_is_missing(demo_run: Run) -> None:
    data = what_was_tested(MetricIndex.of(demo_run), demo_run.golden_sets[0])
    pairs = {(item.rows_key, item.columns_key): item for item in data.combinations}
    # Rain fell at camera 1 only: weather follows from the camera, so nothing is missing there.
    assert set(pairs) == {("daypart", "weather"), ("daypart", "camera")}
    by_weather = pairs["daypart", "weather"]
    assert by_weather.columns == ("dry", "rain")
    assert by_weather.rows == (
        ("day", ("28 s", "36 s")),
        ("dusk", ("16 s", "")),
        ("night", ("20 s", "18 s")),
    )
    assert by_weather.missing == (("dusk", "rain"),)
