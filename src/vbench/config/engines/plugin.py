"""``engine: {type: plugin, ...}``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from vbench.config.model_file import FileModel


class PluginEntry(FileModel):
    """An engine of another package, found by its entry point."""

    repeatable: ClassVar[bool] = False

    type: Literal["plugin"]
    name: str
    """The entry point's name in the group ``vbench.engines``."""
    takes: Literal["tensors", "frames"]
    options: dict[str, bool | int | float | str | list[bool | int | float | str] | None] = Field(
        default_factory=dict
    )
    """The engine's own settings; it checks them itself."""
