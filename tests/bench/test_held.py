"""Stored answers are read from their files once, and long ones stay there."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.bench import held as module
from vbench.bench.finished import FinishedRun
from vbench.bench.held import held
from vbench.bench.rules import StoredClip
from vbench.types import Block


def stored(finished: FinishedRun) -> list[StoredClip]:
    return [StoredClip(finished.folder, "v1", clip.id) for clip in finished.run.clips]


def same(first: Block, second: Block) -> bool:
    return np.array_equal(first[0].boxes_xyxy, second[0].boxes_xyxy) and np.array_equal(
        first[1].truth_index, second[1].truth_index
    )


def test_answers_are_those_that_are_stored(finished: FinishedRun) -> None:
    (answers,) = held([stored(finished)])
    for clip, one in zip(stored(finished), answers, strict=True):
        detections = [len(block) for block in one.detection_blocks()]
        for _ in range(2):
            assert all(map(same, one.blocks(), clip.blocks()))
            assert [len(block) for block, _ in one.blocks()] == detections
            assert [len(block) for block in one.detection_blocks()] == detections


def test_files_are_read_once(finished: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    (answers,) = held([stored(finished)])
    first = [list(one.blocks()) for one in answers]
    monkeypatch.setattr("vbench.bench.rules.read_match_blocks", None)
    monkeypatch.setattr("vbench.bench.rules.read_detection_blocks", None)
    for one, blocks in zip(answers, first, strict=True):
        assert list(one.blocks()) == blocks
        assert len(list(one.detection_blocks())) == len(blocks)


def test_long_ones_are_not_held(finished: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = stored(finished)
    n_stored = sum(len(block) for clip in clips for block in clip.detection_blocks())
    assert n_stored > 0
    monkeypatch.setattr(module, "MOST_HELD", 2 * n_stored - 1)
    assert held([clips, clips]) == [clips, clips], "all pipelines together are too many"
    assert held([clips]) != [clips]
