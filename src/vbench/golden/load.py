"""A golden set from its files, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from vbench.config.golden_file import read_golden_file, read_lock_file
from vbench.config.model_file import closest
from vbench.config.yaml_text import KeyPath
from vbench.errors import ConfigError, VbenchError
from vbench.golden import clip_parts
from vbench.golden.digest import golden_set_sha256
from vbench.golden.lock import lock_problems
from vbench.golden.source import GoldenSource, lock_path
from vbench.types import Clip, GoldenSet, MediaFacts

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a golden set came to."""

    source: GoldenSource | None
    """None where ``golden.yaml`` cannot be read."""
    clips: tuple[Clip | None, ...]
    """In file order, None for a clip that cannot be used."""
    golden_set: GoldenSet | None
    """None where there is any problem."""
    problems: tuple[VbenchError, ...]


def load_golden_set(path: Path, facts: Mapping[str, MediaFacts] | None = None) -> GoldenSet:
    """A golden set, checked against its lock and ready to be scored.

    The bytes of the media are not read: give `check_media_digest` their digest.

    Args:
        path: the set's folder or ``golden.yaml``.
        facts: what was measured of the media, by clip id; needed where there is no ``golden.lock``,
            and compared with it where there is one.

    Raises:
        ConfigError: ``golden.yaml`` or ``golden.lock`` cannot be used, or media are missing.
        TruthError: a truth or events file cannot be used.
        LockError: the set no longer matches its lock, or has none and facts are missing.
        MediaError: media without frames.
    """
    reading = read_golden_set(path, facts)
    if reading.golden_set is None:
        raise reading.problems[0]
    return reading.golden_set


def read_golden_set(
    path: Path, facts: Mapping[str, MediaFacts] | None = None, *, locked: bool = True
) -> Reading:
    """As `load_golden_set`, but collects every problem instead of raising the first.

    Without `locked`, an existing ``golden.lock`` is left aside, as when it is about to be replaced.
    """
    problems = _Problems([])
    golden = problems.attempt(partial(read_golden_file, path))
    if golden is None:
        return Reading(None, (), None, tuple(problems.found))
    lock_file = lock_path(golden)
    lock = None
    if locked and lock_file.exists():
        lock = problems.attempt(partial(read_lock_file, lock_file))
    source = GoldenSource(golden, lock)
    problems.found.extend(_set_problems(source))
    problems.found.extend(lock_problems(source))
    clips: list[Clip | None] = []
    truth_digests: list[str | None] = []
    for index in range(len(golden.model.clips)):
        clip, truth_digest = _read_clip(source, index, facts or {}, problems)
        clips.append(clip)
        truth_digests.append(truth_digest)
    whole = [clip for clip in clips if clip is not None]
    if problems.found or len(whole) < len(clips):
        return Reading(source, tuple(clips), None, tuple(problems.found))
    golden_set = GoldenSet(
        name=golden.model.name,
        version=golden.model.version,
        taxonomy=source.taxonomy,
        clips=tuple(whole),
        digest=golden_set_sha256(source, whole, truth_digests),
        locked=lock is not None,
    )
    return Reading(source, tuple(clips), golden_set, ())


@dataclass(frozen=True, slots=True)
class _Problems:
    """Errors found so far."""

    found: list[VbenchError]

    def attempt(self, read: Callable[[], Part]) -> Part | None:
        """What `read` returns, or None with its error kept."""
        try:
            return read()
        except VbenchError as error:
            self.found.append(error)
            return None


def _read_clip(
    source: GoldenSource, index: int, measured: Mapping[str, MediaFacts], problems: _Problems
) -> tuple[Clip | None, str | None]:
    """A clip and its truth's digest; the clip is None where any part has a problem."""
    problems.attempt(partial(clip_parts.check_media, source, index))
    exhaustive = problems.attempt(partial(clip_parts.exhaustive_classes, source, index))
    facts = problems.attempt(partial(clip_parts.clip_facts, source, index, measured))
    if facts is None:
        return None, None
    truth = problems.attempt(partial(clip_parts.clip_truth, source, index, facts))
    annotated = problems.attempt(partial(clip_parts.annotated_frames, source, index, facts))
    regions = problems.attempt(partial(clip_parts.ignore_regions, source, index, facts))
    events = problems.attempt(partial(clip_parts.clip_events, source, index, facts))
    if truth is None or annotated is None or exhaustive is None:
        return None, None
    if regions is None or events is None:
        return None, None
    entry = source.clip(index)
    clip = Clip(
        id=entry.id,
        media=source.media_path(index),
        stream=entry.stream,
        facts=facts,
        tags=tuple(entry.tags.items()),
        truth=truth[0],
        annotated=annotated,
        exhaustive=exhaustive,
        ignore_regions=regions,
        events=events,
    )
    return clip, truth[1]


def _set_problems(source: GoldenSource) -> Iterator[ConfigError]:
    """What is wrong with ``golden.yaml`` before any clip is looked at."""
    golden, model = source.golden, source.golden.model
    ids = [clip.id for clip in model.clips]
    for index, clip_id in enumerate(ids):
        first = ids.index(clip_id)
        if first != index:
            yield ConfigError(
                f'clip id "{clip_id}" is given twice (first in clips[{first}])',
                where=golden.where("clips", index, "id"),
                hint="give each clip its own id",
            )
    names = source.taxonomy.names
    named: list[tuple[KeyPath, str]] = [
        (("truth_classes", key), name)
        for key, name in model.truth_classes.items()
        if name is not None
    ]
    for key, name in model.truth_classes.items():
        if name is None and key in names:
            yield ConfigError(
                f'class "{key}" is in the taxonomy: its truth cannot be left out',
                where=golden.where("truth_classes", key),
                hint="remove it from the taxonomy too, or map it to another class",
            )
    if model.truth_class is not None:
        named.append((("truth_class",), model.truth_class))
    for key_path, name in named:
        if name not in names:
            yield ConfigError(
                f'class "{name}" is not in the taxonomy',
                where=golden.where(*key_path),
                hint=closest(name, names),
            )
