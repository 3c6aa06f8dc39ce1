"""Rules between keys of a pipeline file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.files import REPLAY, pipeline_file
from vbench.config.post_entry import PostEntry
from vbench.errors import ConfigError


def test_floor_never_hides_an_operating_point() -> None:
    assert PostEntry().stored_from == 0.01
    assert PostEntry(score=0.005).stored_from == 0.005
    assert PostEntry(score_per_class={"person": 0.0}).stored_from == 0.0
    assert PostEntry(floor=0.2).stored_from == 0.2


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"post": "{score: 0.3, floor: 0.4}"}, "floor 0.4 is above the operating point 0.3"),
        ({"input": "{size: [8, 8], color: bgr, dtype: uint8, scale: 0.5}"}, "a uint8 input takes"),
        ({"output": "{adapter: yolox, strides: [0]}"}, r"strides\[0\]"),
        (
            {"output": "{adapter: boxes, columns: [x1, y1, x2, score]}"},
            "columns must hold x1 y1 x2 y2, or",
        ),
        ({"output": "{adapter: boxes, columns: [x1, y1, x2, y2]}"}, "columns must hold score"),
        (
            {"output": "{adapter: boxes, columns: [x1, x1, y1, x2, y2, score, skip, skip]}"},
            "columns hold x1 twice",
        ),
    ],
)
def test_bad_detectors_are_named(tmp_path: Path, replaced: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        pipeline_file(tmp_path, **replaced)


@pytest.mark.parametrize("key", ["nms", "top_k", "floor"])
def test_replayed_results_are_final(tmp_path: Path, key: str) -> None:
    value = {"nms": "{iou: 0.5}", "top_k": "5", "floor": "0.1"}[key]
    with pytest.raises(ConfigError, match=rf"a replay engine takes no `post\.{key}`"):
        pipeline_file(tmp_path, REPLAY + f"    post: {{{key}: {value}}}\n")
