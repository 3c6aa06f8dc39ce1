"""Presets: gates under a name, extended and changed, with the place of every mistake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, table_rows, words
from tests.gates.files import KNOWN, read
from vbench.errors import ConfigError
from vbench.gates.presets import shipped_presets
from vbench.gates.rules import gates_from
from vbench.metrics.definitions import METRICS
from vbench.types import Gate

OWN = (
    "presets: {base: {gates: [{metric: recall, min: 0.5},"
    " {metric: recall, class: person, min: 0.6}, {metric: latency_ms_p95, max: 50}]},"
    " mine: {extends: base, gates: [{metric: recall, min: 0.7}, {metric: precision, min: 0.4}]}}\n"
    "baseline: v1"
)
"""Line 5; gates follow from line 8 on."""


def gates(folder: Path, entries: str, before: str = "baseline: v1") -> tuple[Gate, ...]:
    return gates_from(read(folder, entries, before), KNOWN)


@pytest.mark.parametrize("name", sorted(shipped_presets()))
def test_a_shipped_preset_can_be_used(tmp_path: Path, name: str) -> None:
    found = gates(tmp_path, f"  - {{preset: {name}}}")
    assert found
    assert {gate.preset for gate in found} == {name}
    assert {gate.source for gate in found} == {"benchmark.yaml:7"}


def test_shipped_presets_are_documented() -> None:
    described = {}
    for name, gates_of_it in table_rows(DOCS / "reference" / "benchmark.md", "preset"):
        if words(name)[0] in shipped_presets():
            described[words(name)[0]] = set(words(gates_of_it)) & set(METRICS)
    assert described == {
        name: {gate.metric for gate in preset.gates} for name, preset in shipped_presets().items()
    }


def test_shipped_presets_name_metrics() -> None:
    named = {gate.metric for preset in shipped_presets().values() for gate in preset.gates}
    assert named <= set(METRICS)


def test_no_regression_is_sure_of_a_point(tmp_path: Path) -> None:
    found = gates(tmp_path, "  - {preset: no-regression}")
    assert [(gate.metric, gate.form, gate.limit, gate.confidence) for gate in found] == [
        (name, "not_worse", 0.01, 0.95)
        for name in ("recall", "precision", "ap50", "frame_accuracy")
    ]


def test_an_entry_changes_all_gates_of_its_preset(tmp_path: Path) -> None:
    entry = (
        "  - {preset: no-regression, class: person, slice: {daypart: night}, golden_set: dock,"
        " pipelines: [v2], versus: v1, level: warn, confidence: 0.8, margin: 0.05, min_n: 30,"
        " quarantine: {owner: ana, reason: lamp, expires: 2030-01-01}}"
    )
    for gate in gates(tmp_path, entry):
        assert (gate.class_name, gate.slice) == ("person", (("daypart", "night"),))
        assert (gate.golden_set, gate.pipelines, gate.versus) == ("dock", ("v2",), "v1")
        assert (gate.level, gate.confidence, gate.limit, gate.min_n) == ("warn", 0.8, 0.05, 30)
        assert gate.quarantine is not None
        assert gate.quarantine.expires == date(2030, 1, 1)


def test_a_confidence_makes_bare_limits_bounds(tmp_path: Path) -> None:
    found = gates(tmp_path, "  - {preset: realtime-20fps, confidence: 0.9}")
    assert {gate.confidence for gate in found} == {0.9}


def test_own_presets_add_and_replace(tmp_path: Path) -> None:
    found = gates(tmp_path, "  - {preset: mine}", OWN)
    assert [(gate.metric, gate.class_name, gate.limit) for gate in found] == [
        ("recall", "person", 0.6),
        ("latency_ms_p95", None, 50.0),
        ("recall", None, 0.7),
        ("precision", None, 0.4),
    ]


def test_a_slice_is_added_to_those_of_the_preset(tmp_path: Path) -> None:
    before = (
        "presets: {sizes: {gates: [{metric: recall, slice: {size: small}, min: 0.5},"
        " {metric: recall, slice: {daypart: day}, min: 0.8}]}}"
    )
    first, second = gates(tmp_path, "  - {preset: sizes, slice: {daypart: night}}", before)
    assert first.slice == (("daypart", "night"), ("size", "small"))
    assert second.slice == (("daypart", "night"),)


def test_presets_stand_among_the_gates_in_order(tmp_path: Path) -> None:
    found = gates(
        tmp_path,
        "  - {metric: mota, min: 0.1}\n  - {preset: realtime-20fps}\n  - {metric: hota, min: 0.1}",
    )
    assert [gate.metric for gate in found] == ["mota", "latency_ms_p95", "latency_ms_p99", "hota"]
    assert [gate.source.rpartition(":")[2] for gate in found] == ["7", "8", "8", "9"]


@pytest.mark.parametrize(
    ("entry", "before", "where", "words"),
    [
        (
            "{preset: no-regresion}",
            "baseline: v1",
            ":7: gates[0].preset",
            ['preset "no-regresion" is not known', 'did you mean "no-regression"?'],
        ),
        (
            "{metric: recall, min: 0.5}",
            "presets: {mine: {extends: no-regresion}}",
            ":5: presets.mine.extends",
            ['preset "no-regresion" is not known', 'did you mean "no-regression"?'],
        ),
        (
            "{metric: recall, min: 0.5}",
            "presets: {a: {extends: b}, b: {extends: c}, c: {extends: b}}",
            ":5: presets.c.extends",
            ['preset "b" extends itself: b > c > b'],
        ),
        (
            "{metric: recall, min: 0.5}",
            "presets: {a: {extends: a}}",
            ":5: presets.a.extends",
            ['preset "a" extends itself: a > a'],
        ),
        (
            "{metric: recall, min: 0.5}",
            "presets: {no-regression: {extends: realtime-20fps}}",
            ":5: presets.no-regression",
            ["comes with vbench", "extends: no-regression"],
        ),
        (
            "{preset: mine}",
            "presets: {mine: {gates: [{metric: recal, min: 0.5}]}}",
            ":5: presets.mine.gates[0].metric",
            ['"recal" is not known here'],
        ),
        (
            "{preset: mine, class: persn}",
            "presets: {mine: {gates: [{metric: recall, min: 0.5}]}}",
            ":7: gates[0].class",
            ['"persn" is not known here'],
        ),
        (
            "{preset: realtime-20fps, class: person}",
            "baseline: v1",
            ":7: gates[0].class",
            ["latency_ms_p95 is not measured per class"],
        ),
        (
            "{preset: no-regression}",
            "description: no baseline",
            ":7: gates[0].preset",
            ["not_worse compares with a baseline, and the benchmark names none"],
        ),
        (
            "{preset: realtime-20fps, versus: v1}",
            "baseline: v1",
            ":7: gates[0].versus",
            ["no gate of preset realtime-20fps compares"],
        ),
        (
            "{preset: realtime-20fps, margin: 0.1}",
            "baseline: v1",
            ":7: gates[0].margin",
            ["no gate of preset realtime-20fps has a margin"],
        ),
        (
            "{preset: mine, quarantine: {owner: a, reason: b, expires: 2030-01-01}}",
            "presets: {mine: {gates: [{metric: recall, min: 0.5,"
            " quarantine: {owner: a, reason: b, expires: 2030-01-01}}]}}",
            ":7: gates[0].quarantine",
            ["recall of preset mine is in quarantine already, since line 5"],
        ),
    ],
)
def test_mistakes_are_named_where_they_are(
    tmp_path: Path, entry: str, before: str, where: str, words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        gates(tmp_path, f"  - {entry}", before)
    assert caught.value.where.endswith(where)
    for word in words:
        assert word in str(caught.value)


def test_a_gate_beside_its_preset_is_a_repetition(tmp_path: Path) -> None:
    entries = "  - {preset: no-regression}\n  - {metric: recall, not_worse: {margin: 0.02}}"
    with pytest.raises(ConfigError, match="on line 7: only the stricter counts") as caught:
        gates(tmp_path, entries)
    assert caught.value.where.endswith(":8: gates[1]")
