"""Decoded pictures of one video stream: demuxing, decoding, times and damage.

The verdict on damage is that of a single-threaded decode, which is the same every time. Decoding
with frame threads reports errors late and swallows some of them, so it runs with a decoder that
complains about everything; when it does, or when frames do not add up, the clip is decoded again
with one thread, and that decode decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from zlib import crc32

import av
import numpy as np
from av.codec.context import Flags
from av.packet import Packet
from av.video.stream import VideoStream

from vbench.errors import DamagedMediaError, MediaError
from vbench.kernels.cpus import usable_cpus
from vbench.types import I64
from vbench.video.clock import PresentationClock
from vbench.video.container_end import missing_bytes
from vbench.video.damage import DamageFoundError, DamageLog, stored_pts
from vbench.video.stream_choice import choose_stream, open_container

THREADED_CODECS = frozenset({"h264", "hevc", "vp9", "av1", "libdav1d"})
"""Worth decoding with threads; others are fast enough, and report damage less reliably so."""

_SILENT_CODECS = frozenset({"vp8", "mpeg4"})
"""Intact streams of these have packets that show nothing: hidden references, packed B-frames."""

_WITH_INDEX = frozenset({"mp4", "avi"})
"""Containers whose index lists every frame; in others it is a help for seeking."""

_MAX_THREADS = 16
"""More frame threads than this are not recommended by libavcodec: each holds pictures."""

_DAMAGE_HINT = "replace the file, or score what decodes with --allow-damaged"


@dataclass(slots=True)
class Picture:
    """One decoded picture in presentation order."""

    index: int
    ticks: int
    """Presentation time since the first picture, in ticks of the stream's time base."""
    duration_ticks: int
    frame: av.VideoFrame


class PictureStream:
    """The pictures of one video stream; iterate once.

    Args:
        stream: index among the file's video streams; None takes the one libavformat calls best.
        allow_damaged: go on past damage; a lost frame leaves a hole in the indices, so that the
            frames after it keep theirs.
        threads: decoder threads, 0 for one per CPU that this process may use.
        where: place for error messages.

    Raises MediaError where the file cannot be opened or has no such stream; iterating raises
    DamagedMediaError.
    """

    def __init__(
        self, path: Path, *, stream: int | None, allow_damaged: bool, threads: int, where: str
    ) -> None:
        self._path = path
        self._where = where
        self._allow_damaged = allow_damaged
        self._n_silent = 0
        self._log = DamageLog()
        self._container = open_container(path, where)
        try:
            self.stream_index = choose_stream(self._container, path, stream, where)
            """Index among the file's video streams."""
        except MediaError:
            self._container.close()
            raise
        self._n_streams = len(self._container.streams.video)
        self._stream = self._container.streams.video[self.stream_index]
        self.time_base: Fraction = self._stream.time_base or Fraction(1, 1000)
        codec = self._stream.codec_context.name
        self._may_be_silent = codec in _SILENT_CODECS
        threaded = not allow_damaged and codec in THREADED_CODECS
        self._threads = (threads or decoder_threads()) if threaded else 1
        self._pixel_aspect = self._stream.sample_aspect_ratio
        self._clock = self._new_clock()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was repaired so far, and what else a reader must know."""
        notes = list(self._clock.notes)
        if self._n_streams > 1:
            which = f"video stream {self.stream_index} (from 0) of {self._n_streams}"
            notes.insert(0, which)
        if self._pixel_aspect not in (None, 0, 1):
            notes.append(f"pixels are not square ({self._pixel_aspect}); frames are as stored")
        if self._n_silent > 0:
            notes.append(f"packets that gave no frame: {self._n_silent}")
        return tuple(notes)

    @property
    def damage(self) -> str | None:
        """What was lost so far when damage is allowed."""
        return self._log.text()

    def __iter__(self) -> Iterator[Picture]:
        given = _Given()
        try:
            for picture in self._decode(self._threads):
                yield picture
                given.add(picture)
            return
        except DamageFoundError as damage:
            if self._threads == 1:
                raise self._damaged(damage) from damage
        self._reopen()
        try:
            yield from self._decode_again(given)
        except DamageFoundError as damage:
            raise self._damaged(damage) from damage

    def _decode_again(self, given: _Given) -> Iterator[Picture]:
        """With one thread, the pictures after those that were given already."""
        again = _Given()
        for picture in self._decode(1):
            if again.n_pictures == given.n_pictures:
                yield picture
                continue
            again.add(picture)
            if again.n_pictures == given.n_pictures and again != given:
                break
        if again != given:
            why = "decoding with threads gave other frames than without"
            raise DamageFoundError(why, again.n_pictures, None)

    def _damaged(self, damage: DamageFoundError) -> DamagedMediaError:
        at_byte = ""
        if damage.byte_position is not None:
            at_byte = f", byte {damage.byte_position} of {self._path.stat().st_size}"
        return DamagedMediaError(
            f"{self._path.name} is damaged: decoding stopped at frame {damage.frame_index}"
            f"{at_byte}: {damage.why}",
            frame_index=damage.frame_index,
            byte_position=damage.byte_position,
            where=self._where,
            hint=_DAMAGE_HINT,
        )

    def _new_clock(self) -> PresentationClock:
        rate = self._stream.average_rate or self._stream.guessed_rate
        return PresentationClock(self._container.format.name, self.time_base, rate)

    def _reopen(self) -> None:
        self._container.close()
        self._container = open_container(self._path, self._where)
        self._stream = self._container.streams.video[self.stream_index]
        self._clock = self._new_clock()

    def _decode(self, threads: int) -> Iterator[Picture]:
        """Pictures until the end or, unless damage is allowed, the first damage."""
        context = self._stream.codec_context
        context.flags |= Flags.bitexact
        if threads == 1:
            self._stream.thread_type = "NONE"
        else:
            self._stream.thread_type = "AUTO"
            self._stream.thread_count = threads
            context.options = {"err_detect": "explode"}
        walk = _Walk(single_threaded=threads == 1)
        for packet in self._packets(walk):
            for frame in self._frames(packet, walk):
                picture = self._present(frame, walk)
                if picture is not None:
                    yield picture
        self._check_end(walk)

    def _packets(self, walk: _Walk) -> Iterator[Packet[VideoStream]]:
        try:
            for packet in self._container.demux(self._stream):
                walk.n_packets += packet.size > 0
                yield packet
        except av.FFmpegError as error:
            self._damage(walk, f"reading failed, {error.strerror}")

    def _frames(self, packet: Packet[VideoStream], walk: _Walk) -> list[av.VideoFrame]:
        if walk.byte_position is None:
            walk.byte_position = packet.pos
        if packet.is_corrupt:
            self._damage(walk, "a packet is incomplete")
        if packet.size and not packet.is_discard:
            walk.n_decoded += 1
            self._clock.note_packet(packet.dts)
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            self._damage(walk, str(error.strerror))
            self._clock.forget_packet()
            walk.n_failed += 1
            walk.n_holes += 1
            return []
        if packet.pos is not None and packet.size:
            walk.byte_position = packet.pos + packet.size
        return frames

    def _present(self, frame: av.VideoFrame, walk: _Walk) -> Picture | None:
        """The frame with its index and time; None where its turn is over (only after damage)."""
        if frame.is_corrupt:
            self._damage(walk, "the frame has flaws that the decoder concealed")
            self._log.n_flawed += 1
        rank = self._rank(frame, walk) if self._allow_damaged else None
        if rank is not None and rank > walk.last_index + 1:
            self._damage(walk, "the decoder gave no frame here")
        if rank is not None and frame.pts is not None and self._log.first:
            if rank <= walk.last_index:
                return None
            ticks, index = frame.pts, rank
        else:
            ticks = self._clock.ticks(frame.pts)
            index = walk.last_index + 1 + walk.n_holes
            self._log.estimated = bool(self._log.first)
        if walk.first_ticks is None:
            walk.first_ticks = ticks
        walk.n_holes = 0
        walk.last_index = index
        walk.n_frames += 1
        duration_ticks = frame.duration or self._clock.frame_duration_ticks
        return Picture(index, ticks - walk.first_ticks, duration_ticks, frame)

    def _rank(self, frame: av.VideoFrame, walk: _Walk) -> int | None:
        """Index by the times that the container stores; None where they do not tell."""
        if frame.pts is None or self._may_be_silent:
            return None
        if walk.stored_pts is None:
            walk.stored_pts = stored_pts(self._path, self.stream_index)
        if not len(walk.stored_pts):
            return None
        if walk.first_ticks is None:
            walk.first_ticks = int(walk.stored_pts[0]) if self._log.first else frame.pts
        first, here = np.searchsorted(walk.stored_pts, (walk.first_ticks, frame.pts))
        return int(here - first)

    def _check_end(self, walk: _Walk) -> None:
        """Complain where the container promised more than was read."""
        n_missing_bytes = missing_bytes(self._path)
        if n_missing_bytes:
            self._damage(walk, f"the file is cut short by at least {n_missing_bytes} bytes")
            self._log.n_missing_bytes = n_missing_bytes
        n_gone = 0
        if not _WITH_INDEX.isdisjoint(self._container.format.name.split(",")):
            n_indexed = sum(entry.size > 0 for entry in self._stream.index_entries)
            n_gone = max(0, n_indexed - walk.n_packets)
        if n_gone:
            self._damage(walk, f"{n_gone} of {n_indexed} frames in the index are gone")
        n_lost = walk.n_decoded - walk.n_frames
        if n_lost and not self._log.first:
            n_lost = self._check_silent(walk, n_lost)
        self._n_silent = walk.n_decoded - walk.n_frames - n_lost
        self._log.n_lost = n_lost + n_gone

    def _check_silent(self, walk: _Walk, n_silent: int) -> int:
        """How many of the packets that gave no frame, without an error, should have given one."""
        if not walk.single_threaded:
            raise DamageFoundError("frames are missing", walk.n_frames, walk.byte_position)
        if self._may_be_silent or walk.first_ticks is None:
            return 0
        # What comes before the first frame that decodes may be cut off: a recording that starts
        # between key frames is intact.
        stored = stored_pts(self._path, self.stream_index)
        n_lost = n_silent if self._container.format.name == "avi" else 0
        if len(stored):
            n_lost = int((stored >= walk.first_ticks).sum()) - walk.n_frames
        if n_lost > 0:
            self._damage(walk, f"the decoder gave no frame for {n_lost} of {n_silent} packets")
        return max(0, n_lost)

    def _damage(self, walk: _Walk, why: str) -> None:
        """Stop here, or remember the first damage and go on."""
        if not self._allow_damaged:
            raise DamageFoundError(why, walk.n_frames, walk.byte_position)
        if not self._log.first:
            at_byte = "" if walk.byte_position is None else f", byte {walk.byte_position}"
            self._log.first = f"first at frame {walk.n_frames}{at_byte}: {why}"


@dataclass(slots=True)
class _Given:
    """Which pictures were given: how many, and a checksum over their indices and times."""

    n_pictures: int = 0
    checksum: int = 0

    def add(self, picture: Picture) -> None:
        self.n_pictures += 1
        self.checksum = crc32(f"{picture.index} {picture.ticks}".encode(), self.checksum)


@dataclass(slots=True)
class _Walk:
    """How far one decode of the stream has come."""

    single_threaded: bool
    n_packets: int = 0
    n_decoded: int = 0
    """Packets given to the decoder, without those that the edit list discards."""
    n_failed: int = 0
    """Packets that the decoder refused."""
    n_holes: int = 0
    """Of these, since the newest frame."""
    n_frames: int = 0
    last_index: int = -1
    first_ticks: int | None = None
    byte_position: int | None = None
    """End of the last packet that decoded, or the start of the first."""
    stored_pts: I64 | None = None
    """All presentation times of the stream, read once damage was met."""


def decoder_threads() -> int:
    """One per usable CPU; libavcodec's own choice, one more, is slower where CPUs are few."""
    return min(len(usable_cpus()), _MAX_THREADS)
