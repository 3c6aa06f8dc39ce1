"""Single frames of a video file in any order, without decoding it from its start.

The k-th frame is the one with the k-th presentation time among the stream's packets. A decoder
that starts at a key frame gives every frame from that key frame's time on as if it had started at
the beginning (sync samples: ISO/IEC 14496-12, section 8.6.2), in the order of their times. That
each comes, whole and in its turn, is checked; a file that breaks this is refused, not guessed at.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.codec.context import Flags
from av.container import InputContainer
from av.video.stream import VideoStream

from vbench.types import I64
from vbench.video.pictures import THREADED_CODECS, decoder_threads
from vbench.video.stream_choice import choose_stream, open_container

_RECENT_BYTES = 64 * 2**20
"""Pictures that are kept once decoded: a step back costs nothing within them."""

_SOUGHT_BY_DTS = frozenset({"mpegts", "mpeg"})
"""Containers without an index: libavformat searches them for a packet by its decode time."""


class SeekRefusedError(Exception):
    """Frames cannot be told apart by their times: why. Not shown to users."""


class _LostError(Exception):
    """Decoding from one key frame did not give the frame: why."""


@dataclass(frozen=True, slots=True)
class PacketTimes:
    """The presentation times of a stream, from its packets alone."""

    pts: I64
    """(F,) ascending, in ticks of the stream's time base."""
    key_ticks: I64
    """(K,) ascending times to seek to for each key frame, as the container wants them."""
    first_frames: I64
    """(K,) index of the first frame at or after each key frame; the first is 0."""


def packet_times(container: InputContainer, stream: VideoStream) -> PacketTimes:
    """Read all packets of a stream, which decodes nothing.

    Raises SeekRefusedError where packets lack times, share them, or start between key frames.
    """
    if container.format.name == "avi":
        raise SeekRefusedError("AVI stores no presentation times")
    times: list[int] = []
    key_times: list[tuple[int, int]] = []
    by_dts = container.format.name in _SOUGHT_BY_DTS
    try:
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise SeekRefusedError("a packet is incomplete")
            if not packet.size:
                continue
            if packet.pts is None:
                raise SeekRefusedError("a frame has no presentation time")
            # What an edit list cuts off is not shown, but decoding may have to start there.
            if not packet.is_discard:
                times.append(packet.pts)
            if packet.is_keyframe:
                sought = packet.dts if by_dts and packet.dts is not None else packet.pts
                key_times.append((packet.pts, sought))
    except av.FFmpegError as error:
        raise SeekRefusedError(f"reading failed, {error.strerror}") from error
    pts = np.unique(np.array(times, np.int64))
    if len(pts) != len(times):
        raise SeekRefusedError("frames share presentation times")
    key_pts, key_ticks = np.array(sorted(key_times), np.int64).reshape(-1, 2).T
    if not len(pts) or not len(key_pts) or key_pts[0] > pts[0]:
        raise SeekRefusedError("there is no key frame before the first frame")
    return PacketTimes(pts, key_ticks, np.searchsorted(pts, key_pts))


class SeekingPictures:
    """The pictures of one video stream by their index; for one thread at a time.

    Going forward does not seek, and the pictures decoded last are kept, so that stepping in either
    direction is quick.

    Args:
        path: a video file.
        stream: index among the file's video streams; None takes the one libavformat calls best.
        n_frames: what the run's record says.
        where: place for error messages.

    Raises MediaError where the file cannot be opened, SeekRefusedError where its times do not
    tell which frame is which.
    """

    def __init__(self, path: Path, *, stream: int | None, n_frames: int, where: str) -> None:
        self._container = open_container(path, where)
        self._recent: OrderedDict[int, av.VideoFrame] = OrderedDict()
        self._coming: Iterator[av.VideoFrame] = iter(())
        self._next: int | None = None
        try:
            chosen = choose_stream(self._container, path, stream, where)
            self._stream = self._container.streams.video[chosen]
            self._prepare_decoder()
            self._times = packet_times(self._container, self._stream)
            n_found = len(self._times.pts)
            if n_found != n_frames:
                raise SeekRefusedError(f"it has {n_found} packets for {n_frames} frames")
        except BaseException:
            self._container.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._recent.clear()
        self._coming = iter(())
        self._container.close()

    def picture(self, index: int) -> av.VideoFrame:
        """The picture of a frame, 0-based in presentation order.

        Raises SeekRefusedError where no decode of a part of the file gives exactly that frame.
        """
        if index not in self._recent:
            self._decode_to(index)
        self._recent.move_to_end(index)
        return self._recent[index]

    def pts_s(self, index: int) -> float:
        """Seconds from the first frame to this one."""
        time_base = self._stream.time_base
        ticks = int(self._times.pts[index] - self._times.pts[0])
        return 0.0 if time_base is None else float(ticks * time_base)

    def _prepare_decoder(self) -> None:
        """As `PictureStream` sets it, so that pictures are equal to the bit."""
        context = self._stream.codec_context
        context.flags |= Flags.bitexact
        if context.name in THREADED_CODECS:
            self._stream.thread_type = "AUTO"
            self._stream.thread_count = decoder_threads()
            context.options = {"err_detect": "explode"}
        else:
            self._stream.thread_type = "NONE"

    def _decode_to(self, index: int) -> None:
        """Decode on from where the decoder stands, or from a key frame: the nearest that does."""
        nearest = int(np.searchsorted(self._times.first_frames, index, side="right")) - 1
        if self._next is not None and self._times.first_frames[nearest] <= self._next <= index:
            with suppress(_LostError):
                self._walk_to(index)
                return
        n_back = 0
        while True:
            start = max(0, nearest - n_back)
            try:
                self._seek(start)
                self._walk_to(index)
            except _LostError as lost:
                if start == 0:
                    raise SeekRefusedError(str(lost)) from lost
                n_back = 2 * n_back + 1
            else:
                return

    def _seek(self, key_frame: int) -> None:
        """Stand before a key frame; which one by its number."""
        try:
            self._container.seek(int(self._times.key_ticks[key_frame]), stream=self._stream)
        except av.FFmpegError as error:
            raise _LostError(f"seeking failed, {error.strerror}") from error
        self._coming = self._decode()
        self._next = int(self._times.first_frames[key_frame])

    def _walk_to(self, index: int) -> None:
        """Decode until a frame has come; every frame on the way must come whole, in its turn."""
        expected, self._next = self._next, None
        if expected is None:
            raise _LostError("the decoder stands nowhere")
        for picture in self._coming:
            if picture.pts is None:
                raise _LostError("a frame has no presentation time")
            if picture.pts < self._times.pts[expected]:
                continue  # it is before the key frame, and perhaps not whole
            if picture.pts > self._times.pts[expected] or picture.is_corrupt:
                break
            self._keep(expected, picture)
            expected += 1
            if expected > index:
                self._next = expected
                return
        raise _LostError(f"frame {expected} does not come after a seek")

    def _decode(self) -> Iterator[av.VideoFrame]:
        try:
            for packet in self._container.demux(self._stream):
                yield from packet.decode()
        except av.FFmpegError as error:
            raise _LostError(f"decoding failed, {error.strerror}") from error

    def _keep(self, index: int, picture: av.VideoFrame) -> None:
        if index in self._recent:
            return
        self._recent[index] = picture
        n_bytes = sum(plane.buffer_size for plane in picture.planes)
        n_kept = max(1, _RECENT_BYTES // max(1, n_bytes))
        while len(self._recent) > n_kept:
            self._recent.popitem(last=False)
