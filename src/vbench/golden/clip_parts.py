"""The parts of a clip, each read and checked on its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vbench.config.golden_file import EveryFrames
from vbench.config.model_file import closest
from vbench.errors import ConfigError, LockError, MediaError, TruthError
from vbench.golden.digest import truth_sha256
from vbench.golden.events import read_events
from vbench.golden.formats import TruthContext, read_truth
from vbench.golden.lock import check_measured, check_truth_digest, facts_of
from vbench.golden.source import GoldenSource
from vbench.types import F64, Bool, MediaFacts, Truth, TruthEvent


def check_media(source: GoldenSource, index: int) -> None:
    """Raise ConfigError where a clip's media do not exist."""
    path = source.media_path(index)
    if not path.exists():
        near = sorted(item.name for item in path.parent.iterdir()) if path.parent.is_dir() else []
        hint = closest(path.name, near) if near else f"the folder {path.parent} does not exist"
        raise ConfigError(f"media not found: {path}", where=source.where(index, "media"), hint=hint)


def clip_facts(source: GoldenSource, index: int, measured: Mapping[str, MediaFacts]) -> MediaFacts:
    """A clip's media facts from the lock; without lock from `measured`.

    Raises:
        LockError: nothing is known about the media, or lock and measured facts differ.
        MediaError: the media have no frames.
    """
    entry, clip_id = source.locked(index), source.clip(index).id
    if entry is not None:
        facts = facts_of(entry)
        if clip_id in measured:
            check_measured(source, index, measured[clip_id])
    elif clip_id in measured:
        facts = measured[clip_id]
    else:
        raise LockError(
            f'nothing is known about the media of clip "{clip_id}"',
            where=source.where(index, "media"),
            hint=f"run `{source.lock_command()}`",
        )
    if facts.n_frames < 1 or facts.width_px < 1 or facts.height_px < 1:
        raise MediaError(
            f'the media of clip "{clip_id}" have no frames',
            where=source.where(index, "media"),
            hint="replace the media or leave the clip out: nothing can be measured on it",
        )
    return facts


def clip_truth(source: GoldenSource, index: int, facts: MediaFacts) -> tuple[Truth, str | None]:
    """A clip's truth and its file's digest; no boxes and None where ``truth`` is absent.

    Raises:
        TruthError: the file cannot be used.
        LockError: the file is not what it was when the set was locked.
    """
    path = source.truth_path(index)
    if path is None:
        check_truth_digest(source, index, None)
        return Truth.empty(), None
    if not path.exists():
        raise ConfigError(
            f"truth not found: {path}",
            where=source.where(index, "truth"),
            hint="check the path; leave the key out only for a clip of empty frames",
        )
    if path.is_file() and not path.read_bytes().strip():
        raise TruthError(
            f"the truth file {path} is empty",
            where=source.where(index, "truth"),
            hint="if the frames of this clip are really empty, leave the key `truth` out",
        )
    golden = source.golden.model
    sha256 = truth_sha256(path)
    check_truth_digest(source, index, sha256)
    context = TruthContext(
        clip_id=source.clip(index).id,
        media_name=source.media_path(index).name,
        taxonomy=source.taxonomy,
        n_frames=facts.n_frames,
        width_px=facts.width_px,
        height_px=facts.height_px,
        frame_base=source.frame_base,
        truth_size=golden.truth_size,
        truth_class=golden.truth_class,
        truth_classes=golden.truth_classes,
        shared=sum(clip.truth == source.clip(index).truth for clip in golden.clips) > 1,
    )
    return read_truth(path, golden.truth_format, context), sha256


def annotated_frames(source: GoldenSource, index: int, facts: MediaFacts) -> Bool:
    """(n_frames,) frames whose truth is complete; raises ConfigError for frames not in the clip."""
    stated = source.clip(index).annotated_frames
    annotated = np.zeros(facts.n_frames, np.bool_)
    if stated == "all":
        return ~annotated
    if isinstance(stated, EveryFrames):
        annotated[:: stated.every] = True
        return annotated
    if not stated:
        raise ConfigError(
            "no frame is annotated, so none would count",
            where=source.where(index, "annotated_frames"),
            hint="list the annotated frames, or say `all`",
        )
    for position, frame_index in enumerate(stated):
        if frame_index >= facts.n_frames:
            raise ConfigError(
                f"frame {frame_index} is beyond the last frame {facts.n_frames - 1}",
                where=source.where(index, "annotated_frames", position),
                hint="frames count from 0 here",
            )
        annotated[frame_index] = True
    return annotated


def exhaustive_classes(source: GoldenSource, index: int) -> Bool:
    """(C,) classes annotated wherever they occur, by default all; ConfigError for unknown ones."""
    names = source.taxonomy.names
    stated = source.clip(index).exhaustive_classes
    if stated is None:
        return np.ones(len(names), np.bool_)
    for position, name in enumerate(stated):
        if name not in names:
            raise ConfigError(
                f'class "{name}" is not in the taxonomy',
                where=source.where(index, "exhaustive_classes", position),
                hint=closest(name, names),
            )
    return np.array([name in stated for name in names], np.bool_)


def ignore_regions(source: GoldenSource, index: int, facts: MediaFacts) -> tuple[F64, ...]:
    """Polygons in media pixels, each (K, 2); ConfigError for one without area in the frame."""
    polygons = []
    for position, points in enumerate(source.clip(index).ignore_regions):
        polygon = np.array(points, np.float64)
        where = source.where(index, "ignore_regions", position)
        x, y = polygon.T
        if abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) == 0:
            raise ConfigError("the polygon has no area", where=where, hint="give its corners")
        if max(x) <= 0 or max(y) <= 0 or min(x) >= facts.width_px or min(y) >= facts.height_px:
            raise ConfigError(
                f"the polygon is outside the {facts.width_px}x{facts.height_px} frame",
                where=where,
                hint="ignore_regions are in pixels of the media, also where truth_size is set",
            )
        polygons.append(polygon)
    return tuple(polygons)


def clip_events(source: GoldenSource, index: int, facts: MediaFacts) -> tuple[TruthEvent, ...]:
    """A clip's events; raises TruthError, or ConfigError where the file is missing."""
    events = source.clip(index).events
    if events is None:
        return ()
    path = source.golden.folder / events
    if not path.is_file():
        where = source.where(index, "events")
        raise ConfigError(f"events not found: {path}", where=where, hint="check the path")
    return read_events(path, source.taxonomy, facts)
