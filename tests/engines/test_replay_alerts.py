from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vbench.engines.replay.alerts import read_alerts
from vbench.errors import TruthError

NAMES = ("human", "truck", "cat")
CLASS_ID = np.array([0, 1, -1])


def write(folder: Path, rows: object) -> Path:
    path = folder / "alerts.json"
    path.write_text(json.dumps(rows, indent=1))
    return path


def test_rows_are_sorted_and_mapped_to_the_taxonomy(tmp_path: Path) -> None:
    rows = [
        {"time_s": 4.5, "kind": "intrusion", "class": "truck", "zone": "door"},
        {"time_s": 1, "kind": "fall"},
        {"time_s": 2, "kind": "intrusion", "class": "cat"},
    ]
    alerts = read_alerts(write(tmp_path, rows), NAMES, CLASS_ID, 10.0)
    assert alerts.time_s.tolist() == [1.0, 4.5]
    assert [alerts.kinds[k] for k in alerts.kind] == ["fall", "intrusion"]
    assert alerts.class_id.tolist() == [-1, 1]
    assert [alerts.zones[z] if z >= 0 else None for z in alerts.zone] == [None, "door"]


def test_no_alerts(tmp_path: Path) -> None:
    assert len(read_alerts(write(tmp_path, []), NAMES, CLASS_ID, 10.0)) == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"time_s": 1, "kind": "a\ud800"}, ["half of a surrogate pair"]),
        ({"time_s": 11, "kind": "fall"}, ["outside the clip", "[0].time_s"]),
        ({"time_s": -1, "kind": "fall"}, ["outside the clip"]),
        ({"time_s": "soon", "kind": "fall"}, ["expected a number", ":3:"]),
        ({"time_s": 1}, ["[0].kind"]),
        ({"time_s": 1, "kind": "fall", "class": "humn"}, ['did you mean "human"?']),
        ({"time_s": 1, "kind": "fall", "zon": "x"}, ["unknown key", '"zone"']),
        ({"time_s": 1, "kind": "fall", "zone": 3}, ["expected a text"]),
    ],
)
def test_bad_rows(tmp_path: Path, row: dict[str, object], words: list[str]) -> None:
    with pytest.raises(TruthError) as caught:
        read_alerts(write(tmp_path, [row]), NAMES, CLASS_ID, 10.0)
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"alerts\.json"):
        read_alerts(tmp_path / "alerts.json", NAMES, CLASS_ID, 10.0)
