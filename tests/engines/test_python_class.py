from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vbench.config.engines.python import PythonEntry
from vbench.engines.protocol import ClipFacts, EngineAlert, EngineSite
from vbench.engines.python_class import PythonEngine, files_of, open_engine
from vbench.errors import EngineError, ExitCode
from vbench.types import ColorOrder, Frame

CLIP = ClipFacts("dock", 64, 48, 25.0)


def open_class(folder: Path, text: str, **settings: object) -> PythonEngine:
    (folder / "detector.py").write_text(text)
    entry = PythonEntry.model_validate(
        {"type": "python", "object": "detector:Detector", **settings}
    )
    place = "p.yaml:7: engine.{}".format
    return open_engine(entry, EngineSite(folder, place, "detect", ("person", "truck")))


def frame(index: int = 0, color_order: ColorOrder = "bgr") -> Frame:
    image = np.random.default_rng(index).integers(0, 256, (48, 64, 3), np.uint8)
    return Frame(index=index, pts_s=index / 25.0, image=image, color_order=color_order)


def class_returning(expression: str) -> str:
    return f"class Detector:\n    def detect(self, image):\n        return {expression}\n"


def test_options_calls_and_answers(tmp_path: Path) -> None:
    engine = open_class(
        tmp_path,
        """
import numpy as np

class Detector:
    def __init__(self, score, names=()):
        self.score, self.names, self.clip = score, names, None

    def begin_clip(self, clip_id, width_px, height_px, fps):
        self.clip = [clip_id, width_px, height_px, fps]

    def detect(self, image):
        assert self.clip == ["dock", 64, 48, 25.0]
        boxes = np.array([[0, 0, image.shape[1], image.shape[0]], [1, 1, 2, 2]], np.float32)
        return boxes, np.array([self.score, 0.5]), self.names, [4, None]

    def close(self):
        with open(FILE, "a") as file:
            file.write("x")
""".replace("FILE", repr(str(tmp_path / "closed"))),
        options={"score": 0.25, "names": ["truck", "person"]},
    )
    assert engine.info.type == "python"
    assert engine.info.provider == "detector:Detector"
    engine.begin_clip(CLIP)
    found = engine.detect(frame())
    assert found.boxes_xyxy.tolist() == [[0, 0, 64, 48], [1, 1, 2, 2]]
    assert found.scores.tolist() == [0.25, 0.5]
    assert found.class_index.tolist() == [1, 0]
    assert found.track_id.tolist() == [4, -1]
    engine.close()
    engine.close()
    assert (tmp_path / "closed").read_text() == "x"
    with pytest.raises(EngineError, match="closed"):
        engine.detect(frame())


def test_a_mapping_with_alerts_and_another_form_of_boxes(tmp_path: Path) -> None:
    answer = "{'boxes': [[5, 5, 4, 2]], 'scores': [1], 'classes': [1], 'alerts': [{'kind': 'k'}]}"
    engine = open_class(tmp_path, class_returning(answer), boxes="cxcywh")
    found = engine.detect(frame())
    assert found.boxes_xyxy.tolist() == [[3, 4, 7, 6]]
    assert found.alerts == (EngineAlert("k", -1, None),)


@pytest.mark.parametrize("asked", ["bgr", "rgb"])
@pytest.mark.parametrize("decoded", ["bgr", "rgb"])
def test_image_is_read_only_and_in_the_order_asked_for(
    tmp_path: Path, asked: str, decoded: ColorOrder
) -> None:
    text = """
class Detector:
    def detect(self, image):
        assert not image.flags.writeable and image.flags.c_contiguous
        return [[0, 0, 1, 1]] * 3, image[0, 0] / 255, [0, 0, 0]
"""
    engine = open_class(tmp_path, text, color=asked)
    given = frame(color_order=decoded)
    pixel = given.image[0, 0] if asked == decoded else given.image[0, 0, ::-1]
    np.testing.assert_array_equal(engine.detect(given).scores, pixel / 255)
    assert given.image.flags.writeable


def test_the_same_class_twice(tmp_path: Path) -> None:
    text = (
        "class Detector:\n    def __init__(self, s):\n        self.s = s\n"
        "    def detect(self, image):\n        return [[0, 0, 1, 1]], [self.s], [0]\n"
    )
    engines = [open_class(tmp_path, text, options={"s": s}) for s in (0.25, 0.75)]
    assert [engine.detect(frame()).scores[0] for engine in engines] == [0.25, 0.75]


def test_functions_may_import_when_they_run(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("FOUND = [[0, 0, 1, 1]], [0.5], [1]\n")
    text = "class Detector:\n    def detect(self, image):\n        import beside\n"
    engine = open_class(tmp_path, text + "        return beside.FOUND\n")
    for _ in range(2):
        assert engine.detect(frame()).class_index.tolist() == [1]


@pytest.mark.parametrize(
    ("text", "options", "where", "wanted"),
    [
        ("Detector = 7\n", {}, "object", "detector:Detector is of type int, not a class"),
        ("class Detector: ...\n", {}, "object", "detector:Detector has no method `detect`"),
        (
            "class Detector:\n    def __init__(self, size): ...\n",
            {},
            "options",
            "detector:Detector does not take these options: missing a required argument: 'size'",
        ),
        (
            class_returning("1"),
            {"sise": 1},
            "options",
            "detector:Detector does not take these options: got an unexpected keyword argument "
            "'sise'",
        ),
        (
            "class Detector:\n    def __init__(self, size):\n        raise OSError('no model')\n",
            {"size": 3},
            "object",
            "creating detector:Detector failed: detector.py:3: OSError: no model",
        ),
        ("1 / 0\n", {}, "object", "its import failed: detector.py:1: ZeroDivisionError: division"),
    ],
)
def test_class_cannot_be_used(
    tmp_path: Path, text: str, options: dict[str, object], where: str, wanted: str
) -> None:
    with pytest.raises(EngineError) as caught:
        open_class(tmp_path, text, options=options)
    assert caught.value.what.startswith(wanted)
    assert caught.value.where == f"p.yaml:7: engine.{where}"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("None", "detect returned nothing"),
        ("[], []", "detect returned [[...], [...]] of 2 values"),
        ("image", "detect returned a ndarray"),
        ("{'boxes': []}", "the answer has no scores"),
        ("[[0, 0, 1, 1]], [0.5], ['car']", 'classes[0] is "car"'),
        ("[[0, 0, 1, 1]], [50], [0]", "scores[0] is 50, expected 0 to 1"),
        ("image[99, 99]", "detect failed: detector.py:3: IndexError: index 99 is out of bounds"),
        ("image.fill(0)", "detect failed: detector.py:3: ValueError: assignment destination is"),
        ("__import__('json').loads('x')", "detect failed: detector.py:3: JSONDecodeError"),
        (
            "__import__('types').SimpleNamespace(tolist=lambda: 1 / 0), [0.5], [0]",
            "reading what detect returned failed: detector.py:3: ZeroDivisionError",
        ),
        (
            "open('caf\\udce9')",
            "detect failed: detector.py:3: FileNotFoundError: [Errno 2] No such",
        ),
        ("exit(3)", "detect failed: detector.py:3: SystemExit: 3"),
    ],
)
def test_detect_goes_wrong(tmp_path: Path, expression: str, wanted: str) -> None:
    engine = open_class(tmp_path, class_returning(expression))
    with pytest.raises(EngineError) as caught:
        engine.detect(frame(12))
    assert caught.value.what.startswith(wanted)
    assert caught.value.what.isprintable()
    assert caught.value.where == "stage detect, frame 12"
    assert caught.value.hint
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


def test_prints_go_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is vbench's own: with `--json` it is one JSON document."""
    text = "print('import')\nclass Detector:\n    def detect(self, image):\n"
    engine = open_class(tmp_path, text + "        print('detect')\n        return [], [], []\n")
    engine.detect(frame())
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "import\ndetect\n"


def test_an_exception_without_words(tmp_path: Path) -> None:
    text = "class Odd(Exception):\n    def __str__(self):\n        raise self\n"
    engine = open_class(
        tmp_path, text + "class Detector:\n    def detect(self, image):\n        raise Odd\n"
    )
    with pytest.raises(EngineError, match=r"detector\.py:6: Odd: <exception str"):
        engine.detect(frame())


def test_begin_clip_goes_wrong(tmp_path: Path) -> None:
    text = class_returning("[], [], []") + "    def begin_clip(self, clip_id): ...\n"
    engine = open_class(tmp_path, text)
    with pytest.raises(EngineError, match=r"clip dock: begin_clip failed: TypeError: .* 5 were"):
        engine.begin_clip(CLIP)


def test_files(tmp_path: Path) -> None:
    (tmp_path / "detector.py").write_text("raise ValueError")
    (tmp_path / "weights.bin").write_text("")
    entry = PythonEntry(type="python", object="detector:Detector", files=["weights.bin"])
    assert files_of(entry, tmp_path) == (tmp_path / "detector.py", tmp_path / "weights.bin")
    with pytest.raises(EngineError, match="gone"):
        files_of(PythonEntry(type="python", object="detector:D", files=["gone"]), tmp_path)
