"""`vbench schema`: JSON Schemas that the project's own files follow."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun


@pytest.mark.parametrize("name", ["run", "golden", "pipeline", "benchmark"])
def test_schemas_are_schemas(name: str, vbench: Command) -> None:
    answer = vbench("schema", name)
    assert answer.code == 0
    schema = answer.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"vbench.{name}/v1"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("golden", "golden/golden.yaml"),
        ("pipeline", "pipelines/v1.yaml"),
        ("pipeline", "pipelines/constant.yaml"),
        ("benchmark", "benchmark.yaml"),
    ],
)
def test_files_follow_their_schema(name: str, file: str, written: Path, vbench: Command) -> None:
    schema = vbench("schema", name).json()
    data = yaml.safe_load((written / file).read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(data)
    data["unknown"] = 1
    assert not validator.is_valid(data)


def test_a_run_follows_its_schema(finished: FinishedRun, vbench: Command) -> None:
    schema = vbench("schema", "run").json()
    data = json.loads(finished.folder.run_json.read_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(data)
    data["metrics"][0]["value"] = "much"
    assert not validator.is_valid(data)
