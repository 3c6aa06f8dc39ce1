from __future__ import annotations

from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from vbench.config.benchmark_file import (
    BaselineRunEntry,
    BenchmarkFile,
    GateEntry,
    PresetEntry,
    RequireEntry,
    read_benchmark_file,
)
from vbench.errors import ConfigError

BENCHMARK = """\
schema: vbench.benchmark/v1
name: dock-release
golden_sets: [../golden]
pipelines: [a.yaml, b.yaml]
baseline: a
slices: [daypart, store]
gates:
  - {metric: recall, class: person, min: 0.9, slice: {store: 12}}
  - {metric: precision, max_drop: 0.01, versus: baseline, level: warn}
  - {metric: latency_ms_p95, max: 40}
"""


def read(folder: Path, text: str) -> BenchmarkFile:
    (folder / "benchmark.yaml").write_text(text)
    return read_benchmark_file(folder).model


def test_a_benchmark(tmp_path: Path) -> None:
    model = read(tmp_path, BENCHMARK)
    assert model.matching.iou == 0.5
    assert model.gates[0].class_ == "person"
    assert model.gates[0].slice == {"store": "12"}
    assert model.gates[1].level == "warn"
    assert isinstance(model.gates[2], GateEntry)
    assert model.gates[2].max == 40.0


def test_a_baseline_may_be_an_earlier_run(tmp_path: Path) -> None:
    text = BENCHMARK.replace("baseline: a", "baseline: {run: runs/x, pipeline: a}")
    assert read(tmp_path, text).baseline == BaselineRunEntry(run="runs/x", pipeline="a")


def test_slices_are_keys_and_pairs_of_keys(tmp_path: Path) -> None:
    text = BENCHMARK.replace("[daypart, store]", "[daypart, [daypart, size]]")
    assert read(tmp_path, text).slices == ["daypart", ["daypart", "size"]]


@pytest.mark.parametrize(
    ("old", "new", "key", "what"),
    [
        ("pipelines:", "pipeline:", "pipeline", "unknown key"),
        ("pipelines: [a.yaml, b.yaml]", "pipelines: []", "pipelines", "at least 1"),
        ("max: 40", "max: 40, min: 1", "gates[2]", "found min and max"),
        ("max: 40", "level: warn", "gates[2]", "found none"),
        ("max: 40", "max: fast", "gates[2].max", "is not a number"),
        ("max: 40", "max: 40, versus: baseline", "gates[2]", "goes with max_drop"),
        ("max: 40", "max: 40, confidence: 95", "gates[2].confidence", "write 0.95 for 95 %"),
        ("max: 40", "max: 40, confidence: 1", "gates[2].confidence", "not between 0 and 1"),
        ("max: 40", "max: 40, confidence: 0", "gates[2].confidence", "not between 0 and 1"),
        ("max: 40", "max: 40, confidence: high", "gates[2].confidence", "is not a number"),
        ("max: 40", "max: 40, min_n: 0", "gates[2].min_n", "greater than 0"),
        ("max: 40", "max: 40, min_n: 1.5", "gates[2].min_n", "whole number"),
        ("max: 40", "not_worse: 0.01", "gates[2].not_worse", "is not a mapping"),
        ("max: 40", "not_worse: {margni: 1}", "gates[2].not_worse.margni", "unknown key"),
        ("max: 40", "not_worse: {confidence: 0.9}", "gates[2].not_worse.margin", "is missing"),
        ("max: 40", "not_worse: {margin: -1}", "gates[2].not_worse.margin", "greater than or"),
        (
            "max: 40",
            "not_worse: {margin: 1, confidence: 2}",
            "gates[2].not_worse.confidence",
            "2 is not between 0 and 1",
        ),
        ("max: 40", "not_worse: {margin: 1}, confidence: 0.9", "gates[2]", "inside `not_worse`"),
        ("max: 40", "not_worse: {margin: 1}, max: 3", "gates[2]", "found max and not_worse"),
        ("max: 40", "max: 40, preset: x", "gates[2]", "leave metric and max out"),
        ("max: 40", "max: 40, quarantine: {owner: a}", "gates[2].quarantine.reason", "missing"),
        ("baseline: a", "intervals: {confidence: 95}", "intervals.confidence", "write 0.95"),
        ("baseline: a", "intervals: {resamples: 10}", "intervals.resamples", "equal to 100"),
        ("baseline: a", "intervals: {seed: -1}", "intervals.seed", "equal to 0"),
        ("baseline: a", "require: [night]", "require[0]", "is not a mapping"),
        ("baseline: a", "require: [{}]", "require[0]", "names no footage"),
        ("baseline: a", "require: [{slcie: {size: small}}]", "require[0].slcie", "unknown key"),
        ("baseline: a", "require: [{class: a, min: 3}]", "require[0].min", "unknown key"),
        ("baseline: a", "presets: {x: {}}", "presets.x", "the preset is empty"),
        ("baseline: a", "presets: {x: {extnds: y}}", "presets.x.extnds", "unknown key"),
        (
            "baseline: a",
            "presets: {x: {gates: [{metric: recall}]}}",
            "presets.x.gates[0]",
            "found none",
        ),
        ("level: warn", "level: wran", "gates[1].level", "is not known"),
        ("class: person", "clas: person", "gates[0].clas", "unknown key"),
        ("baseline: a", "baseline: {rnu: a, pipeline: b}", "baseline.rnu", "unknown key"),
        ("[daypart, store]", "[daypart, [store, store]]", "slices[1]", "two different keys"),
        ("[daypart, store]", "[[a, b, c]]", "slices[0]", "found [a, b, c]"),
        ("[daypart, store]", "[[daypart]]", "slices[0]", "two different keys"),
        ("[daypart, store]", "[[daypart, 3]]", "slices[0][1]", "is not text"),
        ("baseline: a", "matching: {iou: 0}", "matching.iou", "greater than 0"),
    ],
)
def test_bad_keys_are_named(tmp_path: Path, old: str, new: str, key: str, what: str) -> None:
    assert old in BENCHMARK
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, BENCHMARK.replace(old, new))
    assert caught.value.where.startswith(f"{tmp_path / 'benchmark.yaml'}:")
    assert caught.value.where.endswith(f": {key}")
    assert what in caught.value.what


def changed(folder: Path, gate: str) -> BenchmarkFile:
    return read(folder, BENCHMARK.replace("{metric: latency_ms_p95, max: 40}", gate))


def test_forms_limits_and_confidence(tmp_path: Path) -> None:
    gates = read(tmp_path, BENCHMARK).gates
    assert all(isinstance(gate, GateEntry) for gate in gates)
    written = "{metric: recall, not_worse: {margin: 0.02}}"
    gate = changed(tmp_path, written).gates[2]
    assert isinstance(gate, GateEntry)
    assert (gate.form, gate.limit, gate.sureness) == ("not_worse", 0.02, 0.95)
    gate = changed(tmp_path, "{metric: recall, max_rise: 1, confidence: 0.9, min_n: 7}").gates[2]
    assert isinstance(gate, GateEntry)
    assert (gate.form, gate.limit, gate.sureness, gate.min_n) == ("max_rise", 1.0, 0.9, 7)


def test_a_preset_among_the_gates(tmp_path: Path) -> None:
    gate = changed(tmp_path, "{preset: no-regression, slice: {store: 12}, margin: 0}").gates[2]
    assert isinstance(gate, PresetEntry)
    assert (gate.preset, gate.slice, gate.margin) == ("no-regression", {"store": "12"}, 0.0)


@pytest.mark.parametrize("day", ["2026-12-31", '"2026-12-31"'])
def test_a_quarantine(tmp_path: Path, day: str) -> None:
    quarantine = f"{{owner: ana, reason: lamp, expires: {day}}}"
    gate = changed(tmp_path, f"{{metric: recall, min: 0.5, quarantine: {quarantine}}}").gates[2]
    assert gate.quarantine is not None
    assert gate.quarantine.expires == date(2026, 12, 31)


@pytest.mark.parametrize("day", ["soon", "20261231", "2026-12", '"2026-13-01"', "31.12.2026", "[]"])
def test_a_day_is_a_day(tmp_path: Path, day: str) -> None:
    quarantine = f"{{owner: ana, reason: lamp, expires: {day}}}"
    with pytest.raises(ConfigError, match=r"is not a day: write it as 2026-12-31") as caught:
        changed(tmp_path, f"{{metric: recall, min: 0.5, quarantine: {quarantine}}}")
    assert caught.value.where.endswith("benchmark.yaml:10: gates[2].quarantine.expires")


def test_intervals_have_defaults(tmp_path: Path) -> None:
    intervals = read(tmp_path, BENCHMARK).intervals
    assert (intervals.confidence, intervals.resamples, intervals.seed) == (0.95, 1000, 0)
    text = BENCHMARK.replace("baseline: a", "intervals: {confidence: 0.9, resamples: 200, seed: 7}")
    intervals = read(tmp_path, text).intervals
    assert (intervals.confidence, intervals.resamples, intervals.seed) == (0.9, 200, 7)


def test_required_footage_has_two_forms(tmp_path: Path) -> None:
    entries = "[{daypart: night, store: 12}, {slice: {size: small}, min_n: 9}, {class: person}]"
    short, long, of_class = read(
        tmp_path, BENCHMARK.replace("baseline: a", f"require: {entries}")
    ).require
    assert short == {"daypart": "night", "store": "12"}
    assert long == RequireEntry(slice={"size": "small"}, min_n=9)
    assert of_class == RequireEntry.model_validate({"class": "person"})


def test_a_failed_baseline_run_is_accepted_only_where_it_is_said(tmp_path: Path) -> None:
    run = "{run: runs/x, pipeline: a}"
    accepted = "{run: runs/x, pipeline: a, accept_failed: true}"
    found = [
        read(tmp_path, BENCHMARK.replace("baseline: a", f"baseline: {text}")).baseline
        for text in (run, accepted)
    ]
    assert found == [
        BaselineRunEntry(run="runs/x", pipeline="a"),
        BaselineRunEntry(run="runs/x", pipeline="a", accept_failed=True),
    ]


def test_every_form_of_entry_follows_the_schema(tmp_path: Path) -> None:
    text = BENCHMARK.replace(
        "baseline: a",
        'require: [{daypart: night}, {class: person}, {slice: {store: "1"}, min_n: 3}]\n'
        "presets: {x: {extends: no-regression, gates: [{metric: recall, min: 0.5}]}}",
    ).replace("store: 12", 'store: "12"')
    text += "  - {preset: x, margin: 0.1, level: warn}\n"
    read(tmp_path, text)
    schema = BenchmarkFile.model_json_schema(by_alias=True)
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(text))
