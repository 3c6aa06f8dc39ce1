"""Baselines that are missing, failed, of another version, or not what the ledger says."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.bench.runs import run_quietly
from tests.bench.small import edit, set_gates, write_small_benchmark
from tests.cli.bad_input import BadInput, Change
from vbench.bench.promote import promote_run

EARLIER = "baseline: {run: runs/may, pipeline: v2}"
AT_RUN = "benchmark.yaml:5: baseline.run"
AT_BASELINE = "benchmark.yaml:5: baseline"


@cache
def _earlier_run() -> Path:
    """A run whose v1 fails and whose v2 passes; made once."""
    folder = Path(tempfile.mkdtemp(prefix="vbench-test-"))
    benchmark = write_small_benchmark(folder / "benchmark")
    set_gates(benchmark, "{metric: recall, class: person, min: 0.9}")
    return run_quietly(benchmark, folder / "run").folder.path


def _against(baseline: str, change: Change) -> Change:
    """The benchmark compares with an earlier run, which is then changed."""

    def both(folder: Path) -> None:
        shutil.copytree(_earlier_run(), folder / "runs" / "may")
        edit(folder / "benchmark.yaml", "baseline: v1", baseline)
        change(folder)

    return both


def _promoted(change: Change) -> Change:
    def both(folder: Path) -> None:
        promote_run(folder / "runs" / "may", "v2", folder / "deployments.jsonl", "")
        change(folder)

    return _against("baseline: promoted", both)


def _edited(file: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / file
        path.write_text(path.read_text().replace(old, new, 1))

    return change


def _removed(place: str) -> Change:
    return lambda folder: shutil.rmtree(folder / place)


def _nothing(folder: Path) -> None:
    """Wrong as it is."""


BASELINES = (
    BadInput(
        "baseline run is gone",
        _against(EARLIER, _removed("runs")),
        'baseline run "runs/may" does not exist',
        AT_RUN,
        "paths start from",
    ),
    BadInput(
        "baseline pipeline failed",
        _against("baseline: {run: runs/may, pipeline: v1}", _nothing),
        "v1 failed its gates in the baseline run",
        AT_RUN,
        "accept_failed: true",
    ),
    BadInput(
        "baseline run lacks the pipeline",
        _against("baseline: {run: runs/may, pipeline: v3}", _nothing),
        'the baseline run has no pipeline "v3"',
        "benchmark.yaml:5: baseline.pipeline",
        "known: v1, v2",
    ),
    BadInput(
        "baseline run of another schema version",
        _against(EARLIER, _edited("runs/may/run.json", "vbench.run/v1", "vbench.run/v9")),
        "schema is 'vbench.run/v9'",
        AT_RUN,
        "version that made the run",
    ),
    BadInput(
        "baseline run without its detections",
        _against(EARLIER, _removed("runs/may/detections")),
        'holds no detections of the pipeline "v2"',
        AT_RUN,
        "whole run",
    ),
    BadInput(
        "nothing was promoted",
        _against("baseline: promoted", _nothing),
        "no pipeline is promoted: there is no deployments.jsonl",
        AT_BASELINE,
        "vbench promote RUN",
    ),
    BadInput(
        "corrupt ledger",
        _promoted(_edited("deployments.jsonl", '"action"', '"aktion"')),
        "deployments.jsonl:1",
        AT_BASELINE,
        "",
    ),
    BadInput(
        "promoted run is gone",
        _promoted(_removed("runs/may")),
        "the promoted run of v2 1.0.0 is gone",
        AT_BASELINE,
        "bring back the run",
    ),
    BadInput(
        "promoted run was changed",
        _promoted(_edited("runs/may/run.json", '"notes": [', '"notes":  [')),
        "its run.json has changed",
        AT_BASELINE,
        "promote another one",
    ),
    BadInput(
        "promoted for another benchmark",
        _promoted(_edited("benchmark.yaml", "name: dock-release", "name: dock-releese")),
        'no pipeline is promoted for the benchmark "dock-releese"',
        AT_BASELINE,
        "did you mean",
    ),
)
