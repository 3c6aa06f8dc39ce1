"""Image folders as clips."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.video.clips import number_of, numbered_image
from vbench.errors import DamagedMediaError, MediaError
from vbench.video import frames_at, measure_media, open_media
from vbench.video.image_folder import image_paths


def write_images(folder: Path, names: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / name), numbered_image(number))
    return folder


def test_natural_order_and_rate(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", ["img1.png", "img2.png", "img10.png"])
    (folder / "notes.txt").write_text("not an image")
    with open_media(folder, image_fps=5) as media:
        frames = list(media)
        assert media.notes == ("image folder in natural order of names, 5 frames/s",)
        assert media.color == "as decoded from image files"
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2]
    assert [frame.pts_s for frame in frames] == [0, 0.2, 0.4]


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPG", "bmp", "webp"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    folder = write_images(tmp_path / "images", [f"{k}.{suffix}" for k in range(3)])
    with open_media(folder) as media:
        assert [number_of(frame.image) for frame in media] == [0, 1, 2]


def test_order_does_not_depend_on_zeros_or_case(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", ["b2.png", "b02.png", "b1.png", "2.png", "a.png"])
    names = [path.name for path in image_paths(folder, where="")]
    assert names == ["2.png", "a.png", "b1.png", "b02.png", "b2.png"]


def test_color_order(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    image = np.zeros((8, 8, 3), np.uint8)
    image[:] = (250, 100, 5)
    cv2.imwrite(str(folder / "0.png"), image)
    with open_media(folder, color_order="rgb") as media:
        frame = next(media)
    assert frame.color_order == "rgb"
    assert tuple(frame.image[0, 0]) == (5, 100, 250)


def test_exif_rotation_is_applied(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    _, encoded = cv2.imencode(".jpg", numbered_image(3))
    jpeg = encoded.tobytes()
    entry = struct.pack("<HHHII", 1, 0x0112, 3, 1, 6)  # one entry: Orientation, turn clockwise
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + entry + bytes(4)
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    (folder / "0.jpg").write_bytes(jpeg[:2] + segment + jpeg[2:])
    with open_media(folder) as media:
        image = next(media).image
        assert (media.width_px, media.height_px) == (64, 96)
    assert number_of(np.rot90(image)) == 3


def test_mixed_sizes_name_the_file(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", ["0.png", "1.png"])
    cv2.imwrite(str(folder / "2.png"), numbered_image(2, 128, 192))
    message = r"2\.png is 192x128, the images before it are 96x64"
    with pytest.raises(MediaError, match=message), open_media(folder) as media:
        list(media)


def test_unreadable_image_names_the_file(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", ["0.png", "1.png", "2.png"])
    whole = (folder / "1.png").read_bytes()
    (folder / "1.png").write_bytes(whole[: len(whole) // 2])
    message = r"image 1\.png \(frame 1\)"
    with pytest.raises(DamagedMediaError, match=message) as caught, open_media(folder) as media:
        list(media)
    assert caught.value.frame_index == 1
    with open_media(folder, allow_damaged=True) as media:
        assert [frame.index for frame in media] == [0, 2]
        assert media.damage == "1 images cannot be read, first 1.png"


def test_empty_files_and_folders(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    with pytest.raises(MediaError, match="no images"):
        open_media(folder)
    (folder / "0.png").touch()
    with pytest.raises(DamagedMediaError, match=r"0\.png"):
        open_media(folder)
    with pytest.raises(MediaError, match="no frame"):
        open_media(folder, allow_damaged=True)


def test_rate_must_be_positive(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", ["0.png"])
    with pytest.raises(MediaError, match="must be positive"):
        open_media(folder, image_fps=0)


def test_measure_and_frames_at(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", ["0.png", "1.png", "2.png"])
    facts = measure_media(folder, image_fps=2)
    assert (facts.n_frames, facts.fps, facts.duration_s) == (3, 2, 1.5)
    assert (facts.width_px, facts.height_px) == (96, 64)
    assert [number_of(frame.image) for frame in frames_at(folder, [2, 1])] == [1, 2]
    before = facts.sha256, facts.fingerprint
    (folder / "2.png").rename(folder / "3.png")
    renamed = measure_media(folder, image_fps=2)
    assert renamed.sha256 != before[0]
    assert renamed.fingerprint == before[1]
