from dataclasses import replace

from vbench.report.verdicts import (
    GateStatus,
    failures_first,
    gate_status,
    notes_of,
    partial_sentence,
    pipeline_verdicts,
    run_sentence,
)
from vbench.types import Run, Verdict


def test_reasons_count_the_gates_of_the_pipeline(demo_run: Run) -> None:
    v1, v2, replay = pipeline_verdicts(demo_run)
    assert v1.status is GateStatus.PASS
    assert v1.is_baseline
    assert v1.reason.startswith("Meets 5 of 6 gates; 1 gives a warning: recall of truck")
    assert v2.reason.startswith("Fails 1 of 7 gates: recall where daypart is night is 0.5")
    assert replay.reason.startswith("Fails 2 of 7 gates, among them: precision")


def test_warnings_are_not_failures(demo_run: Run) -> None:
    statuses = [gate_status(item) for item in failures_first(demo_run.gates)]
    assert statuses == sorted(statuses, key=list(GateStatus).index)
    warned = [item for item in demo_run.gates if gate_status(item) is GateStatus.WARN]
    assert warned
    assert all(item.gate.level == "warn" for item in warned)


def test_an_undecided_gate_is_named(demo_run: Run) -> None:
    gates = tuple(
        replace(item, verdict=Verdict.INCONCLUSIVE, explanation="recall of person has n = 24")
        for item in demo_run.gates
        if item.gate.source == "benchmark.yaml:14"
    )
    pipelines = tuple(replace(item, verdict=Verdict.INCONCLUSIVE) for item in demo_run.pipelines)
    run = replace(demo_run, gates=gates, pipelines=pipelines)
    verdict = pipeline_verdicts(run)[0]
    assert verdict.word == "INCONCLUSIVE"
    assert verdict.reason.startswith("1 of 1 gate cannot be decided: recall of person has n")


def test_a_quarantined_gate_is_shown_and_does_not_count(decided_run: Run) -> None:
    held = [item for item in decided_run.gates if item.in_quarantine]
    assert {gate_status(item) for item in held} == {GateStatus.QUARANTINED}
    assert gate_status(replace(held[0], verdict=Verdict.PASS)) is GateStatus.PASS
    expired = next(item for item in decided_run.gates if item.gate.source == "benchmark.yaml:20")
    assert gate_status(expired) is GateStatus.FAIL


def test_an_undecided_pipeline_is_told_how_much_footage_it_needs(decided_run: Run) -> None:
    sources = {"benchmark.yaml:16", "benchmark.yaml:17"}
    gates = tuple(item for item in decided_run.gates if item.gate.source in sources)
    pipelines = tuple(replace(item, verdict=Verdict.INCONCLUSIVE) for item in decided_run.pipelines)
    run = replace(decided_run, gates=gates, pipelines=pipelines)
    _, v2, replay = pipeline_verdicts(run)
    assert v2.recommendation == (
        "Hold: about 3.4 times the footage would decide, 6 min more footage."
    )
    assert replay.recommendation == "Hold: a little more footage would decide."


def test_a_partial_run_asks_for_the_whole(demo_run: Run) -> None:
    manifest = replace(demo_run.manifest, partial="only 1 of 6 clips (a) of the benchmark were run")
    pipelines = tuple(replace(item, verdict=Verdict.INCONCLUSIVE) for item in demo_run.pipelines)
    gates = tuple(replace(item, verdict=Verdict.PASS) for item in demo_run.gates)
    notes = (manifest.partial, "another note")
    run = replace(demo_run, manifest=manifest, pipelines=pipelines, gates=gates, notes=notes)
    verdict = pipeline_verdicts(run)[0]
    assert verdict.reason == "Only 1 of 6 clips (a) of the benchmark were run."
    assert verdict.recommendation == ("Hold: only a part of the benchmark was run, run all of it.")
    assert partial_sentence(run).startswith("A partial run, which decides nothing: only 1 of 6")
    assert notes_of(run) == ("another note",)
    assert partial_sentence(demo_run) == ""


def test_a_verdict_without_gates_says_so(demo_run: Run) -> None:
    run = replace(demo_run, gates=())
    assert pipeline_verdicts(run)[0].reason == "No gate judges it: nothing was required of it."


def test_a_failure_that_no_gate_explains_takes_the_note(demo_run: Run) -> None:
    failed = replace(demo_run.pipelines[0], verdict=Verdict.FAIL, notes=("nothing was scored",))
    run = replace(demo_run, gates=(), pipelines=(failed,))
    assert pipeline_verdicts(run)[0].reason == "Nothing was scored."


def test_run_sentence(demo_run: Run) -> None:
    assert run_sentence(demo_run) == "1 of 3 pipelines passes: person-v1."
    one = replace(demo_run, pipelines=demo_run.pipelines[1:2])
    assert run_sentence(one) == "person-v2: fail."
