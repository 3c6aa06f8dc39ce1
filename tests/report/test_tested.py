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
    )
    day = next(tag for tag in data.tags if tag.value == "day")
    assert day.n_clips == 3
    assert day.annotated_s == 76.0
    assert not day.is_thin
    assert {item.name: item.n_boxes for item in data.classes}["person"] > 1000
