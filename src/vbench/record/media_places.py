"""Where the media of a run's clips are on this machine.

``media.json`` is for `vbench view` alone. It says nothing of the result and is not deterministic:
the same run elsewhere has other places. Media found there count only with the digest of the run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from vbench.errors import RunFolderError
from vbench.record.folder import RunFolder, write_whole

_SCHEMA = "vbench.media/v1"


def write_media_places(folder: RunFolder, media: Mapping[str, Path], project: Path) -> None:
    """Note where media are: clip -> file or image folder.

    A place below `project` is written from the run folder on, where that is below it too: they
    move together. Others are written from the root.
    """
    root, base = project.resolve(), folder.path.resolve()
    places = {}
    for clip, path in media.items():
        # Not where a link leads: stores of large files link into their own layout.
        there = path.parent.resolve() / path.name
        together = base.is_relative_to(root) and there.is_relative_to(root)
        places[clip] = Path(os.path.relpath(there, base)).as_posix() if together else str(there)
    _write(folder, places)


def copy_media_places(source: RunFolder, target: RunFolder) -> None:
    """Note the same places in another run folder; nothing where the source has none."""
    base = target.path.resolve()
    places = _read(source)
    for clip, place in places.items():
        if not Path(place).is_absolute():
            there = (source.path.resolve() / place).resolve()
            places[clip] = Path(os.path.relpath(there, base)).as_posix()
    if places:
        _write(target, places)


def read_media_places(folder: RunFolder) -> dict[str, Path]:
    """Clip -> file or image folder; empty for runs of versions that did not note them.

    Raises RunFolderError where ``media.json`` is broken.
    """
    base = folder.path.resolve()
    return {clip: base / place for clip, place in _read(folder).items()}


def _write(folder: RunFolder, places: Mapping[str, str]) -> None:
    text = json.dumps({"schema": _SCHEMA, "media": places}, ensure_ascii=False, indent=1)
    write_whole(folder.media_json, f"{text}\n")


def _read(folder: RunFolder) -> dict[str, str]:
    if not folder.media_json.is_file():
        return {}
    try:
        found = json.loads(folder.media_json.read_bytes())
        if found["schema"] != _SCHEMA:
            raise ValueError(f"its schema is not {_SCHEMA}")
        return {str(clip): str(place) for clip, place in found["media"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunFolderError(
            f"cannot be read: {error}",
            where=str(folder.media_json),
            hint="delete it, and say where the media are with --golden-set",
        ) from None
