"""Programs that write down how they were called, in place of those that reach out."""

from __future__ import annotations

import os
from pathlib import Path


def path_with(folder: Path, name: str, answer: str = "") -> str:
    """A search path without vbench where `name` prints an answer to its first call."""
    folder.mkdir()
    program = folder / name
    (folder / f"{name}.answer").write_text(answer)
    program.write_text(
        "#!/bin/sh\n"
        'printf "%s\\037" "$@" >> "$0.called"\n'
        'printf "\\n" >> "$0.called"\n'
        'cat "$0.answer"\n'
        ': > "$0.answer"\n'
    )
    program.chmod(0o755)
    return os.pathsep.join([str(folder), "/usr/bin", "/bin"])


def called(folder: Path, name: str) -> list[list[str]]:
    """The arguments of every call."""
    file = folder / f"{name}.called"
    if not file.exists():
        return []
    return [line.split("\x1f")[:-1] for line in file.read_text("utf-8").splitlines()]
