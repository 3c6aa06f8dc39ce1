"""Slices by two keys, from the benchmark file to rows and gates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.runs import metric, run_quietly
from tests.bench.small import edit, set_gates
from vbench.errors import ConfigError, InputError
from vbench.record.run_json import read_run
from vbench.types import Verdict

DAY, NIGHT = ("daypart", "day"), ("daypart", "night")
MEDIUM, SMALL = ("size", "medium"), ("size", "small")


def test_pairs_have_rows_and_are_read_back(small: Path, tmp_path: Path) -> None:
    edit(small / "benchmark.yaml", "[daypart, size]", "[[size, daypart]]")
    set_gates(small / "benchmark.yaml", "{metric: recall, min: 0.001}")
    finished = run_quietly(small, tmp_path / "run")
    run = finished.run
    assert metric(run, "recall", "v1", slice_=(NIGHT, MEDIUM)).value == 0.0
    assert metric(run, "recall", "v1", slice_=(DAY, MEDIUM)).value == 1.0
    assert metric(run, "recall", "v1", slice_=(DAY, MEDIUM)).n == 12
    assert metric(run, "fp", "v2", slice_=(NIGHT, SMALL)).value == 1.0
    assert metric(run, "fp", "v2", slice_=(DAY, SMALL)).value == 0.0
    # Nothing was asked of either key alone.
    assert all(len(row.slice) in (0, 2) for row in run.metrics)
    assert read_run(finished.folder).metrics == run.metrics


def test_gates_on_pairs(small: Path, tmp_path: Path) -> None:
    set_gates(
        small / "benchmark.yaml",
        "{metric: recall, slice: {size: medium, daypart: night}, min: 0.8}",
        "{metric: fp_per_camera_hour, slice: {daypart: night, size: small}, max: 0}",
        "{metric: recall, slice: {daypart: day, speed: still}, min: 0.8}",
        "{metric: recall, slice: {daypart: day, speed: fast}, min: 0.8}",
    )
    run = run_quietly(small, tmp_path / "run").run
    passes, fails = Verdict.PASS, Verdict.FAIL
    assert [one.verdict for one in run.gates[:2]] == [fails, passes]
    assert [one.verdict for one in run.gates[2:4]] == [passes, fails]
    assert [one.verdict for one in run.gates[4:6]] == [passes, passes]
    assert [one.verdict for one in run.gates[6:]] == [fails, fails]
    assert run.gates[0].gate.slice == (NIGHT, MEDIUM)
    assert "recall at daypart=night, size=medium is 0 (n = 12)" in run.gates[0].explanation
    assert "was not measured on this golden set" in run.gates[6].explanation


@pytest.mark.parametrize(
    ("slices", "where", "what", "hint"),
    [
        ("[[daypart, sise]]", "slices[0][1]", 'the tag "sise"', 'did you mean "size"?'),
        ("[daypart, [sise, size]]", "slices[1][0]", 'the tag "sise"', "size"),
        ("[[daypart, daypart]]", "slices[0]", "two different keys", ""),
        ("[[daypart, shift]]", "slices[0]", "no clip has both daypart and shift", "together"),
    ],
)
def test_pairs_that_cannot_be(
    small: Path, tmp_path: Path, slices: str, where: str, what: str, hint: str
) -> None:
    edit(small / "golden" / "golden.yaml", "tags: {daypart: night}", "tags: {shift: late}")
    set_gates(small / "benchmark.yaml", "{metric: recall, min: 0.001}")
    edit(small / "benchmark.yaml", "[daypart, size]", slices)
    with pytest.raises(ConfigError) as caught:
        run_quietly(small, tmp_path / "run")
    assert caught.value.where == f"{small / 'benchmark.yaml'}:6: {where}"
    assert what in caught.value.what
    assert hint in caught.value.hint


def test_a_property_of_boxes_that_is_also_a_tag_is_refused(small: Path, tmp_path: Path) -> None:
    golden = small / "golden" / "golden.yaml"
    edit(golden, "tags: {daypart: night}", "tags: {daypart: night, speed: high}")
    set_gates(small / "benchmark.yaml", "{metric: recall, slice: {speed: still}, min: 0.5}")
    with pytest.raises(InputError, match='"speed" has more than one meaning'):
        run_quietly(small, tmp_path / "run")
