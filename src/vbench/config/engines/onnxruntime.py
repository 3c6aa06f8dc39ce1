"""``engine: {type: onnxruntime, ...}``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vbench.config.engines.shared import Sha256, Takes, Threads
from vbench.config.model_file import FileModel


class OnnxRuntimeEntry(FileModel):
    """An ONNX file in ONNX Runtime."""

    takes: ClassVar[Takes] = "tensors"
    repeatable: ClassVar[bool] = True

    type: Literal["onnxruntime"]
    model: str
    sha256: Sha256 | None = None
    providers: list[str] = Field(default_factory=lambda: ["cpu"], min_length=1)
    provider_options: dict[str, dict[str, bool | int | float | str]] = Field(default_factory=dict)
    """Per provider in `providers`, its own options."""
    optimization: Literal["off", "basic", "extended", "all"] = "all"
    """How far ONNX Runtime may rewrite the graph before it runs."""
    threads: Threads = 1

    @model_validator(mode="after")
    def _options_have_a_provider(self) -> OnnxRuntimeEntry:
        if len(set(self.providers)) < len(self.providers):
            raise ValueError(f"a provider is named twice in {self.providers}")
        for name in self.provider_options:
            if name not in self.providers:
                raise ValueError(f'`provider_options` names "{name}", which `providers` does not')
        if "cpu" in self.provider_options:
            # ONNX Runtime would silently ignore them.
            raise ValueError("`provider_options`: the cpu provider takes no options")
        return self
