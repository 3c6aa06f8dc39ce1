"""The command line called in this process, as a user calls it."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from vbench.cli.main import main


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave back."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> dict[str, object]:
        """Standard output, which must be one JSON object and nothing else."""
        found = json.loads(self.stdout)
        assert isinstance(found, dict)
        return found

    def one_error(self) -> tuple[str, str, str]:
        """(what, where, what to do) of the only error message; fails where it is not one."""
        assert "Traceback" not in self.stdout + self.stderr
        before, *messages = self.stderr.split("error: ")
        assert len(messages) == 1, self.stderr
        assert all(
            line.startswith(("note: ", "measuring ", "rendering ", "running", "judging"))
            for line in before.splitlines()
        )
        what, _, rest = messages[0].partition("\n  at: ")
        where, _, todo = rest.partition("\n  do: ")
        return what.strip(), where.strip(), todo.strip()


Command: TypeAlias = Callable[..., Answer]


@pytest.fixture
def vbench(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Call a command: ``vbench("run", folder, "--no-report")``."""
    handlers = {kind: signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)}

    def call(*arguments: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["vbench", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        output = capsys.readouterr()
        return Answer(int(stopped.value.code or 0), output.out, output.err)

    yield call
    for kind, handler in handlers.items():
        signal.signal(kind, handler)
