"""Gates that exclude each other, repeat each other, or decide nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gates.files import KNOWN, read
from vbench.errors import ConfigError
from vbench.gates.rules import gates_from


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (
            "{metric: recall, min: 0.9}",
            "{metric: recall, max: 0.8}",
            ['"recall <= 0.8" can never hold together with "recall >= 0.9" on line 7'],
        ),
        (
            "{metric: recall, max: 0.8, class: person, pipelines: [v1]}",
            "{metric: recall, min: 0.9, class: person, confidence: 0.9}",
            ['"recall[person] >= 0.9 (90 % sure)" can never hold together', "line 7"],
        ),
        (
            "{metric: recall, max_drop: -0.2}",
            "{metric: recall, max_rise: 0.1, versus: v1}",
            ["can never hold together"],
        ),
        (
            "{metric: recall, min: 0.9}",
            "{metric: recall, min: 0.9}",
            ['"recall >= 0.9" repeats "recall >= 0.9" on line 7'],
        ),
        (
            "{metric: recall, min: 0.9}",
            "{metric: recall, min: 0.8, pipelines: [v2, v1]}",
            ["on line 7: only the stricter counts"],
        ),
        (
            "{metric: recall, not_worse: {margin: 0.1}}",
            "{metric: recall, max_drop: 0.1, confidence: 0.95, versus: baseline}",
            ["repeats", "line 7"],
        ),
        (
            "{metric: recall, clip: dock1, min: 0.5}",
            "{metric: recall, clip: dock1, golden_set: dock, min: 0.5}",
            ["repeats"],
        ),
        (
            "{metric: recall, min: 0.9, quarantine: {owner: a, reason: b, expires: 2030-01-01}}",
            "{metric: recall, min: 0.9, quarantine: {owner: c, reason: d, expires: 2030-01-01}}",
            ["repeats"],
        ),
    ],
)
def test_contradictions_name_both_lines(
    tmp_path: Path, first: str, second: str, words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        gates_from(read(tmp_path, f"  - {first}\n  - {second}"), KNOWN)
    assert caught.value.where.endswith("benchmark.yaml:8: gates[1]")
    for word in words:
        assert word in caught.value.what


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{metric: recall, min: 0.8}", "{metric: recall, max: 0.9}"),
        ("{metric: recall, min: 0.9}", "{metric: recall, max: 0.8, class: person}"),
        (
            "{metric: recall, min: 0.9, pipelines: [v1]}",
            "{metric: recall, max: 0.8, pipelines: [v2]}",
        ),
        (
            "{metric: recall, min: 0.9, golden_set: dock}",
            "{metric: recall, max: 0.8, golden_set: yard}",
        ),
        ("{metric: recall, min: 0.9}", "{metric: recall, min: 0.95, level: warn}"),
        ("{metric: recall, min: 0.9}", "{metric: recall, min: 0.8, confidence: 0.95}"),
        ("{metric: recall, min: 0.8}", "{metric: recall, min: 0.9, pipelines: [v2]}"),
        ("{metric: recall, max_drop: 0.1}", "{metric: recall, max_drop: 0.1, versus: v2}"),
        ("{metric: recall, min: 0.9}", "{metric: recall, max_drop: 0.1}"),
        ("{metric: recall, max_drop: 0.1}", "{metric: recall, max_rise: 0.1}"),
    ],
)
def test_what_can_hold_together_is_read(tmp_path: Path, first: str, second: str) -> None:
    assert len(gates_from(read(tmp_path, f"  - {first}\n  - {second}"), KNOWN)) == 2


@pytest.mark.parametrize(
    ("gate", "what", "hint"),
    [
        (
            "metric: recall, min: 95",
            "recall is never above 1, so min 95 never passes",
            "write 0.9 for 90 %",
        ),
        (
            "metric: recall, max: -0.1",
            "recall is never below 0, so max -0.1 never passes",
            "can be met",
        ),
        ("metric: recall, min: 0", "recall is never below 0, so min 0 always passes", "`require`"),
        ("metric: recall, max: 1", "recall is never above 1, so max 1 always passes", "be missed"),
        (
            "metric: recall, min: 1, confidence: 0.9",
            "recall is never above 1, so min 1 with a confidence never passes",
            "can be met",
        ),
        (
            "metric: fp_per_frame, max: 0, confidence: 0.9",
            "fp_per_frame is never below 0, so max 0 with a confidence never passes",
            "can be met",
        ),
        ("metric: fp_per_frame, min: 0", "never below 0, so min 0 always passes", "be missed"),
        (
            "metric: recall, max_drop: 1",
            "a change of recall is never below -1, so max_drop 1 always passes",
            "be missed",
        ),
        (
            "metric: recall, max_drop: -2",
            "a change of recall is never above 1, so max_drop -2 never passes",
            "can be met",
        ),
        (
            "metric: recall, not_worse: {margin: 5}",
            "a change of recall is never below -1, so not_worse 5 always passes",
            "be missed",
        ),
    ],
)
def test_limits_that_decide_nothing(tmp_path: Path, gate: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        gates_from(read(tmp_path, f"  - {{{gate}}}"), KNOWN)
    form = gate.split(", ")[1].split(":")[0]
    assert caught.value.where.endswith(f"benchmark.yaml:7: gates[0].{form}")
    assert what in caught.value.what
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "gate",
    [
        "metric: recall, min: 1",
        "metric: recall, max: 0",
        "metric: mota, min: -3",
        "metric: fp_per_frame, max: 0",
        "metric: fp_per_frame, max_rise: 100",
        "metric: fp_per_frame, max: 1000, confidence: 0.9",
        "metric: recall, max_drop: -0.1",
    ],
)
def test_limits_that_can_be_met_and_missed(tmp_path: Path, gate: str) -> None:
    assert gates_from(read(tmp_path, f"  - {{{gate}}}"), KNOWN)
