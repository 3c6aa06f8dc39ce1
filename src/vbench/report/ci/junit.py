"""Gates as JUnit XML: what CI systems list as tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from vbench.report import wording
from vbench.report.ci.annotations import source_line
from vbench.report.explained import gate_facts, is_judged
from vbench.report.verdicts import GateStatus, gate_status
from vbench.types import GateResult, PipelineFailure, PipelineResult, Run

# XML 1.0 has no way to write these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(run: Run) -> str:
    """A test suite per pipeline and golden set, a test case per gate.

    A failed gate is a failure; one that fails because its metric is undefined or was not measured
    is an error, and so is the one test case of a pipeline that did not finish. A gate that cannot
    be decided is skipped, and so is a quarantined one that does not pass. A gate at level ``warn``
    passes, and says in its output what it warns of.
    """
    suites = [
        _suite(run, pipeline, golden_set.name)
        for pipeline in run.pipelines
        for golden_set in run.golden_sets
    ]
    suites += [_failed_suite(run, failure) for failure in run.failures]
    root = ET.Element("testsuites", name=_clean(run.manifest.benchmark), time=_seconds(run))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(run: Run, pipeline: PipelineResult, golden_set: str) -> ET.Element:
    gates = [
        result
        for result in run.gates
        if result.pipeline == pipeline.name and result.golden_set == golden_set
    ]
    outcomes = Counter(_outcome(result) for result in gates)
    suite = ET.Element(
        "testsuite",
        name=_clean(f"{pipeline.name} on {golden_set}"),
        tests=str(len(gates)),
        failures=str(outcomes["failure"]),
        errors=str(outcomes["error"]),
        skipped=str(outcomes["skipped"]),
        time="0",
        timestamp=run.manifest.started_at.removesuffix("Z"),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(run, pipeline, golden_set):
        ET.SubElement(properties, "property", name=name, value=_clean(value))
    class_name = f"{run.manifest.benchmark}.{golden_set}.{pipeline.name}"
    for result, name in zip(gates, _case_names(gates), strict=True):
        file = run.manifest.benchmark_file or result.gate.source.rpartition(":")[0]
        case = ET.SubElement(suite, "testcase", classname=_clean(class_name), name=_clean(name))
        for key, value in (("file", file), ("line", str(source_line(result))), ("time", "0")):
            case.set(key, _clean(value))
        _tell(case, run, result)
    return suite


def _failed_suite(run: Run, failure: PipelineFailure) -> ET.Element:
    """One test case that is an error, for a pipeline that did not get through the golden sets."""
    suite = ET.Element(
        "testsuite",
        name=_clean(failure.name),
        tests="1",
        failures="0",
        errors="1",
        skipped="0",
        time="0",
        timestamp=run.manifest.started_at.removesuffix("Z"),
    )
    class_name = f"{run.manifest.benchmark}.{failure.name}"
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_clean(class_name),
        name="the pipeline gets through the golden sets",
        time="0",
    )
    error = ET.SubElement(case, "error", type="EngineError", message=_clean(failure.reason))
    error.text = _clean(failure.reason)
    return suite


def _properties(run: Run, pipeline: PipelineResult, golden_set: str) -> Iterator[tuple[str, str]]:
    manifest = run.manifest
    yield "verdict", pipeline.verdict.value
    yield "pipeline.version", pipeline.version
    yield "operating_point", pipeline.operating_point.text()
    for item in run.golden_sets:
        if item.name == golden_set:
            yield "golden_set.version", item.version
            yield "golden_set.digest", item.digest
    if manifest.statistics:
        yield "statistics", manifest.statistics
    if manifest.timing:
        yield "timing", manifest.timing
    if manifest.partial:
        yield "partial", manifest.partial
    for note in (*run.notes, *pipeline.notes):
        yield "note", note
    yield "vbench.version", manifest.vbench_version


def _outcome(result: GateResult) -> str:
    """What a CI system shows: ``failure``, ``error``, ``skipped`` or ``passed``."""
    status = gate_status(result)
    if status is GateStatus.FAIL:
        return "failure" if is_judged(result) else "error"
    skipped = (GateStatus.INCONCLUSIVE, GateStatus.QUARANTINED)
    return "skipped" if status in skipped else "passed"


def _tell(case: ET.Element, run: Run, result: GateResult) -> None:
    """The outcome with its sentence; everything else that is known is the case's output.

    GitLab reads the text of an element, Jenkins its ``message``: both say the same.
    """
    sentence = _clean(_message(result))
    outcome = _outcome(result)
    if outcome != "passed":
        element = ET.SubElement(case, outcome, message=sentence)
        if outcome != "skipped":
            element.set("type", "gate" if outcome == "failure" else "not judged")
        explanation = _clean(result.explanation)
        element.text = sentence if outcome == "skipped" else f"{sentence}\n{explanation}\n"
    ET.SubElement(case, "system-out").text = _output(run, result)


def _message(result: GateResult) -> str:
    sentence = wording.verdict_sentence(result)
    status = gate_status(result)
    if status is GateStatus.INCONCLUSIVE:
        return f"cannot be decided: {sentence}"
    quarantine = result.gate.quarantine
    if status is GateStatus.QUARANTINED and quarantine is not None:
        until = f"until {quarantine.expires.isoformat()} ({quarantine.owner}: {quarantine.reason})"
        return f"in quarantine {until}: {sentence}"
    return sentence


def _output(run: Run, result: GateResult) -> str:
    is_warning = gate_status(result) is GateStatus.WARN
    lines = ["WARNING (does not fail the run)"] if is_warning else []
    lines.append(result.explanation or wording.gate_sentence(result))
    lines += [f"{fact.label}: {fact.text}" for fact in gate_facts(run, result)]
    if result.rerun:
        lines.append(f"run it again: {result.rerun}")
    return _clean("\n".join(lines) + "\n")


def _case_names(gates: Sequence[GateResult]) -> list[str]:
    """The rule as written; with its place in the file where the same rule stands there twice."""
    titles = [result.gate.title() for result in gates]
    counts = Counter(titles)
    return [
        title if counts[title] == 1 else f"{title} ({result.gate.source})"
        for title, result in zip(titles, gates, strict=True)
    ]


def _seconds(run: Run) -> str:
    try:
        start, end = (
            datetime.fromisoformat(text)
            for text in (run.manifest.started_at, run.manifest.finished_at)
        )
    except ValueError:
        return "0"
    return f"{max(0.0, (end - start).total_seconds()):.3f}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
