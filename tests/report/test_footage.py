from dataclasses import replace

import pytest

from tests.report.made_plan import gate
from tests.report.test_wording import metric, result
from vbench.report.footage import more_footage_text
from vbench.types import Change, GateResult, Interval, Metric, Run, Slice, Verdict

_NIGHT: Slice = (("daypart", "night"),)


def undecided(observed: Metric, times: float | None, **changes: object) -> GateResult:
    made = result(
        observed,
        gate=gate("recall", "min", 0.8, slice_=_NIGHT, confidence=0.95),
        golden_set="loading-dock",
        verdict=Verdict.INCONCLUSIVE,
        more_footage=times,
        p_value=0.3,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def with_units(units: str, n_units: int) -> Metric:
    interval = Interval(0.5, 0.7, 0.95, units, n_units)  # type: ignore[arg-type]
    return replace(metric(0.61), interval=interval)


def test_clips_are_asked_for_where_clips_were_drawn(demo_run: Run) -> None:
    made = undecided(with_units("clips", 11), 3.24)
    assert more_footage_text(demo_run, made) == (
        "about 3.2 times the footage would decide, some 25 more clips like these"
    )


def test_time_is_asked_for_where_blocks_were_drawn(demo_run: Run) -> None:
    # The two night clips have 38 s: 2.24 times as much are 85.1 s.
    made = undecided(with_units("blocks", 13), 3.24)
    assert more_footage_text(demo_run, made) == (
        "about 3.2 times the footage would decide, 90 s more footage where daypart is night"
    )
    of_all = replace(made, gate=replace(made.gate, slice=()), more_footage=12.0)
    # 130 s of footage: 11 times as much are 1,430 s.
    assert more_footage_text(demo_run, of_all) == (
        "about 12 times the footage would decide, 24 min more footage"
    )
    boxes = replace(made, gate=replace(made.gate, slice=(("size", "small"),)), more_footage=90.0)
    assert more_footage_text(demo_run, boxes).endswith(", 3.3 h more footage")


def test_a_comparing_gate_is_about_its_change(demo_run: Run) -> None:
    change = Change(-0.01, Interval(-0.03, 0.01, 0.95, "clips", 9), "", 0.4)
    rule = gate("recall", "not_worse", 0.02, confidence=0.95)
    made = undecided(with_units("blocks", 13), 2.0, gate=rule, change=change)
    assert more_footage_text(demo_run, made).endswith("some 9 more clips like these")


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (None, "more footage like this would not decide it while the value stays at the limit"),
        (1.01, "a little more footage would decide"),
        (240.0, "more than 100 times the footage would be needed to decide"),
    ],
)
def test_amounts_that_are_no_plan(demo_run: Run, times: float | None, text: str) -> None:
    assert more_footage_text(demo_run, undecided(metric(0.61), times)) == text


def test_footage_has_nothing_to_do_with_other_gates(demo_run: Run) -> None:
    assert more_footage_text(demo_run, undecided(metric(0.61), None, p_value=None)) == ""
    assert more_footage_text(demo_run, result(metric(0.61))) == ""
