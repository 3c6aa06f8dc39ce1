"""What a run was tested on, and what it was not."""

from __future__ import annotations

from dataclasses import dataclass

from vbench.report.lookup import MetricIndex
from vbench.report.numbers import duration_text, plural
from vbench.types import ClipResult, GoldenSetResult, Run

MIN_FOOTAGE_S = 60.0
MIN_BOXES = 50


@dataclass(frozen=True, slots=True)
class TagFootage:
    """Footage that carries one tag value."""

    key: str
    value: str
    n_clips: int
    annotated_s: float
    percent: float
    """Of the footage of the longest value of any tag; for a bar."""
    text: str
    is_thin: bool
    """Less than `MIN_FOOTAGE_S`."""


@dataclass(frozen=True, slots=True)
class ClassSupport:
    """Truth boxes of one class that count."""

    name: str
    means: str
    n_boxes: int
    percent: float
    """Of the class with the most boxes; for a bar."""
    is_thin: bool
    """Fewer than `MIN_BOXES`."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One golden set as data."""

    golden_set: GoldenSetResult
    clips: tuple[ClipResult, ...]
    n_frames: int
    n_frames_annotated: int
    annotated_s: float
    tags: tuple[TagFootage, ...]
    classes: tuple[ClassSupport, ...]
    gaps: tuple[str, ...]
    """What was hardly or not tested, one sentence each."""


def what_was_tested(index: MetricIndex, golden_set: GoldenSetResult) -> Tested:
    """What one golden set of the run consists of."""
    run = index.run
    clips = tuple(clip for clip in run.clips if clip.golden_set == golden_set.name)
    tags = _tags(clips)
    classes = _classes(index, golden_set)
    return Tested(
        golden_set=golden_set,
        clips=clips,
        n_frames=sum(clip.facts.n_frames for clip in clips),
        n_frames_annotated=sum(clip.n_frames_annotated for clip in clips),
        annotated_s=sum(annotated_s(clip) for clip in clips),
        tags=tags,
        classes=classes,
        gaps=_gaps(tags, classes),
    )


def annotated_s(clip: ClipResult) -> float:
    """Footage of a clip that counts, in seconds."""
    if not clip.facts.n_frames:
        return 0.0
    return clip.facts.duration_s * clip.n_frames_annotated / clip.facts.n_frames


def total_annotated_s(run: Run) -> float:
    """Footage of a run that counts, in seconds."""
    return sum(annotated_s(clip) for clip in run.clips)


def _tags(clips: tuple[ClipResult, ...]) -> tuple[TagFootage, ...]:
    footage: dict[tuple[str, str], list[float]] = {}
    for clip in clips:
        for tag in clip.tags:
            footage.setdefault(tag, []).append(annotated_s(clip))
    longest_s = max((sum(each) for each in footage.values()), default=0.0)
    keys = list(dict.fromkeys(key for key, _ in footage))
    ordered = sorted(footage, key=lambda tag: (keys.index(tag[0]), -sum(footage[tag]), tag[1]))
    return tuple(
        TagFootage(
            key=key,
            value=value,
            n_clips=len(footage[key, value]),
            annotated_s=sum(footage[key, value]),
            percent=100 * sum(footage[key, value]) / longest_s if longest_s else 0.0,
            text=duration_text(sum(footage[key, value])),
            is_thin=sum(footage[key, value]) < MIN_FOOTAGE_S,
        )
        for key, value in ordered
    )


def _classes(index: MetricIndex, golden_set: GoldenSetResult) -> tuple[ClassSupport, ...]:
    """Support of recall is the number of truth boxes that count, whatever the pipeline."""
    pipelines = index.run.pipelines
    counts = []
    for item in golden_set.taxonomy.classes:
        metric = (
            index.find(pipelines[0].name, golden_set.name, "recall", class_name=item.name)
            if pipelines
            else None
        )
        counts.append(0 if metric is None else metric.n)
    most = max(counts, default=0)
    return tuple(
        ClassSupport(
            item.name, item.means, n, 100 * n / most if most else 0.0, is_thin=n < MIN_BOXES
        )
        for item, n in zip(golden_set.taxonomy.classes, counts, strict=True)
    )


def _gaps(tags: tuple[TagFootage, ...], classes: tuple[ClassSupport, ...]) -> tuple[str, ...]:
    gaps = [f"{tag.key} {tag.value}: only {tag.text} of footage" for tag in tags if tag.is_thin]
    for item in classes:
        if not item.n_boxes:
            gaps.append(f"{item.name}: never seen in the footage")
        elif item.is_thin:
            gaps.append(f"{item.name}: only {plural(item.n_boxes, 'box', 'boxes')}")
    return tuple(gaps)
