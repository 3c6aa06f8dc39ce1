"""What can be known of a plan without TensorRT: its header.

Layout: ``printPlanVersion`` of NVIDIA's ``trtexec`` (github.com/NVIDIA/TensorRT,
samples/common/sampleEngines.cpp): a tag, a serialization version, and for version 0 the TensorRT
version in bytes 24 to 27. Exporters of the YOLO family put their metadata before it: four bytes of
length and as much JSON (github.com/ultralytics/ultralytics, engine/exporter.py).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

from vbench.errors import EngineError

_TAG = b"ftrt"
_KNOWN_SERIALIZATION = 0
_HEADER = struct.Struct("<4sI16x4B")
_N_LENGTH_BYTES = 4
_LONGEST_METADATA = 1 << 20


@dataclass(frozen=True, slots=True)
class PlanHeader:
    """The first bytes of a plan."""

    version: str | None
    """TensorRT version that built it; None where the serialization is of an unknown form."""
    serialization: int
    n_metadata_bytes: int
    """Bytes of an exporter's own metadata before the plan; TensorRT is not given these."""


def read_plan(path: Path) -> bytes:
    """The file. Raises EngineError where it is missing or unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise EngineError(
            "engine file not found",
            where=str(path),
            hint="build it: vbench engine build MODEL.onnx --out FILE.plan",
        ) from None
    except OSError as error:
        raise EngineError(
            f"cannot be read: {error.strerror}", where=str(path), hint="name an engine file"
        ) from None


def plan_header(data: bytes, path: Path) -> PlanHeader:
    """The header of a plan. Raises EngineError where it is none, or cut short within the header."""
    start = _metadata_end(data)
    if not data.startswith(_TAG, start):
        raise EngineError(
            "is no TensorRT engine: it does not begin as one",
            where=str(path),
            hint="name a .plan or .engine file; an .onnx file goes under `model`",
        )
    if len(data) < start + _HEADER.size:
        raise EngineError(
            f"is cut short: {len(data)} bytes are less than a TensorRT engine's header",
            where=str(path),
            hint="copy or build it again",
        )
    _, serialization, *numbers = _HEADER.unpack_from(data, start)
    known = serialization == _KNOWN_SERIALIZATION
    version = ".".join(map(str, numbers)) if known else None
    return PlanHeader(version, serialization, start)


def _metadata_end(data: bytes) -> int:
    if len(data) <= _N_LENGTH_BYTES or data.startswith(_TAG):
        return 0
    n_bytes = int.from_bytes(data[:_N_LENGTH_BYTES], "little")
    end = _N_LENGTH_BYTES + n_bytes
    if n_bytes > _LONGEST_METADATA or end > len(data):
        return 0
    try:
        json.loads(data[_N_LENGTH_BYTES:end])
    except ValueError:
        return 0
    return end
