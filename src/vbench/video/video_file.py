"""A clip that is a video file."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path

import av

from vbench.types import U8, ColorOrder, Frame
from vbench.types.color_override import ColorOverride
from vbench.video.color import ColorReading, ColorTags
from vbench.video.conversion import ColorConverter
from vbench.video.media import Media, Pending
from vbench.video.orientation import Orientation, orientation_of
from vbench.video.pictures import PictureStream
from vbench.video.planes import planes_of


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
        self._converter = ColorConverter(color_order, threads=threads)
        self._reading = ColorReading(color, where=self.where)
        self._readings = {color: self._reading}
        self._degrees = 0
        self._orientation = Orientation()
        self._is_upright = True
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
        return self._reading.text

    def color_as(self, color: ColorOverride) -> str:
        """The same where colours are read otherwise than the clip was opened for."""
        return self._reading_of(color).text

    @property
    def notes(self) -> tuple[str, ...]:
        """What was repaired so far, and what else a reader must know."""
        return self._pictures.notes

    def _decode_damage(self) -> str | None:
        return self._pictures.damage

    def _decode(self) -> Generator[Pending[av.VideoFrame]]:
        numerator, denominator = self._pictures.time_base.as_integer_ratio()
        for picture in self._pictures:
            pts_s = picture.ticks * numerator / denominator
            yield Pending(picture.index, pts_s, picture.frame)

    def _to_frame(self, pending: Pending[av.VideoFrame], color: ColorOverride | None) -> Frame:
        """All that the conversion must know of the picture is read here, before any conversion."""
        picture = pending.source
        reading = self._reading if color is None else self._reading_of(color)
        tags = reading.tags(picture)
        # Side data and its frame refer to each other: reading it of every frame would keep
        # frames in memory until Python's cycle collector runs.
        if self.height_px == 0 or picture.rotation != self._degrees:
            self._degrees = picture.rotation
            self._orientation = orientation_of(picture, where=self.where)
            self._is_upright = self._orientation == Orientation()
        size = picture.width, picture.height
        if self._orientation.transpose:
            size = size[1], size[0]
        return Frame.deferred(
            pending.index,
            pending.pts_s,
            size,
            self.color_order,
            partial(_image, picture, tags, self._converter, self._orientation),
            planes_of(picture, tags.coefficients) if self._is_upright else None,
        )

    def _reading_of(self, color: ColorOverride) -> ColorReading:
        if color not in self._readings:
            self._readings[color] = ColorReading(color, where=self.where)
        return self._readings[color]


def _image(
    picture: av.VideoFrame, tags: ColorTags, converter: ColorConverter, orientation: Orientation
) -> U8:
    """(H, W, 3) uint8, rotation applied."""
    return orientation.apply(converter.convert(picture, tags))
