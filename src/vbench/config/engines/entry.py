"""Every engine that a pipeline file can name."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from vbench.config.engines.command import CommandEntry
from vbench.config.engines.http import HttpEntry
from vbench.config.engines.kserve import KserveEntry
from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.config.engines.openvino import OpenVinoEntry
from vbench.config.engines.plugin import PluginEntry
from vbench.config.engines.python import PythonEntry
from vbench.config.engines.replay import ReplayEntry
from vbench.config.engines.tensorrt import TensorRtEntry

LiveEntry: TypeAlias = (
    OnnxRuntimeEntry
    | TensorRtEntry
    | OpenVinoEntry
    | KserveEntry
    | CommandEntry
    | HttpEntry
    | PythonEntry
    | PluginEntry
)
"""Engines that answer for frames as they come.

`takes` says what each is given; `repeatable` whether its answers are decided by what can be known
without running it: settings, files and versions. What is behind the others may change any time."""

EngineEntry: TypeAlias = Annotated[LiveEntry | ReplayEntry, Field(discriminator="type")]
