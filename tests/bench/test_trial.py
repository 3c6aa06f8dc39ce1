"""Pipelines on a few frames with truth: planted mistakes are named, whole ones left alone."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from vbench.bench.media import measure_unlocked
from vbench.bench.progress import NoProgress
from vbench.bench.trial import N_FRAMES, Trial
from vbench.config.pipeline_file import read_pipeline_file
from vbench.errors import EngineError
from vbench.golden.load import load_golden_set
from vbench.pipeline.frame_pipeline import FramePipeline
from vbench.pipeline.load import load_pipeline
from vbench.pipeline.suspicions import Suspicion, suspicions
from vbench.pipeline.thresholds import operating_scores
from vbench.types import GoldenSet

WIDTH_PX, HEIGHT_PX = 160, 96
CLIP_FRAMES = 40

GOLDEN = """\
schema: vbench.golden/v1
name: yard
version: 1.0.0
taxonomy:
  version: 1
  classes: [{name: person, means: red}, {name: forklift, means: green}]
truth_format: vbench
clips:
"""

# Finds what is red and what is green, and then makes a mistake.
FINDER = """
import numpy as np

class Finder:
    def __init__(self, mistake="", score=0.9):
        self.mistake, self.score = mistake, score

    def detect(self, image):
        if self.mistake == "crash":
            raise RuntimeError("no more")
        boxes, classes = [], []
        for number, channel in ((0, 2), (1, 1)):
            rows, columns = np.nonzero(image[:, :, channel] > 128)
            if len(rows):
                boxes.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
                classes.append(number)
        boxes = np.array(boxes, float).reshape(-1, 4)
        if self.mistake == "nothing":
            boxes, classes = boxes[:0], []
        if self.mistake == "swapped":
            boxes = boxes[:, [1, 0, 3, 2]]
        if self.mistake == "shares":
            boxes = boxes / np.tile([image.shape[1], image.shape[0]], 2)
        if self.mistake == "corners":
            boxes = np.column_stack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
        if self.mistake == "classes":
            classes = [1 - one for one in classes]
        return boxes, np.full(len(boxes), self.score), np.array(classes, int)
"""

PIPELINE = """\
schema: vbench.pipeline/v1
name: finder
version: 1
classes: {names: [person, forklift]}
stages:
  - id: detect
    kind: detector
    engine: {type: python, object: "finder:Finder", options: OPTIONS}
    post: {score: 0.5}
"""


def boxes_of(frame: int) -> tuple[tuple[int, int, int, int], ...]:
    """A person that walks to the right, and a forklift that drives down."""
    return ((8 + frame, 30, 28 + frame, 70), (70, 4 + frame, 118, 28 + frame))


def write_yard(folder: Path, first_with_truth: dict[str, int]) -> GoldenSet:
    """Clips of pictures; each shows and has truth from a frame on."""
    text = GOLDEN
    for name, first in first_with_truth.items():
        (folder / name).mkdir(parents=True)
        lines = ["frame,class,track_id,x1,y1,x2,y2,ignore,crowd"]
        for frame in range(CLIP_FRAMES):
            image = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
            for (x1, y1, x2, y2), channel, label in zip(
                boxes_of(frame), (2, 1), ("person", "forklift"), strict=True
            ):
                if frame >= first:
                    image[y1:y2, x1:x2, channel] = 255
                    lines.append(f"{frame},{label},{channel},{x1},{y1},{x2},{y2},0,0")
            cv2.imwrite(str(folder / name / f"{frame:03}.png"), image)
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        text += f"  - {{id: {name}, media: {name}, truth: {name}.csv}}\n"
    (folder / "golden.yaml").write_text(text)
    return load_golden_set(folder, measure_unlocked(folder, NoProgress()))


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> GoldenSet:
    return write_yard(tmp_path_factory.mktemp("yard"), {"a": 0, "b": 5, "empty": CLIP_FRAMES})


def finder(folder: Path, golden_set: GoldenSet, options: str) -> FramePipeline:
    (folder / "finder.py").write_text(FINDER)
    (folder / "p.yaml").write_text(PIPELINE.replace("OPTIONS", options))
    pipeline = load_pipeline(read_pipeline_file(folder / "p.yaml"), golden_set.taxonomy)
    assert isinstance(pipeline, FramePipeline)
    return pipeline


def suspicious(
    golden_set: GoldenSet, pipeline: FramePipeline, trial: Trial | None = None
) -> tuple[Suspicion, ...]:
    answers = (trial or Trial(golden_set)).answers(pipeline)
    return suspicions(
        answers, operating_scores(pipeline.file, golden_set.taxonomy), golden_set.taxonomy.names
    )


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ("{mistake: nothing}", "nothing", "finds nothing at any score on 8 frames with truth"),
        ("{score: 0.25}", "nothing", "its best score there is 0.25"),
        ("{mistake: swapped}", "axes", "with x and y swapped: mean IoU 0.77 so, 0.08 as"),
        ("{mistake: shares}", "tiny", "within 0..1, where pixels are expected"),
        ("{mistake: corners}", "box_form", "as two corners, and are read as x, y, width, height"),
        ("{mistake: classes}", "classes", "not one of the right class"),
    ],
)
def test_planted_mistakes(
    tmp_path: Path, yard: GoldenSet, options: str, kind: str, words: str
) -> None:
    (found,) = suspicious(yard, finder(tmp_path, yard, options))
    assert found.kind == kind
    assert words in found.text
    assert found.hint


def test_a_whole_pipeline(tmp_path: Path, yard: GoldenSet) -> None:
    trial = Trial(yard)
    assert suspicious(yard, finder(tmp_path, yard, "{}"), trial) == ()
    # The frames are decoded once.
    (tmp_path / "other").mkdir()
    other = finder(tmp_path / "other", yard, "{mistake: swapped}")
    assert [one.kind for one in suspicious(yard, other, trial)] == ["axes"]


def test_a_model_that_sees_nothing(small: Path) -> None:
    golden = load_golden_set(small / "golden", measure_unlocked(small / "golden", NoProgress()))
    pipeline = load_pipeline(
        read_pipeline_file(small / "pipelines" / "constant.yaml"), golden.taxonomy
    )
    assert isinstance(pipeline, FramePipeline)
    found = suspicious(golden, pipeline)
    assert [one.kind for one in found] == ["same"]


def test_a_stage_that_fails_is_an_error(tmp_path: Path, yard: GoldenSet) -> None:
    with pytest.raises(EngineError, match=r"clip \w+, stage detect, frame 0"):
        suspicious(yard, finder(tmp_path, yard, "{mistake: crash}"))


def test_truth_that_begins_late_is_found(tmp_path: Path) -> None:
    golden = write_yard(tmp_path / "late", {"late": 33, "later": 36})
    (found,) = suspicious(golden, finder(tmp_path, golden, "{mistake: nothing}"))
    assert found.text == "finds nothing at any score on 7 frames with truth"


def test_without_truth_nothing_can_be_said(tmp_path: Path) -> None:
    golden = write_yard(tmp_path / "empty", {"a": CLIP_FRAMES})
    assert suspicious(golden, finder(tmp_path, golden, "{mistake: nothing}")) == ()


def test_a_clip_that_cannot_be_decoded_is_left_out(tmp_path: Path) -> None:
    golden = write_yard(tmp_path / "yard", {"a": 0, "b": 0})
    for picture in (tmp_path / "yard" / "a").iterdir():
        picture.write_bytes(b"no picture")
    (found,) = suspicious(golden, finder(tmp_path, golden, "{mistake: nothing}"))
    assert found.text == f"finds nothing at any score on {N_FRAMES // 2} frames with truth"


def test_the_demo_is_whole_and_its_trial_short(repository: Path) -> None:
    golden = load_golden_set(repository / "golden_sets" / "loading-dock")
    trial = Trial(golden)
    found: list[tuple[Suspicion, ...]] = []
    began_s = time.perf_counter()
    for name in ("dock-v1", "dock-v2"):
        path = repository / "benchmarks" / "loading-dock" / "pipelines" / f"{name}.yaml"
        pipeline = load_pipeline(read_pipeline_file(path), golden.taxonomy)
        assert isinstance(pipeline, FramePipeline)
        found.append(suspicious(golden, pipeline, trial))
    assert found == [(), ()]
    # Usually 0.2 s for both.
    assert time.perf_counter() - began_s < 20.0
