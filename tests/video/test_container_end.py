"""Telling cut files from whole ones by the lengths that containers state."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.video.clips import write_clip
from vbench.video.container_end import missing_bytes


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv", "clip.avi"])
def test_stated_lengths_are_exact(tmp_path: Path, name: str) -> None:
    path = write_clip(tmp_path / name, 10)
    whole = path.read_bytes()
    assert missing_bytes(path) == 0
    for n_cut in (1, 7, 100):
        path.write_bytes(whole[:-n_cut])
        assert missing_bytes(path) == n_cut


def test_transport_streams_are_whole_packets(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.ts", 10)
    assert missing_bytes(path) == 0
    path.write_bytes(path.read_bytes()[:-50])
    assert missing_bytes(path) == 50


def test_live_matroska_states_no_length(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "live.mkv", 10, container_options={"live": "1"})
    path.write_bytes(path.read_bytes()[:-20])
    assert missing_bytes(path) == 0


@pytest.mark.parametrize("content", [b"", b"\x00", b"RIFF", b"\x1a\x45\xdf\xa3", b"text" * 9, b"G"])
def test_anything_else_states_no_length(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert missing_bytes(path) <= 187
