"""Golden sets made, checked and locked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vbench.bench.media import measure_clips
from vbench.bench.progress import Progress
from vbench.config.golden_file import GoldenFile, read_golden_file
from vbench.config.model_file import ModelFile
from vbench.errors import ConfigError, InputError, VbenchError
from vbench.golden.load import load_golden_set
from vbench.golden.lock import write_lock
from vbench.golden.source import LOCK_NAME
from vbench.golden.synth import default_specs, write_golden_set
from vbench.golden.validate import ValidationReport
from vbench.golden.validate import validate_golden_set as validate
from vbench.types import MediaFacts
from vbench.video import measure_media
from vbench.video.encode import write_h264


def lock_golden_set(golden_set: Path, progress: Progress) -> Path:
    """Measure every clip, check the set whole, and write its lock; returns the lock's path.

    Raises:
        VbenchError: the set cannot be used; nothing is written then.
    """
    file = read_golden_file(golden_set)
    facts = measure_clips(file, progress)
    report = validate(golden_set, facts, locked=False)
    errors = [problem for problem in report.problems if problem.severity == "error"]
    if errors:
        first = errors[0]
        more = f"; {len(errors) - 1} more: `vbench golden validate`" if errors[1:] else ""
        raise InputError(first.what, where=first.where, hint=first.hint + more)
    return write_lock(golden_set, facts)


def check_lock(golden_set: Path, progress: Progress) -> Path:
    """Measure every clip again and compare with the lock; returns the lock's path.

    Raises:
        LockError: media, truth or names differ from what was locked.
        ConfigError: there is no lock.
    """
    file = read_golden_file(golden_set)
    path = file.folder / LOCK_NAME
    if not path.is_file():
        raise ConfigError(
            "file not found", where=str(path), hint=f"write it: vbench golden lock {golden_set}"
        )
    load_golden_set(golden_set, measure_clips(file, progress))
    return path


def validate_golden_set(golden_set: Path, progress: Progress) -> ValidationReport:
    """Every problem of a golden set at once; clips without a lock are measured for it."""
    facts: dict[str, MediaFacts] | None = None
    try:
        file = read_golden_file(golden_set)
        if not (file.folder / LOCK_NAME).is_file():
            facts = _measure_what_decodes(file, progress)
    except ConfigError:
        # `validate` meets the same error and lists it.
        facts = None
    return validate(golden_set, facts)


def synthesize(
    folder: Path, seed: int, n_clips: int | None, duration_s: float | None, progress: Progress
) -> Path:
    """Render a golden set of loading-dock scenes, and lock it; returns its folder.

    Args:
        folder: new or empty.
        seed: same seed, same bytes.
        n_clips: only the first so many clips; None: all.
        duration_s: length of each clip; None: as designed.
        progress: told what is going on.

    Raises:
        InputError: the folder is not empty.
    """
    specs = default_specs(seed)[:n_clips]
    if duration_s is not None:
        specs = tuple(
            replace(spec, n_frames=min(spec.n_frames, round(duration_s * spec.fps)))
            for spec in specs
        )
    progress.begin(f"rendering {folder}", sum(spec.n_frames for spec in specs))

    write_golden_set(folder, specs, write_h264, on_frame=progress.advance)
    progress.end()
    lock_golden_set(folder, progress)
    return folder


def _measure_what_decodes(file: ModelFile[GoldenFile], progress: Progress) -> dict[str, MediaFacts]:
    """Facts of the clips that decode; `validate` says what is wrong with the others."""
    facts: dict[str, MediaFacts] = {}
    progress.begin(f"measuring {file.model.name}", 0)
    for entry in file.model.clips:
        progress.clip(entry.id)
        try:
            facts[entry.id] = measure_media(
                file.folder / entry.media,
                stream=entry.stream,
                image_fps=entry.fps,
                on_frame=lambda _: progress.advance(),
            )
        except VbenchError as error:
            progress.note(str(error))
    progress.end()
    return facts
