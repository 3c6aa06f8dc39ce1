"""Gates from a file: every name is checked, with its line and a suggestion."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.gates.files import KNOWN, read, write
from vbench.config.benchmark_file import read_benchmark_file
from vbench.errors import ConfigError
from vbench.gates.rules import gates_from
from vbench.types import Quarantine


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
        before="baseline: {run: runs/x, pipeline: v1}",
    )
    (read,) = gates_from(read_benchmark_file(path), KNOWN)
    assert read.versus is None


def test_a_comparison_needs_a_baseline(tmp_path: Path) -> None:
    path = write(tmp_path, "  - {metric: recall, max_drop: 0.1}", before="description: none")
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


def test_not_worse_confidence_and_support_are_read(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        "  - {metric: recall, not_worse: {margin: 0.02}}\n"
        "  - {metric: precision, not_worse: {margin: 0, confidence: 0.9}, versus: v2}\n"
        "  - {metric: recall, min: 0.8, confidence: 0.99, min_n: 500}",
    )
    first, second, third = gates_from(file, KNOWN)
    assert (first.form, first.limit, first.confidence, first.level) == (
        "not_worse",
        0.02,
        0.95,
        "error",
    )
    assert (second.limit, second.confidence, second.versus) == (0.0, 0.9, "v2")
    assert (third.limit, third.confidence, third.min_n) == (0.8, 0.99, 500)


QUARANTINED = (
    "  - {metric: recall, min: 0.8, quarantine: {owner: ana, reason: new lamp,"
    " expires: 2026-03-31}}"
)


@pytest.mark.parametrize("today", [date(2026, 3, 31), None])
def test_a_quarantine_is_read(tmp_path: Path, today: date | None) -> None:
    (gate,) = gates_from(read(tmp_path, QUARANTINED), KNOWN, today=today)
    assert gate.quarantine == Quarantine("ana", "new lamp", date(2026, 3, 31))


def test_an_expired_quarantine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        gates_from(read(tmp_path, QUARANTINED), KNOWN, today=date(2026, 4, 1))
    assert caught.value.where.endswith("benchmark.yaml:7: gates[0].quarantine.expires")
    assert caught.value.what == ("the quarantine of recall (ana: new lamp) expired on 2026-03-31")


def test_not_worse_needs_a_direction(tmp_path: Path) -> None:
    gate = "  - {metric: alerts_per_camera_hour, not_worse: {margin: 1}}"
    with pytest.raises(ConfigError, match="neither a high nor a low") as caught:
        gates_from(read(tmp_path, gate), KNOWN)
    assert caught.value.where.endswith("gates[0].not_worse")


def test_the_promoted_pipeline_is_a_baseline(tmp_path: Path) -> None:
    file = read(tmp_path, "  - {metric: recall, max_drop: 0.1}", before="baseline: promoted")
    (gate,) = gates_from(file, KNOWN)
    assert gate.versus is None


def test_no_pipeline_may_be_named_promoted_beside_it(tmp_path: Path) -> None:
    file = read(tmp_path, "  - {metric: recall, min: 0.1}", before="baseline: promoted")
    known = replace(KNOWN, pipelines=("v1", "promoted"))
    with pytest.raises(ConfigError, match="has that name too") as caught:
        gates_from(file, known)
    assert caught.value.where.endswith("benchmark.yaml:5: baseline")
    assert gates_from(read(tmp_path, "  - {metric: recall, min: 0.1}"), known)
