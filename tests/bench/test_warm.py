"""After the set-up nothing is left to compile: a command's first call loads kernels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import vbench

WARM = [sys.executable, "-m", "vbench.bench.warm"]


def test_a_second_process_compiles_nothing() -> None:
    """Where the set-up left its kernels, so that they are compiled here only if it did not run."""
    place = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(vbench.__file__).parent)
    subprocess.run(WARM, check=True)
    compiled = {path: path.stat().st_mtime_ns for path in place.rglob("*.nbc")}
    assert len(compiled) >= 12
    subprocess.run(WARM, check=True)
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*.nbc")} == compiled


def test_no_place_for_the_cache_is_no_error(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.touch()
    # A file where folders are wanted: neither sources' folder, nor cache, nor a named one.
    script = (
        "import pathlib, vbench, os, sys\n"
        "package = pathlib.Path(vbench.__file__).parent / 'kernels'\n"
        "import tempfile\n"
        "real = tempfile.TemporaryFile\n"
        "def refuse(*a, dir=None, **k):\n"
        "    raise OSError('read-only') if dir else None\n"
        "tempfile.TemporaryFile = refuse\n"
        "import vbench.kernels\n"
        "folder = os.environ['NUMBA_CACHE_DIR']\n"
        "assert pathlib.Path(folder).is_dir(), folder\n"
        "print(folder)\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    environment["XDG_CACHE_HOME"] = str(blocker / "cache")
    answer = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert not Path(answer.stdout.strip()).exists(), "the folder is removed at exit"
