from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.config.engines.shared import BoxForm
from vbench.config.yaml_text import Plain
from vbench.engines.answer import answer_from_json, answer_from_mapping
from vbench.engines.protocol import EngineAlert, FrameAnswer
from vbench.errors import EngineError

CLASSES = ("person", "truck")


def read(text: str, classes: tuple[str, ...] = CLASSES, form: BoxForm = "xyxy") -> FrameAnswer:
    value: Plain = json.loads(text)
    return answer_from_json(value, classes, where="stage detect, frame 4", form=form)


def test_columns() -> None:
    found = read(
        '{"boxes": [[1, 2, 3.5, 4], [0, 0, 0, 0]], "scores": [0.25, 1], "classes": ["truck", 0],'
        ' "tracks": [7, -1]}'
    )
    np.testing.assert_array_equal(found.boxes_xyxy, [[1, 2, 3.5, 4], [0, 0, 0, 0]])
    assert found.scores.tolist() == [0.25, 1.0]
    assert found.class_index.tolist() == [1, 0]
    assert found.track_id.tolist() == [7, -1]
    assert found.alerts == ()


def test_rows_say_the_same() -> None:
    found = read(
        '{"detections": [{"box": [1, 2, 3.5, 4], "score": 0.25, "class": "truck", "track": 7},'
        ' {"class": 0, "score": 1, "box": [0, 0, 0, 0]}]}'
    )
    np.testing.assert_array_equal(found.boxes_xyxy, [[1, 2, 3.5, 4], [0, 0, 0, 0]])
    assert found.class_index.tolist() == [1, 0]
    assert found.track_id.tolist() == [7, -1]


@pytest.mark.parametrize(
    "text", ['{"detections": []}', '{"boxes": [], "scores": []}', '{"boxes":[],"scores":[],"x":1}']
)
def test_nothing_found(text: str) -> None:
    if "x" in json.loads(text):
        with pytest.raises(EngineError, match='unknown key "x"'):
            read(text)
    else:
        assert len(read(text)) == 0


@pytest.mark.parametrize(
    ("form", "box"),
    [("xyxy", "[10,20,40,60]"), ("xywh", "[10,20,30,40]"), ("cxcywh", "[25,40,30,40]")],
)
def test_forms_of_boxes(form: BoxForm, box: str) -> None:
    found = read(f'{{"boxes": [{box}], "scores": [1], "classes": [0]}}', form=form)
    assert found.boxes_xyxy.tolist() == [[10, 20, 40, 60]]


def test_the_only_class_needs_no_name() -> None:
    assert read('{"detections": [{"box": [0,0,1,1], "score": 1}]}', ("person",)).class_index == [0]
    with pytest.raises(EngineError, match="no classes, but the stage has 2"):
        read('{"boxes": [[0,0,1,1]], "scores": [1]}')
    with pytest.raises(EngineError, match=r"detections\[1\]\.class is null, expected a class"):
        read(
            '{"detections": [{"box": [0,0,1,1], "score": 1, "class": 0},'
            '{"box": [0,0,1,1], "score": 1}]}'
        )


def test_alerts() -> None:
    found = read(
        '{"detections": [], "alerts": [{"kind": "intrusion", "class": "truck", "zone": "door"},'
        ' {"kind": "smoke"}]}'
    )
    assert found.alerts == (EngineAlert("intrusion", 1, "door"), EngineAlert("smoke", -1, None))


def columns(**replaced: str) -> str:
    given = {"boxes": "[[0,0,1,1],[2,2,3,3]]", "scores": "[0.5,0.5]", "classes": "[0,1]"}
    return "{" + ", ".join(f'"{key}": {text}' for key, text in (given | replaced).items()) + "}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[]", r"the answer is \[\], expected a JSON object"),
        ("null", "the answer is null"),
        ('{"boxes": []}', "no scores"),
        ('{"scores": []}', "no boxes"),
        (columns(clases="[]"), 'unknown key "clases".*did you mean "classes"'),
        (columns(detections="[]"), "both detections and boxes"),
        (columns(scores="[0.5]"), r"boxes has 2 entries, but scores has 1"),
        (columns(scores="[0.5, 45]"), r"scores\[1\] is 45, expected 0 to 1.*percentages by 100"),
        (columns(scores="[0.5, -3.2]"), r"scores\[1\] is -3\.2.*sigmoid"),
        (columns(scores="[0.5, NaN]"), r"scores\[1\] is nan, expected 0 to 1"),
        (columns(scores="[0.5, Infinity]"), r"scores\[1\] is inf, expected 0 to 1"),
        (columns(scores='[0.5, "0.5"]'), r'scores\[1\] is "0.5", expected a number'),
        (columns(scores="[0.5, null]"), r"scores\[1\] is null, expected a number"),
        (columns(scores="[[0.5], [0.5]]"), r"scores have the shape \[2, 1\]"),
        (columns(scores="0.5"), r"scores is 0\.5, expected a list"),
        (columns(boxes="[[0,0,1,1],[2,2,3]]"), r"boxes\[1\] is \[2, 2, 3\], expected four numbers"),
        (columns(boxes="[[0,0,1],[2,2,3]]"), r"boxes have the shape \[2, 3\]"),
        (columns(boxes="[[0,0,1,1],[2,2,3,Infinity]]"), r"boxes\[1\] is \[2, 2, 3, inf\].*finite"),
        (columns(boxes="[[0,0,1,1],[9,2,3,3]]"), r"boxes\[1\] is \[9, 2, 3, 3\]: corners out of"),
        (columns(boxes='{"a": 1}'), "boxes is an object, expected a list"),
        (columns(classes='[0, "persn"]'), r'classes\[1\] is "persn".*did you mean "person"'),
        (columns(classes="[0, 2]"), r"classes\[1\] is 2, but the stage has the classes 0 to 1"),
        (columns(classes="[0, -1]"), r"classes\[1\] is -1, but"),
        (columns(classes="[0, 0.5]"), r"classes\[1\] is 0\.5, expected a class"),
        (columns(classes="[0, true]"), r"classes\[1\] is true, expected a class"),
        (columns(classes="[0, NaN]"), r"classes\[1\] is nan, expected a class"),
        (columns(classes="[0]"), "classes has 1 entries"),
        (columns(tracks="[3, 3]"), r"tracks\[1\] and tracks\[0\] are both 3"),
        (columns(tracks="[3, -2]"), r"tracks\[1\] is -2, expected a whole number from 0"),
        (columns(tracks="[3, 1.5]"), r"tracks\[1\] is 1\.5"),
        (columns(tracks="[3, 1e300]"), r"tracks\[1\] is 1e\+300"),
        (columns(tracks='[3, "a"]'), r'tracks\[1\] is "a"'),
        (columns(alerts='[{"zone": "z"}]'), r"alerts\[0\]\.kind is null"),
        (columns(alerts='[{"kind": "a", "zone": 3}]'), r"alerts\[0\]\.zone is 3"),
        (columns(alerts='[{"kind": "a", "class": "x"}]'), r'alerts\[0\]\.class is "x"'),
        (columns(alerts='[{"kind": "a", "time": 3}]'), r'alerts\[0\] has an unknown key "time"'),
        (columns(alerts='[{"kind": "\\ud800"}]'), r'alerts\[0\]\.kind is "\?"'),
        (columns(alerts='[{"kind": "a", "zone": "\\n"}]'), r'alerts\[0\]\.zone is "\?"'),
        (columns(classes='["\\ud800", 0]'), r'classes\[0\] is "\?"'),
        (columns(alerts='["a"]'), r'alerts\[0\] is "a", expected an object'),
        ('{"detections": {}}', "detections is an object, expected a list"),
        ('{"detections": [7]}', r"detections\[0\] is 7, expected an object"),
        ('{"detections": [{"score": 1}]}', r"detections\[0\] has no box"),
        ('{"detections": [{"bbox": [], "score": 1}]}', r'\[0\] has an unknown key "bbox"'),
        ('{"detections": [{"box": [0,0,1,1], "score": 2, "class": 0}]}', r"detections\[0\]\.score"),
    ],
)  # fmt: skip
def test_wrong_answers(text: str, wanted: str) -> None:
    with pytest.raises(EngineError, match=wanted) as caught:
        read(text)
    assert caught.value.where == "stage detect, frame 4"
    assert caught.value.hint


def test_hints_name_the_form_of_boxes() -> None:
    with pytest.raises(EngineError, match="write `boxes: xywh`"):
        read(columns(boxes="[[0,0,1,1],[50,60,10,10]]"))
    with pytest.raises(EngineError, match=r"a negative size.*boxes are xywh"):
        read(columns(boxes="[[0,0,1,1],[50,60,-10,10]]"), form="xywh")


@pytest.mark.parametrize("form", ["xywh", "cxcywh"])
def test_infinite_sizes_are_refused(form: BoxForm) -> None:
    for box in ("[Infinity, 0, 1, 1]", "[0, 0, Infinity, 1]", "[1e308, 0, 1.7e308, 1]"):
        with pytest.raises(EngineError, match="not finite"):
            read(columns(boxes=f"[[0,0,1,1],{box}]"), form=form)


def test_a_sigmoid_may_round_above_one() -> None:
    assert read(columns(scores="[1.0000001, 0.5]")).scores.max() == 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_arrays(dtype: type[np.floating]) -> None:
    boxes = np.array([[1, 2, 3, 4.1], [5, 6, 7, 8]], dtype)
    answer = {
        "boxes": boxes,
        "scores": np.array([0.1, 0.9], dtype),
        "classes": np.array([1, 0], np.int32),
        "tracks": np.array([3.0, -1.0]),
    }
    found = answer_from_mapping(answer, CLASSES, where="")
    np.testing.assert_array_equal(found.boxes_xyxy, boxes.astype(np.float64))
    assert found.scores.tolist() == np.array([0.1, 0.9], dtype).tolist()
    assert found.class_index.tolist() == [1, 0]
    assert found.track_id.tolist() == [3, -1]
    boxes[:] = 0
    assert found.boxes_xyxy.max() == 8


@pytest.mark.parametrize("empty", [np.zeros((0, 4)), np.zeros(0), [], ()])
def test_empty_arrays(empty: object) -> None:
    found = answer_from_mapping({"boxes": empty, "scores": [], "classes": []}, CLASSES, where="")
    assert found.boxes_xyxy.shape == (0, 4)


_NUMBER = st.floats() | st.integers(-3, 300)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | _NUMBER | st.text(max_size=4) | st.just(10**400),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "boxes",
                    "scores",
                    "classes",
                    "tracks",
                    "detections",
                    "alerts",
                    "box",
                    "score",
                    "kind",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_ANYTHING, st.sampled_from(["xyxy", "xywh", "cxcywh"]))
def test_any_json_is_checked_or_refused(value: Plain, form: BoxForm) -> None:
    try:
        found = answer_from_json(value, CLASSES, where="here", form=form)
    except EngineError:
        return
    assert np.isfinite(found.boxes_xyxy).all()
    assert (found.boxes_xyxy[:, 2:] >= found.boxes_xyxy[:, :2]).all()
    assert ((found.scores >= 0) & (found.scores <= 1)).all()


_BOX = st.lists(_NUMBER, min_size=4, max_size=4)
_ROW = st.tuples(_BOX, _NUMBER, st.integers(-1, 2), st.integers(-2, 3))


@given(st.lists(_ROW, max_size=4))
def test_accepted_answers_are_those_of_the_plain_rules(
    rows: list[tuple[list[float], float, int, int]],
) -> None:
    named = [track for *_, track in rows if track != -1]
    valid = len(set(named)) == len(named) and all(
        np.isfinite(box).all()
        and box[0] <= box[2]
        and box[1] <= box[3]
        and 0 <= score <= 1 + 1e-6
        and 0 <= index < 2
        and track >= -1
        for box, score, index, track in rows
    )
    keys = ("boxes", "scores", "classes", "tracks")
    answer = {key: [row[k] for row in rows] for k, key in enumerate(keys)}
    if valid:
        assert len(answer_from_mapping(answer, CLASSES, where="")) == len(rows)
    else:
        with pytest.raises(EngineError):
            answer_from_mapping(answer, CLASSES, where="")
