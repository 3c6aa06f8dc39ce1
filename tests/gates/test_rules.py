"""Gates from a file: every name is checked, with its line and a suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.benchmark_file import read_benchmark_file
from vbench.errors import ConfigError
from vbench.gates.rules import Measurable, Reach, gates_from

KNOWN = Measurable(
    metrics={
        "recall": Reach(per_class=True, slice_keys=("daypart", "weather", "size", "occluded")),
        "precision": Reach(per_class=True, slice_keys=("daypart", "size")),
        "frame_recall": Reach(per_class=True, slice_keys=("daypart", "weather")),
        "latency_ms_p95": Reach(per_class=False, slice_keys=("stage",)),
        "throughput_fps": Reach(per_class=False, slice_keys=()),
    },
    classes=("person", "forklift"),
    slices={
        "daypart": ("day", "night"),
        "weather": ("dry", "rain"),
        "occluded": ("true",),
        "size": ("small", "large"),
        "stage": ("detect.infer",),
    },
    clip_tags=(
        (("daypart", "day"), ("weather", "dry")),
        (("daypart", "night"), ("weather", "dry")),
        (("daypart", "day"), ("weather", "rain")),
    ),
    clips={"dock1": "dock", "yard1": "yard"},
    golden_sets=("dock", "yard"),
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


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (
            "{metric: recall, slice: {daypart: day, size: small, occluded: true}, min: 0.5}",
            ["daypart, size, occluded together", "at most two keys", ":7: gates[0].slice"],
        ),
        (
            "{metric: frame_recall, slice: {daypart: night, size: small}, min: 0.5}",
            ["frame_recall is not measured by size", ":7: gates[0].slice.size"],
        ),
        (
            "{metric: recall, slice: {weather: rain, daypart: night}, min: 0.5}",
            ["no clip has daypart=night and weather=rain", ":7: gates[0].slice"],
        ),
        (
            "{metric: precision, slice: {occluded: true}, min: 0.5}",
            ["precision is not measured by occluded", "by daypart, size"],
        ),
        ("{metric: recall, slice: {stage: detect.infer}, min: 0.5}", ["not measured by stage"]),
        ("{metric: latency_ms_p95, slice: {daypart: day}, max: 9}", ["is measured by stage"]),
        ("{metric: throughput_fps, slice: {daypart: day}, min: 9}", ["leave `slice` out"]),
        ("{metric: latency_ms_p95, class: person, max: 9}", ["not measured per class"]),
        ("{metric: recall, clip: dock1, slice: {daypart: day}, min: 0.5}", ["within one clip"]),
        ("{metric: recall, clip: dock1, golden_set: yard, min: 0.5}", ['is in golden set "dock"']),
    ],
)
def test_what_is_not_measured_is_refused(tmp_path: Path, gate: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        gates_from(read_benchmark_file(write(tmp_path, f"  - {gate}")), KNOWN)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("metric", "written", "read"),
    [
        ("recall", "{size: small, daypart: night}", (("daypart", "night"), ("size", "small"))),
        ("recall", "{size: small, occluded: true}", (("occluded", "true"), ("size", "small"))),
        (
            "frame_recall",
            "{weather: rain, daypart: day}",
            (("daypart", "day"), ("weather", "rain")),
        ),
    ],
)
def test_two_keys_are_read_in_one_order(
    tmp_path: Path, metric: str, written: str, read: tuple[tuple[str, str], ...]
) -> None:
    gate = f"  - {{metric: {metric}, slice: {written}, min: 0.5}}"
    (found,) = gates_from(read_benchmark_file(write(tmp_path, gate)), KNOWN)
    assert found.slice == read


def test_two_keys_are_combined(tmp_path: Path) -> None:
    gate = "  - {metric: recall, slice: {size: small, daypart: night}, min: 0.5}"
    (read,) = gates_from(read_benchmark_file(write(tmp_path, gate)), KNOWN)
    assert read.slice == (("daypart", "night"), ("size", "small"))


def test_a_stage_of_one_clip_is_measured(tmp_path: Path) -> None:
    gate = "  - {metric: latency_ms_p95, clip: yard1, slice: {stage: detect.infer}, max: 9}"
    (read,) = gates_from(read_benchmark_file(write(tmp_path, gate)), KNOWN)
    assert (read.clip, read.slice) == ("yard1", (("stage", "detect.infer"),))


def test_a_gate_on_a_clip_judges_the_golden_set_that_holds_it(tmp_path: Path) -> None:
    gate = "  - {metric: recall, clip: yard1, min: 0.5}"
    (read,) = gates_from(read_benchmark_file(write(tmp_path, gate)), KNOWN)
    assert read.golden_set == "yard"


@pytest.mark.parametrize(
    "gate",
    [
        "{metric: recall, max_drop: 0.1, pipelines: [v1]}",
        "{metric: recall, max_drop: 0.1, versus: baseline, pipelines: [v1]}",
        "{metric: recall, max_rise: 0.1, versus: v2, pipelines: [v2]}",
    ],
)
def test_a_gate_that_would_judge_nothing_is_refused(tmp_path: Path, gate: str) -> None:
    with pytest.raises(ConfigError, match="with itself"):
        gates_from(read_benchmark_file(write(tmp_path, f"  - {gate}")), KNOWN)


def test_an_earlier_run_may_be_compared_with_a_pipeline_of_the_same_name(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "  - {metric: recall, max_drop: 0.1, pipelines: [v1]}",
        baseline="baseline: {run: runs/x, pipeline: v1}",
    )
    (read,) = gates_from(read_benchmark_file(path), KNOWN)
    assert read.versus is None


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
