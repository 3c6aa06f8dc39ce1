"""What every opened clip offers, whether it is a video file or an image folder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from vbench.errors import LockError, MediaError
from vbench.types import ColorOrder, Frame
from vbench.types.color_override import ColorOverride

Source = TypeVar("Source")


@dataclass(slots=True)
class Pending(Generic[Source]):
    """A frame that is decoded but not yet looked at."""

    index: int
    """0-based position in presentation order."""
    pts_s: float
    """Seconds since the first frame."""
    source: Source


class Media(ABC, Generic[Source]):
    """An opened clip: iterate it once, in presentation order, inside a ``with`` block.

    The first frame is decoded on opening, so size and colour are known at once. A frame makes its
    image when it is first asked for it, and owns it. Memory does not grow with the length of the
    clip, but for the frames that the caller keeps.
    """

    def __init__(
        self,
        path: Path,
        *,
        color_order: ColorOrder,
        expected_n_frames: int | None,
        allow_damaged: bool,
        where: str,
    ) -> None:
        self.path = path
        self.color_order = color_order
        self.where = where or str(path)
        self.width_px = 0
        """Width as displayed, rotation applied."""
        self.height_px = 0
        """Height as displayed, rotation applied."""
        self._expected_n_frames = expected_n_frames
        self._allow_damaged = allow_damaged
        self._n_presented = 0
        self._shortfall = ""
        self._closed = False
        self._pending = self._decode()
        self._first: Pending[Source] | None = None

    def _open_first(self) -> None:
        """Decode the first frame; raises MediaError where there is none."""
        self._first = next(self._pending, None)
        if self._first is None:
            raise MediaError(
                "the clip has no frame that can be decoded",
                where=self.where,
                hint="take it out of the golden set, or replace the file",
            )
        self.width_px, self.height_px = self._to_frame(self._first, None).size

    @property
    @abstractmethod
    def color(self) -> str:
        """Where the colour conversion came from, like ``bt709 limited (from the stream)``."""

    @property
    @abstractmethod
    def notes(self) -> tuple[str, ...]:
        """What a reader of the results must know about the clip, in the order it was found."""

    @property
    def damage(self) -> str | None:
        """What was lost so far, None for an intact clip; complete when the iteration ended."""
        found = [text for text in (self._decode_damage(), self._shortfall) if text]
        return "; ".join(found) or None

    @abstractmethod
    def _decode_damage(self) -> str | None:
        """What decoding lost so far."""

    @abstractmethod
    def _decode(self) -> Generator[Pending[Source]]:
        """Decoded frames in presentation order."""

    @abstractmethod
    def _to_frame(self, pending: Pending[Source], color: ColorOverride | None) -> Frame:
        """The frame in `color_order`, rotation applied; not checked against the clip's size.

        `color` None reads colours as the clip was opened.
        """

    def close(self) -> None:
        """Let go of the file; the clip cannot be iterated any more."""
        self._closed = True
        self._pending.close()
        self._release()

    @abstractmethod
    def _release(self) -> None:
        """Close what the implementation has open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        return self._frame(self._next_pending())

    @abstractmethod
    def color_as(self, color: ColorOverride) -> str:
        """The same where colours are read otherwise than the clip was opened for."""

    def views(self, colors: Sequence[ColorOverride]) -> Iterator[tuple[Frame, ...]]:
        """The frames in order, each as every one of these ways of reading its colours shows it.

        Decoded once for all of them.
        """
        for pending in iter(self._next_pending_or_none, None):
            yield tuple(self._frame(pending, color) for color in colors)

    def frames_at(self, indices: Sequence[int]) -> Iterator[Frame]:
        """The frames with these indices, ascending, each once; the others are passed over.

        Raises MediaError for an index that the clip does not have.
        """
        wanted = sorted(set(indices))
        for index in wanted:
            for pending in iter(self._next_pending_or_none, None):
                if pending.index >= index:
                    break
            else:
                pending = None
            if pending is None:
                raise MediaError(
                    f"frame {index} does not exist: the clip has {self._n_presented} frames",
                    where=self.where,
                    hint="frames count from 0",
                )
            if pending.index != index:
                raise MediaError(
                    f"frame {index} was lost to damage", where=self.where, hint="replace the file"
                )
            yield self._frame(pending)

    def _next_pending_or_none(self) -> Pending[Source] | None:
        try:
            return self._next_pending()
        except StopIteration:
            return None

    def _next_pending(self) -> Pending[Source]:
        if self._closed:
            raise RuntimeError(f"{self.path} is closed")
        pending, self._first = self._first, None
        if pending is None:
            pending = next(self._pending, None)
        if pending is not None and self._is_beyond_the_lock(pending):
            pending = None
        if pending is None:
            self._check_n_frames(ended=True)
            raise StopIteration
        self._n_presented += 1
        self._check_n_frames(ended=False)
        return pending

    def _is_beyond_the_lock(self, pending: Pending[Source]) -> bool:
        """Whether counting after damage gave an index that the intact clip does not have."""
        expected = self._expected_n_frames
        return expected is not None and pending.index >= expected and self.damage is not None

    def _check_n_frames(self, *, ended: bool) -> None:
        """Compare with the number of frames that the lock says, if it says one."""
        expected = self._expected_n_frames
        if expected is None:
            return
        if self._n_presented > expected:
            raise LockError(
                f"the clip has more than the {expected} frames that golden.lock says",
                where=self.where,
                hint="restore the media, or lock the golden set again",
            )
        if not ended or self._n_presented == expected:
            return
        if self._allow_damaged:
            self._shortfall = f"{self._n_presented} of {expected} frames decoded"
            return
        raise LockError(
            f"the clip ended after {self._n_presented} frames, golden.lock says {expected}",
            where=self.where,
            hint="restore the media, or lock the golden set again",
        )

    def _frame(self, pending: Pending[Source], color: ColorOverride | None = None) -> Frame:
        frame = self._to_frame(pending, color)
        if frame.width_px != self.width_px or frame.height_px != self.height_px:
            raise MediaError(
                f"frame {frame.index} is {frame.width_px}x{frame.height_px}, "
                f"the clip began as {self.width_px}x{self.height_px}",
                where=self.where,
                hint="split the clip where its size changes",
            )
        return frame
