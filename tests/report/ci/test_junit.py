from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

from vbench.report.ci.junit import junit_text
from vbench.report.verdicts import GateStatus, gate_status
from vbench.types import Run, Verdict


def test_counts_agree_with_the_gates(demo_run: Run) -> None:
    root = ET.fromstring(junit_text(demo_run).encode())
    statuses = Counter(gate_status(item) for item in demo_run.gates)
    assert root.get("tests") == str(len(demo_run.gates)) == str(len(root.findall(".//testcase")))
    assert root.get("failures") == "2"
    # The latency of a replay is undefined.
    assert root.get("errors") == "1"
    assert statuses[GateStatus.FAIL] == 3
    assert_exact_counts(root)


def test_counts_agree_with_gates_of_every_kind(decided_run: Run) -> None:
    root = ET.fromstring(junit_text(decided_run).encode())
    statuses = Counter(gate_status(item) for item in decided_run.gates)
    assert int(root.get("failures", "")) + int(root.get("errors", "")) == statuses[GateStatus.FAIL]
    n_skipped = statuses[GateStatus.INCONCLUSIVE] + statuses[GateStatus.QUARANTINED]
    assert int(root.get("skipped", "")) == n_skipped == 6
    assert_exact_counts(root)


def assert_exact_counts(root: ET.Element) -> None:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for node in (root, *root.findall("testsuite")):
        cases = list(node.iter("testcase"))
        assert node.get("tests") == str(len(cases))
        for count, kind in kinds.items():
            assert node.get(count) == str(sum(case.find(kind) is not None for case in cases))
    for case in root.iter("testcase"):
        assert sum(len(case.findall(kind)) for kind in kinds.values()) <= 1
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)


def test_a_missing_slice_is_a_failure_and_an_undefined_metric_an_error(decided_run: Run) -> None:
    root = ET.fromstring(junit_text(decided_run).encode())
    suite = "testsuite[@name='vendor-replay on loading-dock']"
    fog = root.find(f"{suite}/testcase[@name='require weather=fog n >= 1']/failure")
    assert fog is not None
    assert fog.get("message") == (
        "truth where weather is fog: none, at least 1 truth box must be there"
    )
    latency = root.find(f"{suite}/testcase[@name='latency_ms_p95 <= 40']/error")
    assert latency is not None
    assert latency.get("message") == ("latency p95 is undefined: replayed results have no timings")


def test_cases_point_at_the_line_of_their_gate(decided_run: Run) -> None:
    root = ET.fromstring(junit_text(decided_run).encode())
    case = root.find(".//testcase[@name='latency_ms_p95 <= 40']")
    assert case is not None
    assert case.get("file") == "benchmarks/dock-release/benchmark.yaml"
    assert case.get("line") == "23"


def test_a_quarantined_gate_is_skipped_with_owner_reason_and_date(decided_run: Run) -> None:
    root = ET.fromstring(junit_text(decided_run).encode())
    skipped = root.find(".//testcase[@name='precision daypart=night >= 0.99']/skipped")
    assert skipped is not None
    message = str(skipped.get("message"))
    assert message == skipped.text
    assert message.startswith(
        "in quarantine until 2026-12-31 (dock team: lamp of dock 3 is being replaced): precision"
    )


def test_an_expired_quarantine_fails_again(decided_run: Run) -> None:
    root = ET.fromstring(junit_text(decided_run).encode())
    case = root.find(".//testcase[@name='frame_accuracy >= 0.99']")
    assert case is not None
    assert case.find("failure") is not None
    assert "quarantine: expired on 2026-10-01, gate team: wet asphalt" in str(
        case.findtext("system-out")
    )


def test_the_output_has_interval_baseline_change_causes_and_command(decided_run: Run) -> None:
    root = ET.fromstring(junit_text(decided_run).encode())
    case = root.find(
        "testsuite[@name='person-v2 on loading-dock']"
        "/testcase[@name='recall not worse by 0.02 (95 % sure)']"
    )
    assert case is not None
    lines = str(case.findtext("system-out")).splitlines()
    labels = [line.partition(": ")[0] for line in lines[1:]]
    for label in ("found", "baseline", "certainty", "why", "operating point", "run it again"):
        assert label in labels
    assert "95 % interval" in next(line for line in lines if line.startswith("found: "))
    baseline = next(line for line in lines if line.startswith("baseline: "))
    assert "of person-v1; changed by −0.0" in baseline
    assert "of no change" in baseline
    assert "times the footage would decide" in "\n".join(lines)
    assert "--pipeline person-v2 --clip gate1-night" in lines[-1]


def test_properties_say_what_was_judged(decided_run: Run) -> None:
    root = ET.fromstring(junit_text(decided_run).encode())
    found = {item.get("name"): item.get("value") for item in root.findall("testsuite[1]//property")}
    assert found["verdict"] == "fail"
    assert found["golden_set.version"] == "1.2.0"
    assert found["statistics"] == "1000 resamples, seed 0, 95 % intervals"
    assert "damaged" in str(found["note"])


def test_failures_say_what_and_where(demo_run: Run) -> None:
    root = ET.fromstring(junit_text(demo_run).encode())
    failure = root.find("testsuite[@name='person-v2 on loading-dock']//failure")
    assert failure is not None
    assert "recall where daypart is night is 0.5" in str(failure.get("message"))
    assert "recall daypart=night >= 0.6: found 0.5" in str(failure.text)


def test_warnings_pass_and_say_so(demo_run: Run) -> None:
    root = ET.fromstring(junit_text(demo_run).encode())
    outputs = [node.text or "" for node in root.findall(".//system-out")]
    warned = [text for text in outputs if text.startswith("WARNING (does not fail the run)\n")]
    assert len(warned) == 4


def test_undecided_gates_are_skipped(demo_run: Run) -> None:
    gates = tuple(replace(item, verdict=Verdict.INCONCLUSIVE) for item in demo_run.gates)
    root = ET.fromstring(junit_text(replace(demo_run, gates=gates)).encode())
    n_errors = sum(item.gate.level == "error" for item in gates)
    assert root.get("skipped") == str(n_errors) == str(len(root.findall(".//skipped")))
    assert root.get("failures") == "0"


def test_control_characters_do_not_break_the_file(demo_run: Run) -> None:
    nasty = "a\x00b\x1b[31m<&\ud800"
    gates = tuple(
        replace(item, gate=replace(item.gate, class_name=nasty), explanation=nasty)
        for item in demo_run.gates
    )
    manifest = replace(demo_run.manifest, benchmark=nasty)
    text = junit_text(replace(demo_run, gates=gates, manifest=manifest))
    root = ET.fromstring(text.encode())
    assert "a\ufffdb" in str(root.get("name"))


def test_equal_rules_get_names_of_their_own(demo_run: Run) -> None:
    first = next(item for item in demo_run.gates if item.pipeline == "person-v1")
    twin = replace(first, gate=replace(first.gate, source="benchmark.yaml:99"))
    root = ET.fromstring(junit_text(replace(demo_run, gates=(first, twin))).encode())
    names = [case.get("name") for case in root.findall(".//testcase")]
    assert len(set(names)) == 2
