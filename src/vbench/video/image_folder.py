"""A clip that is a folder of images."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import cv2
import numpy as np

from vbench.errors import DamagedMediaError, MediaError
from vbench.types import U8, ColorOrder, Frame
from vbench.types.color_override import ColorOverride
from vbench.video.media import Media, Pending

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")

DEFAULT_IMAGE_FPS = 1.0


def image_paths(folder: Path, *, where: str) -> tuple[Path, ...]:
    """The folder's images in natural order of their names: ``img2`` before ``img10``.

    Hidden files and other suffixes are passed over; raises MediaError where none is left.
    """
    paths = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
    ]
    if not paths:
        raise MediaError(
            "the folder has no images",
            where=where,
            hint="images end in " + ", ".join(IMAGE_SUFFIXES),
        )
    return tuple(sorted(paths, key=lambda path: (_natural_key(path.name), path.name)))


def _natural_key(name: str) -> tuple[tuple[int, str], ...]:
    parts = re.split(r"([0-9]+)", name)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def read_image(path: Path) -> U8 | None:
    """(H, W, 3) uint8 BGR, turned upright as its EXIF tag says, alpha dropped; None if unreadable.

    Gray is repeated three times, 16 bit are reduced to 8.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    except (cv2.error, OSError):
        return None
    return None if image is None else np.asarray(image, dtype=np.uint8)


class ImageFolder(Media[U8]):
    """Images of one folder as the frames of a clip, 1 / `image_fps` seconds apart."""

    def __init__(
        self,
        path: Path,
        *,
        image_fps: float | None,
        color_order: ColorOrder,
        expected_n_frames: int | None,
        allow_damaged: bool,
        where: str,
    ) -> None:
        super().__init__(
            path,
            color_order=color_order,
            expected_n_frames=expected_n_frames,
            allow_damaged=allow_damaged,
            where=where,
        )
        self.image_fps = DEFAULT_IMAGE_FPS if image_fps is None else image_fps
        self._unreadable: list[str] = []
        self._notes = (f"image folder in natural order of names, {self.image_fps:g} frames/s",)
        if not self.image_fps > 0:
            raise MediaError(
                f"the frame rate of an image folder must be positive, not {self.image_fps:g}",
                where=self.where,
                hint="give the clip an `fps` above 0",
            )
        self._paths = image_paths(path, where=self.where)
        self._open_first()

    def _release(self) -> None:
        """Nothing is held open between images."""

    @property
    def color(self) -> str:
        """Images say themselves how they are to be read."""
        return "as decoded from image files"

    @property
    def notes(self) -> tuple[str, ...]:
        """The order and the rate."""
        return self._notes

    def _decode_damage(self) -> str | None:
        if not self._unreadable:
            return None
        return f"{len(self._unreadable)} images cannot be read, first {self._unreadable[0]}"

    def _decode(self) -> Generator[Pending[U8]]:
        size_px: tuple[int, int] | None = None
        for index, path in enumerate(self._paths):
            image = read_image(path)
            if image is None:
                self._refuse(index, path)
                continue
            size_px = size_px or (image.shape[1], image.shape[0])
            if (image.shape[1], image.shape[0]) != size_px:
                raise MediaError(
                    f"{path.name} is {image.shape[1]}x{image.shape[0]}, "
                    f"the images before it are {size_px[0]}x{size_px[1]}",
                    where=self.where,
                    hint="all images of a clip must have the same size",
                )
            yield Pending(index, index / self.image_fps, image)

    def _refuse(self, index: int, path: Path) -> None:
        if self._allow_damaged:
            self._unreadable.append(path.name)
            return
        raise DamagedMediaError(
            f"image {path.name} (frame {index}) cannot be read",
            frame_index=index,
            byte_position=None,
            where=self.where,
            hint="replace the image, or score what decodes with --allow-damaged",
        )

    def color_as(self, color: ColorOverride) -> str:  # noqa: ARG002
        """Image files are read as they are."""
        return self.color

    def _to_frame(
        self,
        pending: Pending[U8],
        color: ColorOverride | None,  # noqa: ARG002 image files are read as they are
    ) -> Frame:
        image = pending.source
        if self.color_order == "rgb":
            image = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
        return Frame(pending.index, pending.pts_s, image, self.color_order)
