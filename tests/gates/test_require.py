"""Required footage becomes gates on the number of truth boxes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gates.files import KNOWN, read
from vbench.errors import ConfigError
from vbench.gates.rules import gates_from

ONE_GATE = "  - {metric: recall, min: 0.5}"


def test_short_and_long_form(tmp_path: Path) -> None:
    before = (
        "require: [{weather: rain, daypart: night},"
        " {slice: {size: small}, class: person, golden_set: dock, min_n: 200}, {class: person}]"
    )
    short, long, of_class, _ = gates_from(read(tmp_path, ONE_GATE, before), KNOWN)
    assert (short.metric, short.form, short.limit) == ("recall", "require", 1.0)
    assert short.slice == (("daypart", "night"), ("weather", "rain"))
    assert short.source == "benchmark.yaml:5"
    assert short.title() == "require daypart=night weather=rain n >= 1"
    assert (long.slice, long.class_name, long.golden_set, long.limit) == (
        (("size", "small"),),
        "person",
        "dock",
        200.0,
    )
    assert (of_class.slice, of_class.class_name) == ((), "person")


@pytest.mark.parametrize("tags", ["{daypart: dusk}", "{dayprt: night}", "{owner: me, daypart: x}"])
def test_footage_that_is_not_there_is_for_the_gate_to_find(tmp_path: Path, tags: str) -> None:
    assert len(gates_from(read(tmp_path, ONE_GATE, f"require: [{tags}]"), KNOWN)) == 2


@pytest.mark.parametrize(
    ("entry", "where", "words"),
    [
        ("{class: persn}", "require[0].class", 'class "persn" is not known here'),
        ("{golden_set: dok}", "require[0].golden_set", 'golden set "dok" is not known here'),
        ("{a: x, b: y, c: z}", "require[0]", "a, b, c together are not measured"),
        ("{stage: detect.infer}", "require[0]", "stage is no property of footage"),
    ],
)
def test_what_no_row_can_count(tmp_path: Path, entry: str, where: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        gates_from(read(tmp_path, ONE_GATE, f"require: [{entry}]"), KNOWN)
    assert caught.value.where.endswith(f"benchmark.yaml:5: {where}")
    assert words in caught.value.what


def test_the_same_twice_is_refused(tmp_path: Path) -> None:
    before = "require: [{daypart: night}, {slice: {daypart: night}, min_n: 9}]"
    with pytest.raises(ConfigError, match="repeats") as caught:
        gates_from(read(tmp_path, ONE_GATE, before), KNOWN)
    assert caught.value.where.endswith("require[1]")
