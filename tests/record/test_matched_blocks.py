"""Detections with their matches at one threshold come back as both tables have them."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from vbench.errors import RunFolderError
from vbench.record.shards import (
    read_detection_blocks,
    read_matched_blocks,
    write_detections,
    write_matches,
)
from vbench.types import Detections, Matches

IOUS = np.array([0.3, 0.5, 0.55])
N_FRAMES = 40


def write_pair(folder: Path, n: int) -> tuple[Path, Path, Detections, Matches]:
    """A detections shard and its match table, cut at the same rows."""
    rng = np.random.default_rng(n)
    detections = Detections.sorted_from(
        frame_index=rng.integers(0, N_FRAMES, n),
        boxes_xyxy=rng.random((n, 4)),
        scores=rng.random(n),
        class_id=rng.integers(0, 3, n),
        track_id=np.arange(n),
    )
    matches = Matches(
        IOUS,
        rng.integers(-1, 5, (3, n)).astype(np.int32),
        rng.random((3, n)),
        rng.random((3, n)) < 0.3,
        np.array([True, False, True, True, True]),
    )
    paths = folder / "d.parquet", folder / "m.parquet"
    write_detections(paths[0], detections, ["x", "y", "z"])
    lengths = [len(block) for block in read_detection_blocks(paths[0])]
    ends = np.cumsum([0, *lengths])
    write_matches(
        paths[1],
        [
            Matches(
                IOUS,
                matches.truth_index[:, first:end],
                matches.iou[:, first:end],
                matches.ignored[:, first:end],
                matches.truth_counts,
            )
            for first, end in itertools.pairwise(ends)
        ],
    )
    return *paths, detections, matches


@pytest.mark.parametrize("n", [0, 1, 7, 400])
@pytest.mark.parametrize("row", [0, 1, 2])
def test_blocks_join_to_both_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int, row: int
) -> None:
    monkeypatch.setattr("vbench.record.shards.BLOCK_ROWS", 50)
    found, table, detections, matches = write_pair(tmp_path, n)
    blocks = list(read_matched_blocks(found, table, IOUS[row]))
    assert len(blocks) > (3 if n == 400 else 0)
    assert np.array_equal(
        Detections.concatenate([block for block, _ in blocks]).track_id, detections.track_id
    )
    for name in ("truth_index", "iou", "ignored"):
        read = np.concatenate([getattr(block, name)[0] for _, block in blocks])
        assert np.array_equal(read, getattr(matches, name)[row])
    for _, block in blocks:
        assert block.iou_thresholds.tolist() == [IOUS[row]]
        assert np.array_equal(block.truth_counts, matches.truth_counts)


def test_only_blocks_with_the_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vbench.record.shards.BLOCK_ROWS", 50)
    found, table, detections, _ = write_pair(tmp_path, 400)
    for frames in (range(1), range(17, 18), range(39, 40), range(10, 20), range(90, 91)):
        blocks = list(read_matched_blocks(found, table, 0.5, frames))
        rows = Detections.concatenate([block for block, _ in blocks])
        wanted = np.isin(detections.frame_index, list(frames))
        assert set(detections.track_id[wanted]) <= set(rows.track_id)
        if len(frames) == 1:
            assert len(blocks) == 1
            assert len(rows) < 150
        for block, matches in blocks:
            assert len(block) == matches.truth_index.shape[1]


def test_a_threshold_that_the_table_lacks(tmp_path: Path) -> None:
    found, table, _, _ = write_pair(tmp_path, 7)
    with pytest.raises(RunFolderError, match=r"has no IoU threshold 0\.6"):
        list(read_matched_blocks(found, table, 0.6))


def test_a_table_of_other_detections(tmp_path: Path) -> None:
    found, _, _, _ = write_pair(tmp_path / "a", 7)
    _, table, _, _ = write_pair(tmp_path / "b", 8)
    with pytest.raises(RunFolderError, match="of other detections"):
        list(read_matched_blocks(found, table, 0.5))


@pytest.mark.parametrize("which", [0, 1])
def test_missing_and_broken_shards_are_named(tmp_path: Path, which: int) -> None:
    paths = write_pair(tmp_path, 7)[:2]
    paths[which].write_bytes(b"PAR1 but not really")
    with pytest.raises(RunFolderError, match=f"{paths[which].name}: .*cannot be read"):
        list(read_matched_blocks(*paths, 0.5))
    paths[which].unlink()
    with pytest.raises(RunFolderError, match=f"{paths[which].name}: .*is missing"):
        list(read_matched_blocks(*paths, 0.5))
    write_detections(paths[which], Detections.empty(), [])
    with pytest.raises(RunFolderError, match=r"of other detections|lacks vbench"):
        list(read_matched_blocks(*paths, 0.5))


def test_a_damaged_block_is_named(tmp_path: Path) -> None:
    found, table, _, _ = write_pair(tmp_path, 400)
    content = bytearray(table.read_bytes())
    content[200 : len(content) // 3] = bytes(len(content) // 3 - 200)
    table.write_bytes(bytes(content))
    with pytest.raises(RunFolderError, match=r"m\.parquet"):
        list(read_matched_blocks(found, table, 0.3))
