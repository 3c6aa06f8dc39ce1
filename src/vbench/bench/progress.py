"""How a run tells what it is doing; the command line draws it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what a long step is doing. Every call is cheap."""

    def begin(self, title: str, n_frames: int) -> None:
        """A step of `n_frames` frames in all begins."""

    def clip(self, clip: str) -> None:
        """The step turns to this clip."""

    def advance(self, n_frames: int = 1) -> None:
        """So many more frames are done."""

    def end(self) -> None:
        """The step is done."""

    def note(self, text: str) -> None:
        """Something a reader should know."""


class NoProgress:
    """Says nothing."""

    def begin(self, title: str, n_frames: int) -> None:
        """Ignore it."""

    def clip(self, clip: str) -> None:
        """Ignore it."""

    def advance(self, n_frames: int = 1) -> None:
        """Ignore it."""

    def end(self) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""
