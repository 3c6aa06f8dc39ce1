"""The demo golden set and benchmark: in the wheel, or in the checkout of an editable install."""

from __future__ import annotations

from pathlib import Path

from vbench.errors import ConfigError

_PACKED = Path(__file__).resolve().parents[1] / "_demo"
_CHECKOUT = Path(__file__).resolve().parents[3]


def shipped_root() -> Path:
    """Folder that holds ``benchmarks/`` and ``golden_sets/`` of the demo.

    Raises:
        ConfigError: the installation lacks them.
    """
    for root in (_PACKED, _CHECKOUT):
        if (root / "benchmarks" / "loading-dock" / "benchmark.yaml").is_file():
            return root
    raise ConfigError(
        "the demo benchmark is not in this installation",
        where=str(_PACKED),
        hint="install vbench again",
    )


def demo_benchmark() -> Path:
    """``benchmark.yaml`` of the demo."""
    return shipped_root() / "benchmarks" / "loading-dock" / "benchmark.yaml"
