"""Entries of TensorRT engines and where they stand."""

from __future__ import annotations

from pathlib import Path

from vbench.config.engines.tensorrt import TensorRtEntry
from vbench.engines.protocol import EngineSite


def site(folder: Path) -> EngineSite:
    return EngineSite(folder, lambda key: f"p.yaml:7: engine.{key}", "detect", ("person",))


def entry(**more: object) -> TensorRtEntry:
    return TensorRtEntry.model_validate({"type": "tensorrt", **more})
