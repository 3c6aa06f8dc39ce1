from vbench.report.gates_view import gate_counts, gate_views
from vbench.report.lookup import MetricIndex
from vbench.report.verdicts import GateStatus
from vbench.types import Run


def test_failures_come_first_and_every_gate_is_there(demo_run: Run) -> None:
    views = gate_views(MetricIndex.of(demo_run))
    assert len(views) == len(demo_run.gates)
    assert views[0].status is GateStatus.FAIL
    assert views[-1].status is GateStatus.PASS
    assert len({view.key for view in views}) == len(views)
    assert sum(n for _, n in gate_counts(demo_run)) == len(views)


def test_clips_of_the_slice_are_listed_worst_first(demo_run: Run) -> None:
    view = gate_views(MetricIndex.of(demo_run))[0]
    assert view.subject == "recall where daypart is night"
    assert {clip.clip for clip in view.clips} == {"dock3-night", "gate1-night"}
    values = [float(clip.exact) for clip in view.clips]
    assert values == sorted(values)
    assert all("%" in clip.missed for clip in view.clips)


def test_undefined_gates_give_their_reason(demo_run: Run) -> None:
    views = gate_views(MetricIndex.of(demo_run))
    truck = [view for view in views if "truck" in view.subject]
    assert truck
    assert all(view.reason == "no truth boxes of truck" for view in truck)
    assert all(view.observed == "undefined" for view in truck)


def test_any_gate_shows_the_baseline_where_there_is_one(demo_run: Run) -> None:
    views = gate_views(MetricIndex.of(demo_run))
    own = next(v for v in views if v.pipeline == "person-v1" and v.subject == "F1")
    other = next(v for v in views if v.pipeline == "person-v2" and v.subject == "F1")
    assert own.baseline == ""
    assert other.baseline == own.observed


def test_a_gate_explains_itself(decided_run: Run) -> None:
    views = gate_views(MetricIndex.of(decided_run))
    view = next(
        item
        for item in views
        if item.status is GateStatus.INCONCLUSIVE
        and item.subject == "recall where daypart is night"
    )
    labels = [fact.label for fact in view.facts]
    assert labels == ["expected", "found", "certainty", "footage", "operating point", "rule"]
    assert view.why[0].startswith("2 of 2 clips hold")
    assert [row.kind for row in view.causes if row.kind] == [
        "Clip",
        "Slice",
        "Size",
        "Kind of error",
        "Stretch",
    ]
    assert view.chart is not None
    assert view.more_footage.endswith("would be needed to decide")
    assert view.rerun.startswith("vbench run ")
    assert view.sure == "95 % sure of at least 0.539"
    assert view.recovered == "Without it"
    compared = next(item for item in views if "worse by at most" in item.limit)
    assert compared.recovered == "With it corrected"


def test_a_gate_on_support_has_no_value(decided_run: Run) -> None:
    views = gate_views(MetricIndex.of(decided_run))
    required = [view for view in views if view.subject.startswith("truth")]
    assert {view.status for view in required} == {GateStatus.PASS, GateStatus.FAIL}
    for view in required:
        assert view.reason is None
        assert (view.interval, view.baseline, view.change, view.chart) == ("", "", None, None)
        assert view.clips == ()


def test_passed_gates_have_nothing_to_run_again(decided_run: Run) -> None:
    passed = [
        view for view in gate_views(MetricIndex.of(decided_run)) if view.status is GateStatus.PASS
    ]
    assert passed
    assert all(not (view.rerun or view.causes or view.more_footage) for view in passed)
