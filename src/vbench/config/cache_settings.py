"""Where vbench keeps what it can make again, and how much of it: from the environment."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

from vbench.errors import ConfigError

FOLDER_VARIABLE = "VBENCH_CACHE"
LIMIT_VARIABLE = "VBENCH_CACHE_LIMIT"
DEFAULT_LIMIT_BYTES = 5_000_000_000

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?i?B)?", re.IGNORECASE)
_UNITS = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
}


def cache_base() -> Path:
    """``$VBENCH_CACHE``, else ``$XDG_CACHE_HOME/vbench``, else ``~/.cache/vbench``."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(_at_home(named))
    return Path(os.environ.get("XDG_CACHE_HOME") or _at_home("~/.cache")) / "vbench"


def cache_limit_bytes() -> int:
    """``$VBENCH_CACHE_LIMIT``, like ``5GB``, ``500MB`` or ``2GiB``; 5 GB by default.

    Raises:
        ConfigError: it is no size.
    """
    written = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not written:
        return DEFAULT_LIMIT_BYTES
    match = _SIZE.fullmatch(written)
    unit = (match[2] or "B").upper() if match is not None else ""
    n_bytes = float(match[1]) * _UNITS[unit] if match is not None and unit in _UNITS else math.nan
    if not math.isfinite(n_bytes):
        raise ConfigError(
            f'"{written}" is not a size',
            where=LIMIT_VARIABLE,
            hint="write a number and a unit: 5GB, 500MB, 2GiB; 0 keeps nothing",
        )
    return int(n_bytes)


def _at_home(path: str) -> str:
    """`path` with its ``~`` replaced, where the system tells what it stands for."""
    return os.path.expanduser(path)  # noqa: PTH111 Path.expanduser raises where it does not
