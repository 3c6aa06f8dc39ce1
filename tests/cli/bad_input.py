"""One wrong thing about the small benchmark: how it is made wrong, and the message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.small import edit, set_gates

Change = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class BadInput:
    """One thing that is wrong."""

    name: str
    change: Change
    """Makes it wrong; given the benchmark's folder."""
    what: str
    """Part of the first line."""
    where: str
    """End of the place, from the benchmark's folder on."""
    todo: str
    """Part of the advice."""
    code: int = 2


def edited(file: str, old: str, new: str) -> Change:
    return lambda folder: edit(folder / file, old, new)


def rewritten(file: str, content: str) -> Change:
    return lambda folder: put(folder / file, content.encode())


def put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def gated(gate: str) -> Change:
    return lambda folder: set_gates(folder / "benchmark.yaml", gate)


def use_constant(folder: Path) -> None:
    edit(folder / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")


def with_model(change: Change) -> Change:
    def both(folder: Path) -> None:
        use_constant(folder)
        change(folder)

    return both
