from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.engines.replay import ReplayEntry
from vbench.engines.replay.read import read_results, results_file


def entry(**more: object) -> ReplayEntry:
    given = {"type": "replay", "format": "mot", "path": "results/{clip}.txt"} | more
    return ReplayEntry.model_validate(given)


def test_clip_id_is_put_into_the_path(tmp_path: Path) -> None:
    assert results_file(entry(), tmp_path, "dock 3") == tmp_path / "results" / "dock 3.txt"
    # Other braces are part of a file's name.
    odd = entry(path="{a}{clip}{}.txt")
    assert results_file(odd, tmp_path, "x") == tmp_path / "{a}x{}.txt"


@pytest.mark.parametrize(
    ("more", "frame_index"),
    [({}, 2), ({"frame_base": 0}, 3), ({"frame_base": 1}, 2)],
)
def test_mot_counts_from_one_unless_said(
    tmp_path: Path, more: dict[str, object], frame_index: int
) -> None:
    (tmp_path / "a.txt").write_text("3,1,0,0,5,5\n")
    results = read_results(entry(path="{clip}.txt", **more), tmp_path, ("person",), "a", 9)
    assert results.frame_index.tolist() == [frame_index]


def test_coco_counts_from_zero(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '[{"image_id": 3, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 0.5}]'
    )
    coco = entry(format="coco", path="{clip}.json")
    assert read_results(coco, tmp_path, ("person",), "a", 9).frame_index.tolist() == [3]
