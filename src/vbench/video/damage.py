"""What was lost of a damaged clip, and which frame is which after the loss."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from vbench.types import I64


class DamageFoundError(Exception):
    """Decoding met damage: why, at which frame, how far into the file. Not shown to users."""

    def __init__(self, why: str, frame_index: int, byte_position: int | None) -> None:
        super().__init__(why)
        self.why = why
        self.frame_index = frame_index
        self.byte_position = byte_position


@dataclass(slots=True)
class DamageLog:
    """What one decode lost when damage is allowed."""

    first: str = ""
    """Where and why it began; empty for an intact clip."""
    n_lost: int = 0
    """Frames that are not there."""
    n_flawed: int = 0
    """Frames that are there, with flaws that the decoder concealed."""
    n_missing_bytes: int = 0
    estimated: bool = False
    """Whether frames after the damage are numbered by counting, for want of stored times."""

    def text(self) -> str | None:
        """One line for reports; None for an intact clip."""
        if not self.first:
            return None
        found = []
        if self.n_lost:
            found.append(f"frames lost: {self.n_lost}")
        if self.n_flawed:
            found.append(f"frames with flaws: {self.n_flawed}")
        if self.n_missing_bytes:
            found.append(f"bytes missing at the end: at least {self.n_missing_bytes}")
        if self.estimated:
            found.append("frame numbers after the damage are estimates")
        return ", ".join(found or ["no frame lost"]) + f" ({self.first})"


def stored_pts(path: Path, video_stream: int) -> I64:
    """(K,) presentation times of a stream's packets, ascending, without decoding anything.

    Frame k of the intact clip has the k-th of these times, so a frame that survived damage is
    known by its time. Empty where packets lack times or share them, and for AVI, which has none.
    """
    with av.open(str(path), mode="r") as container:
        stream = container.streams.video[video_stream]
        if container.format.name == "avi":
            return np.zeros(0, np.int64)
        times: list[int | None] = []
        try:
            for packet in container.demux(stream):
                if packet.size and not packet.is_discard:
                    times.append(packet.pts)
        except av.FFmpegError:
            pass  # reading stops where the decoder's reading stopped
    known = np.array([pts for pts in times if pts is not None], np.int64)
    unique = np.unique(known)
    return unique if len(unique) == len(times) else np.zeros(0, np.int64)
