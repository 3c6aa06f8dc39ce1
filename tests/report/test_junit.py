from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

from vbench.record.folder import RunFolder
from vbench.report.junit import junit_text, write_junit
from vbench.report.verdicts import GateStatus, gate_status
from vbench.types import Run, Verdict


def test_counts_agree_with_the_gates(demo_run: Run) -> None:
    root = ET.fromstring(junit_text(demo_run).encode())
    statuses = Counter(gate_status(item) for item in demo_run.gates)
    assert root.get("tests") == str(len(demo_run.gates)) == str(len(root.findall(".//testcase")))
    assert root.get("failures") == str(len(root.findall(".//failure"))) == "3"
    assert statuses[GateStatus.FAIL] == 3
    for suite in root.findall("testsuite"):
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
    names = [(case.get("classname"), case.get("name")) for case in root.findall(".//testcase")]
    assert len(set(names)) == len(names)


def test_failures_say_what_and_where(demo_run: Run) -> None:
    root = ET.fromstring(junit_text(demo_run).encode())
    failure = root.find("testsuite[@name='person-v2 on loading-dock']//failure")
    assert failure is not None
    assert "recall where daypart is night is 0.5" in str(failure.get("message"))
    assert "benchmark.yaml:15" in str(failure.text)


def test_warnings_pass_and_say_so(demo_run: Run) -> None:
    root = ET.fromstring(junit_text(demo_run).encode())
    outputs = [node.text or "" for node in root.findall(".//system-out")]
    warned = [text for text in outputs if text.startswith("WARNING (does not fail the run)")]
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


def test_written_beside_the_run(demo_folder: RunFolder) -> None:
    assert ET.parse(write_junit(demo_folder)).getroot().tag == "testsuites"
