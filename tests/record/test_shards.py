"""Shards come back as they were written, and are whole or absent."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from vbench.errors import RunFolderError
from vbench.record.folder import whole_file
from vbench.record.shards import (
    match_table_fits,
    n_detections,
    read_detection_blocks,
    read_detections,
    read_match_blocks,
    read_matches,
    read_timings,
    read_truth,
    write_detections,
    write_matches,
    write_timings,
    write_truth,
)
from vbench.types import BoxTag, Detections, Matches, Timings, Truth


def test_detections(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    n = 50
    written = Detections.sorted_from(
        frame_index=rng.integers(0, 9, n),
        boxes_xyxy=rng.random((n, 4)),
        scores=rng.random(n),
        class_id=rng.integers(0, 3, n),
        track_id=rng.integers(-1, 5, n),
    )
    write_detections(tmp_path / "a" / "d.parquet", written, ["x", "y", "z"])
    read = read_detections(tmp_path / "a" / "d.parquet")
    for name in ("frame_index", "boxes_xyxy", "scores", "class_id", "track_id"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))


def test_empty_detections(tmp_path: Path) -> None:
    write_detections(tmp_path / "d.parquet", Detections.empty(), [])
    assert len(read_detections(tmp_path / "d.parquet")) == 0


def test_truth_with_tags(tmp_path: Path) -> None:
    written = Truth(
        frame_index=np.array([0, 4]),
        boxes_xyxy=np.array([[0.0, 1, 2, 3], [4, 5, 6, 7.25]]),
        class_id=np.array([1, 0]),
        track_id=np.array([-1, 7]),
        ignore=np.array([True, False]),
        crowd=np.array([False, True]),
        tags=(BoxTag("occluded", np.array(["true", ""])),),
    )
    write_truth(tmp_path / "t.parquet", written)
    read = read_truth(tmp_path / "t.parquet")
    np.testing.assert_array_equal(read.boxes_xyxy, written.boxes_xyxy)
    np.testing.assert_array_equal(read.crowd, written.crowd)
    assert read.tags[0].key == "occluded"
    assert read.tags[0].values.tolist() == ["true", ""]


def test_matches(tmp_path: Path) -> None:
    written = Matches(
        iou_thresholds=np.linspace(0.5, 0.95, 10),
        truth_index=np.arange(30, dtype=np.int32).reshape(10, 3) - 1,
        iou=np.linspace(0, 1, 30).reshape(10, 3),
        ignored=np.arange(30).reshape(10, 3) % 2 == 0,
        truth_counts=np.array([True, False, True, True, False]),
    )
    write_matches(tmp_path / "m.parquet", [written])
    read = read_matches(tmp_path / "m.parquet")
    for name in ("iou_thresholds", "truth_index", "iou", "ignored", "truth_counts"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))


def test_timings(tmp_path: Path) -> None:
    written = Timings.of_every_frame(
        ("decode", "detect.infer"), np.arange(8).reshape(4, 2), 1, "latency"
    )
    write_timings(tmp_path / "t.parquet", written)
    read = read_timings(tmp_path / "t.parquet")
    assert read is not None
    assert (read.stages, read.n_warmup, read.mode) == (written.stages, 1, "latency")
    np.testing.assert_array_equal(read.duration_ns, written.duration_ns)
    assert read_timings(tmp_path / "absent.parquet") is None


def _write_half(path: Path) -> None:
    with whole_file(path) as part:
        part.write_bytes(b"half")
        raise FileExistsError


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        _write_half(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_missing_and_broken_shards_are_named(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="missing"):
        read_detections(tmp_path / "d.parquet")
    (tmp_path / "d.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(RunFolderError, match="cannot be read"):
        read_detections(tmp_path / "d.parquet")


def test_detection_blocks_hold_whole_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vbench.record.shards.BLOCK_ROWS", 4)
    n = 23
    written = Detections.sorted_from(
        frame_index=np.sort(np.random.default_rng(1).integers(0, 6, n)),
        boxes_xyxy=np.zeros((n, 4)),
        scores=np.linspace(0, 1, n),
        class_id=np.zeros(n, np.int64),
        track_id=np.arange(n),
    )
    path = tmp_path / "d.parquet"
    write_detections(path, written, ["x"])
    blocks = list(read_detection_blocks(path))
    assert len(blocks) > 2
    frames = [set(block.frame_index.tolist()) for block in blocks]
    assert all(a.isdisjoint(b) for a, b in itertools.pairwise(frames))
    np.testing.assert_array_equal(Detections.concatenate(blocks).track_id, written.track_id)
    np.testing.assert_array_equal(read_detections(path).track_id, written.track_id)


def test_no_detections_are_one_empty_block(tmp_path: Path) -> None:
    write_detections(tmp_path / "d.parquet", Detections.empty(), [])
    assert [len(block) for block in read_detection_blocks(tmp_path / "d.parquet")] == [0]


def test_match_blocks_join_to_the_whole_table(tmp_path: Path) -> None:
    counts = np.array([True, False])
    blocks = [
        Matches(
            np.array([0.5]),
            np.full((1, n), row, np.int32),
            np.full((1, n), 0.6),
            np.zeros((1, n), np.bool_),
            counts,
        )
        for row, n in ((0, 3), (1, 2))
    ]
    path = tmp_path / "m.parquet"
    write_matches(path, blocks)
    assert read_matches(path).truth_index.tolist() == [[0, 0, 0, 1, 1]]
    assert [block.truth_index.shape[1] for block in read_match_blocks(path)] == [3, 2]


def _stored_pair(folder: Path, n_rows: int) -> tuple[Path, Path, np.ndarray]:
    """A detections shard and its match table, and the thresholds."""
    thresholds = np.array([0.5, 0.75])
    found = Detections.sorted_from(
        frame_index=np.arange(n_rows),
        boxes_xyxy=np.tile([0.0, 0.0, 1.0, 1.0], (n_rows, 1)),
        scores=np.full(n_rows, 0.5),
        class_id=np.zeros(n_rows, np.int64),
        track_id=np.full(n_rows, -1),
    )
    matches = Matches(
        thresholds,
        np.full((2, n_rows), -1, np.int32),
        np.zeros((2, n_rows)),
        np.zeros((2, n_rows), np.bool_),
        np.zeros(0, np.bool_),
    )
    write_detections(folder / "d.parquet", found, ["x"])
    write_matches(folder / "m.parquet", [matches])
    return folder / "m.parquet", folder / "d.parquet", thresholds


@pytest.mark.parametrize("n_rows", [0, 3])
def test_a_match_table_fits_its_detections(tmp_path: Path, n_rows: int) -> None:
    matches, detections, thresholds = _stored_pair(tmp_path, n_rows)
    assert n_detections(detections) == n_rows
    assert match_table_fits(matches, detections, thresholds)


def test_a_match_table_does_not_fit_others(tmp_path: Path) -> None:
    matches, detections, thresholds = _stored_pair(tmp_path / "a", 3)
    _, fewer, _ = _stored_pair(tmp_path / "b", 2)
    assert not match_table_fits(matches, fewer, thresholds)
    assert not match_table_fits(matches, detections, np.array([0.5, 0.8]))
    assert not match_table_fits(detections, detections, thresholds)
    assert not match_table_fits(tmp_path / "none.parquet", detections, thresholds)
    matches.write_bytes(matches.read_bytes()[:40])
    assert not match_table_fits(matches, detections, thresholds)
