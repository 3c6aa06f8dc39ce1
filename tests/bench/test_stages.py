"""Runs of pipelines with trackers and rules behind the detector."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.runs import run_quietly
from tests.bench.small import REPLAY, edit, set_gates
from vbench.bench.finished import FinishedRun
from vbench.types import Verdict

TAIL = """\
  - {id: track, kind: tracker, type: sort, min_hits: 0}
  - {id: seen, kind: rule, type: presence, class: person, min_frames: 3}
"""


@pytest.fixture
def finished(small: Path, tmp_path: Path) -> FinishedRun:
    """v2 with and without a tracker and a rule."""
    text = REPLAY.replace("name: NAME", "name: tracked").replace("NAME", "v2") + TAIL
    (small / "pipelines" / "tracked.yaml").write_text(text)
    edit(small / "benchmark.yaml", "pipelines/v1.yaml", "pipelines/tracked.yaml")
    edit(small / "benchmark.yaml", "baseline: v1", "baseline: v2")
    set_gates(
        small / "benchmark.yaml",
        "{metric: recall, not_worse: {margin: 0.0, confidence: 0.95}}",
        "{metric: hota, class: person, min: 0.9, pipelines: [tracked]}",
    )
    return run_quietly(small / "benchmark.yaml", tmp_path / "run")


def test_a_tracker_changes_no_number_of_the_detector(finished: FinishedRun) -> None:
    """The very same boxes: no doubt is left, although the identities are others."""
    (recall,) = [item for item in finished.run.gates if item.gate.metric == "recall"]
    assert recall.verdict is Verdict.PASS
    assert recall.change is not None
    assert recall.change.value == 0.0
    assert recall.change.interval is None


def test_identities_are_scored(finished: FinishedRun) -> None:
    (hota,) = [item for item in finished.run.gates if item.gate.metric == "hota"]
    assert hota.verdict is Verdict.PASS


def test_rules_raise_alerts_into_the_run_folder(finished: FinishedRun) -> None:
    assert finished.folder.alerts("tracked", "a-day").is_file()
    assert not finished.folder.alerts("v2", "a-day").exists()
