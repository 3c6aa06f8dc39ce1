"""The command as a whole: help, version, what is imported, bugs and signals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.invoke import Command
from vbench import __version__
from vbench.bench import check as check_module
from vbench.cli.main import app

COMMANDS = tuple(
    [(str(command.name),) for command in app.registered_commands]
    + [
        (str(group.name), str(command.name))
        for group in app.registered_groups
        if group.typer_instance is not None
        for command in group.typer_instance.registered_commands
    ]
)
HEAVY = (
    "numba",
    "av",
    "cv2",
    "pandas",
    "scipy",
    "onnxruntime",
    "pyarrow",
    "pydantic",
    "weasyprint",
    "jinja2",
    "numpy",
    "yaml",
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_an_example(command: tuple[str, ...], vbench: Command) -> None:
    answer = vbench(*command, "--help")
    assert answer.code == 0
    text = " ".join(answer.stdout.split())
    assert f"Example: vbench {' '.join(command)}" in text


def test_commands_are_those_of_the_design() -> None:
    names = {command[0] for command in COMMANDS}
    assert names >= {
        "run",
        "score",
        "report",
        "check",
        "golden",
        "init",
        "demo",
        "doctor",
        "schema",
    }


def test_help_lists_every_command(vbench: Command) -> None:
    answer = vbench("--help")
    assert answer.code == 0
    for command in COMMANDS:
        assert command[0] in answer.stdout


def test_without_arguments_the_help_is_shown(vbench: Command) -> None:
    answer = vbench()
    assert "Usage" in answer.stdout + answer.stderr
    assert answer.code == 2


def test_version(vbench: Command) -> None:
    assert vbench("--version").stdout == f"vbench {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [("rnu",), ("run",), ("run", "x", "--fast"), ("schema", "runs")]
)
def test_wrong_usage(arguments: tuple[str, ...], vbench: Command) -> None:
    answer = vbench(*arguments)
    assert answer.code == 2
    assert "Usage" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        ([], set()),
        # Typer itself reads the parameters of a command with pydantic where that is installed.
        (["run"], {"pydantic"}),
    ],
    ids=["vbench", "run"],
)
def test_help_imports_nothing_heavy(command: list[str], allowed: set[str]) -> None:
    code = (
        "import sys\n"
        f"sys.argv = ['vbench', *{command!r}, '--help']\n"
        "from vbench.cli.main import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as stopped:\n"
        "    assert stopped.code in (0, None), stopped.code\n"
        f"heavy = sorted(set({HEAVY!r}) & set(sys.modules))\n"
        "print(*heavy, file=sys.stderr)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Example" in answer.stdout or "Commands" in answer.stdout
    assert set(answer.stderr.split()) <= allowed


def test_module_and_script_are_the_same_command() -> None:
    script = Path(sys.executable).with_name("vbench")
    for command in ([sys.executable, "-m", "vbench"], [str(script)]):
        answer = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, check=True, timeout=60
        )
        assert answer.stdout == f"vbench {__version__}\n"


def test_a_bug_is_a_message_and_a_log(
    vbench: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr(check_module, "check_file", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answer = vbench("check", "anything.yaml")
    what, _, todo = answer.one_error()
    assert answer.code == 1
    assert what.startswith("a bug in vbench: ZeroDivisionError: nothing to divide by")
    (log,) = tmp_path.glob("vbench-*.log")
    assert str(log) in todo or str(log) in what
    text = log.read_text()
    assert "Traceback" in text
    assert "vbench check anything.yaml" in text


def test_a_reader_that_goes_away_is_no_error() -> None:
    answer = subprocess.run(
        f"{sys.executable} -m vbench schema run | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert answer.stdout == "{\n"
    assert answer.stderr == ""
