"""Everything that is wrong or odd about a golden set, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from vbench.errors import VbenchError
from vbench.golden.load import read_golden_set
from vbench.golden.source import GoldenSource, lock_path
from vbench.types import Bool, Clip, MediaFacts

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to look at."""

    severity: Severity
    where: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How often a class occurs."""

    name: str
    n_boxes: int
    """Boxes that can be found or missed: not ignored, not crowd, on annotated frames."""
    n_clips: int
    """Clips with at least one of them."""


@dataclass(frozen=True, slots=True)
class TagShare:
    """How much footage has a tag value."""

    key: str
    value: str
    n_clips: int
    duration_s: float
    """Footage that counts."""


@dataclass(frozen=True, slots=True)
class GoldenSummary:
    """What the usable clips of a set hold."""

    n_clips: int
    n_frames: int
    n_frames_annotated: int
    duration_s: float
    n_boxes_ignored: int
    """Boxes marked ignore or crowd, or on frames that are not annotated."""
    classes: tuple[ClassCount, ...]
    """In taxonomy order."""
    tags: tuple[TagShare, ...]
    """Sorted by key, then value."""


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """All problems of a set, errors first, and its summary."""

    problems: tuple[Problem, ...]
    summary: GoldenSummary | None
    """None where ``golden.yaml`` cannot be read."""

    @property
    def n_errors(self) -> int:
        """Problems that keep the set from being used."""
        return sum(problem.severity == "error" for problem in self.problems)


def validate_golden_set(
    path: Path, facts: Mapping[str, MediaFacts] | None = None, *, locked: bool = True
) -> ValidationReport:
    """Check a golden set, collecting every problem; raises nothing about the set itself.

    Args:
        path: the set's folder or ``golden.yaml``.
        facts: what was measured of the media now, by clip id; compared with ``golden.lock``.
        locked: whether ``golden.lock`` has a say; False where it is about to be replaced.
    """
    reading = read_golden_set(path, facts, locked=locked)
    errors = [_problem("error", error) for error in reading.problems]
    if reading.source is None:
        return ValidationReport(tuple(errors), None)
    summary = _summary(reading.source, [clip for clip in reading.clips if clip is not None])
    warnings = [*_warnings(reading.source, reading.clips, summary)]
    if locked and not lock_path(reading.source.golden).exists():
        warnings.insert(0, _no_lock(reading.source))
    return ValidationReport((*errors, *warnings), summary)


def _no_lock(source: GoldenSource) -> Problem:
    what = "there is no golden.lock: nothing says when media or truth change"
    return Problem("warning", str(source.golden.path), what, f"run `{source.lock_command()}`")


def _problem(severity: Severity, error: VbenchError) -> Problem:
    return Problem(severity, error.where, error.what, error.hint)


def _summary(source: GoldenSource, clips: Sequence[Clip]) -> GoldenSummary:
    n_classes = len(source.taxonomy.names)
    per_clip = np.zeros((len(clips), n_classes), np.int64)
    for row, clip in enumerate(clips):
        counted = clip.truth.class_id[_counts(clip)]
        per_clip[row] = np.bincount(counted, minlength=n_classes)
    pairs = sorted({pair for clip in clips for pair in clip.tags})
    tags = []
    for key, value in pairs:
        having = [clip for clip in clips if clip.tag(key) == value]
        tags.append(
            TagShare(key, value, len(having), float(sum(clip.annotated_s for clip in having)))
        )
    return GoldenSummary(
        n_clips=len(clips),
        n_frames=sum(clip.facts.n_frames for clip in clips),
        n_frames_annotated=int(sum(clip.annotated.sum() for clip in clips)),
        duration_s=float(sum(clip.facts.duration_s for clip in clips)),
        n_boxes_ignored=sum(len(clip.truth) for clip in clips) - int(per_clip.sum()),
        classes=tuple(
            ClassCount(name, int(per_clip[:, k].sum()), int((per_clip[:, k] > 0).sum()))
            for k, name in enumerate(source.taxonomy.names)
        ),
        tags=tuple(tags),
    )


def _counts(clip: Clip) -> Bool:
    truth = clip.truth
    return ~truth.ignore & ~truth.crowd & clip.annotated[truth.frame_index]


def _warnings(
    source: GoldenSource, clips: Sequence[Clip | None], summary: GoldenSummary
) -> Iterator[Problem]:
    golden = source.golden
    whole = summary.n_clips == len(clips)
    if whole and not any(item.n_boxes for item in summary.classes):
        what = "no clip has a truth box: only false positives can be measured"
        yield Problem("warning", str(golden.path), what, "")
    elif whole:
        for index, item in enumerate(summary.classes):
            if item.n_boxes == 0:
                where = golden.where("taxonomy", "classes", index)
                what = f'class "{item.name}" has no truth box: its recall is undefined'
                yield Problem("warning", where, what, "annotate some, or remove the class")
    yield from _tag_warnings(source)
    for index, clip in enumerate(clips):
        if clip is not None:
            yield from _clip_warnings(source, index, clip)


def _tag_warnings(source: GoldenSource) -> Iterator[Problem]:
    entries = source.golden.model.clips
    for key in sorted({key for entry in entries for key in entry.tags}):
        for index, entry in enumerate(entries):
            if key not in entry.tags:
                what = f'clip "{entry.id}" has no tag "{key}", other clips do'
                hint = f'it is left out of every slice by "{key}"'
                yield Problem("warning", source.where(index, "tags"), what, hint)


def _clip_warnings(source: GoldenSource, index: int, clip: Clip) -> Iterator[Problem]:
    where = source.where(index, "truth")
    if source.truth_path(index) is not None and len(clip.truth) == 0:
        hint = "if its frames are really empty, leave the key `truth` out"
        yield Problem("warning", where, f'clip "{clip.id}" has no truth box', hint)
    unseen = int((~clip.annotated[clip.truth.frame_index]).sum())
    if unseen:
        what = f"{unseen} truth boxes are on frames that are not annotated: they never count"
        yield Problem("warning", source.where(index, "annotated_frames"), what, "")
    counts = _counts(clip)
    boxes_xyxy = clip.truth.boxes_xyxy[counts]
    size = np.array([clip.facts.width_px, clip.facts.height_px])
    reach_px = np.maximum(-boxes_xyxy[:, :2], boxes_xyxy[:, 2:] - size).max(axis=1, initial=0.0)
    n_outside = int((reach_px > 0).sum())
    if n_outside:
        what = f"{n_outside} truth boxes reach outside the frame, by up to {reach_px.max():.4g} px"
        hint = "they are kept as they are; detections inside the frame overlap them less"
        yield Problem("warning", where, what, hint)
