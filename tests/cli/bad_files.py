"""Configuration, missing files and gates that are wrong."""

from __future__ import annotations

from pathlib import Path

from tests.bench.small import edit
from tests.cli.bad_input import BadInput, Change, edited, gated, put, rewritten, with_model


def _two_mistypes(folder: Path) -> None:
    edit(folder / "benchmark.yaml", "slices:", "slice:")
    edit(folder / "benchmark.yaml", "min: 0.8", "minimum: 0.8")


def _baseline_run(content: str | None) -> Change:
    def change(folder: Path) -> None:
        edit(folder / "benchmark.yaml", "baseline: v1", "baseline: {run: runs/may, pipeline: v1}")
        if content is not None:
            (folder / "runs" / "may").mkdir(parents=True)
            (folder / "runs" / "may" / "run.json").write_text(content)

    return change


CONFIGURATION = (
    BadInput(
        "unknown key",
        edited("benchmark.yaml", "slices:", "slice:"),
        "unknown key",
        "benchmark.yaml:6: slice",
        'did you mean "slices"?',
    ),
    BadInput(
        "mistyped key in a gate",
        edited("benchmark.yaml", "class: person, min: 0.9", "clas: person, min: 0.9"),
        "unknown key",
        "benchmark.yaml:8: gates[0].clas",
        'did you mean "class"?',
    ),
    BadInput(
        "mistyped key in golden.yaml",
        edited("golden/golden.yaml", "truth: truth/a-day.csv", "thruth: truth/a-day.csv"),
        "unknown key",
        "golden/golden.yaml:9: clips[0].thruth",
        'did you mean "truth"?',
    ),
    BadInput(
        "mistyped key in a pipeline",
        edited("pipelines/v2.yaml", "classes:", "clases:"),
        "unknown key",
        "pipelines/v2.yaml:4: clases",
        'did you mean "classes"?',
    ),
    BadInput(
        "wrong type",
        edited("benchmark.yaml", "min: 0.9", "min: high"),
        '"high" is not a number',
        "benchmark.yaml:8: gates[0].min",
        "give a number",
    ),
    BadInput(
        "text where a list belongs",
        edited("benchmark.yaml", "[daypart, size]", "daypart"),
        '"daypart" is not a list',
        "benchmark.yaml:6: slices",
        "write [one, two], also for a single value",
    ),
    BadInput(
        "unknown engine",
        edited("pipelines/v2.yaml", "type: replay", "type: reply"),
        '"reply" is not known',
        "pipelines/v2.yaml:8: stages[0].engine.type",
        'did you mean "replay"?',
    ),
    BadInput(
        "key given twice",
        edited("benchmark.yaml", "baseline: v1\n", "baseline: v1\nbaseline: v2\n"),
        "key is given twice (first on line 5)",
        "benchmark.yaml:6: baseline",
        "keep one of them",
    ),
    BadInput(
        "not YAML",
        rewritten("benchmark.yaml", "schema: [vbench\n"),
        "not valid YAML",
        "benchmark.yaml:2",
        "quotes",
    ),
    BadInput(
        "placeholder without quotes",
        edited("pipelines/v2.yaml", '"../results/v2/{clip}.txt"', "../results/v2/{clip}.txt"),
        "not valid YAML",
        "pipelines/v2.yaml:8",
        'goes in "quotes"',
    ),
    BadInput(
        "an anchor that holds itself",
        edited("benchmark.yaml", "[daypart, size]", "&keys [daypart, *keys]"),
        "is nested too deep",
        "benchmark.yaml:6",
        "anchor (&)",
    ),
    BadInput(
        "a name that is no file name",
        edited("golden/golden.yaml", "id: b-night", "id: .."),
        '".." cannot be a file name: give one that starts with neither a blank nor a dot',
        "golden/golden.yaml:10: clips[1].id",
        "docs/reference",
    ),
    BadInput(
        "a name longer than file systems take",
        edited("golden/golden.yaml", "id: b-night", f"id: {'n' * 300}"),
        "it takes 300 bytes, give one of at most 120",
        "golden/golden.yaml:10: clips[1].id",
        "docs/reference",
    ),
    BadInput(
        "a list at the top",
        rewritten("benchmark.yaml", "- schema: vbench.benchmark/v1\n"),
        "is not a mapping",
        "benchmark.yaml:1",
        "`schema: ...`",
    ),
    BadInput(
        "empty file",
        rewritten("benchmark.yaml", ""),
        "is not a mapping",
        "benchmark.yaml:1",
        "`schema: ...`",
    ),
    BadInput(
        "not text",
        lambda folder: put(folder / "benchmark.yaml", b"\xff\xfe\x00\x01"),
        "is not text (UTF-8)",
        "benchmark.yaml",
        "is this a YAML file?",
    ),
    BadInput(
        "no schema",
        edited("benchmark.yaml", "schema: vbench.benchmark/v1\n", ""),
        "key is missing",
        "benchmark.yaml:1: schema",
        "`schema: vbench.benchmark/v1`",
    ),
    BadInput(
        "another schema",
        edited("golden/golden.yaml", "vbench.golden/v1", "vbench.golden/v2"),
        'is "vbench.golden/v2", expected "vbench.golden/v1"',
        "golden/golden.yaml:1: schema",
        "right file",
    ),
    BadInput(
        "a pipeline in place of a golden set",
        edited("benchmark.yaml", "golden_sets: [golden]", "golden_sets: [pipelines/v1.yaml]"),
        'is "vbench.pipeline/v1", expected "vbench.golden/v1"',
        "pipelines/v1.yaml:1: schema",
        "right file",
    ),
    BadInput(
        "two things wrong",
        _two_mistypes,
        "benchmark.yaml:9: gates[1]",
        "benchmark.yaml:6: slice",
        "",
    ),
)

MISSING_FILES = (
    BadInput(
        "missing pipeline file",
        edited("benchmark.yaml", "pipelines/v2.yaml", "pipelines/v3.yaml"),
        'pipeline file "pipelines/v3.yaml" does not exist',
        "benchmark.yaml:4: pipelines[1]",
        "paths start from",
    ),
    BadInput(
        "missing golden set",
        edited("benchmark.yaml", "[golden]", "[gold]"),
        'golden set "gold" does not exist',
        "benchmark.yaml:3: golden_sets[0]",
        "paths start from",
    ),
    BadInput(
        "missing media",
        edited("golden/golden.yaml", "videos/a-day.mp4", "videos/aday.mp4"),
        'media "videos/aday.mp4" does not exist',
        "golden/golden.yaml:9: clips[0].media",
        "paths start from",
    ),
    BadInput(
        "missing truth",
        edited("golden/golden.yaml", "truth/a-day.csv", "truth/aday.csv"),
        "truth not found",
        "golden/golden.yaml:9: clips[0].truth",
        "check the path",
    ),
    BadInput(
        "missing results of a clip",
        lambda folder: (folder / "results" / "v2" / "b-night.txt").unlink(),
        'no results for clip "b-night"',
        "pipelines/v2.yaml:8: stages[0].engine.path",
        "the folder holds a-day.txt",
    ),
    BadInput(
        "one results file for two clips",
        edited("pipelines/v2.yaml", "{clip}", "a-day"),
        "one results file for 2 clips",
        "pipelines/v2.yaml:8: stages[0].engine.path",
        "{clip}",
    ),
    BadInput(
        "missing model",
        with_model(lambda folder: (folder / "constant.onnx").unlink()),
        "constant.onnx: model file not found",
        "pipelines/constant.yaml:8: stages[0].engine.model",
        "the folder has no .onnx",
        code=4,
    ),
    BadInput(
        "missing baseline run",
        _baseline_run(None),
        'baseline run "runs/may" does not exist',
        "benchmark.yaml:5: baseline.run",
        "paths start from",
    ),
    BadInput(
        "baseline run that is none",
        _baseline_run("{}"),
        "schema is None",
        "benchmark.yaml:5: baseline.run",
        "run again",
    ),
    BadInput(
        "baseline pipeline that is none",
        edited("benchmark.yaml", "baseline: v1", "baseline: v3"),
        'baseline "v3" is not a pipeline of this benchmark',
        "benchmark.yaml:5: baseline",
        "known: v1, v2; for an earlier run write",
    ),
)

GATES = (
    BadInput(
        "unknown metric",
        gated("{metric: recal, min: 0.9}"),
        'metric "recal" is not known here',
        "benchmark.yaml:8: gates[0].metric",
        'did you mean "recall"?',
    ),
    BadInput(
        "unknown class in a gate",
        gated("{metric: recall, class: persn, min: 0.9}"),
        'class "persn" is not known here',
        "benchmark.yaml:8: gates[0].class",
        'did you mean "person"?',
    ),
    BadInput(
        "unknown slice key",
        gated("{metric: recall, slice: {daypat: night}, min: 0.9}"),
        'slice key "daypat" is not known here',
        "benchmark.yaml:8: gates[0].slice.daypat",
        'did you mean "daypart"?',
    ),
    BadInput(
        "unknown slice value",
        gated("{metric: recall, slice: {daypart: nite}, min: 0.9}"),
        'value of daypart "nite" is not known here',
        "benchmark.yaml:8: gates[0].slice.daypart",
        "night",
    ),
    BadInput(
        "unknown tag in slices",
        edited("benchmark.yaml", "[daypart, size]", "[dayprt, size]"),
        'no clip or box has the tag "dayprt"',
        "benchmark.yaml:6: slices[0]",
        'did you mean "daypart"?',
    ),
    BadInput(
        "contradictory gate",
        gated("{metric: recall, min: 0.9, max: 0.5}"),
        "exactly one of min, max, max_drop, max_rise, not_worse; found min and max",
        "benchmark.yaml:8: gates[0]",
        "",
    ),
    BadInput(
        "gate without a limit",
        gated("{metric: recall}"),
        "exactly one of min, max, max_drop, max_rise, not_worse; found none",
        "benchmark.yaml:8: gates[0]",
        "",
    ),
    BadInput(
        "gate that judges nothing",
        gated("{metric: recall, max_drop: 0.1, pipelines: [v1]}"),
        "compares v1 with itself",
        "benchmark.yaml:8: gates[0].max_drop",
        "add a pipeline",
    ),
    BadInput(
        "limit that is no number",
        gated("{metric: recall, min: .nan}"),
        "nan is not a finite number",
        "benchmark.yaml:8: gates[0].min",
        "give a number",
    ),
)
