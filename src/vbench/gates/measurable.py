"""What the gates of a benchmark may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vbench.types import Better, Tags


@dataclass(frozen=True, slots=True)
class Reach:
    """Into what parts a metric can be divided, and what values it can have."""

    per_class: bool
    slice_keys: tuple[str, ...]
    lowest: float | None = None
    """No value is below it; None: there is no such number."""
    highest: float | None = None
    """No value is above it; None: there is no such number."""
    better: Better | None = None
    """None: not known here."""


@dataclass(frozen=True, slots=True)
class Measurable:
    """What gates of a benchmark may name."""

    metrics: Mapping[str, Reach]
    """Metric -> how far it can be divided."""
    classes: tuple[str, ...]
    """Of all golden sets."""
    slices: Mapping[str, tuple[str, ...]]
    """Slice key -> its values; tags, per-box tags, properties of boxes, and ``stage``."""
    clip_tags: tuple[Tags, ...]
    """The tags of every clip."""
    clips: Mapping[str, str]
    """Clip -> the golden set it is in."""
    golden_sets: tuple[str, ...]
    pipelines: tuple[str, ...]
