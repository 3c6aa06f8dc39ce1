"""A package with an engine, installed for a while."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vbench.engines.registry import GROUP


@contextmanager
def installed(folder: Path, module: str, code: str, *, name: str = "acme") -> Iterator[None]:
    """Put a package of one module, with one engine, on the import path."""
    (folder / f"{module}.py").write_text(code)
    facts = folder / f"{module}-1.2.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n")
    (facts / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}\n")
    sys.path.insert(0, str(folder))
    _forget(module)
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        _forget(module)


def _forget(module: str) -> None:
    sys.modules.pop(module, None)
    importlib.invalidate_caches()
