"""Gates, presets and required footage that are wrong."""

from __future__ import annotations

from pathlib import Path

from tests.bench.small import edit, set_gates
from tests.cli.bad_input import BadInput, Change, edited, gated


def _line_5(text: str) -> Change:
    """In place of the baseline, and without the gate that needs one."""

    def change(folder: Path) -> None:
        edit(
            folder / "benchmark.yaml",
            "  - {metric: precision, max_drop: 0.01, versus: baseline}\n",
            "",
        )
        edit(folder / "benchmark.yaml", "baseline: v1", text)

    return change


def _quarantine(text: str) -> Change:
    return gated(f"{{metric: recall, min: 0.9, quarantine: {text}}}")


def _two_gates(*gates: str) -> Change:
    return lambda folder: set_gates(folder / "benchmark.yaml", *gates)


def _preset_without_baseline(folder: Path) -> None:
    edit(folder / "benchmark.yaml", "baseline: v1\n", "")
    set_gates(folder / "benchmark.yaml", "{preset: no-regression}")


def _pipeline_named_promoted(folder: Path) -> None:
    edit(folder / "pipelines" / "v2.yaml", "name: v2", "name: promoted")
    edit(folder / "benchmark.yaml", "baseline: v1", "baseline: promoted")


SURENESS = (
    BadInput(
        "confidence in percent",
        gated("{metric: recall, min: 0.9, confidence: 95}"),
        "95 is not between 0 and 1: write 0.95 for 95 %",
        "benchmark.yaml:8: gates[0].confidence",
        "docs/reference",
    ),
    BadInput(
        "confidence of nothing",
        gated("{metric: recall, max_drop: 0.1, confidence: 0}"),
        "0 is not between 0 and 1",
        "benchmark.yaml:8: gates[0].confidence",
        "docs/reference",
    ),
    BadInput(
        "confidence of a margin in percent",
        gated("{metric: recall, not_worse: {margin: 0.01, confidence: 99}}"),
        "99 is not between 0 and 1",
        "benchmark.yaml:8: gates[0].not_worse.confidence",
        "docs/reference",
    ),
    BadInput(
        "confidence beside not_worse",
        gated("{metric: recall, not_worse: {margin: 0.01}, confidence: 0.9}"),
        "write `confidence` inside `not_worse`",
        "benchmark.yaml:8: gates[0]",
        "docs/reference",
    ),
    BadInput(
        "confidence of the intervals in percent",
        edited("benchmark.yaml", "slices:", "intervals: {confidence: 90}\nslices:"),
        "90 is not between 0 and 1",
        "benchmark.yaml:6: intervals.confidence",
        "docs/reference",
    ),
    BadInput(
        "not_worse without a margin",
        gated("{metric: recall, not_worse: 0.01}"),
        "0.01 is not a mapping",
        "benchmark.yaml:8: gates[0].not_worse",
        "write {key: value}",
    ),
)

QUARANTINES = (
    BadInput(
        "expired quarantine",
        _quarantine("{owner: ana, reason: new lamp, expires: 2020-02-29}"),
        "the quarantine of recall (ana: new lamp) expired on 2020-02-29",
        "benchmark.yaml:8: gates[0].quarantine.expires",
        "give a new day with a new reason",
    ),
    BadInput(
        "quarantine without an end",
        _quarantine("{owner: ana, reason: new lamp}"),
        "key is missing",
        "benchmark.yaml:8: gates[0].quarantine.expires",
        "add it",
    ),
    BadInput(
        "quarantine until no day",
        _quarantine("{owner: ana, reason: new lamp, expires: next week}"),
        "next week is not a day: write it as 2026-12-31",
        "benchmark.yaml:8: gates[0].quarantine.expires",
        "docs/reference",
    ),
)

CONTRADICTIONS = (
    BadInput(
        "two gates that exclude each other",
        _two_gates("{metric: recall, min: 0.9}", "{metric: recall, max: 0.5}"),
        '"recall <= 0.5" can never hold together with "recall >= 0.9" on line 8',
        "benchmark.yaml:9: gates[1]",
        "correct one of the limits",
    ),
    BadInput(
        "the same gate twice",
        _two_gates("{metric: recall, min: 0.9}", "{metric: recall, min: 0.8}"),
        '"recall >= 0.8" repeats "recall >= 0.9" on line 8: only the stricter counts',
        "benchmark.yaml:9: gates[1]",
        "keep one of them",
    ),
)

PRESETS = (
    BadInput(
        "unknown preset",
        gated("{preset: no-regresion}"),
        'preset "no-regresion" is not known',
        "benchmark.yaml:8: gates[0].preset",
        'did you mean "no-regression"?',
    ),
    BadInput(
        "preset with a metric",
        gated("{preset: no-regression, metric: recall}"),
        "`preset` brings its own gates: leave metric out",
        "benchmark.yaml:8: gates[0]",
        "docs/reference",
    ),
    BadInput(
        "mistyped key of a preset",
        gated("{preset: no-regression, clas: person}"),
        "unknown key",
        "benchmark.yaml:8: gates[0].clas",
        'did you mean "class"?',
    ),
    BadInput(
        "presets that extend each other",
        _line_5("presets: {a: {extends: b}, b: {extends: a}}"),
        'preset "a" extends itself: a > b > a',
        "benchmark.yaml:5: presets.b.extends",
        "take out one `extends`",
    ),
    BadInput(
        "preset of a shipped name",
        _line_5("presets: {no-regression: {gates: [{metric: recall, min: 0.5}]}}"),
        '"no-regression" is a preset that comes with vbench',
        "benchmark.yaml:5: presets.no-regression",
        "extends: no-regression",
    ),
    BadInput(
        "empty preset",
        _line_5("presets: {mine: {}}"),
        "the preset is empty",
        "benchmark.yaml:5: presets.mine",
        "docs/reference",
    ),
    BadInput(
        "preset that compares with nothing",
        _preset_without_baseline,
        "not_worse compares with a baseline, and the benchmark names none",
        "benchmark.yaml:7: gates[0].preset",
        "add `baseline: PIPELINE`",
    ),
    BadInput(
        "a pipeline named promoted",
        _pipeline_named_promoted,
        "a pipeline of this benchmark has that name too",
        "benchmark.yaml:5: baseline",
        "give the pipeline another name",
    ),
)

REQUIRED = (
    BadInput(
        "required footage that is no mapping",
        _line_5("require: [night]"),
        '"night" is not a mapping',
        "benchmark.yaml:5: require[0]",
        "write {key: value}",
    ),
    BadInput(
        "unknown class that is required",
        _line_5("require: [{class: persn}]"),
        'class "persn" is not known here',
        "benchmark.yaml:5: require[0].class",
        'did you mean "person"?',
    ),
    BadInput(
        "footage required by three keys",
        _line_5("require: [{daypart: night, size: small, border: false}]"),
        "daypart, size, border together are not measured",
        "benchmark.yaml:5: require[0]",
        "two by two",
    ),
    BadInput(
        "footage required twice",
        _line_5("require: [{daypart: night}, {slice: {daypart: night}}]"),
        '"require daypart=night n >= 1" repeats "require daypart=night n >= 1" on line 5',
        "benchmark.yaml:5: require[1]",
        "keep one of them",
    ),
)

RULES = SURENESS + QUARANTINES + CONTRADICTIONS + PRESETS + REQUIRED
