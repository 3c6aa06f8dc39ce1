"""Gates from a file: every name is checked, with its line and a suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.benchmark_file import read_benchmark_file
from vbench.errors import ConfigError
from vbench.gates.rules import Measurable, gates_from

KNOWN = Measurable(
    metrics=("recall", "precision"),
    classes=("person", "forklift"),
    slices={"daypart": ("day", "night")},
    clips=("dock1",),
    golden_sets=("dock",),
    pipelines=("v1", "v2"),
)


def write(folder: Path, gates: str, baseline: str = "baseline: v1") -> Path:
    path = folder / "benchmark.yaml"
    path.write_text(
        "schema: vbench.benchmark/v1\nname: x\ngolden_sets: [g]\npipelines: [p]\n"
        f"{baseline}\ngates:\n{gates}\n"
    )
    return path


def test_gates_are_read_with_their_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "  - {metric: recall, class: person, slice: {daypart: night}, min: 0.8}\n"
        "  - {metric: precision, max_drop: 0.01, versus: v2, level: warn}",
    )
    first, second = gates_from(read_benchmark_file(path), KNOWN)
    assert first.title() == "recall[person] daypart=night >= 0.8"
    assert first.source == "benchmark.yaml:7"
    assert (second.form, second.limit, second.versus, second.level) == (
        "max_drop",
        0.01,
        "v2",
        "warn",
    )


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("{metric: recal, min: 0.5}", ['"recal"', 'did you mean "recall"?', ":7: gates[0].metric"]),
        ("{metric: recall, class: persn, min: 0.5}", ["gates[0].class", '"person"']),
        ("{metric: recall, slice: {daypat: night}, min: 0.5}", ["slice key", '"daypart"']),
        ("{metric: recall, slice: {daypart: nite}, min: 0.5}", ["value of daypart", '"night"']),
        ("{metric: recall, clip: dock2, min: 0.5}", ["clip", '"dock1"']),
        ("{metric: recall, pipelines: [v3], min: 0.5}", ["pipeline"]),
        ("{metric: recall, golden_set: doc, min: 0.5}", ["golden set", '"dock"']),
        ("{metric: recall, max_drop: 0.1, versus: v7}", ["pipeline"]),
    ],
)
def test_unknown_names(tmp_path: Path, gate: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        gates_from(read_benchmark_file(write(tmp_path, f"  - {gate}")), KNOWN)
    for word in words:
        assert word in str(caught.value)


def test_a_comparison_needs_a_baseline(tmp_path: Path) -> None:
    path = write(tmp_path, "  - {metric: recall, max_drop: 0.1}", baseline="description: none")
    with pytest.raises(ConfigError, match="names none"):
        gates_from(read_benchmark_file(path), KNOWN)


@pytest.mark.parametrize(
    "gate",
    [
        "{metric: recall}",
        "{metric: recall, min: 0.1, max: 0.2}",
        "{metric: recall, min: 0.1, versus: v1}",
    ],
)
def test_exactly_one_form(tmp_path: Path, gate: str) -> None:
    with pytest.raises(ConfigError, match=r"benchmark.yaml:7"):
        read_benchmark_file(write(tmp_path, f"  - {gate}"))
