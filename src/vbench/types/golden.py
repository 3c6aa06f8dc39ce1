"""Golden sets: clips with their truth, tags and taxonomy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vbench.types.arrays import F64, Bool, check_column
from vbench.types.truth import Truth

Tags = tuple[tuple[str, str], ...]
"""Key and value pairs in file order."""


@dataclass(frozen=True, slots=True)
class ClassDef:
    """One class of a taxonomy."""

    name: str
    means: str
    """What counts as this class, one sentence for annotators and readers."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The versioned list of classes of a golden set; `class_id` indexes it."""

    version: int
    classes: tuple[ClassDef, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Class names in `class_id` order."""
        return tuple(item.name for item in self.classes)


@dataclass(frozen=True, slots=True)
class TruthEvent:
    """Something that a pipeline's rules should raise exactly one alert for."""

    kind: str
    start_s: float
    end_s: float
    class_name: str | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What decoding a clip once told about it; what ``golden.lock`` stores."""

    sha256: str
    """Digest of the file's bytes (of names and bytes for an image folder)."""
    n_frames: int
    fps: float
    """Average rate: frames divided by duration."""
    duration_s: float
    """Time from the first frame's start to the last frame's end."""
    width_px: int
    height_px: int
    """Size as displayed, rotation applied."""
    fingerprint: str
    """Digest over the decoded planes and times of all frames."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One video or image sequence with its truth."""

    id: str
    media: Path
    stream: int | None
    """Index among the file's video streams; None takes the file's default one."""
    facts: MediaFacts
    tags: Tags
    truth: Truth
    annotated: Bool
    """(n_frames,) frames whose truth is complete; no other frame ever counts."""
    exhaustive: Bool
    """(C,) classes annotated wherever they occur; others never cause a false positive."""
    ignore_regions: tuple[F64, ...]
    """Polygons, each (K, 2) pixels: detections mostly inside never count."""
    events: tuple[TruthEvent, ...]

    def __post_init__(self) -> None:
        check_column("Clip", "annotated", self.annotated, np.bool_, (self.facts.n_frames,))
        check_column("Clip", "exhaustive", self.exhaustive, np.bool_, (-1,))
        for polygon in self.ignore_regions:
            check_column("Clip", "ignore_regions", polygon, np.float64, (-1, 2))

    def tag(self, key: str) -> str | None:
        """The value of a tag, None where the clip lacks it."""
        return next((value for name, value in self.tags if name == key), None)

    @property
    def annotated_s(self) -> float:
        """Footage that counts, in seconds."""
        if self.facts.n_frames == 0:
            return 0.0
        return self.facts.duration_s * float(self.annotated.mean())


@dataclass(frozen=True, slots=True)
class GoldenSet:
    """A versioned set of clips under one taxonomy."""

    name: str
    version: str
    taxonomy: Taxonomy
    clips: tuple[Clip, ...]
    digest: str
    """sha256 over golden.yaml, every truth file and every media digest: the set's identity."""
    locked: bool
    """Whether ``golden.lock`` vouched for the media."""
