"""The frames of an open clip, one after the other, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from vbench.types import Frame


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """A frame as it came from the decoder."""

    views: tuple[Frame, ...]
    """In each of the source's colours."""
    decode_ns: int


class FrameSource:
    """Takes frames from an open clip; for one thread at a time."""

    def __init__(self, views: Iterator[tuple[Frame, ...]], n_frames: int) -> None:
        """Nothing is taken yet.

        Args:
            views: of an open clip, as `Media.views`.
            n_frames: of the clip, by the lock.
        """
        self.ended = False
        """Whether the clip is at its end."""
        self._views = views
        self._seen = np.zeros(n_frames, np.bool_)

    def next(self) -> DecodedFrame | None:
        """The next frame; None at the end. Raises MediaError."""
        began_ns = perf_counter_ns()
        views = next(self._views, None)
        if views is None:
            self.ended = True
            return None
        decode_ns = perf_counter_ns() - began_ns
        self._seen[views[0].index] = True
        return DecodedFrame(views, decode_ns)

    def missing(self) -> tuple[int, ...]:
        """Frames that did not decode, once the clip is at its end."""
        return tuple(np.flatnonzero(~self._seen).tolist())
