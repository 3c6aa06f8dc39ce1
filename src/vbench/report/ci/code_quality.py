"""Gates as GitLab's code-quality report: findings beside the lines of a merge request."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from vbench.report import wording
from vbench.report.ci.annotations import source_line
from vbench.report.verdicts import GateStatus, failures_first, gate_status
from vbench.types import GateResult, Run

_SEVERITIES = {
    GateStatus.FAIL: "critical",
    GateStatus.WARN: "minor",
    GateStatus.INCONCLUSIVE: "info",
    GateStatus.QUARANTINED: "info",
}
"""GitLab knows info, minor, major, critical and blocker."""
_MAX_DESCRIPTION = 1000


def code_quality_json(run: Run) -> str:
    """A finding per pipeline that did not finish, and per gate that did not pass, at its line.

    A fingerprint says which rule, pipeline and golden set it is, not what was found: so GitLab
    sees a gate that keeps failing as the same finding, and one that passes again as resolved.
    """
    file = run.manifest.benchmark_file or "benchmark.yaml"
    seen: Counter[str] = Counter()
    findings = [
        {
            "description": _cut(f"Did not finish: {item.name}: {item.reason}"),
            "check_name": "vbench/pipeline",
            "fingerprint": _sha256(json.dumps([run.manifest.benchmark, item.name])),
            "severity": "blocker",
            "location": {"path": file.removeprefix("./"), "lines": {"begin": 1}},
        }
        for item in run.failures
    ]
    for result in failures_first(run.gates):
        status = gate_status(result)
        if status is GateStatus.PASS:
            continue
        identity = _identity(run, result)
        seen[identity] += 1
        findings.append(
            {
                "description": _description(result, status),
                "check_name": f"vbench/{result.gate.metric}",
                "fingerprint": _sha256(f"{identity}\n{seen[identity]}"),
                "severity": _SEVERITIES[status],
                "location": {
                    "path": file.removeprefix("./"),
                    "lines": {"begin": source_line(result)},
                },
            }
        )
    return json.dumps(findings, ensure_ascii=True, indent=1) + "\n"


def _identity(run: Run, result: GateResult) -> str:
    parts = (run.manifest.benchmark, result.gate.title(), result.pipeline, result.golden_set)
    return "\n".join(json.dumps(part) for part in parts)


def _description(result: GateResult, status: GateStatus) -> str:
    where = f"{result.pipeline} on {result.golden_set}"
    return _cut(f"{status.word}: {where}: {wording.verdict_sentence(result)}")


def _cut(words: str) -> str:
    text = " ".join(words.split())
    return text if len(text) <= _MAX_DESCRIPTION else f"{text[: _MAX_DESCRIPTION - 1]}…"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
