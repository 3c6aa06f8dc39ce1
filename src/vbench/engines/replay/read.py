"""Finding and reading the results of a clip."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from vbench.config.engines.replay import ReplayEntry
from vbench.engines.replay.results import ClipContext, ReplayedResults

CLIP_PLACEHOLDER = "{clip}"


def results_file(entry: ReplayEntry, folder: Path, clip_id: str) -> Path:
    """The file with a clip's results; `folder` is what a relative path starts from."""
    return folder / entry.path.replace(CLIP_PLACEHOLDER, clip_id)


def alerts_file(entry: ReplayEntry, folder: Path, clip_id: str) -> Path | None:
    """The file with a clip's alerts; None where the entry names none."""
    if entry.alerts is None:
        return None
    return folder / entry.alerts.replace(CLIP_PLACEHOLDER, clip_id)


def read_results(
    entry: ReplayEntry, folder: Path, class_names: tuple[str, ...], clip_id: str, n_frames: int
) -> ReplayedResults:
    """Read a clip's results.

    Args:
        entry: the checked ``engine`` mapping of a pipeline file.
        folder: what a relative path in it starts from.
        class_names: the pipeline file's classes, in order.
        clip_id: id of the clip.
        n_frames: its number of frames.

    Raises:
        TruthError: the file is missing or broken, or does not fit the clip or the classes.
    """
    default_base = 1 if entry.format == "mot" else 0
    context = ClipContext(
        path=results_file(entry, folder, clip_id),
        clip_id=clip_id,
        n_frames=n_frames,
        frame_base=default_base if entry.frame_base is None else entry.frame_base,
        class_names=class_names,
    )
    match entry.format:
        case "mot":
            from vbench.engines.replay.mot import read_mot

            return read_mot(context)
        case "coco":
            from vbench.engines.replay.coco import read_coco

            return read_coco(context)
        case "vbench":
            from vbench.engines.replay.parquet import read_parquet

            return read_parquet(context)
        case _:
            assert_never(entry.format)
