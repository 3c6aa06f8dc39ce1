import json
from dataclasses import replace
from typing import Any

import jsonschema

from tests.report.hostile import hostile_run
from vbench.report.ci.code_quality import code_quality_json
from vbench.types import Run

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1, "pattern": "^[^\\n]*$"},
            "check_name": {"type": "string", "pattern": "^vbench/[a-z0-9_]+$"},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""What GitLab's documentation asks of a report."""


def findings(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(code_quality_json(run))
    jsonschema.validate(found, SCHEMA)
    return found


def test_a_finding_per_gate_that_did_not_pass(decided_run: Run) -> None:
    found = findings(decided_run)
    severities = [item["severity"] for item in found]
    assert severities == ["critical"] * 7 + ["info"] * 3 + ["minor"] + ["info"] * 3
    assert found[0]["check_name"] == "vbench/frame_accuracy"
    assert found[0]["location"] == {
        "path": "benchmarks/dock-release/benchmark.yaml",
        "lines": {"begin": 20},
    }
    assert found[0]["description"].startswith("Fail: person-v1 on loading-dock: frame accuracy is")


def test_fingerprints_are_stable_and_their_own(decided_run: Run) -> None:
    before = [item["fingerprint"] for item in findings(decided_run)]
    assert len(set(before)) == len(before)
    moved = tuple(
        replace(
            item,
            gate=replace(item.gate, source="benchmark.yaml:99"),
            observed=None if item.observed is None else replace(item.observed, n=1),
            explanation="another day",
        )
        for item in decided_run.gates
    )
    assert [item["fingerprint"] for item in findings(replace(decided_run, gates=moved))] == before
    other = replace(decided_run.manifest, benchmark="other")
    after = [item["fingerprint"] for item in findings(replace(decided_run, manifest=other))]
    assert set(after).isdisjoint(before)


def test_equal_rules_are_findings_of_their_own(decided_run: Run) -> None:
    twice = replace(decided_run, gates=decided_run.gates * 2)
    found = [item["fingerprint"] for item in findings(twice)]
    assert len(set(found)) == len(found) == 28


def test_hostile_texts_are_json(decided_run: Run) -> None:
    assert len(findings(hostile_run(decided_run))) == 14


def test_nothing_to_find_is_an_empty_list(decided_run: Run) -> None:
    assert code_quality_json(replace(decided_run, gates=())) == "[]\n"
