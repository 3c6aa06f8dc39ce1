"""The errors section as the page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from vbench.report.errors.clip_errors import SetErrors, find_errors
from vbench.report.errors.disagreements import Difference, Disagreements, find_disagreements
from vbench.report.errors.export import (
    SetLabelErrors,
    annotation_file,
    page_text,
    set_label_errors,
)
from vbench.report.errors.kinds import KindTable, kind_table
from vbench.report.errors.label_errors import (
    LABEL_ERROR_KINDS,
    LabelError,
    LabelErrorKind,
    UnseenTruth,
)
from vbench.report.errors.matrix import MatrixView, matrix_views
from vbench.report.errors.places import FramePlace, Places
from vbench.report.evidence import Evidence
from vbench.report.lookup import MetricIndex
from vbench.types import F64, I64

_N_DISAGREEMENTS = 12
_N_LABEL_ERRORS = 12
"""Of each kind, over all golden sets."""
_N_UNSEEN = 8
_N_ANNOTATIONS = 2_000
"""In the page; the command line writes them all."""


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """A rectangle over a picture, in pixels of the source frame."""

    kind: str
    """``missed`` (truth) or ``false`` (an answer)."""
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A part of a frame with boxes over it; the JPEG itself is elsewhere in the page."""

    image: str
    """Anchor of the JPEG; empty where the page has none."""
    view_box: str
    boxes: tuple[MarkedBox, ...]


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """``dock-v2 finds 2 x person that dock-v1 misses``."""

    is_truth: bool
    class_name: str
    n: int
    by: tuple[str, ...]
    not_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisagreementView:
    """A frame that pipelines answer differently."""

    place: FramePlace
    n_more: int
    """Frames within a second that differ too."""
    pipeline_number: int
    """One that errs in it."""
    lines: tuple[DifferenceLine, ...]
    thumbnail: Thumbnail


@dataclass(frozen=True, slots=True)
class LabelErrorView:
    """One object whose truth is probably wrong."""

    kind: LabelErrorKind | None
    """None: truth that no pipeline sees."""
    class_name: str
    """What the pipelines say; of unseen truth what the truth says."""
    truth_class: str
    """Empty where the truth says nothing."""
    place: FramePlace
    """Its clearest frame, or the clearest that the page has a picture of."""
    frames: str
    """``frames 61 to 71 (8 of them)``."""
    score: str
    """Mean; empty for unseen truth."""
    box: str
    thumbnail: Thumbnail


@dataclass(frozen=True, slots=True)
class LabelErrorGroup:
    """Label errors of one kind."""

    kind: LabelErrorKind | None
    shown: tuple[LabelErrorView, ...]
    n: int
    n_frames: int


@dataclass(frozen=True, slots=True)
class SetSection:
    """What is told of one golden set."""

    name: str
    kinds: KindTable
    matrices: tuple[MatrixView, ...]
    not_exhaustive: tuple[str, ...]
    """Classes with clips where they are not exhaustive: unmatched detections do not count there."""


@dataclass(frozen=True, slots=True)
class ErrorsSection:
    """The whole section."""

    n_pipelines: int
    sets: tuple[SetSection, ...]
    disagreements: tuple[DisagreementView, ...]
    n_disagreements: int
    """Frames with a difference, shown or not."""
    label_errors: tuple[LabelErrorGroup, ...]
    """Kinds that occur."""
    annotations: Markup
    """JSON for the download button (`vbench.report.errors.export.page_text`)."""
    n_annotations: int
    n_annotations_left_out: int


def errors_section(index: MetricIndex, evidence: Evidence, places: Places) -> ErrorsSection:
    """Gather what went wrong in a run, with links to frames that show it."""
    run = index.run
    errors = find_errors(run, evidence)
    n_matrices = max(1, sum(len(item.pipelines) for item in errors))
    labels = set_label_errors(errors)
    file = annotation_file(run, labels, _N_ANNOTATIONS)
    differing = [_disagreements(item) for item in errors]
    return ErrorsSection(
        n_pipelines=len(run.pipelines),
        sets=tuple(
            SetSection(
                name=item.golden_set.name,
                kinds=kind_table(index, item),
                matrices=matrix_views(item, places, number, n_matrices),
                not_exhaustive=tuple(
                    name
                    for c, name in enumerate(item.golden_set.taxonomy.names)
                    if not all(clip.exhaustive[c] for clip in item.golden_set.clips)
                ),
            )
            for number, item in enumerate(errors, start=1)
        ),
        disagreements=_disagreement_views(errors, differing, places),
        n_disagreements=sum(one.n_frames for one in differing),
        label_errors=_label_error_groups(labels, places),
        annotations=page_text(file),
        n_annotations=len(file.annotations),
        n_annotations_left_out=file.n_left_out,
    )


def _disagreements(errors: SetErrors) -> Disagreements:
    if len(errors.pipelines) < 2:
        return Disagreements((), 0)
    return find_disagreements(errors, _N_DISAGREEMENTS)


def _disagreement_views(
    errors: Sequence[SetErrors], found: Sequence[Disagreements], places: Places
) -> tuple[DisagreementView, ...]:
    ranked = sorted(
        ((item, one) for item, of_set in zip(errors, found, strict=True) for one in of_set.shown),
        key=lambda pair: -pair[1].weight,
    )
    made = []
    for item, one in ranked[:_N_DISAGREEMENTS]:
        clip = item.golden_set.clips[one.clip]
        place = places.frame(item.golden_set.name, clip.id, one.frame_index)
        boxes = np.concatenate([line.boxes_xyxy for line in one.differences])
        spanned = np.append(boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0))
        errs = one.differences[0].not_by if one.differences[0].is_truth else one.differences[0].by
        made.append(
            DisagreementView(
                place=place,
                n_more=one.n_frames - 1,
                pipeline_number=errs[0],
                lines=tuple(_difference_line(line, item) for line in one.differences),
                thumbnail=_thumbnail(
                    place,
                    _around(place, spanned),
                    [
                        ("missed" if line.is_truth else "false", box)
                        for line in one.differences
                        for box in line.boxes_xyxy
                    ],
                ),
            )
        )
    return tuple(made)


def _difference_line(one: Difference, errors: SetErrors) -> DifferenceLine:
    return DifferenceLine(
        is_truth=one.is_truth,
        class_name=errors.golden_set.taxonomy.names[one.class_id],
        n=one.n,
        by=tuple(errors.pipelines[p] for p in one.by),
        not_by=tuple(errors.pipelines[p] for p in one.not_by),
    )


def _label_error_groups(
    labels: Sequence[SetLabelErrors], places: Places
) -> tuple[LabelErrorGroup, ...]:
    groups = []
    for kind in LABEL_ERROR_KINDS:
        of_kind = [
            (item.errors, one) for item in labels for one in item.found.errors if one.kind == kind
        ]
        of_kind.sort(key=lambda pair: -float(pair[1].scores.sum()))
        shown = tuple(_label_error(*pair, places) for pair in of_kind[:_N_LABEL_ERRORS])
        n_frames = sum(len(one.frame_index) for _, one in of_kind)
        groups.append(LabelErrorGroup(kind, shown, len(of_kind), n_frames))
    unseen = [(item.errors, one) for item in labels for one in item.found.unseen]
    unseen.sort(key=lambda pair: -len(pair[1].frame_index))
    groups.append(
        LabelErrorGroup(
            None,
            tuple(_unseen(*pair, places) for pair in unseen[:_N_UNSEEN]),
            len(unseen),
            sum(len(one.frame_index) for _, one in unseen),
        )
    )
    return tuple(group for group in groups if group.n)


def _label_error(errors: SetErrors, one: LabelError, places: Places) -> LabelErrorView:
    names = errors.golden_set.taxonomy.names
    ranked = np.argsort(-one.scores, kind="stable")
    row = _pictured(one.clip, one.frame_index, ranked, places)
    place = places.frame(one.golden_set, one.clip, int(one.frame_index[row]))
    box = one.boxes_xyxy[row]
    return LabelErrorView(
        kind=one.kind,
        class_name=names[one.class_id],
        truth_class="" if one.truth_class_id is None else names[one.truth_class_id],
        place=place,
        frames=_frames_text(one.frame_index),
        score=f"{one.mean_score:.2f}",
        box=_box_text(box),
        thumbnail=_thumbnail(place, _around(place, box), [("false", box)]),
    )


def _unseen(errors: SetErrors, one: UnseenTruth, places: Places) -> LabelErrorView:
    name = errors.golden_set.taxonomy.names[one.class_id]
    middle = np.argsort(np.abs(np.arange(len(one.frame_index)) - len(one.frame_index) // 2))
    row = _pictured(one.clip, one.frame_index, middle, places)
    place = places.frame(one.golden_set, one.clip, int(one.frame_index[row]))
    box = one.boxes_xyxy[row]
    return LabelErrorView(
        kind=None,
        class_name=name,
        truth_class=name,
        place=place,
        frames=_frames_text(one.frame_index),
        score="",
        box=_box_text(box),
        thumbnail=_thumbnail(place, _around(place, box), [("missed", box)]),
    )


def _pictured(clip: str, frame_index: I64, ranked: I64, places: Places) -> int:
    """The first of the ranked rows whose frame the page has a picture of, else the first."""
    rows: list[int] = ranked.tolist()
    frames: list[int] = frame_index.tolist()
    return next((row for row in rows if (clip, frames[row]) in places.pictures), rows[0])


def _frames_text(frame_index: I64) -> str:
    first, last, n = int(frame_index[0]), int(frame_index[-1]), len(frame_index)
    if n == 1:
        return f"frame {first:,}"
    text = f"frames {first:,} to {last:,}"
    return text if n == last - first + 1 else f"{text} ({n:,} of them)"


def _box_text(box_xyxy: F64) -> str:
    x1, y1, x2, y2 = box_xyxy.tolist()
    return f"{x2 - x1:.0f} × {y2 - y1:.0f} px at {x1:.0f}, {y1:.0f}"


def _around(place: FramePlace, box_xyxy: F64) -> F64:
    """A part of the frame, 4 to 3 where it fits, that shows a box with its surroundings."""
    x1, y1, x2, y2 = box_xyxy.tolist()
    height = max(2.2 * (y2 - y1), 1.2 * (x2 - x1), place.height_px / 4)
    width = min(4 / 3 * height, place.width_px)
    height = min(height, place.height_px)
    left = min(max(0.0, (x1 + x2 - width) / 2), place.width_px - width)
    top = min(max(0.0, (y1 + y2 - height) / 2), place.height_px - height)
    return np.array([left, top, left + width, top + height])


def _thumbnail(place: FramePlace, part_xyxy: F64, boxes: Sequence[tuple[str, F64]]) -> Thumbnail:
    x1, y1, x2, y2 = part_xyxy.tolist()
    return Thumbnail(
        image=place.image,
        view_box=f"{x1:.1f} {y1:.1f} {x2 - x1:.1f} {y2 - y1:.1f}",
        boxes=tuple(
            MarkedBox(
                kind,
                *(round(value, 1) for value in (box[0], box[1], box[2] - box[0], box[3] - box[1])),
            )
            for kind, box in boxes
        ),
    )
