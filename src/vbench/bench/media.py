"""Media of golden sets: measured once, verified before each run."""

from __future__ import annotations

from pathlib import Path

from vbench.bench.progress import Progress
from vbench.config.golden_file import GoldenFile, read_golden_file
from vbench.config.model_file import ModelFile
from vbench.errors import ConfigError
from vbench.golden.source import LOCK_NAME
from vbench.types import MediaFacts
from vbench.video import measure_media


def measure_unlocked(
    golden_set: Path, progress: Progress, *, allow_damaged: bool = False
) -> dict[str, MediaFacts] | None:
    """Facts of every clip of a golden set that has no lock; None where it has one."""
    file = read_golden_file(golden_set)
    if (file.folder / LOCK_NAME).is_file():
        return None
    progress.note(
        f"{file.model.name} has no golden.lock: its media are measured now and nothing vouches "
        "for them later; `vbench golden lock` does"
    )
    return measure_clips(file, progress, allow_damaged=allow_damaged)


def measure_clips(
    file: ModelFile[GoldenFile], progress: Progress, *, allow_damaged: bool = False
) -> dict[str, MediaFacts]:
    """Decode every clip of a golden set once. Clip id -> what was found.

    Raises:
        ConfigError: media that do not exist, with line and key.
        MediaError: media that cannot be decoded.
    """
    facts: dict[str, MediaFacts] = {}
    progress.begin(f"measuring {file.model.name}", 0)
    for index, entry in enumerate(file.model.clips):
        path = file.folder / entry.media
        if not path.exists():
            raise ConfigError(
                f'media "{entry.media}" does not exist',
                where=file.where("clips", index, "media"),
                hint=f"paths start from {file.folder}",
            )
        progress.clip(entry.id)
        facts[entry.id] = measure_media(
            path,
            stream=entry.stream,
            image_fps=entry.fps,
            allow_damaged=allow_damaged,
            on_frame=lambda _: progress.advance(),
            where=f"{file.where('clips', index, 'media')}: clip {entry.id} ({entry.media})",
        )
    progress.end()
    return facts
