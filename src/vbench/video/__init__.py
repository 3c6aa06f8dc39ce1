"""Frames from media, under one contract."""

from vbench.video.any_order import AnyOrder
from vbench.video.codecs import codec_name
from vbench.video.measure import file_sha256, measure_media
from vbench.video.media import Media
from vbench.video.opening import frames_at, open_media
from vbench.video.still import jpeg_bytes

__all__ = [
    "AnyOrder",
    "Media",
    "codec_name",
    "file_sha256",
    "frames_at",
    "jpeg_bytes",
    "measure_media",
    "open_media",
]
