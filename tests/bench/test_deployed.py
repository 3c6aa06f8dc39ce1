from dataclasses import replace
from pathlib import Path

import pytest

from vbench.bench.deployed import deployed_names
from vbench.record.deployment import Deployment
from vbench.record.ledger import LEDGER_NAME, append_entry

_FIRST = Deployment(
    action="promote",
    at="2026-11-01T00:00:00Z",
    benchmark="dock",
    pipeline="person",
    version="1.0",
    digests=(),
    golden_sets=(),
    gates=(),
    run="runs/1",
    run_sha256="0" * 64,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / LEDGER_NAME


def add(ledger: Path, entry: Deployment) -> None:
    append_entry(ledger, lambda _: entry)


def test_the_current_one_comes_first(ledger: Path) -> None:
    folder = ledger.parent / "benchmarks"
    folder.mkdir()
    assert deployed_names(folder, "dock") == ()
    add(ledger, _FIRST)
    assert deployed_names(folder, "dock") == ("person 1.0",)
    second = replace(_FIRST, version="2.0", run="runs/2", run_sha256="1" * 64)
    add(ledger, second)
    # The same version again, from another run, is nothing to go back to.
    add(ledger, replace(second, run="runs/3", run_sha256="2" * 64))
    add(ledger, replace(_FIRST, benchmark="gate"))
    assert deployed_names(folder, "dock") == ("person 2.0", "person 1.0")
    assert deployed_names(folder, "other") == ()


def test_a_corrupt_ledger_names_nothing(ledger: Path) -> None:
    ledger.write_text("{}\n")
    assert deployed_names(ledger.parent, "dock") == ()
