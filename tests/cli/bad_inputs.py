"""Inputs that are wrong in one way each: what was done to the small benchmark, and the message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.small import STRAY_BOX, TRUTH_BOX, edit, mot_row, set_gates
from tests.engines import onnx_models
from tests.video.clips import write_clip
from vbench.bench.golden import lock_golden_set
from vbench.bench.progress import NoProgress

Change = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class BadInput:
    """One thing that is wrong."""

    name: str
    change: Change
    """Makes it wrong; given the benchmark's folder."""
    what: str
    """Part of the first line."""
    where: str
    """End of the place, from the benchmark's folder on."""
    todo: str
    """Part of the advice."""
    code: int = 2


def _edit(file: str, old: str, new: str) -> Change:
    return lambda folder: edit(folder / file, old, new)


def _write(file: str, content: str) -> Change:
    return lambda folder: _written(folder / file, content.encode())


def _written(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _gate(gate: str) -> Change:
    return lambda folder: set_gates(folder / "benchmark.yaml", gate)


def _truth_row(row: str) -> Change:
    """Add a row to the truth of a-day, on line 14."""

    def change(folder: Path) -> None:
        path = folder / "golden" / "truth" / "a-day.csv"
        path.write_text(path.read_text() + row + "\n")

    return change


def _result_row(row: str) -> Change:
    """Put a row before the results of v2 on b-night."""
    path = Path("results") / "v2" / "b-night.txt"
    return lambda folder: _written(folder / path, row.encode() + (folder / path).read_bytes())


def _use_constant(folder: Path) -> None:
    edit(folder / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")


def _model(change: Change) -> Change:
    def both(folder: Path) -> None:
        _use_constant(folder)
        change(folder)

    return both


def _cut_media(folder: Path) -> None:
    path = folder / "golden" / "videos" / "b-night.mp4"
    # The index at the front, so that the file still opens.
    write_clip(path, 12, container_options={"movflags": "+faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])


def _two_mistypes(folder: Path) -> None:
    edit(folder / "benchmark.yaml", "slices:", "slice:")
    edit(folder / "benchmark.yaml", "min: 0.8", "minimum: 0.8")


def _empty_folder_as_media(folder: Path) -> None:
    path = folder / "golden" / "videos" / "b-night.mp4"
    path.unlink()
    path.mkdir()


def _other_input_shape(folder: Path) -> None:
    rows = np.zeros((1, 2, 6), np.float32)
    onnx_models.write_constant_model(
        folder / "constant.onnx", {"boxes": rows}, input_shape=(1, 3, 32, 32)
    )


def _other_output_shape(folder: Path) -> None:
    rows = np.zeros((1, 2, 7), np.float32)
    onnx_models.write_constant_model(
        folder / "constant.onnx", {"boxes": rows}, input_shape=(1, 3, 64, 96)
    )


def _truncated_model(folder: Path) -> None:
    path = folder / "constant.onnx"
    path.write_bytes(path.read_bytes()[:100])


def _locked_then_media_changed(folder: Path) -> None:
    lock_golden_set(folder / "golden", NoProgress())
    write_clip(folder / "golden" / "videos" / "b-night.mp4", 12, options={"crf": "40"})


def _locked_then_truth_changed(folder: Path) -> None:
    lock_golden_set(folder / "golden", NoProgress())
    edit(folder / "golden/truth/b-night.csv", "\n0,person,1,10.0", "\n0,person,1,11.0")


def _locked_then_clip_added(folder: Path) -> None:
    lock_golden_set(folder / "golden", NoProgress())
    edit(folder / "golden/golden.yaml", "id: b-night", "id: c-night")


def _baseline_run(content: str | None) -> Change:
    def change(folder: Path) -> None:
        edit(folder / "benchmark.yaml", "baseline: v1", "baseline: {run: runs/may, pipeline: v1}")
        if content is not None:
            (folder / "runs" / "may").mkdir(parents=True)
            (folder / "runs" / "may" / "run.json").write_text(content)

    return change


_STRAY = mot_row(5, STRAY_BOX, 0.8, identity=7)
_NAN_SCORE = _STRAY.replace("0.8", "nan")
_INFINITE_SCORE = _STRAY.replace("0.8", "inf")
_LATE = mot_row(12, STRAY_BOX, 0.8, identity=7)
_PERCENT = mot_row(5, STRAY_BOX, 80, identity=7)
_TWICE = mot_row(0, TRUTH_BOX, 0.8)

CONFIGURATION = (
    BadInput(
        "unknown key",
        _edit("benchmark.yaml", "slices:", "slice:"),
        "unknown key",
        "benchmark.yaml:6: slice",
        'did you mean "slices"?',
    ),
    BadInput(
        "mistyped key in a gate",
        _edit("benchmark.yaml", "class: person, min: 0.9", "clas: person, min: 0.9"),
        "unknown key",
        "benchmark.yaml:8: gates[0].clas",
        'did you mean "class"?',
    ),
    BadInput(
        "mistyped key in golden.yaml",
        _edit("golden/golden.yaml", "truth: truth/a-day.csv", "thruth: truth/a-day.csv"),
        "unknown key",
        "golden/golden.yaml:9: clips[0].thruth",
        'did you mean "truth"?',
    ),
    BadInput(
        "mistyped key in a pipeline",
        _edit("pipelines/v2.yaml", "classes:", "clases:"),
        "unknown key",
        "pipelines/v2.yaml:4: clases",
        'did you mean "classes"?',
    ),
    BadInput(
        "wrong type",
        _edit("benchmark.yaml", "min: 0.9", "min: high"),
        '"high" is not a number',
        "benchmark.yaml:8: gates[0].min",
        "give a number",
    ),
    BadInput(
        "text where a list belongs",
        _edit("benchmark.yaml", "[daypart, size]", "daypart"),
        '"daypart" is not a list',
        "benchmark.yaml:6: slices",
        "write [one, two], also for a single value",
    ),
    BadInput(
        "unknown engine",
        _edit("pipelines/v2.yaml", "type: replay", "type: reply"),
        '"reply" is not known',
        "pipelines/v2.yaml:8: stages[0].engine.type",
        'did you mean "replay"?',
    ),
    BadInput(
        "key given twice",
        _edit("benchmark.yaml", "baseline: v1\n", "baseline: v1\nbaseline: v2\n"),
        "key is given twice (first on line 5)",
        "benchmark.yaml:6: baseline",
        "keep one of them",
    ),
    BadInput(
        "not YAML",
        _write("benchmark.yaml", "schema: [vbench\n"),
        "not valid YAML",
        "benchmark.yaml:2",
        "quotes",
    ),
    BadInput(
        "placeholder without quotes",
        _edit("pipelines/v2.yaml", '"../results/v2/{clip}.txt"', "../results/v2/{clip}.txt"),
        "not valid YAML",
        "pipelines/v2.yaml:8",
        'goes in "quotes"',
    ),
    BadInput(
        "a list at the top",
        _write("benchmark.yaml", "- schema: vbench.benchmark/v1\n"),
        "is not a mapping",
        "benchmark.yaml:1",
        "`schema: ...`",
    ),
    BadInput(
        "empty file",
        _write("benchmark.yaml", ""),
        "is not a mapping",
        "benchmark.yaml:1",
        "`schema: ...`",
    ),
    BadInput(
        "not text",
        lambda folder: _written(folder / "benchmark.yaml", b"\xff\xfe\x00\x01"),
        "is not text (UTF-8)",
        "benchmark.yaml",
        "is this a YAML file?",
    ),
    BadInput(
        "no schema",
        _edit("benchmark.yaml", "schema: vbench.benchmark/v1\n", ""),
        "key is missing",
        "benchmark.yaml:1: schema",
        "`schema: vbench.benchmark/v1`",
    ),
    BadInput(
        "another schema",
        _edit("golden/golden.yaml", "vbench.golden/v1", "vbench.golden/v2"),
        'is "vbench.golden/v2", expected "vbench.golden/v1"',
        "golden/golden.yaml:1: schema",
        "right file",
    ),
    BadInput(
        "a pipeline in place of a golden set",
        _edit("benchmark.yaml", "golden_sets: [golden]", "golden_sets: [pipelines/v1.yaml]"),
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
        _edit("benchmark.yaml", "pipelines/v2.yaml", "pipelines/v3.yaml"),
        'pipeline file "pipelines/v3.yaml" does not exist',
        "benchmark.yaml:4: pipelines[1]",
        "paths start from",
    ),
    BadInput(
        "missing golden set",
        _edit("benchmark.yaml", "[golden]", "[gold]"),
        'golden set "gold" does not exist',
        "benchmark.yaml:3: golden_sets[0]",
        "paths start from",
    ),
    BadInput(
        "missing media",
        _edit("golden/golden.yaml", "videos/a-day.mp4", "videos/aday.mp4"),
        'media "videos/aday.mp4" does not exist',
        "golden/golden.yaml:9: clips[0].media",
        "paths start from",
    ),
    BadInput(
        "missing truth",
        _edit("golden/golden.yaml", "truth/a-day.csv", "truth/aday.csv"),
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
        _edit("pipelines/v2.yaml", "{clip}", "a-day"),
        "one results file for 2 clips",
        "pipelines/v2.yaml:8: stages[0].engine.path",
        "{clip}",
    ),
    BadInput(
        "missing model",
        _model(lambda folder: (folder / "constant.onnx").unlink()),
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
        _edit("benchmark.yaml", "baseline: v1", "baseline: v3"),
        'baseline "v3" is not a pipeline of this benchmark',
        "benchmark.yaml:5: baseline",
        "known: v1, v2; for an earlier run write",
    ),
)

GATES = (
    BadInput(
        "unknown metric",
        _gate("{metric: recal, min: 0.9}"),
        'metric "recal" is not known here',
        "benchmark.yaml:8: gates[0].metric",
        'did you mean "recall"?',
    ),
    BadInput(
        "unknown class in a gate",
        _gate("{metric: recall, class: persn, min: 0.9}"),
        'class "persn" is not known here',
        "benchmark.yaml:8: gates[0].class",
        'did you mean "person"?',
    ),
    BadInput(
        "unknown slice key",
        _gate("{metric: recall, slice: {daypat: night}, min: 0.9}"),
        'slice key "daypat" is not known here',
        "benchmark.yaml:8: gates[0].slice.daypat",
        'did you mean "daypart"?',
    ),
    BadInput(
        "unknown slice value",
        _gate("{metric: recall, slice: {daypart: nite}, min: 0.9}"),
        'value of daypart "nite" is not known here',
        "benchmark.yaml:8: gates[0].slice.daypart",
        "night",
    ),
    BadInput(
        "unknown tag in slices",
        _edit("benchmark.yaml", "[daypart, size]", "[dayprt, size]"),
        'no clip or box has the tag "dayprt"',
        "benchmark.yaml:6: slices[0]",
        'did you mean "daypart"?',
    ),
    BadInput(
        "contradictory gate",
        _gate("{metric: recall, min: 0.9, max: 0.5}"),
        "exactly one of min, max, max_drop, max_rise; found min and max",
        "benchmark.yaml:8: gates[0]",
        "",
    ),
    BadInput(
        "gate without a limit",
        _gate("{metric: recall}"),
        "exactly one of min, max, max_drop, max_rise; found none",
        "benchmark.yaml:8: gates[0]",
        "",
    ),
    BadInput(
        "gate that judges nothing",
        _gate("{metric: recall, max_drop: 0.1, pipelines: [v1]}"),
        "compares v1 with itself",
        "benchmark.yaml:8: gates[0].max_drop",
        "add a pipeline",
    ),
    BadInput(
        "limit that is no number",
        _gate("{metric: recall, min: .nan}"),
        "nan is not a finite number",
        "benchmark.yaml:8: gates[0].min",
        "give a number",
    ),
)

TRUTH = (
    BadInput(
        "class that the taxonomy lacks",
        _edit("pipelines/v2.yaml", "names: [person]", "names: [pedestrian]"),
        'class "pedestrian" is not in the taxonomy',
        "pipelines/v2.yaml:4: classes.names[0]",
        "classes.map",
    ),
    BadInput(
        "truth class that the taxonomy lacks",
        _truth_row("11,dog,2,10,8,40,56,0,0"),
        'class "dog" is not in the taxonomy',
        "golden/truth/a-day.csv:14: column class",
        "person, forklift; or map it with the key truth_classes",
    ),
    BadInput(
        "truth beyond the last frame",
        _truth_row("12,person,1,10,8,40,56,0,0"),
        'truth is for frame 12 but clip "a-day" has 12 frames, the last is 11',
        "golden/truth/a-day.csv:14: column frame",
        "is truth_frame_base right?",
    ),
    BadInput(
        "truth box of negative size",
        _truth_row("11,person,2,40,8,10,56,0,0"),
        "box has the negative size -30 x 48",
        "golden/truth/a-day.csv:14: column x1",
        "give x1 <= x2",
    ),
    BadInput(
        "truth box outside the frame",
        _truth_row("11,person,2,200,8,240,56,0,0"),
        "box (200, 8, 240, 56) is completely outside the 96x64 frame",
        "golden/truth/a-day.csv:14: column x1",
        "truth_size",
    ),
    BadInput(
        "truth box that is not a number",
        _truth_row("11,person,2,nan,8,40,56,0,0"),
        "nan is not a finite number",
        "golden/truth/a-day.csv:14: column x1",
        "give a number",
    ),
    BadInput(
        "clip id given twice",
        _edit("golden/golden.yaml", "id: b-night", "id: a-day"),
        'clip id "a-day" is given twice (first in clips[0])',
        "golden/golden.yaml:10: clips[1].id",
        "its own id",
    ),
    BadInput(
        "class given twice",
        _edit("golden/golden.yaml", "name: forklift", "name: person"),
        "class 'person' is listed twice",
        "golden/golden.yaml:6: taxonomy.classes",
        "docs/reference",
    ),
    BadInput(
        "empty truth file",
        _write("golden/truth/a-day.csv", ""),
        "golden/truth/a-day.csv is empty",
        "golden/golden.yaml:9: clips[0].truth",
        "leave the key `truth` out",
    ),
    BadInput(
        "truth that is no text",
        lambda folder: _written(folder / "golden/truth/a-day.csv", b"\x89PNG\xff\xfe"),
        "not text",
        "golden/truth/a-day.csv",
        "",
    ),
    BadInput(
        "truth after the lock",
        _locked_then_truth_changed,
        'the truth of clip "b-night" no longer matches golden.lock',
        "golden/golden.yaml:10: clips[1].truth",
        "vbench golden lock",
    ),
    BadInput(
        "clip after the lock",
        _locked_then_clip_added,
        'clip "c-night" is not in golden.lock',
        "golden/golden.yaml:10: clips[1].id",
        "vbench golden lock",
    ),
)

RESULTS = (
    BadInput(
        "score that is not a number",
        _result_row(_NAN_SCORE),
        "nan is not a finite number",
        "results/v2/b-night.txt:1: column 7",
        "give a number",
    ),
    BadInput(
        "infinite score",
        _result_row(_INFINITE_SCORE),
        "inf is not a finite number",
        "results/v2/b-night.txt:1: column 7",
        "give a number",
    ),
    BadInput(
        "score in percent",
        _result_row(_PERCENT),
        "score is 80, expected 0 to 1",
        "results/v2/b-night.txt:1",
        "divide percentages by 100",
    ),
    BadInput(
        "result beyond the last frame",
        _result_row(_LATE),
        'results are for frame 13, but clip "b-night" has frames 1 to 12',
        "results/v2/b-night.txt:1",
        "frame_base",
    ),
    BadInput(
        "result of negative size",
        _result_row("3,7,60,8,-20,22,0.8,-1,-1,-1\n"),
        "box has size -20 x 22 px",
        "results/v2/b-night.txt:1",
        "must not be negative",
    ),
    BadInput(
        "identity twice in a frame",
        _result_row(_TWICE),
        "identity 1 appears twice in one frame",
        "results/v2/b-night.txt:2",
        "write -1",
    ),
)

MEDIA = (
    BadInput(
        "empty media file",
        _write("golden/videos/b-night.mp4", ""),
        "the file is empty",
        "golden/golden.yaml:10: clips[1].media: clip b-night (videos/b-night.mp4)",
        "check that the file is complete and plays",
        code=4,
    ),
    BadInput(
        "a text file as media",
        _write("golden/videos/b-night.mp4", "frame 1\nframe 2\n"),
        "cannot be opened as a video",
        "golden/golden.yaml:10: clips[1].media: clip b-night (videos/b-night.mp4)",
        "check that the file is complete and plays",
        code=4,
    ),
    BadInput(
        "an empty folder as media",
        _empty_folder_as_media,
        "the folder has no images",
        "golden/golden.yaml:10: clips[1].media: clip b-night (videos/b-night.mp4)",
        ".png",
        code=4,
    ),
    BadInput(
        "a video cut short",
        _cut_media,
        "frame",
        "golden/golden.yaml:10: clips[1].media: clip b-night (videos/b-night.mp4)",
        "--allow-damaged",
        code=4,
    ),
    BadInput(
        "media after the lock",
        _locked_then_media_changed,
        'the media of clip "b-night" no longer match golden.lock',
        "golden/videos/b-night.mp4",
        "vbench golden lock",
    ),
)

MODELS = (
    BadInput(
        "input shape of the model",
        _model(_other_input_shape),
        "the pipeline gives [1, 3, 64, 96] (nchw, 96x64), but the model takes",
        "pipelines/constant.yaml:9: stages[0].input.size",
        "`size: [32, 32]`",
    ),
    BadInput(
        "output shape of the model",
        _model(_other_output_shape),
        "the model's output is [1, 2, 7]; 6 columns are named",
        "pipelines/constant.yaml:10: stages[0].output",
        "name every column",
    ),
    BadInput(
        "truncated model",
        _model(_truncated_model),
        "constant.onnx: is not a readable ONNX model",
        "pipelines/constant.yaml:8: stages[0].engine.model",
        "copy or export it again",
        code=4,
    ),
    BadInput(
        "a text file as model",
        _model(_write("constant.onnx", "weights go here\n")),
        "constant.onnx: is not a readable ONNX model",
        "pipelines/constant.yaml:8: stages[0].engine.model",
        "copy or export it again",
        code=4,
    ),
    BadInput(
        "an empty model",
        _model(_write("constant.onnx", "")),
        "constant.onnx: is not a readable ONNX model",
        "pipelines/constant.yaml:8: stages[0].engine.model",
        "copy or export it again",
        code=4,
    ),
    BadInput(
        "a digest that is not the model's",
        _model(_edit("pipelines/constant.yaml", "threads: 1", f"threads: 1, sha256: {'a' * 64}")),
        "constant.onnx is another file than the one pinned",
        "pipelines/constant.yaml:8: stages[0].engine.sha256",
        "restore the pinned model",
    ),
)

ALL = CONFIGURATION + MISSING_FILES + GATES + TRUTH + RESULTS + MEDIA + MODELS
