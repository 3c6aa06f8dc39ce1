"""Clips that several tests of decoding share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.video.clips import write_clip

B_FRAMES = {
    "x264-params": "bframes=3:b-adapt=0:keyint=12:scenecut=0:qp=23:weightp=0:threads=1"
    ":rc-lookahead=0:sync-lookahead=0"
}
"""Three B-frames between others, a key frame every 12, and the same bytes every time."""


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def plain_clip(clip_folder: Path) -> Path:
    """50 frames, 25 frames/s, H.264 with B-frames in MP4 with its index at the front."""
    return write_clip(
        clip_folder / "plain.mp4",
        50,
        options=B_FRAMES,
        container_options={"movflags": "+faststart"},
    )


@pytest.fixture(scope="session")
def index_last_clip(clip_folder: Path) -> Path:
    """50 frames, MP4 with its index at the end."""
    return write_clip(clip_folder / "index_last.mp4", 50, options=B_FRAMES)
