"""Gates as JUnit XML: what CI systems list as tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from vbench.record.folder import RunFolder, write_whole
from vbench.record.run_json import read_run
from vbench.report import wording
from vbench.report.verdicts import GateStatus, gate_status
from vbench.types import GateResult, PipelineResult, Run

# XML 1.0 has no way to write these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(folder: RunFolder) -> Path:
    """Write ``junit.xml`` into the run folder and return its path.

    Raises:
        RunFolderError: the run is not finished, or ``run.json`` is broken.
    """
    write_whole(folder.junit_xml, junit_text(read_run(folder)))
    return folder.junit_xml


def junit_text(run: Run) -> str:
    """A test suite per pipeline and golden set, a test case per gate.

    A failed gate is a failure, a gate that cannot be decided is skipped. A gate at level ``warn``
    passes, and says in its output what it warns of.
    """
    suites = [
        _suite(run, pipeline, golden_set.name)
        for pipeline in run.pipelines
        for golden_set in run.golden_sets
    ]
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
    statuses = Counter(gate_status(result) for result in gates)
    suite = ET.Element(
        "testsuite",
        name=_clean(f"{pipeline.name} on {golden_set}"),
        tests=str(len(gates)),
        failures=str(statuses[GateStatus.FAIL]),
        errors="0",
        skipped=str(statuses[GateStatus.INCONCLUSIVE]),
        time="0",
        timestamp=run.manifest.started_at.removesuffix("Z"),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("verdict", pipeline.verdict.value),
        ("pipeline.version", pipeline.version),
        ("operating_point", pipeline.operating_point.text()),
        ("vbench.version", run.manifest.vbench_version),
    ):
        ET.SubElement(properties, "property", name=name, value=_clean(value))
    class_name = f"{run.manifest.benchmark}.{golden_set}.{pipeline.name}"
    for result, name in zip(gates, _case_names(gates), strict=True):
        suite.append(_case(result, class_name, name))
    return suite


def _case(result: GateResult, class_name: str, name: str) -> ET.Element:
    case = ET.Element("testcase", classname=_clean(class_name), name=_clean(name), time="0")
    sentence = _clean(wording.gate_sentence(result))
    text = _clean(f"{sentence}\n{result.explanation}\nrule: {result.gate.source}\n")
    status = gate_status(result)
    if status is GateStatus.FAIL:
        failure = ET.SubElement(case, "failure", message=sentence, type="gate")
        failure.text = text
    elif status is GateStatus.INCONCLUSIVE:
        ET.SubElement(case, "skipped", message=f"cannot be decided: {sentence}")
    else:
        prefix = "WARNING (does not fail the run): " if status is GateStatus.WARN else ""
        ET.SubElement(case, "system-out").text = prefix + text
    return case


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
