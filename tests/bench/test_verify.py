"""A run's numbers held against other programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.bench.small import files_of
from vbench.bench.finished import FinishedRun
from vbench.bench.verify import Comparison, verify_run
from vbench.errors import RunFolderError


@pytest.fixture
def run(finished: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder.path, tmp_path / "run"))


def test_nothing_differs(run: Path) -> None:
    before = files_of(run)
    verification = verify_run(run)
    assert verification.ok
    assert verification.differences == ()
    assert {item.pipeline for item in verification.comparisons} == {"v1", "v2"}
    assert {item.source for item in verification.comparisons} >= {"pycocotools"}
    assert files_of(run) == before


@pytest.mark.parametrize(("name", "change"), [("tp", 1.0), ("ap50", 1e-6), ("fp", 1.0)])
def test_a_changed_number_is_found(run: Path, name: str, change: float) -> None:
    data = json.loads((run / "run.json").read_text())
    row = next(
        row
        for row in data["metrics"]
        if (row["name"], row["pipeline"], row["class"], row["clip"]) == (name, "v2", "person", None)
        if not row["slice"]
    )
    row["value"] += change
    (run / "run.json").write_text(json.dumps(data))
    verification = verify_run(run)
    assert not verification.ok
    (difference,) = verification.differences
    assert (difference.metric, difference.class_name) == (name, "person")
    assert difference.wrong


def test_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError):
        verify_run(tmp_path)


@pytest.mark.parametrize(
    ("ours", "reference", "definition", "equal", "wrong"),
    [
        (1.0, 1.0 + 1e-12, "", True, False),
        (1.0, 1.1, "", False, True),
        (1.0, 1.1, "80 %", False, False),
        (None, None, "", True, False),
        (None, 0.0, "", False, True),
        (0.0, None, "", False, True),
    ],
)
def test_when_two_numbers_are_equal(
    ours: float | None, reference: float | None, definition: str, equal: bool, wrong: bool
) -> None:
    one = Comparison("p", "g", "mota", None, "motmetrics", ours, reference, definition)
    assert (one.equal, one.wrong) == (equal, wrong)
