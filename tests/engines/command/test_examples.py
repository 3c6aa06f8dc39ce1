"""The example programs of the documentation, as the processes that a reader would start."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.docs.markdown import code_blocks
from vbench.config.engines.command import CommandEntry
from vbench.config.engines.shared import BoxForm
from vbench.config.pipeline_file import read_pipeline_file
from vbench.engines.command.engine import CommandEngine, files_of
from vbench.engines.protocol import ClipFacts, EngineSite
from vbench.errors import EngineError
from vbench.types import Frame

NOTHING: list[list[float]] = []


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "docs" / "examples" / "command"


@pytest.fixture
def motion(folder: Path) -> Iterator[CommandEngine]:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    with closing(open_program(folder, ["./motion.sh"], "xywh")) as engine:
        yield engine


def open_program(
    folder: Path, words: list[str], boxes: BoxForm = "xyxy", **settings: object
) -> CommandEngine:
    entry = CommandEntry.model_validate(
        {"type": "command", "command": words, "boxes": boxes, **settings}
    )
    assert [path.name for path in files_of(entry, folder)] == [words[-1].removeprefix("./")]
    place = "p.yaml:7: engine.{}".format
    return CommandEngine(entry, EngineSite(folder, place, "detect", ("person", "forklift")))


def picture(index: int, *rectangles_xyxy: Sequence[int], size: tuple[int, int] = (64, 48)) -> Frame:
    """White rectangles on black."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    for x1, y1, x2, y2 in rectangles_xyxy:
        image[y1:y2, x1:x2] = 255
    return Frame(index, index / 25.0, image, "bgr")


def boxes_of(engine: CommandEngine, frame: Frame) -> list[list[float]]:
    boxes: list[list[float]] = engine.detect(frame).boxes_xyxy.tolist()
    return boxes


def test_python_example(folder: Path) -> None:
    with closing(open_program(folder, [sys.executable, "bright.py"])) as engine:
        assert engine.info.text() == "command 1.0 (bright)"
        engine.begin_clip(ClipFacts("one", 64, 48, 25.0))
        assert boxes_of(engine, picture(0)) == NOTHING
        found = engine.detect(picture(1, (5, 10, 30, 20)))
        assert found.boxes_xyxy.tolist() == [[5, 10, 30, 20]]
        assert (found.scores.tolist(), found.class_index.tolist()) == ([0.9], [0])
        engine.begin_clip(ClipFacts("two", 32, 16, 25.0))
        assert boxes_of(engine, picture(0, (0, 0, 32, 16), size=(32, 16))) == [[0, 0, 32, 16]]


def test_python_example_refuses_what_it_cannot_read(folder: Path) -> None:
    with pytest.raises(EngineError, match=r"exited with code 1.*raw frames"):
        open_program(folder, [sys.executable, "bright.py"], frames="jpeg")


def test_shell_example(motion: CommandEngine) -> None:
    motion.begin_clip(ClipFacts("one", 64, 48, 25.0))
    assert boxes_of(motion, picture(0)) == NOTHING
    assert boxes_of(motion, picture(1, (5, 10, 30, 20))) == [[5, 10, 30, 20]]
    assert boxes_of(motion, picture(2, (5, 10, 30, 20))) == NOTHING
    # From x 5 to 7: what left and what came are both 2 px wide.
    assert boxes_of(motion, picture(3, (7, 10, 32, 20))) == [[5, 10, 32, 20]]


def test_shell_example_forgets_the_clip_before(motion: CommandEngine) -> None:
    motion.begin_clip(ClipFacts('named "width":7,', 64, 48, 25.0))
    assert boxes_of(motion, picture(0)) == NOTHING
    motion.begin_clip(ClipFacts("two", 32, 16, 29.97))
    assert boxes_of(motion, picture(0, (0, 0, 32, 16), size=(32, 16))) == NOTHING
    assert boxes_of(motion, picture(1, size=(32, 16))) == [[0, 0, 32, 16]]


def test_shell_example_reads_any_bytes(motion: CommandEngine) -> None:
    """Also line ends and zeros, and more than one pipe full of them."""
    motion.begin_clip(ClipFacts("one", 1280, 720, 25.0))
    image = np.random.default_rng(0).integers(0, 14, (720, 1280, 3), np.uint8)
    assert boxes_of(motion, Frame(0, 0.0, image, "bgr")) == NOTHING
    image = image.copy()
    image[100:200, 300:500] = 255
    assert boxes_of(motion, Frame(1, 0.04, image, "bgr")) == [[300, 100, 500, 200]]


def test_shell_example_says_what_it_needs(folder: Path) -> None:
    with pytest.raises(EngineError, match=r"exited with code 2.*needs vbench\.command/v1 with raw"):
        open_program(folder, ["./motion.sh"], frames="jpeg")


def test_pipelines_of_the_reference_are_valid(repository: Path, tmp_path: Path) -> None:
    page = repository / "docs" / "reference" / "command-engine.md"
    pipelines = [block for block in code_blocks(page) if block.text.startswith("schema:")]
    assert pipelines
    for block in pipelines:
        (tmp_path / "p.yaml").write_text(block.text)
        read_pipeline_file(tmp_path / "p.yaml")
