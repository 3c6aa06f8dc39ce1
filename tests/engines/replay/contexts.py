"""What a results file must agree with, for tests."""

from __future__ import annotations

from pathlib import Path

from vbench.engines.replay.results import ClipContext


def context_of(
    path: Path,
    *,
    n_frames: int = 10,
    frame_base: int = 0,
    class_names: tuple[str, ...] = ("person",),
) -> ClipContext:
    """A clip ``dock`` whose results are in `path`."""
    return ClipContext(path, "dock", n_frames, frame_base, class_names)
