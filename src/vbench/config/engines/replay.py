"""``engine: {type: replay, ...}``."""

from __future__ import annotations

from typing import ClassVar, Literal

from vbench.config.engines.shared import Takes
from vbench.config.model_file import FileModel


class ReplayEntry(FileModel):
    """Another system's stored results."""

    takes: ClassVar[Takes] = "nothing"

    type: Literal["replay"]
    format: Literal["mot", "coco", "vbench"]
    path: str
    """May hold ``{clip}``, replaced with each clip's id."""
    frame_base: Literal[0, 1] | None = None
    """Number of the first frame in the results; by default 1 for mot, 0 otherwise."""
    alerts: str | None = None
    """What the system's rules raised, as JSON; ``{clip}`` as in `path`."""
