"""Frames from media, under one contract."""

from vbench.video.measure import file_sha256, measure_media
from vbench.video.media import Media
from vbench.video.opening import frames_at, open_media

__all__ = ["Media", "file_sha256", "frames_at", "measure_media", "open_media"]
