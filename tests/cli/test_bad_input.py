"""Bad input: one message with the place and what to do, the right code, and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.small import files_of
from tests.cli.bad_baselines import BASELINES
from tests.cli.bad_data import MEDIA, MODELS, RESULTS, TRUTH
from tests.cli.bad_files import CONFIGURATION, GATES, MISSING_FILES
from tests.cli.bad_gates import RULES
from tests.cli.bad_input import BadInput
from tests.cli.invoke import Command

ALL = CONFIGURATION + MISSING_FILES + GATES + RULES + BASELINES + TRUTH + RESULTS + MEDIA + MODELS


@pytest.mark.parametrize("bad", ALL, ids=lambda bad: bad.name)
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
