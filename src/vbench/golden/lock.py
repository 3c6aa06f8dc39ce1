"""``golden.lock``: what the media and truth of a golden set were when it was agreed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from vbench.config.golden_file import LOCK_SCHEMA, LockEntry, read_golden_file, read_lock_file
from vbench.config.yaml_text import Plain, dump_yaml
from vbench.errors import LockError
from vbench.golden.atomic_file import write_atomically
from vbench.golden.digest import truth_sha256
from vbench.golden.source import GoldenSource, lock_path
from vbench.types import Clip, MediaFacts

HEADER = "# Written by `vbench golden lock`: do not edit.\n"


def write_lock(
    golden_path: Path, facts: Mapping[str, MediaFacts], path: Path | None = None
) -> Path:
    """Write ``golden.lock``: whole or not at all, the same bytes for the same facts.

    Args:
        golden_path: the set's folder or ``golden.yaml``.
        facts: what was measured of each clip's media, by clip id.
        path: where to write; by default beside ``golden.yaml``.

    Returns:
        The path of the lock.

    Raises:
        ConfigError, TruthError: ``golden.yaml`` or a truth file cannot be read.
        LockError: a clip has no facts.
    """
    golden = read_golden_file(golden_path)
    entries: list[Plain] = []
    for index, clip in enumerate(golden.model.clips):
        if clip.id not in facts:
            raise LockError(
                f'the media of clip "{clip.id}" were not measured',
                where=golden.where("clips", index),
                hint="run `vbench golden lock`",
            )
        truth = None if clip.truth is None else truth_sha256(golden.folder / clip.truth)
        entries.append(_entry(clip.id, facts[clip.id], truth))
    target = lock_path(golden) if path is None else path
    content = {
        "schema": LOCK_SCHEMA,
        "name": golden.model.name,
        "version": golden.model.version,
        "clips": entries,
    }
    write_atomically(target, HEADER + dump_yaml(content))
    return target


def facts_from_lock(path: Path) -> dict[str, MediaFacts]:
    """Media facts by clip id from a ``golden.lock``; raises ConfigError."""
    return {entry.id: facts_of(entry) for entry in read_lock_file(path).model.clips}


def facts_of(entry: LockEntry) -> MediaFacts:
    """The media facts of one clip of a lock."""
    return MediaFacts(
        sha256=entry.sha256,
        n_frames=entry.n_frames,
        fps=entry.fps,
        duration_s=entry.duration_s,
        width_px=entry.width_px,
        height_px=entry.height_px,
        fingerprint=entry.fingerprint,
    )


def check_media_digest(clip: Clip, sha256: str) -> None:
    """Raise LockError unless a clip's media still have the digest they were locked with.

    Args:
        clip: a clip of a loaded set.
        sha256: digest of its media as they are now.
    """
    if sha256 != clip.facts.sha256:
        raise LockError(
            f'the media of clip "{clip.id}" no longer match golden.lock: sha256 is'
            f" {sha256[:12]}..., the lock says {clip.facts.sha256[:12]}...",
            where=str(clip.media),
            hint="restore the media, or lock the set again with `vbench golden lock`"
            " and give it a new version",
        )


def lock_problems(source: GoldenSource) -> Iterator[LockError]:
    """Where ``golden.lock`` and ``golden.yaml`` disagree about name, version and clips."""
    if source.lock is None:
        return
    golden, lock = source.golden, source.lock
    relock = f"if the change is meant, run `{source.lock_command()}`"
    for key, stated, locked in (
        ("name", golden.model.name, lock.model.name),
        ("version", golden.model.version, lock.model.version),
    ):
        if stated != locked:
            what = f'is "{stated}", golden.lock is for "{locked}"'
            yield LockError(what, where=golden.where(key), hint=relock)
    stated_ids = [clip.id for clip in golden.model.clips]
    locked_ids = [entry.id for entry in lock.model.clips]
    for index, clip_id in enumerate(stated_ids):
        if clip_id not in locked_ids:
            what = f'clip "{clip_id}" is not in golden.lock'
            yield LockError(what, where=source.where(index, "id"), hint=relock)
    for index, clip_id in enumerate(locked_ids):
        if clip_id not in stated_ids:
            what = f'clip "{clip_id}" is not in golden.yaml'
            yield LockError(what, where=lock.where("clips", index, "id"), hint=relock)
        elif locked_ids.index(clip_id) != index:
            what = f'clip "{clip_id}" is there twice'
            yield LockError(what, where=lock.where("clips", index, "id"), hint=relock)


def check_measured(source: GoldenSource, index: int, measured: MediaFacts) -> None:
    """Raise LockError where a clip's media, measured now, differ from what the lock says."""
    entry = source.locked(index)
    if entry is None:
        return
    locked = facts_of(entry)
    for field in fields(MediaFacts):
        now, then = getattr(measured, field.name), getattr(locked, field.name)
        if now != then:
            raise LockError(
                f'the media of clip "{entry.id}" no longer match golden.lock: {field.name} is'
                f" {now}, the lock says {then}",
                where=source.where(index, "media"),
                hint=f"restore the media, or run `{source.lock_command()}` and raise the version",
            )


def check_truth_digest(source: GoldenSource, index: int, sha256: str | None) -> None:
    """Raise LockError where a clip's truth is not what it was when the set was locked."""
    entry = source.locked(index)
    if entry is not None and entry.truth_sha256 != sha256:
        raise LockError(
            f'the truth of clip "{entry.id}" no longer matches golden.lock',
            where=source.where(index, "truth"),
            hint=f"restore the truth, or run `{source.lock_command()}` and raise the version",
        )


def _entry(clip_id: str, facts: MediaFacts, truth_digest: str | None) -> Plain:
    return {
        "id": clip_id,
        "sha256": facts.sha256,
        "n_frames": int(facts.n_frames),
        "fps": float(facts.fps),
        "duration_s": float(facts.duration_s),
        "width_px": int(facts.width_px),
        "height_px": int(facts.height_px),
        "fingerprint": facts.fingerprint,
        "truth_sha256": truth_digest,
    }
