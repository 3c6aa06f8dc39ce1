from dataclasses import replace

import pytest

from tests.report.made_plan import gate
from tests.report.test_wording import metric, result
from vbench.report.web.interval_chart import interval_chart
from vbench.types import Change, GateResult, Interval


def measured(**changes: object) -> GateResult:
    observed = replace(metric(0.6), interval=Interval(0.5, 0.7, 0.95, "clips", 11))
    return result(observed, **changes)


def test_everything_lies_on_one_axis_with_room_at_the_ends() -> None:
    chart = interval_chart(measured(baseline=metric(0.65), baseline_name="v1"))
    assert chart is not None
    assert chart.baseline is not None
    # From the lowest, 0.5, at 17 % to the limit of 0.8 at 83 %.
    places = [chart.low.at, chart.value.at, chart.baseline.at, chart.high.at, chart.limit.at]
    assert places == pytest.approx([17, 39, 50, 61, 83])
    assert chart.allowed == pytest.approx((83, 17))
    assert chart.bound is None
    assert chart.description == "0.600, 95 % interval 0.500 to 0.700; at least 0.8"


def test_a_cap_allows_what_is_below_it() -> None:
    alarms = metric(28.0, name="fp_per_camera_hour", unit="1/camera-hour")
    alarms = replace(alarms, interval=Interval(20.0, 40.0, 0.9, "clips", 11))
    made = result(alarms, gate=gate("fp_per_camera_hour", "max", 14400, confidence=0.9), bound=38.0)
    chart = interval_chart(made)
    assert chart is not None
    assert chart.allowed == pytest.approx((0, 83))
    assert chart.limit.text == "at most 14,400"
    assert chart.bound is not None
    assert chart.bound.text == "90 % sure of at most 38.0"


def test_of_a_comparing_gate_the_change_is_drawn() -> None:
    made = measured(
        gate=gate("recall", "not_worse", 0.02, confidence=0.95),
        baseline=metric(0.61),
        baseline_name="v1",
        change=Change(-0.01, Interval(-0.03, 0.01, 0.95), "", 0.4),
        bound=-0.026,
    )
    chart = interval_chart(made)
    assert chart is not None
    assert chart.is_change
    assert (chart.low.text, chart.value.text, chart.high.text) == ("−0.030", "−0.010", "+0.010")
    assert chart.limit.text == "limit −0.02"
    assert chart.low.at < chart.limit.at < chart.value.at
    assert chart.baseline is not None
    assert chart.value.at < chart.baseline.at < chart.high.at
    assert chart.allowed[0] == chart.limit.at


def test_no_interval_no_drawing() -> None:
    assert interval_chart(result(metric(0.6))) is None
    assert interval_chart(result(None)) is None
    assert interval_chart(measured(gate=gate("recall", "require", 10))) is None
    assert interval_chart(measured(gate=gate("recall", "max_drop", 0.1))) is None


def test_all_in_one_point_is_drawn_in_the_middle() -> None:
    observed = replace(metric(0.8), interval=Interval(0.8, 0.8, 0.95))
    chart = interval_chart(result(observed))
    assert chart is not None
    assert chart.value.at == chart.limit.at == 50
