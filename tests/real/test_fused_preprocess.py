"""Decoders' own planes, with their strides, sizes and tags, through both paths."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from vbench.config.input_entry import InputEntry
from vbench.pipeline.preprocess import Preprocessor
from vbench.types import Frame
from vbench.video import open_media

CLIPS = {
    "tud-campus/TUD-Campus.mp4": "fused",
    "person-clip/one-by-one-person-detection.mp4": "fused",
    "decoder-hard/bt709_full_range.mp4": "fused",
    "decoder-hard/nasa_13013.mp4": "fused",
    "decoder-hard/avi_hdr682_decodes341.avi": "fused",
    "decoder-hard/screenrec_vfr_hello.mov": "fused",
    "decoder-hard/h264_10bits.mp4": "reference: the picture has no 8-bit planes",
    "decoder-hard/video_90.mov": "reference: the picture has no 8-bit planes",
}
"""File -> the path that its frames take."""

ENTRIES = [
    InputEntry(size=(640, 640), color="rgb", scale=1 / 255),
    InputEntry(size=(416, 416), color="bgr", anchor="top_left"),
    InputEntry(size=(300, 300), color="rgb", resize="stretch", layout="nhwc", dtype="uint8"),
]


@pytest.mark.real
@pytest.mark.parametrize("name", CLIPS)
def test_tensors_are_those_of_the_image(real_data: Path, name: str) -> None:
    with open_media(real_data / name) as media:
        frames = list(islice(media, 3))
    for entry in ENTRIES:
        preprocessor = Preprocessor(entry, frames[0].size)
        reference = Preprocessor(entry, frames[0].size)
        for frame in frames:
            tensor = preprocessor(frame)
            assert preprocessor.path == CLIPS[name]
            plain = Frame(frame.index, frame.pts_s, frame.image, frame.color_order)
            np.testing.assert_array_equal(tensor, reference(plain))
