"""Truth, results, media and models that are wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.bench.small import STRAY_BOX, TRUTH_BOX, edit, mot_row
from tests.cli.bad_input import BadInput, Change, edited, put, rewritten, with_model
from tests.engines import onnx_models
from tests.video.clips import write_clip
from vbench.bench.golden import lock_golden_set
from vbench.bench.progress import NoProgress


def _truth_row(row: str) -> Change:
    """Add a row to the truth of a-day, on line 14."""

    def change(folder: Path) -> None:
        path = folder / "golden" / "truth" / "a-day.csv"
        path.write_text(path.read_text() + row + "\n")

    return change


def _result_row(row: str) -> Change:
    """Put a row before the results of v2 on b-night."""
    path = Path("results") / "v2" / "b-night.txt"
    return lambda folder: put(folder / path, row.encode() + (folder / path).read_bytes())


def _cut_media(folder: Path) -> None:
    path = folder / "golden" / "videos" / "b-night.mp4"
    # The index at the front, so that the file still opens.
    write_clip(path, 12, container_options={"movflags": "+faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])


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


_STRAY = mot_row(5, STRAY_BOX, 0.8, identity=7)
_NAN_SCORE = _STRAY.replace("0.8", "nan")
_INFINITE_SCORE = _STRAY.replace("0.8", "inf")
_LATE = mot_row(12, STRAY_BOX, 0.8, identity=7)
_PERCENT = mot_row(5, STRAY_BOX, 80, identity=7)
_TWICE = mot_row(0, TRUTH_BOX, 0.8)

TRUTH = (
    BadInput(
        "class that the taxonomy lacks",
        edited("pipelines/v2.yaml", "names: [person]", "names: [pedestrian]"),
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
        edited("golden/golden.yaml", "id: b-night", "id: a-day"),
        'clip id "a-day" is given twice (first in clips[0])',
        "golden/golden.yaml:10: clips[1].id",
        "its own id",
    ),
    BadInput(
        "class given twice",
        edited("golden/golden.yaml", "name: forklift", "name: person"),
        "class 'person' is listed twice",
        "golden/golden.yaml:6: taxonomy.classes",
        "docs/reference",
    ),
    BadInput(
        "empty truth file",
        rewritten("golden/truth/a-day.csv", ""),
        "golden/truth/a-day.csv is empty",
        "golden/golden.yaml:9: clips[0].truth",
        "leave the key `truth` out",
    ),
    BadInput(
        "truth that is no text",
        lambda folder: put(folder / "golden/truth/a-day.csv", b"\x89PNG\xff\xfe"),
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
        rewritten("golden/videos/b-night.mp4", ""),
        "the file is empty",
        "golden/golden.yaml:10: clips[1].media: clip b-night (videos/b-night.mp4)",
        "check that the file is complete and plays",
        code=4,
    ),
    BadInput(
        "a text file as media",
        rewritten("golden/videos/b-night.mp4", "frame 1\nframe 2\n"),
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
        with_model(_other_input_shape),
        "the pipeline gives [1, 3, 64, 96] (nchw, 96x64), but the model takes",
        "pipelines/constant.yaml:9: stages[0].input.size",
        "`size: [32, 32]`",
        code=4,
    ),
    BadInput(
        "output shape of the model",
        with_model(_other_output_shape),
        "the model's output is [1, 2, 7]; 6 columns are named",
        "pipelines/constant.yaml:10: stages[0].output",
        "name every column",
        code=4,
    ),
    BadInput(
        "truncated model",
        with_model(_truncated_model),
        "constant.onnx: is not a readable ONNX model",
        "pipelines/constant.yaml:8: stages[0].engine.model",
        "copy or export it again",
        code=4,
    ),
    BadInput(
        "a text file as model",
        with_model(rewritten("constant.onnx", "weights go here\n")),
        "constant.onnx: is not a readable ONNX model",
        "pipelines/constant.yaml:8: stages[0].engine.model",
        "copy or export it again",
        code=4,
    ),
    BadInput(
        "an empty model",
        with_model(rewritten("constant.onnx", "")),
        "constant.onnx: is not a readable ONNX model",
        "pipelines/constant.yaml:8: stages[0].engine.model",
        "copy or export it again",
        code=4,
    ),
    BadInput(
        "a digest that is not the model's",
        with_model(
            edited("pipelines/constant.yaml", "threads: 1", f"threads: 1, sha256: {'a' * 64}")
        ),
        "constant.onnx is another file than the one pinned",
        "pipelines/constant.yaml:8: stages[0].engine.sha256",
        "restore the pinned model",
    ),
)
