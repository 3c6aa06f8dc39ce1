"""`vbench verify` as a user sees it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun


def test_nothing_differs(finished: FinishedRun, vbench: Command) -> None:
    answer = vbench("verify", finished.folder.path)
    assert answer.code == 0
    assert answer.stdout.splitlines()[-1].endswith("numbers compared: 0 differ")


def test_json(finished: FinishedRun, vbench: Command) -> None:
    found = vbench("verify", finished.folder.path, "--json").json()
    assert found["ok"] is True
    assert found["n_differences"] == 0
    assert isinstance(found["comparisons"], list)
    row = found["comparisons"][0]
    assert set(row) == {
        "pipeline",
        "golden_set",
        "name",
        "class",
        "source",
        "value",
        "reference",
        "equal",
        "definition",
    }


def test_a_changed_number(finished: FinishedRun, tmp_path: Path, vbench: Command) -> None:
    run = Path(shutil.copytree(finished.folder.path, tmp_path / "run"))
    data = json.loads((run / "run.json").read_text())
    row = next(row for row in data["metrics"] if (row["name"], row["pipeline"]) == ("fn", "v2"))
    assert (row["class"], row["clip"], row["slice"]) == (None, None, None)
    row["value"] += 1
    (run / "run.json").write_text(json.dumps(data))
    answer = vbench("verify", run)
    assert answer.code == 3
    assert answer.stdout.startswith("DIFFERS: fn of v2 on dock: 1 here, 0 by pycocotools\n")


def test_what_is_no_run(tmp_path: Path, vbench: Command) -> None:
    answer = vbench("verify", tmp_path)
    assert answer.code == 2
    assert answer.one_error()[0].startswith("is not a run folder")
