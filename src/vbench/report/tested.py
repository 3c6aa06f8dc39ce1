"""What a run was tested on, and what it was not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from vbench.report.language.strings import say, say_n
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import duration_text
from vbench.types import ClipResult, GoldenSetResult, Run

MIN_FOOTAGE_S = 60.0
MIN_BOXES = 50
_MAX_VALUES = 6
"""Of a tag whose combinations with others are looked at."""


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
class Combinations:
    """Footage of each pair of values of two tags."""

    rows_key: str
    columns_key: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Value of the one tag, and the footage beside each value of the other; empty: none."""
    missing: tuple[tuple[str, str], ...]
    """Pairs of values that no clip shows together."""


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
    combinations: tuple[Combinations, ...]
    classes: tuple[ClassSupport, ...]
    gaps: tuple[str, ...]
    """What was hardly or not tested, one sentence each."""


def what_was_tested(index: MetricIndex, golden_set: GoldenSetResult) -> Tested:
    """What one golden set of the run consists of."""
    run = index.run
    clips = tuple(clip for clip in run.clips if clip.golden_set == golden_set.name)
    tags = _tags(clips)
    classes = _classes(index, golden_set)
    combined = _combinations(clips)
    return Tested(
        golden_set=golden_set,
        clips=clips,
        n_frames=sum(clip.facts.n_frames for clip in clips),
        n_frames_annotated=sum(clip.n_frames_annotated for clip in clips),
        annotated_s=sum(annotated_s(clip) for clip in clips),
        tags=tags,
        combinations=combined,
        classes=classes,
        gaps=_gaps(tags, classes, combined),
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


def _combinations(clips: tuple[ClipResult, ...]) -> tuple[Combinations, ...]:
    """Pairs of tags with a few values each that do not follow from one another.

    A camera that is always of the same store says nothing about combinations that could be missing.
    """
    values: dict[str, dict[str, None]] = {}
    for clip in clips:
        for key, value in clip.tags:
            values.setdefault(key, {})[value] = None
    few = [key for key, found in values.items() if 2 <= len(found) <= _MAX_VALUES]
    made = [
        _combined(clips, one, tuple(values[one]), other, tuple(values[other]))
        for one, other in combinations(few, 2)
        if not _follows(clips, one, other) and not _follows(clips, other, one)
    ]
    return tuple(made)


def _follows(clips: tuple[ClipResult, ...], key: str, from_key: str) -> bool:
    """Whether the value of one tag is known from the value of the other."""
    seen: dict[str, set[str]] = {}
    for clip in clips:
        tags = dict(clip.tags)
        if key in tags and from_key in tags:
            seen.setdefault(tags[from_key], set()).add(tags[key])
    return all(len(found) == 1 for found in seen.values())


def _combined(
    clips: tuple[ClipResult, ...],
    rows_key: str,
    row_values: tuple[str, ...],
    columns_key: str,
    columns: tuple[str, ...],
) -> Combinations:
    footage_s: dict[tuple[str, str], float] = {}
    for clip in clips:
        tags = dict(clip.tags)
        if rows_key in tags and columns_key in tags:
            place = tags[rows_key], tags[columns_key]
            footage_s[place] = footage_s.get(place, 0.0) + annotated_s(clip)
    rows = tuple(
        (
            row,
            tuple(
                duration_text(footage_s[row, column]) if footage_s.get((row, column)) else ""
                for column in columns
            ),
        )
        for row in row_values
    )
    missing = tuple(
        (row, column)
        for row in row_values
        for column in columns
        if not footage_s.get((row, column))
    )
    return Combinations(rows_key, columns_key, columns, rows, missing)


def _gaps(
    tags: tuple[TagFootage, ...],
    classes: tuple[ClassSupport, ...],
    combined: tuple[Combinations, ...],
) -> tuple[str, ...]:
    gaps = [
        say("{key} {value}: only {time} of footage", key=tag.key, value=tag.value, time=tag.text)
        for tag in tags
        if tag.is_thin
    ]
    for item in classes:
        if not item.n_boxes:
            gaps.append(say("{name}: never seen in the footage", name=item.name))
        elif item.is_thin:
            boxes = say_n(
                item.n_boxes, "{name}: only {n} box", "{name}: only {n} boxes", name=item.name
            )
            gaps.append(boxes)
    gaps += [
        say(
            "{row_key} {row} with {column_key} {column}: no footage",
            row_key=pair.rows_key,
            row=row,
            column_key=pair.columns_key,
            column=column,
        )
        for pair in combined
        for row, column in pair.missing
    ]
    return tuple(gaps)
