"""The script that draws specifications in a browser."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from vbench.config.cache_settings import cache_base
from vbench.report.vega.drawing import vl_convert

_LEVEL = 9
_SNIPPET = "window.vegaEmbed = vegaEmbed;"
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Runtime:
    """Vega, Vega-Lite and Vega-Embed as one script, packed: a page unpacks it when it is needed."""

    packed: str
    """Base64 of the deflated text."""
    source: str
    """What a content policy must allow, ``sha256-...``: exactly this script."""


def runtime_script() -> Runtime:
    """The script, from the cache or made anew, which takes a second.

    Raises:
        MissingDependencyError: vl-convert cannot be loaded.
    """
    path = _cache_file()
    kept = _read(path)
    if kept is None:
        kept = _made()
        _keep(path, kept)
    digest = hashlib.sha256(zlib.decompress(kept)).digest()
    return Runtime(
        packed=base64.b64encode(kept).decode("ascii"),
        source=f"sha256-{base64.b64encode(digest).decode('ascii')}",
    )


@cache
def _made() -> bytes:
    text: str = vl_convert().javascript_bundle(_SNIPPET)
    return zlib.compress(text.encode("utf-8"), _LEVEL)


def _cache_file() -> Path:
    try:
        of = version("vl-convert-python")
    except PackageNotFoundError:
        of = "unknown"
    return cache_base() / "vega" / f"runtime-{of}.deflate"


def _read(path: Path) -> bytes | None:
    """The deflated script; None where there is none, or something else is in its place."""
    try:
        whole = path.read_bytes()
        digest, kept = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
        if hashlib.sha256(kept).digest() != digest:
            return None
        zlib.decompress(kept)
    except (OSError, zlib.error):
        return None
    return kept


def _keep(path: Path, kept: bytes) -> None:
    """Write for the next time, whole or not at all; a cache that cannot be written is none."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".runtime-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(hashlib.sha256(kept).digest() + kept)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
