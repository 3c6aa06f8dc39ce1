"""``engine: {type: openvino, ...}``."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import field_validator

from vbench.config.engines.shared import Sha256, Takes, Threads
from vbench.config.model_file import FileModel

_DEVICE = re.compile(r"(CPU|GPU|NPU)(\.\d+)?")


class OpenVinoEntry(FileModel):
    """An ONNX or OpenVINO IR file in OpenVINO."""

    takes: ClassVar[Takes] = "tensors"
    repeatable: ClassVar[bool] = True

    type: Literal["openvino"]
    model: str
    """``.onnx``, or ``.xml`` with its ``.bin`` beside it."""
    sha256: Sha256 | None = None
    """Digest of `model`."""
    device: str = "CPU"
    precision: Literal["f32", "f16", "bf16"] = "f32"
    """What OpenVINO may calculate in; left alone, it takes bf16 where the CPU has it."""
    threads: Threads = 1
    """On the CPU only."""

    @field_validator("device")
    @classmethod
    def _one_device(cls, device: str) -> str:
        if _DEVICE.fullmatch(device) is None:
            raise ValueError(
                f'device "{device}" is not one of CPU, GPU, GPU.1, NPU (AUTO, HETERO and MULTI '
                "would choose silently)"
            )
        return device
