from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.sets import media_facts, taxonomy
from vbench.errors import TruthError
from vbench.golden.events import read_events
from vbench.types import TruthEvent

FACTS = media_facts(n_frames=300)
"""10.01 s of footage."""


def write(folder: Path, events: object) -> Path:
    path = folder / "events.json"
    path.write_text(json.dumps(events, indent=1))
    return path


def test_events_by_start(tmp_path: Path) -> None:
    events = [
        {"kind": "loiter", "start_s": 4, "end_s": 10.01, "class": None},
        {"kind": "enter", "start_s": 1.5, "end_s": 2, "class": "person", "zone": "gate"},
    ]
    assert read_events(write(tmp_path, events), taxonomy(), FACTS) == (
        TruthEvent("enter", 1.5, 2.0, "person", "gate"),
        TruthEvent("loiter", 4.0, 10.01, None, None),
    )
    assert read_events(write(tmp_path, []), taxonomy(), FACTS) == ()


@pytest.mark.parametrize(
    ("change", "key", "what", "hint"),
    [
        ({"strat_s": 1}, "strat_s", "unknown key", 'did you mean "start_s"'),
        ({"kind": ""}, "kind", "expected a text", ""),
        ({"kind": None}, "kind", "is missing, expected a text", ""),
        ({"start_s": None}, "start_s", "is missing, expected a number", ""),
        ({"start_s": "1"}, "start_s", 'is "1", expected a number', ""),
        ({"start_s": True}, "start_s", "is true, expected a number", ""),
        ({"end_s": float("inf")}, "end_s", "is not a finite number", ""),
        ({"start_s": -1}, "start_s", "before the clip's start", ""),
        ({"end_s": 0.5}, "end_s", "ends at 0.5 s, before its start at 1 s", ""),
        ({"end_s": 11}, "end_s", "ends at 11 s, the clip is 10.01 s long", "first frame"),
        ({"class": "persn"}, "class", 'class "persn" is not in', 'did you mean "person"'),
        ({"zone": 3}, "zone", "is 3, expected a text", ""),
    ],
)
def test_bad_events_are_named(
    tmp_path: Path, change: dict[str, object], key: str, what: str, hint: str
) -> None:
    good: dict[str, object] = {"kind": "enter", "start_s": 1, "end_s": 2}
    path = write(tmp_path, [good, good | change])
    with pytest.raises(TruthError) as caught:
        read_events(path, taxonomy(), FACTS)
    assert caught.value.where.startswith(f"{path}:")
    assert caught.value.where.endswith(f": [1].{key}")
    assert what in caught.value.what
    assert hint in caught.value.hint


@pytest.mark.parametrize("events", [{}, 3, [1], "x"])
def test_other_json_is_refused(tmp_path: Path, events: object) -> None:
    with pytest.raises(TruthError, match="expected a"):
        read_events(write(tmp_path, events), taxonomy(), FACTS)
