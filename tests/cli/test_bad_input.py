"""Bad input: one message with the place and what to do, the right code, and nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.small import files_of
from tests.cli.bad_baselines import BASELINES
from tests.cli.bad_data import MEDIA, MODELS, RESULTS, TRUTH
from tests.cli.bad_files import CONFIGURATION, GATES, MISSING_FILES
from tests.cli.bad_gates import RULES
from tests.cli.bad_input import BadInput
from tests.cli.invoke import Command

FAILING = [bad for bad in MODELS + MISSING_FILES if bad.code == 4]
"""What is wrong with one pipeline's model: the others are run all the same."""
ALL = CONFIGURATION + MISSING_FILES + GATES + RULES + BASELINES + TRUTH + RESULTS + MEDIA + MODELS


@pytest.mark.parametrize("bad", FAILING, ids=lambda bad: bad.name)
def test_run_finishes_without_the_pipeline(bad: BadInput, small: Path, vbench: Command) -> None:
    bad.change(small)
    answer = vbench("run", small / "benchmark.yaml", "--out", small / "out", "--no-report")
    what, where, todo = answer.one_error()
    assert answer.code == 4
    assert what.startswith("pipeline constant: ")
    assert bad.what in what
    assert where.endswith(bad.where)
    assert bad.todo in todo
    run = json.loads((small / "out" / "run.json").read_text())
    assert [item["name"] for item in run["failures"]] == ["constant"]
    assert "constant" not in [item["name"] for item in run["pipelines"]]
    assert run["verdict"] == "fail"
    assert run["gates"]


@pytest.mark.parametrize(
    "bad", [bad for bad in ALL if bad not in FAILING], ids=lambda bad: bad.name
)
def test_run_refuses(bad: BadInput, small: Path, vbench: Command) -> None:
    bad.change(small)
    before = files_of(small)
    answer = vbench("run", small / "benchmark.yaml", "--out", small / "out", "--no-report")
    what, where, todo = answer.one_error()
    assert answer.code == bad.code
    assert answer.stdout == ""
    assert bad.what in what
    assert where.endswith(bad.where)
    assert bad.todo in todo
    assert todo or "\n" in what, "it does not say what to do"
    assert files_of(small) == before


@pytest.mark.parametrize("bad", ALL, ids=lambda bad: bad.name)
def test_check_finds_the_same(bad: BadInput, small: Path, vbench: Command) -> None:
    bad.change(small)
    before = files_of(small)
    answer = vbench("check", small)
    what, where, _ = answer.one_error()
    assert answer.code == bad.code
    assert bad.what in what
    assert where.endswith(bad.where)
    assert files_of(small) == before
