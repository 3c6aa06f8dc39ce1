"""A program and its three pipes: bytes in, lines out, within a time, and never left running.

One thread serves all pipes, so a program that is stuck at one while vbench waits at another never
blocks both. What is kept of its output is bounded: one line of standard output, the end of standard
error.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import shutil
import signal
import subprocess
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO

from vbench.engines.printable import printable
from vbench.errors import EngineError

MAX_LINE_BYTES = 4 * 1024 * 1024
"""Longest line that is read: some 30,000 detections."""
CLOSE_GRACE_S = 2.0
"""How long a program may take to exit once its input is closed."""

_PIPE_BYTES = 1024 * 1024
_READ_BYTES = 64 * 1024
_KEPT_STDERR_BYTES = 8 * 1024
_SHOWN_STDERR_LINES = 5
_SHOWN_STDERR_CHARACTERS = 600
_LOOK_EVERY_S = 0.1
"""How often a silent program is looked at: one that exited may have left its pipes to a child."""
_EXIT_WAIT_S = 1.0
"""How long a program that closed a pipe may take to exit, so that its exit code can be told."""


class Program:
    """A running program, in a process group of its own."""

    def __init__(self, words: Sequence[str], folder: Path, *, where: str) -> None:
        """Start it, without a shell.

        Args:
            words: the program and its arguments. A program with a slash is a path from `folder`,
                one without is looked for on PATH.
            folder: what it runs in.
            where: the place of `words`, for messages.

        Raises EngineError where it cannot be started.
        """
        self._process = _start(words, folder, where)
        self._end = weakref.finalize(self, _end, self._process, os.getpid())
        self._stdin = _unblocked(self._process.stdin)
        self._stdout = _unblocked(self._process.stdout)
        self._stderr = _unblocked(self._process.stderr)
        self._reading, self._both_ways = select.poll(), select.poll()
        for descriptor in (self._stdout, self._stderr):
            self._reading.register(descriptor, select.POLLIN)
            self._both_ways.register(descriptor, select.POLLIN)
        self._both_ways.register(self._stdin, select.POLLOUT)
        self._line = bytearray()
        self._last_words = bytearray()

    def send(self, parts: Sequence[bytes | memoryview], *, timeout_s: float, where: str) -> None:
        """Write to its input and expect nothing; otherwise as `exchange`."""
        self._transfer(parts, timeout_s, where, wants_line=False)

    def exchange(
        self, parts: Sequence[bytes | memoryview], *, timeout_s: float, where: str
    ) -> bytes:
        """Write to its input and read a line, without its end.

        Args:
            parts: written one after the other, without copying.
            timeout_s: for both together.
            where: stage and frame, for messages.

        Raises:
            EngineError: it exits, closes a pipe, takes too long, or writes more than a line. It
                has then ended, with its children.
        """
        self._transfer(parts, timeout_s, where, wants_line=True)
        line = bytes(self._line.partition(b"\n")[0])
        self._line.clear()
        return line

    def failure(self, what: str, *, where: str, hint: str) -> EngineError:
        """End the program: an error to raise, with the end of its standard error."""
        if not self._end.alive:
            return EngineError(what, where=where, hint=hint)
        _kill_group(self._process)
        self._wait(_EXIT_WAIT_S)
        self._end()
        last_words = _shown_end(bytes(self._last_words))
        if last_words:
            what += f"; its stderr ends: {last_words}"
        return EngineError(what, where=where, hint=hint)

    def close(self) -> None:
        """Close its input, wait for it to exit, and end what is left of it and its children."""
        if not self._end.alive:
            return
        with suppress(OSError):
            _pipe(self._process.stdin).close()
        self._wait(CLOSE_GRACE_S)
        self._end()

    def _transfer(
        self, parts: Sequence[bytes | memoryview], timeout_s: float, where: str, wants_line: bool
    ) -> None:
        if not self._end.alive:
            raise EngineError("the program has ended", where=where, hint="open the engine again")
        unsent = [memoryview(part).cast("B") for part in parts if len(part)]
        deadline = monotonic() + timeout_s
        while unsent or (wants_line and b"\n" not in self._line):
            left_s = deadline - monotonic()
            if left_s <= 0:
                raise self._too_slow(timeout_s, bool(unsent), where)
            pipes = self._both_ways if unsent else self._reading
            ready = pipes.poll(min(left_s, _LOOK_EVERY_S) * 1000)
            if not ready and self._process.poll() is not None:
                raise self._ended("", where)
            for descriptor, _ in ready:
                if descriptor == self._stdin:
                    self._write(unsent, where)
                elif descriptor == self._stdout:
                    self._read_line(where, wants_line)
                else:
                    self._read_stderr()

    def _write(self, unsent: list[memoryview], where: str) -> None:
        try:
            n_sent = os.write(self._stdin, unsent[0])
        except BrokenPipeError:
            raise self._ended("it closed its input", where) from None
        unsent[0] = unsent[0][n_sent:]
        if not unsent[0]:
            del unsent[0]

    def _read_line(self, where: str, wants_line: bool) -> None:
        chunk = os.read(self._stdout, _READ_BYTES)
        if not chunk:
            raise self._ended("it closed its output", where)
        self._line += chunk
        line, _, rest = self._line.partition(b"\n")
        if len(line) > MAX_LINE_BYTES:
            raise self.failure(
                f"the program wrote a line of more than {MAX_LINE_BYTES // 1024**2} MiB",
                where=where,
                hint="write one JSON line per frame, with a line break at its end",
            )
        if rest.strip() or not wants_line:
            raise self.failure(
                f"the program wrote more than the one line asked for: {_shown_end(chunk)}",
                where=where,
                hint="only one line per frame goes to stdout; everything else goes to stderr",
            )

    def _read_stderr(self) -> None:
        chunk = os.read(self._stderr, _READ_BYTES)
        if not chunk:
            self._reading.unregister(self._stderr)
            self._both_ways.unregister(self._stderr)
        self._last_words += chunk
        del self._last_words[:-_KEPT_STDERR_BYTES]

    def _wait(self, timeout_s: float) -> int | None:
        """Its exit code, None where it still runs after that time; reads its pipes meanwhile."""
        deadline = monotonic() + timeout_s
        pipes = select.poll()
        open_pipes = {self._stdout, self._stderr}
        for descriptor in open_pipes:
            pipes.register(descriptor, select.POLLIN)
        # Until its pipes are closed too: what it wrote last may not have been read yet.
        while open_pipes and (left_s := deadline - monotonic()) > 0:
            ready = pipes.poll(min(left_s, _LOOK_EVERY_S) * 1000)
            if not ready and self._process.poll() is not None:
                break
            for descriptor, _ in ready:
                chunk = os.read(descriptor, _READ_BYTES)
                if not chunk:
                    pipes.unregister(descriptor)
                    open_pipes.remove(descriptor)
                elif descriptor == self._stderr:
                    self._last_words += chunk
                    del self._last_words[:-_KEPT_STDERR_BYTES]
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(deadline - monotonic(), 0.0))
        return self._process.poll()

    def _ended(self, otherwise: str, where: str) -> EngineError:
        code = self._wait(_EXIT_WAIT_S)
        if code is None:
            what = f"the program still runs, but {otherwise}"
        elif code < 0:
            what = f"the program was killed by {_signal_name(-code)}"
        else:
            what = f"the program exited with code {code}"
        return self.failure(
            what, where=where, hint="run it on its own; it must go on until its input ends"
        )

    def _too_slow(self, timeout_s: float, is_sending: bool, where: str) -> EngineError:
        what = "did not read what it was sent" if is_sending else "did not answer"
        return self.failure(
            f"the program {what} within {timeout_s:g} s",
            where=where,
            hint="make it faster, or raise the time-out; does it flush its output?",
        )


def _start(words: Sequence[str], folder: Path, where: str) -> subprocess.Popen[bytes]:
    name = words[0]
    found = str((folder / name).absolute()) if "/" in name else shutil.which(name)
    if found is None or not Path(found).exists():
        beside = "/" not in name and (folder / name).exists()
        raise EngineError(
            f'there is no program "{name}"' + ("" if "/" in name else " on PATH"),
            where=where,
            hint=f"write ./{name} for the one in {folder}"
            if beside
            else "correct the path, or install it; paths start from the pipeline file",
        )
    try:
        return subprocess.Popen(
            [found, *words[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        hints = {
            errno.EACCES: f"chmod +x {found}",
            errno.ENOEXEC: "a script must start with #! and its interpreter",
            errno.ENOENT: "is the interpreter after its #! installed?",
        }
        raise EngineError(
            f'program "{name}" cannot be started: {error.strerror}',
            where=where,
            hint=hints.get(error.errno or 0, "start it by hand to see why"),
        ) from None


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise TypeError("started without pipes")
    return stream


def _unblocked(stream: IO[bytes] | None) -> int:
    """The descriptor of a pipe that is never waited at, and holds much where that is possible."""
    descriptor = _pipe(stream).fileno()
    os.set_blocking(descriptor, False)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        # Refused where the user's pipes already hold too much: slower, nothing worse.
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return descriptor


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    # It may have left its group.
    process.kill()


def _end(process: subprocess.Popen[bytes], owner_pid: int) -> None:
    """Kill what is left of it, also its children, and close its pipes."""
    if os.getpid() != owner_pid:
        # A fork of vbench forgets its copy: the program is still in use.
        return
    _kill_group(process)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_EXIT_WAIT_S)
    for stream in (process.stdin, process.stdout, process.stderr):
        with suppress(OSError):
            _pipe(stream).close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _shown_end(output: bytes) -> str:
    """The last lines of what a program wrote, on one line and printable."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines()]
    text = " | ".join([line for line in lines if line][-_SHOWN_STDERR_LINES:])
    return printable(text)[-_SHOWN_STDERR_CHARACTERS:]
