"""``engine: {type: python, ...}``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from vbench.config.engines.shared import BoxForm, Color, Takes
from vbench.config.model_file import FileModel


class PythonEntry(FileModel):
    """A class of the user's own code."""

    takes: ClassVar[Takes] = "frames"
    repeatable: ClassVar[bool] = False

    type: Literal["python"]
    object: str = Field(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*$")
    """``module:Class``; modules are looked for in the pipeline file's folder first."""
    options: dict[str, bool | int | float | str | list[bool | int | float | str] | None] = Field(
        default_factory=dict
    )
    """Keyword arguments of the class."""
    color: Color = "bgr"
    boxes: BoxForm = "xyxy"
    files: list[str] = Field(default_factory=list)
    """Files whose digests belong to the pipeline; the module's own is added."""
