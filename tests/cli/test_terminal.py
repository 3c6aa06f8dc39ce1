"""Errors, bars and plain lines."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from vbench.cli.terminal import BarProgress, LineProgress, print_error, terminal_progress
from vbench.errors import ConfigError


def test_an_error_is_told_in_three_lines(capsys: pytest.CaptureFixture[str]) -> None:
    long_path = "/".join(["a-long-folder-name"] * 12)
    print_error(ConfigError("[is] wrong", where=f"{long_path}:7: gates[0]", hint="do [this]"))
    assert capsys.readouterr().err == (
        f"error: [is] wrong\n  at: {long_path}:7: gates[0]\n  do: do [this]\n"
    )


def test_an_error_without_place_or_advice_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(ConfigError("is wrong"))
    assert capsys.readouterr().err == "error: is wrong\n"


def test_without_a_terminal_progress_is_lines() -> None:
    assert isinstance(terminal_progress(), LineProgress)


def test_on_a_terminal_progress_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert isinstance(terminal_progress(), BarProgress)


def test_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    progress = LineProgress()
    progress.begin("running", 100)
    progress.clip("dock3")
    now_s += 5
    progress.advance(10)
    now_s += 5
    progress.advance(10)
    progress.advance(10)
    progress.note("a note")
    now_s += 10
    progress.end()
    progress.end()
    assert capsys.readouterr().err.splitlines() == [
        "running: 100 frames",
        "running: 20/100 frames, 2 frames/s, 40 s left, clip dock3",
        "note: a note",
        "running: done in 20.0 s",
    ]


def test_the_bar_shows_step_clip_and_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100, highlight=False)
    monkeypatch.setattr("vbench.cli.terminal.stderr_console", lambda: console)
    progress = BarProgress()
    progress.advance()
    progress.note("before any step")
    progress.begin("running", 24)
    progress.clip("b-night")
    progress.advance(6)
    progress.note("in between")
    progress.end()
    text = shown.getvalue()
    for part in ("note: before any step", "note: in between", "running", "6/24", "b-night"):
        assert part in text
