"""The golden set as the run saw it, kept in the run folder.

With it `vbench score` and `vbench report` need neither the videos nor the original truth files.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydantic
from pydantic import BaseModel, ConfigDict

from vbench.errors import RunFolderError
from vbench.record.folder import RunFolder, write_whole
from vbench.record.shards import read_truth, write_truth
from vbench.types import ClassDef, Clip, GoldenSet, MediaFacts, Taxonomy, TruthEvent


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Event(_Part):
    kind: str
    start_s: float
    end_s: float
    class_name: str | None
    zone: str | None


class _Facts(_Part):
    sha256: str
    n_frames: int
    fps: float
    duration_s: float
    width_px: int
    height_px: int
    fingerprint: str


class _Clip(_Part):
    id: str
    media: str
    stream: int | None
    facts: _Facts
    tags: list[tuple[str, str]]
    annotated: list[tuple[int, int]]
    """Runs of annotated frames, each [first, end)."""
    exhaustive: list[bool]
    ignore_regions: list[list[tuple[float, float]]]
    events: list[_Event]


class _GoldenSet(_Part):
    name: str
    version: str
    digest: str
    locked: bool
    taxonomy_version: int
    classes: list[tuple[str, str]]
    clips: list[_Clip]


def write_golden_copy(folder: RunFolder, golden_set: GoldenSet) -> None:
    """Store a golden set with its truth; media are named, not copied."""
    for clip in golden_set.clips:
        write_truth(folder.truth(golden_set.name, clip.id), clip.truth)
    copy = _GoldenSet(
        name=golden_set.name,
        version=golden_set.version,
        digest=golden_set.digest,
        locked=golden_set.locked,
        taxonomy_version=golden_set.taxonomy.version,
        classes=[(item.name, item.means) for item in golden_set.taxonomy.classes],
        clips=[_clip_part(clip) for clip in golden_set.clips],
    )
    text = json.dumps(copy.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    write_whole(folder.golden(golden_set.name), text)


def read_golden_copy(folder: RunFolder, name: str) -> GoldenSet:
    """Read a stored golden set. Raises RunFolderError where it is missing or broken."""
    path = folder.golden(name)
    try:
        copy = _GoldenSet.model_validate_json(path.read_bytes())
    except (OSError, pydantic.ValidationError) as error:
        raise RunFolderError(
            f"cannot be read: {str(error).splitlines()[0]}",
            where=str(path),
            hint="run the benchmark again",
        ) from None
    return GoldenSet(
        name=copy.name,
        version=copy.version,
        taxonomy=Taxonomy(
            copy.taxonomy_version, tuple(ClassDef(name, means) for name, means in copy.classes)
        ),
        clips=tuple(_clip_from(folder, copy.name, part) for part in copy.clips),
        digest=copy.digest,
        locked=copy.locked,
    )


def _clip_part(clip: Clip) -> _Clip:
    facts = clip.facts
    return _Clip(
        id=clip.id,
        media=clip.media.name,
        stream=clip.stream,
        facts=_Facts(
            sha256=facts.sha256,
            n_frames=facts.n_frames,
            fps=facts.fps,
            duration_s=facts.duration_s,
            width_px=facts.width_px,
            height_px=facts.height_px,
            fingerprint=facts.fingerprint,
        ),
        tags=list(clip.tags),
        annotated=_runs(clip.annotated),
        exhaustive=[bool(item) for item in clip.exhaustive],
        ignore_regions=[
            [(float(x), float(y)) for x, y in polygon] for polygon in clip.ignore_regions
        ],
        events=[
            _Event(
                kind=event.kind,
                start_s=event.start_s,
                end_s=event.end_s,
                class_name=event.class_name,
                zone=event.zone,
            )
            for event in clip.events
        ],
    )


def _clip_from(folder: RunFolder, golden_set: str, part: _Clip) -> Clip:
    annotated = np.zeros(part.facts.n_frames, np.bool_)
    for first, end in part.annotated:
        annotated[first:end] = True
    return Clip(
        id=part.id,
        media=Path(part.media),
        stream=part.stream,
        facts=MediaFacts(**part.facts.model_dump()),
        tags=tuple(part.tags),
        truth=read_truth(folder.truth(golden_set, part.id)),
        annotated=annotated,
        exhaustive=np.array(part.exhaustive, np.bool_),
        ignore_regions=tuple(
            np.array(polygon, np.float64).reshape(-1, 2) for polygon in part.ignore_regions
        ),
        events=tuple(TruthEvent(**event.model_dump()) for event in part.events),
    )


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]
