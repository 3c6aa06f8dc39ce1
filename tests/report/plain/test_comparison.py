from dataclasses import replace

import pytest

from vbench.report.lookup import MetricIndex
from vbench.report.plain.comparison import against_baseline
from vbench.types import Interval, Run


def compared(run: Run, values: dict[tuple[str, str], tuple[float, float]]) -> str:
    """The answer where (pipeline, metric) has (value, half of its interval's width)."""
    metrics = []
    for item in run.metrics:
        place = (item.pipeline, item.name)
        if place in values and (item.class_name, item.clip, item.slice) == (None, None, ()):
            value, half = values[place]
            interval = Interval(value - half, value + half, 0.95, "clips", 6, None)
            item = replace(item, value=value, reason=None, interval=interval, no_interval="")
        metrics.append(item)
    index = MetricIndex.of(replace(run, metrics=tuple(metrics), gates=()))
    return against_baseline(index, "person-v2", "loading-dock").sentence


def two(
    name: str, old: float, new: float, half: float
) -> dict[tuple[str, str], tuple[float, float]]:
    return {("person-v1", name): (old, half), ("person-v2", name): (new, half)}


_SAME_WOLF = two("fp_per_camera_hour", 10.0, 10.0, 1.0)
_SAME_TIME = two("latency_ms_p50", 8.0, 8.0, 0.1)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            two("recall", 0.7, 0.8, 0.01) | _SAME_WOLF | _SAME_TIME,
            "Better: Finds 10 more of 100 objects, cries wolf about as often, is about as fast.",
        ),
        (
            two("recall", 0.7, 0.8, 0.2) | _SAME_WOLF | _SAME_TIME,
            "Not sure: Finds 10 more of 100 objects, cries wolf about as often, is about as fast; "
            "that may be chance.",
        ),
        (
            two("recall", 0.7, 0.8, 0.2) | _SAME_WOLF | two("latency_ms_p50", 8.0, 12.0, 0.1),
            "Not sure: Finds 10 more of 100 objects (may be chance), cries wolf about as often, "
            "takes 50 % more time.",
        ),
        (
            two("recall", 0.8, 0.7, 0.2) | _SAME_WOLF | two("latency_ms_p50", 8.0, 12.0, 0.1),
            "Worse: Finds 10 fewer of 100 objects (may be chance), cries wolf about as often, "
            "takes 50 % more time.",
        ),
        (
            two("recall", 0.8, 0.7, 0.01) | two("fp_per_camera_hour", 0.0, 3.0, 0.0) | _SAME_TIME,
            "Worse: Finds 10 fewer of 100 objects, cries wolf more often, is about as fast.",
        ),
    ],
)
def test_only_what_is_more_than_chance_is_called_better_or_worse(
    demo_run: Run, values: dict[tuple[str, str], tuple[float, float]], text: str
) -> None:
    assert compared(demo_run, values) == text
