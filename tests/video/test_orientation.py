"""Rotation and flips of the display matrix, against numpy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.video.clips import write_clip
from vbench.errors import MediaError
from vbench.types import U8
from vbench.video import open_media
from vbench.video.orientation import Orientation


@pytest.mark.parametrize(
    ("degrees", "hflip", "expected"),
    [
        (0, False, lambda image: image),
        (90, False, lambda image: np.rot90(image, 1)),
        (180, False, lambda image: np.rot90(image, 2)),
        (-90, False, lambda image: np.rot90(image, 3)),
        (0, True, lambda image: image[:, ::-1]),
    ],
)
def test_display_matrix_is_applied(
    tmp_path: Path, degrees: float, hflip: bool, expected: Callable[[U8], U8]
) -> None:
    options = {"qp": "0"}
    plain = write_clip(tmp_path / "b.mp4", 4, options=options)
    turned = write_clip(tmp_path / "c.mp4", 4, options=options, degrees=degrees, hflip=hflip)
    with open_media(plain) as media, open_media(turned) as turned_media:
        upright = [frame.image for frame in media]
        shown = [frame.image for frame in turned_media]
        size = (turned_media.height_px, turned_media.width_px)
    assert size == expected(upright[0]).shape[:2]
    for before, after in zip(upright, shown, strict=True):
        assert np.array_equal(after, expected(before))
        assert after.flags.c_contiguous


def test_slanted_display_matrix_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "slanted.mp4", 2, degrees=30)
    with pytest.raises(MediaError, match="only quarter turns and flips"):
        open_media(path)


def test_eight_orientations_are_different() -> None:
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    results = {
        Orientation(t, h, v).apply(image).tobytes() + bytes(Orientation(t, h, v).apply(image).shape)
        for t in (False, True)
        for h in (False, True)
        for v in (False, True)
    }
    assert len(results) == 8
