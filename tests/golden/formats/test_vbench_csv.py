from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.golden.sets import HEADER, taxonomy, truth_context
from vbench.errors import TruthError
from vbench.golden.formats import read_truth, write_vbench_truth
from vbench.types import BoxTag, Truth


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "truth.csv"


def test_columns(file: Path) -> None:
    header = HEADER.strip() + ",occluded,note\n"
    rows = '3,forklift,,1,2,3.5,4,0,1,true,"a, b"\n\n0,person,8,5,6,7,8,1,,,\n'
    file.write_text(header + rows)
    truth = read_truth(file, "vbench", truth_context())
    assert truth.frame_index.tolist() == [0, 3]
    assert truth.class_id.tolist() == [0, 1]
    assert truth.track_id.tolist() == [8, -1]
    assert truth.boxes_xyxy.tolist() == [[5, 6, 7, 8], [1, 2, 3.5, 4]]
    assert truth.ignore.tolist() == [True, False]
    assert truth.crowd.tolist() == [False, True]
    tags = {tag.key: tag.values.tolist() for tag in truth.tags}
    assert tags == {"occluded": ["", "true"], "note": ["", "a, b"]}


@pytest.mark.parametrize("text", ["", HEADER])
def test_no_rows(file: Path, text: str) -> None:
    file.write_text(text)
    assert len(read_truth(file, "vbench", truth_context())) == 0


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        ("10,person,1,1,2,3,4,0,0", "frame", "truth is for frame 10"),
        ("-1,person,1,1,2,3,4,0,0", "frame", "truth is for frame -1"),
        ("1.5,person,1,1,2,3,4,0,0", "frame", "frame 1.5 is not a whole number"),
        (",person,1,1,2,3,4,0,0", "frame", "is empty"),
        ("1,persn,1,1,2,3,4,0,0", "class", 'class "persn" is not in the taxonomy'),
        ("1,,1,1,2,3,4,0,0", "class", 'class "" is not in the taxonomy'),
        ("1,person,a,1,2,3,4,0,0", "track_id", '"a" is not a number'),
        ("1,person,1,1,2,nan,4,0,0", "x2", "nan is not a finite number"),
        ("1,person,1,5,2,3,4,0,0", "x1", "negative size -2 x 2"),
        ("1,person,1,1,2,3,4,yes,0", "ignore", '"yes" is not 0 or 1'),
        ("1,person,1,1,2,3,4,0,2", "crowd", '"2" is not 0 or 1'),
        ("0,person,1,1,2,3,4,0,0", "track_id", "track 1 is twice on frame 0"),
    ],
)
def test_bad_cells_are_named(file: Path, row: str, column: str, what: str) -> None:
    file.write_text(f"{HEADER}0,person,1,1,2,3,4,0,0\n{row}\n")
    with pytest.raises(TruthError) as caught:
        read_truth(file, "vbench", truth_context())
    assert caught.value.where == f"{file}:3: column {column}"
    assert what in caught.value.what


def test_a_mistyped_class_is_suggested(file: Path) -> None:
    file.write_text(f"{HEADER}0,persn,1,1,2,3,4,0,0\n")
    with pytest.raises(TruthError, match='did you mean "person"'):
        read_truth(file, "vbench", truth_context())


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("frame,klass,track_id\n", ":1", 'column 2 of the header is "klass", expected "class"'),
        ("1,1,2,3,4,5\n", ":1", 'column 1 of the header is "1", expected "frame"'),
        ('{"images": []}', ":1", 'expected "frame"'),
        (f"{HEADER.strip()},a,a\n", ":1", 'column "a" is there twice'),
        (f"{HEADER.strip()},\n", ":1", "a column has no name"),
        (f"{HEADER}1,person\n", ":2", "the row has 2 cells, the header 9"),
        (f'{HEADER}1,"person\n', ":2", "not valid CSV"),
    ],
)
def test_bad_tables_are_named(file: Path, text: str, where: str, what: str) -> None:
    file.write_text(text)
    with pytest.raises(TruthError) as caught:
        read_truth(file, "vbench", truth_context())
    assert caught.value.where == f"{file}{where}"
    assert what in caught.value.what


def test_a_tag_may_not_be_called_like_a_column(file: Path) -> None:
    tagged = Truth(
        frame_index=np.zeros(1, np.int64),
        boxes_xyxy=np.array([[0.0, 0.0, 1.0, 1.0]]),
        class_id=np.zeros(1, np.int64),
        track_id=np.zeros(1, np.int64),
        ignore=np.zeros(1, np.bool_),
        crowd=np.zeros(1, np.bool_),
        tags=(BoxTag("frame", np.array(["x"])),),
    )
    with pytest.raises(ValueError, match="it is a column"):
        write_vbench_truth(file, tagged, taxonomy())
    assert not file.exists()


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    n = draw(st.integers(0, 5))
    corner = st.floats(-5, 100)
    size = st.floats(6, 100)
    boxes = [[draw(corner), draw(corner), draw(size), draw(size)] for _ in range(n)]
    xywh = np.array(boxes, np.float64).reshape(n, 4)
    word = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=4)
    words = st.lists(word, min_size=n, max_size=n)
    flags = st.lists(st.booleans(), min_size=n, max_size=n)
    frames = sorted(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)))
    return Truth(
        frame_index=np.array(frames, np.int64),
        boxes_xyxy=np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]]),
        class_id=np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), np.int64),
        track_id=np.arange(-1, n - 1, dtype=np.int64),
        ignore=np.array(draw(flags), np.bool_),
        crowd=np.array(draw(flags), np.bool_),
        tags=(BoxTag("note", np.array(draw(words), np.str_)),),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(truths())
def test_what_is_written_comes_back_exactly(file: Path, truth: Truth) -> None:
    write_vbench_truth(file, truth, taxonomy())
    back = read_truth(file, "vbench", truth_context())
    for name in ("frame_index", "boxes_xyxy", "class_id", "track_id", "ignore", "crowd"):
        np.testing.assert_array_equal(getattr(back, name), getattr(truth, name), strict=True)
    assert [(tag.key, tag.values.tolist()) for tag in back.tags] == [
        (tag.key, tag.values.tolist()) for tag in truth.tags
    ]
    assert [path.name for path in file.parent.iterdir()] == [file.name]
