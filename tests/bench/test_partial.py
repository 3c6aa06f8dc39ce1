from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.runs import run_quietly
from tests.bench.small import set_gates
from vbench.bench.plan import make_plan
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.errors import InputError
from vbench.types import Verdict


def test_one_clip_is_run_and_nothing_passes(small: Path, tmp_path: Path) -> None:
    run = run_benchmark(
        small / "benchmark.yaml", tmp_path / "run", NoProgress(), clips=["a-day"], report=False
    ).run
    assert [clip.id for clip in run.clips] == ["a-day"]
    assert run.verdict is Verdict.INCONCLUSIVE
    assert all(item.verdict is not Verdict.PASS for item in run.pipelines)
    assert run.manifest.partial.startswith("only 1 of 2 clips (a-day)")
    assert run.manifest.command == ("vbench", "run", "benchmark.yaml", "--clip", "a-day")
    assert not any(result.gate.slice == (("daypart", "night"),) for result in run.gates)


def test_a_part_has_another_digest(small: Path, tmp_path: Path) -> None:
    whole = run_quietly(small, tmp_path / "whole").run
    part = run_benchmark(
        small / "benchmark.yaml", tmp_path / "part", NoProgress(), clips=["a-day"], report=False
    ).run
    assert part.golden_sets[0].digest != whole.golden_sets[0].digest


def test_one_pipeline_without_its_baseline_is_not_compared(small: Path, tmp_path: Path) -> None:
    run = run_benchmark(
        small / "benchmark.yaml",
        tmp_path / "run",
        NoProgress(),
        only_pipelines=["v2"],
        report=False,
    ).run
    assert [item.name for item in run.pipelines] == ["v2"]
    assert run.baseline is None
    assert {result.gate.form for result in run.gates} == {"min", "max"}


def test_a_failing_gate_still_fails(small: Path, tmp_path: Path) -> None:
    run = run_benchmark(
        small / "benchmark.yaml", tmp_path / "run", NoProgress(), clips=["b-night"], report=False
    ).run
    assert {item.name: item.verdict for item in run.pipelines}["v1"] is Verdict.FAIL


def test_everything_by_name_is_the_whole(small: Path, tmp_path: Path) -> None:
    plan = make_plan(small / "benchmark.yaml", NoProgress())
    run = run_benchmark(
        small / "benchmark.yaml",
        tmp_path / "run",
        NoProgress(),
        clips=["a-day", "b-night"],
        only_pipelines=["v1", "v2"],
        report=False,
    ).run
    assert run.manifest.partial == ""
    assert len({result.gate for result in run.gates}) == len(plan.gates)


@pytest.mark.parametrize(
    ("gate", "kept"),
    [
        ("{metric: recall, clip: a-day, min: 0.5}", True),
        ("{metric: recall, clip: b-night, min: 0.5}", False),
        ("{metric: recall, slice: {size: large}, min: 0.001}", True),
        ("{metric: recall, pipelines: [v1], min: 0.5}", True),
        ("{metric: recall, pipelines: [v2], max_drop: 0.5, versus: v1}", True),
    ],
)
def test_which_gates_a_part_still_has(small: Path, tmp_path: Path, gate: str, kept: bool) -> None:
    set_gates(small / "benchmark.yaml", gate)
    run = run_benchmark(
        small / "benchmark.yaml", tmp_path / "run", NoProgress(), clips=["a-day"], report=False
    ).run
    assert bool(run.gates) is kept


@pytest.mark.parametrize(
    ("options", "where", "hint"),
    [
        ({"clips": ["a-dya"]}, "--clip", "a-day"),
        ({"only_pipelines": ["v3"]}, "--pipeline", "v1"),
    ],
)
def test_unknown_names(
    small: Path, tmp_path: Path, options: dict[str, list[str]], where: str, hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        run_benchmark(
            small / "benchmark.yaml",
            tmp_path / "run",
            NoProgress(),
            clips=options.get("clips", ()),
            only_pipelines=options.get("only_pipelines", ()),
        )
    assert caught.value.where == where
    assert hint in caught.value.hint
    assert not (tmp_path / "run").exists()
