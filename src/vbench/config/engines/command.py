"""``engine: {type: command, ...}``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from vbench.config.engines.shared import BoxForm, Color, Seconds, Takes
from vbench.config.model_file import FileModel


class CommandEntry(FileModel):
    """Any program: frames in over a pipe, detections out as JSON lines."""

    takes: ClassVar[Takes] = "frames"
    repeatable: ClassVar[bool] = False

    type: Literal["command"]
    command: list[str] = Field(min_length=1)
    """The program and its arguments; no shell is involved."""
    frames: Literal["raw", "jpeg"] = "raw"
    color: Color = "bgr"
    """Order of the channels of raw frames; JPEG has its own."""
    boxes: BoxForm = "xyxy"
    start_timeout_s: Seconds = 60.0
    """For loading the model, until the program greets."""
    frame_timeout_s: Seconds = 10.0
    files: list[str] = Field(default_factory=list)
    """Files whose digests belong to the pipeline; relative paths in `command` are added."""
