"""`vbench view` as a user gives it: an address on its own line, Ctrl-C, wrong input."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.bench.small import edit
from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun
from vbench.errors import ExitCode

GRACE_S = 60.0


@pytest.fixture
def looking(finished: FinishedRun) -> Iterator[subprocess.Popen[str]]:
    """`vbench view` of the finished run in a process of its own, with no browser to open."""
    command = [sys.executable, "-m", "vbench", "view", str(finished.folder.path), "--open"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "BROWSER": "echo opened %s"},
    ) as process:
        yield process
        process.kill()


def test_an_address_then_ctrl_c(looking: subprocess.Popen[str]) -> None:
    assert looking.stdout is not None
    address = looking.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/[\w-]{32}/", address)
    with urllib.request.urlopen(f"{address}frames/1/3.jpg", timeout=GRACE_S) as reply:
        assert reply.read(2) == b"\xff\xd8"
    looking.send_signal(signal.SIGINT)
    rest, messages = looking.communicate(timeout=GRACE_S)
    assert looking.returncode == ExitCode.OK
    assert "Traceback" not in messages
    assert "ended" in messages
    # The command line of a browser is everybody's to see.
    token = address.split("/")[3]
    assert rest.startswith("opened http://127.0.0.1:")
    assert token not in rest


def test_a_port_that_is_taken(vbench: Command, finished: FinishedRun) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        answer = vbench("view", finished.folder.path, "--port", str(port))
    assert answer.code == ExitCode.INPUT
    what, where, todo = answer.one_error()
    assert f"cannot listen on 127.0.0.1, port {port}" in what
    assert where == "--port"
    assert "--port" in todo


def test_a_host_that_is_not_here(vbench: Command, finished: FinishedRun) -> None:
    answer = vbench("view", finished.folder.path, "--host", "192.0.2.1")
    assert answer.code == ExitCode.INPUT
    what, where, _ = answer.one_error()
    assert "cannot listen on 192.0.2.1" in what
    assert where == "--host"
    assert "note: whoever can reach 192.0.2.1" in answer.stderr


def test_no_run_there(vbench: Command, tmp_path: Path) -> None:
    answer = vbench("view", tmp_path / "nothing")
    assert answer.code == ExitCode.INPUT
    assert answer.one_error()[0] == "does not exist"


def test_places_that_nobody_noted_are_asked_for(
    vbench: Command, finished: FinishedRun, small: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(finished.folder.path, tmp_path / "run")
    (run / "media.json").unlink()
    edit(small / "golden" / "golden.yaml", "name: dock", "name: yard")
    answer = vbench("view", run, "--golden-set", small / "golden")
    assert answer.code == ExitCode.INPUT
    what, where, todo = answer.one_error()
    assert what == "the run has no golden set yard"
    assert where == f"--golden-set {small / 'golden'}"
    assert todo == "it has dock"
    answer = vbench("view", run, "--host", "192.0.2.1")
    assert "where the media of 2 clips are (first a-day)" in answer.stderr
    assert "--golden-set FOLDER" in answer.stderr
