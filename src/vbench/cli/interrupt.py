"""Ctrl-C: once ends in order, twice ends now."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from vbench.errors import ExitCode, Interrupted


def catch_interrupts() -> None:
    """Turn SIGINT and SIGTERM into `Interrupted`; a second one ends this process at once.

    SIGTERM is what a CI system sends to a job that is cancelled; programs behind engines end with
    us.
    """
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _first)


def _first(_signal: int, _frame: FrameType | None) -> NoReturn:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _second)
    raise Interrupted("interrupted", hint="no half-written file is left; give the command again")


def _second(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Nothing is waited for. What was complete is on disk under its name, nothing else is."""
    sys.stderr.write("stopped at once; complete clips are kept\n")
    sys.stderr.flush()
    for pid in _children():
        with suppress(OSError):
            # Programs behind engines lead groups of their own.
            os.killpg(pid, signal.SIGKILL)
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    os._exit(ExitCode.INTERRUPTED)


def _children() -> list[int]:
    """Processes that this one started, as far as the system tells."""
    found: list[int] = []
    for listing in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            found += [int(pid) for pid in listing.read_text().split()]
    return found
