"""Answers as real servers give them, brought into the plain form."""

from __future__ import annotations

import pytest

from vbench.config.engines.http import AnswerEntry
from vbench.config.yaml_text import Plain
from vbench.engines.http.mapping import mapped
from vbench.errors import EngineError

SIZE = (200, 100)


def entry(**keys: object) -> AnswerEntry:
    return AnswerEntry.model_validate(keys)


ANSWERS: dict[str, tuple[dict[str, object], Plain, Plain]] = {
    "the defaults are the plain row form": (
        {},
        {"detections": [{"box": [1, 2, 3, 4], "score": 0.5, "class": "person", "track": 3}]},
        [{"box": [1, 2, 3, 4], "score": 0.5, "class": "person"}],
    ),
    "four keys in an object": (
        {
            "detections": "predictions",
            "box": ["x_min", "y_min", "x_max", "y_max"],
            "score": "confidence",
            "class": "label",
        },
        {
            "success": True,
            "predictions": [
                {"label": "p", "confidence": 0.9, "y_min": 2, "x_min": 1, "y_max": 4, "x_max": 3}
            ],
        },
        [{"box": [1, 2, 3, 4], "score": 0.9, "class": "p"}],
    ),
    "the answer is the list, boxes are objects": (
        {
            "detections": None,
            "box": ["box.xmin", "box.ymin", "box.xmax", "box.ymax"],
            "class": "label",
        },
        [{"label": "p", "score": 0.9, "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}}],
        [{"box": [1, 2, 3, 4], "score": 0.9, "class": "p"}],
    ),
    "deep, with list items": (
        {"detections": "images.0.results", "class": None, "track": "id"},
        {"images": [{"results": [{"box": [1, 2, 3, 4], "score": 1, "id": 7}]}]},
        [{"box": [1, 2, 3, 4], "score": 1, "track": 7}],
    ),
    "normalized, rows before columns": (
        {"box": ["bbox.1", "bbox.0", "bbox.3", "bbox.2"], "normalized": True, "class": None},
        {"detections": [{"bbox": [0.5, 0.25, 1.0, 0.75], "score": 1}]},
        [{"box": [50.0, 50.0, 150.0, 100.0], "score": 1}],
    ),
    "nothing found": ({}, {"detections": []}, []),
    "what is no box is left to the check": (
        {"normalized": True, "class": None},
        {"detections": [{"box": "1,2,3,4", "score": 1}]},
        [{"box": "1,2,3,4", "score": 1}],
    ),
    "what is no number is left to the check": (
        {"normalized": True, "class": None},
        {"detections": [{"box": [0, True, "a", 1], "score": 1}]},
        [{"box": [0, True, "a", 100], "score": 1}],
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_brought_into_the_plain_form(name: str) -> None:
    keys, answer, rows = ANSWERS[name]
    assert mapped(answer, entry(**keys), SIZE) == {"detections": rows}


def test_alerts_go_along() -> None:
    answer: Plain = {"detections": [], "rules": {"raised": [{"kind": "intrusion"}]}}
    found = mapped(answer, entry(alerts="rules.raised"), SIZE)
    assert found["alerts"] == [{"kind": "intrusion"}]


WRONG: dict[str, tuple[dict[str, object], Plain, str]] = {
    "another key": ({}, {"results": [], "ms": 3}, 'the answer has no "detections": it has "resul'),
    "nothing at all": ({}, {}, 'the answer has no "detections": it is empty'),
    "a list": ({}, [1, 2], 'the answer has no "detections": it is a list of 2'),
    "a number": ({}, 3, 'the answer has no "detections": it is 3'),
    "null for none": ({}, {"detections": None}, "detections is null, expected a list"),
    "an object": ({"detections": None}, {}, "the answer is an object, expected a list"),
    "past the end": (
        {"detections": "images.1"},
        {"images": [[]]},
        'images has no "1": it is a list of 1',
    ),
    "a row without score": (
        {"detections": "rows"},
        {"rows": [{"box": [], "score": 1, "class": 0}, {"box": [], "conf": 1}]},
        r'rows\[1\] has no "score": it has "box", "conf" \(correct `answer.score`',
    ),
    "a row that is text": (
        {},
        {"detections": ["person"]},
        r'detections\[0\] has no "box": it is "person"',
    ),
    "no class": ({}, {"detections": [{"box": [], "score": 1}]}, "correct `answer.class`"),
    "a box without a corner": (
        {"box": ["b.x1", "b.y1", "b.x2", "b.y2"]},
        {"detections": [{"b": {"x1": 1, "y1": 2, "w": 3, "h": 4}, "score": 1}]},
        r'detections\[0\].b has no "x2": it has "x1", "y1", "w", "h" \(correct `answer.box`',
    ),
    "many keys": (
        {},
        {f"k{n}": n for n in range(20)},
        r'it has "k0", .*"k7", \.\.\. \(',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_there_is_named_with_what_is(name: str) -> None:
    keys, answer, message = WRONG[name]
    with pytest.raises(EngineError, match=message):
        mapped(answer, entry(**keys), SIZE)
