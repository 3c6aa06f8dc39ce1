"""Programs for the command engine, good and bad, written where a test wants them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

PRELUDE = """\
import json, os, signal, subprocess, sys, time

source = sys.stdin.buffer

def say(message):
    sys.stdout.write(message if isinstance(message, str) else json.dumps(message) + "\\n")
    sys.stdout.flush()

def greet():
    hello = json.loads(source.readline())
    say({"protocol": "vbench.command/v1", "name": "test", "version": "7"})
    return hello

def frames():
    for line in iter(source.readline, b""):
        message = json.loads(line)
        if "frame" in message:
            yield message, source.read(message["n_bytes"])

def nothing(message):
    say({"frame": message["frame"], "detections": []})

"""

ANSWERS_NOTHING = """\
greet()
for message, _ in frames():
    nothing(message)
"""


def program(folder: Path, body: str) -> list[str]:
    """Write a Python program; the words that start it."""
    (folder / "program.py").write_text(PRELUDE + body)
    return [sys.executable, "-S", "program.py"]


def is_running(pid: int) -> bool:
    """Whether a process still runs; a zombie that its new parent has yet to collect does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def ends_within(pid: int, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while is_running(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
