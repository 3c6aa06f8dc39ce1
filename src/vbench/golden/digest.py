"""Digests that say which truth a number was measured against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from vbench.config.golden_file import read_golden_file
from vbench.config.yaml_text import Plain
from vbench.errors import TruthError
from vbench.golden.source import GoldenSource
from vbench.types import Clip, Digest, GoldenSet, Taxonomy


def truth_sha256(path: Path) -> str:
    """sha256 of a truth file's bytes, or of names and bytes of a folder's files.

    Raises:
        TruthError: nothing is there, or it cannot be read.
    """
    try:
        if not path.is_dir():
            return _file_sha256(path)
        digest = hashlib.sha256()
        for file in sorted(path.iterdir(), key=lambda item: item.name):
            if file.is_file() and not file.name.startswith("."):
                digest.update(f"{file.name}\0{_file_sha256(file)}\n".encode())
        return digest.hexdigest()
    except FileNotFoundError:
        raise TruthError("truth not found", where=str(path), hint="check the path") from None
    except OSError as error:
        raise TruthError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check its permissions"
        ) from None


def taxonomy_sha256(taxonomy: Taxonomy) -> str:
    """sha256 over a taxonomy's version, class names, meanings and order."""
    return _canonical_sha256(_taxonomy_content(taxonomy))


def golden_set_sha256(
    source: GoldenSource, clips: Sequence[Clip], truth_digests: Sequence[str | None]
) -> str:
    """sha256 over everything in a golden set that gives numbers their meaning.

    Comments, the order of clips and tags, paths and the layout of ``golden.yaml`` do not enter.

    Args:
        source: the set's files.
        clips: all its clips, in file order.
        truth_digests: `truth_sha256` per clip, None for a clip without truth.
    """
    golden = source.golden.model
    described = [
        _clip_content(clip, truth, source.clip(index).fps)
        for index, (clip, truth) in enumerate(zip(clips, truth_digests, strict=True))
    ]
    return _canonical_sha256(
        {
            "name": golden.name,
            "version": golden.version,
            "taxonomy": _taxonomy_content(source.taxonomy),
            "truth_format": golden.truth_format,
            "truth_frame_base": source.frame_base,
            "truth_size": None if golden.truth_size is None else list(golden.truth_size),
            "truth_class": golden.truth_class,
            "truth_classes": dict(golden.truth_classes),
            "clips": [content for _, content in sorted(described, key=lambda item: item[0])],
        }
    )


def golden_set_digests(path: Path, golden_set: GoldenSet) -> tuple[Digest, ...]:
    """Digests for a run's manifest: the set, its taxonomy, and each clip's media and truth.

    Args:
        path: the set's folder or ``golden.yaml``.
        golden_set: what `load_golden_set` made of it.

    Raises:
        ConfigError, TruthError: the set's files are not there any more.
    """
    name = golden_set.name
    golden = read_golden_file(path)
    digests = [
        Digest(f"golden set {name}", golden_set.digest),
        Digest(f"taxonomy {name}", taxonomy_sha256(golden_set.taxonomy)),
        *(Digest(f"media {name}/{clip.id}", clip.facts.sha256) for clip in golden_set.clips),
        *(
            Digest(f"truth {name}/{entry.id}", truth_sha256(golden.folder / entry.truth))
            for entry in golden.model.clips
            if entry.truth is not None
        ),
    ]
    return tuple(sorted(digests, key=lambda digest: digest.name))


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _canonical_sha256(content: Plain) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _taxonomy_content(taxonomy: Taxonomy) -> Plain:
    return {
        "version": taxonomy.version,
        "classes": [[item.name, item.means] for item in taxonomy.classes],
    }


def _clip_content(clip: Clip, truth: str | None, fps: float | None) -> tuple[str, Plain]:
    events: list[Plain] = [
        [event.kind, event.start_s, event.end_s, event.class_name, event.zone]
        for event in clip.events
    ]
    return clip.id, {
        "id": clip.id,
        "stream": clip.stream,
        "fps": fps,
        "media_sha256": clip.facts.sha256,
        "truth_sha256": truth,
        "tags": dict(clip.tags),
        "annotated": hashlib.sha256(clip.annotated.tobytes()).hexdigest(),
        "exhaustive": clip.exhaustive.tolist(),
        "ignore_regions": [polygon.tolist() for polygon in clip.ignore_regions],
        "events": events,
    }
