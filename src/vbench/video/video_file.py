"""A clip that is a video file."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import av

from vbench.types import U8, ColorOrder
from vbench.types.color_override import ColorOverride
from vbench.video.color import ColorConverter
from vbench.video.media import Media, Pending
from vbench.video.orientation import Orientation, orientation_of
from vbench.video.pictures import PictureStream


class VideoFile(Media[av.VideoFrame]):
    """Frames of one video stream of a file."""

    def __init__(
        self,
        path: Path,
        *,
        stream: int | None,
        color_order: ColorOrder,
        color: ColorOverride,
        expected_n_frames: int | None,
        allow_damaged: bool,
        threads: int,
        where: str,
    ) -> None:
        super().__init__(
            path,
            color_order=color_order,
            expected_n_frames=expected_n_frames,
            allow_damaged=allow_damaged,
            where=where,
        )
        self._converter = ColorConverter(
            color_order, threads=threads, override=color, where=self.where
        )
        self._colors: list[str] = []
        self._degrees = 0
        self._upright = Orientation()
        self._pictures = PictureStream(
            path,
            stream=stream,
            allow_damaged=allow_damaged,
            threads=threads,
            where=self.where,
        )
        try:
            self._open_first()
        except BaseException:
            self.close()
            raise

    def _release(self) -> None:
        self._pictures.close()

    @property
    def color(self) -> str:
        """Matrix, range and where they came from; several where the stream changes them."""
        return ", then ".join(self._colors)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was repaired so far, and what else a reader must know."""
        return self._pictures.notes

    def _decode_damage(self) -> str | None:
        return self._pictures.damage

    def _decode(self) -> Generator[Pending[av.VideoFrame]]:
        time_base = self._pictures.time_base
        for picture in self._pictures:
            pts_s = picture.ticks * time_base.numerator / time_base.denominator
            yield Pending(picture.index, pts_s, picture.frame)

    def _image(self, source: av.VideoFrame) -> U8:
        text = self._converter.tags(source).text
        if text not in self._colors:
            self._colors.append(text)
        # Side data and its frame refer to each other: reading it of every frame would keep
        # frames in memory until Python's cycle collector runs.
        if self.height_px == 0 or source.rotation != self._degrees:
            self._degrees = source.rotation
            self._upright = orientation_of(source, where=self.where)
        return self._upright.apply(self._converter.convert(source))
