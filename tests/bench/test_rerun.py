"""The command that runs only what matters to a gate."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from tests.bench.runs import gate_result
from vbench.bench.finished import FinishedRun
from vbench.bench.rerun import rerun_command
from vbench.types import Cause, GateResult, Run

NIGHT = "recall[person] daypart=night >= 0.8"


@pytest.fixture
def run(finished: FinishedRun) -> Run:
    manifest = replace(finished.run.manifest, benchmark_file="benchmarks/dock/benchmark.yaml")
    gates = tuple(replace(result, causes=()) for result in finished.run.gates)
    return replace(finished.run, manifest=manifest, baseline=None, gates=gates)


def cause(kind: str, name: str) -> Cause:
    return Cause(kind, name, None, 3, 0.5, None)  # type: ignore[arg-type]


def narrowed(result: GateResult, **fields: object) -> GateResult:
    return replace(result, gate=replace(result.gate, **fields))  # type: ignore[arg-type]


def test_a_slice_of_clips_needs_those_clips_alone(run: Run) -> None:
    assert rerun_command(run, gate_result(run, NIGHT, "v1")) == (
        "vbench run benchmarks/dock/benchmark.yaml --pipeline v1 --clip b-night"
    )


def test_the_whole_needs_all_clips(run: Run) -> None:
    result = gate_result(run, "recall[person] >= 0.9", "v2")
    expected = "vbench run benchmarks/dock/benchmark.yaml --pipeline v2"
    assert rerun_command(run, result) == expected
    sized = narrowed(result, slice=(("size", "small"),))
    assert rerun_command(run, sized) == expected


def test_clips_that_carry_the_loss_are_enough(run: Run) -> None:
    result = gate_result(run, "recall[person] >= 0.9", "v1")
    carried = replace(result, causes=(cause("stretch", "b-night"), cause("slice", "a-day")))
    assert rerun_command(run, carried).endswith("--pipeline v1 --clip b-night")


def test_a_clip_of_its_own(run: Run) -> None:
    result = narrowed(gate_result(run, NIGHT, "v1"), slice=(), clip="a-day")
    assert rerun_command(run, result).endswith("--clip a-day")


@pytest.mark.parametrize("how", ["versus", "baseline"])
def test_what_it_is_compared_with_runs_too(run: Run, how: str) -> None:
    result = gate_result(run, "precision drops at most 0.01", "v2")
    if how == "versus":
        result = narrowed(result, versus="v1")
    else:
        run = replace(run, baseline="v1")
    assert rerun_command(run, result) == "vbench run benchmarks/dock/benchmark.yaml"


def test_an_earlier_run_cannot_run_again(run: Run) -> None:
    result = gate_result(run, "precision drops at most 0.01", "v2")
    earlier = replace(run, baseline="v1 of 2026-01-01T00:00:00+00:00")
    assert rerun_command(earlier, result).endswith("benchmark.yaml --pipeline v2")


def test_words_are_quoted_for_a_shell(run: Run) -> None:
    clips = tuple(replace(clip, id=f"{clip.id} $(x)") for clip in run.clips)
    odd = replace(
        run, clips=clips, manifest=replace(run.manifest, benchmark_file="my set/benchmark.yaml")
    )
    words = shlex.split(rerun_command(odd, gate_result(run, NIGHT, "v1")))
    assert words[2] == "my set/benchmark.yaml"
    assert words[-1] == "b-night $(x)"


def test_a_run_that_does_not_know_its_file(run: Run) -> None:
    older = replace(run, manifest=replace(run.manifest, benchmark_file=""))
    assert rerun_command(older, gate_result(run, NIGHT, "v1")).startswith(
        "vbench run benchmark.yaml --pipeline"
    )


def test_a_part_of_a_benchmark_stays_a_part(run: Run) -> None:
    part = replace(run, manifest=replace(run.manifest, partial="only 2 of 9 clips"))
    command = rerun_command(part, gate_result(run, "recall[person] >= 0.9", "v2"))
    assert command.endswith("--pipeline v2 --clip a-day --clip b-night")
