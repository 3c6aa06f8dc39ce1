"""Talking to a terminal: errors, notes and progress. Results go to stdout, the rest to stderr."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from vbench.errors import VbenchError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


def print_error(error: VbenchError) -> None:
    """Show what, where and what to do on stderr."""
    console = stderr_console()
    console.print("error:", style="bold red", end=" ")
    console.print(error.what, markup=False, highlight=False, soft_wrap=True)
    if error.where:
        console.print(f"  at: {error.where}", markup=False, highlight=False, soft_wrap=True)
    if error.hint:
        console.print(f"  do: {error.hint}", markup=False, highlight=False, soft_wrap=True)


def stdout_console() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console(highlight=False)


def stderr_console() -> Console:
    """Where everything goes that is not a result."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


class BarProgress:
    """A live bar: step, clip, frame, frames per second, time left."""

    def __init__(self) -> None:
        self._console = stderr_console()
        self._progress: RichProgress | None = None
        self._task: TaskID | None = None

    def begin(self, title: str, n_frames: int) -> None:
        """Show the bar of a step."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self.end()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[clip]}", style="dim"),
            console=self._console,
            transient=True,
            expand=True,
            refresh_per_second=8,
        )
        self._progress.start()
        self._task = self._progress.add_task(title, total=n_frames or None, clip="", rate="")

    def clip(self, clip: str) -> None:
        """Name the clip beside the bar."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, clip=clip)

    def advance(self, n_frames: int = 1) -> None:
        """Move the bar."""
        if self._progress is None or self._task is None:
            return
        task = self._progress.tasks[0]
        elapsed_s = task.elapsed or 0.0
        rate = f"{task.completed / elapsed_s:.0f} frames/s" if elapsed_s > 0.5 else ""
        self._progress.update(self._task, advance=n_frames, rate=rate)

    def end(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = None
        self._task = None

    def note(self, text: str) -> None:
        """Print above the bar."""
        console = self._console if self._progress is None else self._progress.console
        console.print(f"note: {text}", markup=False, soft_wrap=True)


class LineProgress:
    """Plain lines for logs: one when a step begins or ends, one every ten seconds."""

    every_s = 10.0

    def __init__(self) -> None:
        self._title = ""
        self._clip = ""
        self._n_frames = 0
        self._done = 0
        self._started_s = 0.0
        self._said_s = 0.0

    def begin(self, title: str, n_frames: int) -> None:
        """Say that a step begins."""
        self._title, self._n_frames, self._done, self._clip = title, n_frames, 0, ""
        self._started_s = self._said_s = time.monotonic()
        self._say(f"{title}: {n_frames} frames" if n_frames else title)

    def clip(self, clip: str) -> None:
        """Remember the clip for the next line."""
        self._clip = clip

    def advance(self, n_frames: int = 1) -> None:
        """Say how far it is, now and then."""
        self._done += n_frames
        now_s = time.monotonic()
        if now_s - self._said_s < self.every_s:
            return
        self._said_s = now_s
        rate = self._done / (now_s - self._started_s)
        left = ""
        if self._n_frames > self._done:
            left = f", {(self._n_frames - self._done) / rate:.0f} s left"
        total = f"/{self._n_frames}" if self._n_frames else ""
        clip = f", clip {self._clip}" if self._clip else ""
        self._say(f"{self._title}: {self._done}{total} frames, {rate:.0f} frames/s{left}{clip}")

    def end(self) -> None:
        """Say how long the step took."""
        if self._title:
            elapsed_s = time.monotonic() - self._started_s
            self._say(f"{self._title}: done in {elapsed_s:.1f} s")
        self._title = ""

    def note(self, text: str) -> None:
        """Say it."""
        self._say(f"note: {text}")

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def terminal_progress() -> BarProgress | LineProgress:
    """A live bar on a terminal, plain lines elsewhere."""
    return BarProgress() if sys.stderr.isatty() else LineProgress()
