from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.benchmark_file import BaselineRunEntry, BenchmarkFile, read_benchmark_file
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
