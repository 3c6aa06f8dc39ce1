"""Presentation times of frames in the order the decoder gives them."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

_NO_PRESENTATION_TIMES = frozenset({"avi"})
"""Containers that store frames in decode order without times; what libavformat says is a guess."""


class PresentationClock:
    """Gives every frame a time that grows, in ticks of `time_base`, and says what was repaired.

    Presentation order is the order in which the decoder gives frames, so times never reorder
    frames. Three cases, from best to worst:

    - the container stores presentation times: they are taken; one that is missing or does not grow
      becomes the previous time plus one frame duration;
    - the container stores decode times only (AVI): the k-th frame takes the k-th decode time;
    - there are no times (elementary streams): the k-th frame is at k divided by the frame rate.
    """

    def __init__(self, container: str, time_base: Fraction, rate: Fraction | None) -> None:
        self.time_base = time_base
        self._rate = rate or Fraction(25)
        self._rate_text = f"{float(self._rate):g} frames/s" + ("" if rate else " (assumed)")
        self._frame_ticks = 1 / (self._rate * time_base)
        self._container = container
        self._from_decode_times = container in _NO_PRESENTATION_TIMES
        self._decode_ticks: deque[int] = deque()
        self._last: int | None = None
        self._n_frames = 0
        self._n_missing = 0
        self._n_backward = 0
        self._has_times = False

    def note_packet(self, dts: int | None) -> None:
        """Remember the decode time of a packet that is given to the decoder."""
        if self._from_decode_times and dts is not None:
            self._decode_ticks.append(dts)

    def forget_packet(self) -> None:
        """Take back the newest decode time: its packet gave no frame."""
        if self._decode_ticks:
            self._decode_ticks.pop()

    def ticks(self, pts: int | None) -> int:
        """Time of the next frame, in ticks."""
        if self._from_decode_times:
            pts = self._decode_ticks.popleft() if self._decode_ticks else None
        ticks = self._repaired(pts)
        self._n_frames += 1
        self._last = ticks
        return ticks

    def _repaired(self, pts: int | None) -> int:
        if pts is None:
            self._n_missing += 1
        else:
            self._has_times = True
            if self._last is None or pts > self._last:
                return pts
            self._n_backward += 1
        if self._last is None:
            return 0
        if not self._has_times:
            return round(self._n_frames * self._frame_ticks)
        return self._last + max(1, round(self._frame_ticks))

    @property
    def frame_duration_ticks(self) -> int:
        """One frame at the stream's rate, at least one tick."""
        return max(1, round(self._frame_ticks))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was repaired so far."""
        notes = []
        if self._from_decode_times:
            notes.append(f"times are decode times: {self._container} stores no presentation times")
        if self._n_missing and not self._has_times:
            notes.append(f"times derive from the frame rate, {self._rate_text}: none are stored")
        elif self._n_missing:
            notes.append(f"{self._n_missing} missing presentation times were filled in")
        if self._n_backward:
            notes.append(f"{self._n_backward} presentation times that did not grow were repaired")
        return tuple(notes)
