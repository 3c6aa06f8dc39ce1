"""Numba kernels on plain arrays; numba is imported nowhere else.

Compiled kernels are kept beside the sources, in the user's cache folder, or where NUMBA_CACHE_DIR
says. Where none of these can be written, numba refuses to work at all; then a folder of this
process alone is used, and kernels compile anew in each process.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _keep_cache_writable() -> None:
    """Give numba a folder it can write where it would find none; before numba is imported."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 never raises
    named = os.environ.get("NUMBA_CACHE_DIR")
    places = [Path(__file__).parent, Path(cache), *([Path(named)] if named else [])]
    if any(_can_write(place) for place in places):
        return
    folder = tempfile.mkdtemp(prefix="vbench-kernels-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = folder


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


_keep_cache_writable()
