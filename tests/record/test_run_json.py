from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.bench.runs import run_quietly
from tests.bench.small import write_small_benchmark
from vbench.errors import RunFolderError
from vbench.record.folder import RunFolder, write_whole
from vbench.record.run_json import read_run, run_text, write_run
from vbench.record.run_rows import metric_entry, metric_text
from vbench.types import Cause, Change, Interval, MachineLoad, OperatingPoint, Quarantine, Run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("small")
    return run_quietly(write_small_benchmark(folder / "benchmark"), folder / "run").run


def rich(run: Run) -> Run:
    """The run with every optional part filled in."""
    interval = Interval(0.25, 0.75, 0.95, "blocks", 12, 40.5)
    first, second, *rest = run.metrics
    result, *others = run.gates
    gate = replace(
        result.gate,
        confidence=0.9,
        min_n=10,
        quarantine=Quarantine("dock team", "camera moved", date(2026, 12, 31)),
        preset="no-regression",
    )
    return replace(
        run,
        manifest=replace(
            run.manifest,
            benchmark_file="benchmarks/dock/benchmark.yaml",
            load=MachineLoad(0.25, ("python3", "ffmpeg")),
            partial="only 1 of 2 clips",
            statistics="1000 resamples, seed 0, 95 %",
        ),
        metrics=(
            replace(first, value=0.5, reason=None, interval=interval, no_interval=""),
            replace(second, value=0.5, reason=None, interval=None, no_interval="one block"),
            *rest,
        ),
        gates=(
            replace(
                result,
                gate=gate,
                change=Change(-0.125, interval, "", 0.03125),
                bound=0.5,
                p_value=0.25,
                p_adjusted=0.5,
                more_footage=3.5,
                in_quarantine=True,
                causes=(Cause("stretch", "b-night", (3, 9), 7, 0.875, 0.75),),
                rerun="vbench run benchmark.yaml --clip b-night",
            ),
            *(replace(one, change=Change(0.5, None, "not paired", None)) for one in others),
        ),
    )


def test_everything_comes_back_as_it_was(finished: Run, tmp_path: Path) -> None:
    run = rich(finished)
    folder = RunFolder(tmp_path / "again")
    write_run(folder, run)
    assert read_run(folder) == run


def test_a_reason_takes_the_place_of_the_interval(finished: Run) -> None:
    rows = json.loads(run_text(rich(finished)))["metrics"]
    assert rows[0]["interval"]["low"] == 0.25
    assert rows[1]["interval"] == {"reason": "one block"}


def test_a_line_is_that_of_its_model(finished: Run) -> None:
    """Lines are written without the model that the schema comes from."""
    scores = OperatingPoint(0.5, (("person", 0.25), ("forklift", 0.75)))
    odd = replace(
        finished.metrics[0],
        value=np.float64(0.1),
        reason=None,
        n=3,
        operating_point=scores,
    )
    for row in (*rich(finished).metrics, odd, replace(odd, class_name="forklift")):
        line = metric_entry(row).model_dump(mode="json", by_alias=True)
        assert metric_text(row) == json.dumps(line, ensure_ascii=False)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"schema": "vbench.run/v1"', '"schema": "vbench.run/v9"', "vbench.run/v9"),
        ('"verdict": "fail"', '"verdict": "maybe"', "verdict"),
        ('"notes": [', '"remarks": [', "notes"),
    ],
)
def test_what_vbench_did_not_write(
    finished: Run, tmp_path: Path, old: str, new: str, says: str
) -> None:
    folder = RunFolder(tmp_path)
    text = run_text(finished)
    assert old in text
    write_whole(folder.run_json, text.replace(old, new, 1))
    with pytest.raises(RunFolderError) as caught:
        read_run(folder)
    assert says in caught.value.what
    assert caught.value.where == str(folder.run_json)
