"""What a gate is about: which boxes or frames are at stake, which of them are its errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from vbench.metrics.cause_boxes import FOUND, OUTCOMES, ScoredBoxes, new_errors
from vbench.metrics.definitions import METRICS
from vbench.metrics.error_kinds import ERROR_KINDS
from vbench.types import F64, I64, Bool, Gate

ErrorSide = Literal["missed", "false", "both"]

ERROR_SIDES: Mapping[str, ErrorSide] = MappingProxyType(
    {
        "tp": "missed",
        "fp": "false",
        "fn": "missed",
        "precision": "false",
        "recall": "missed",
        "f1": "both",
        "fp_per_frame": "false",
        "fp_per_camera_hour": "false",
        "frame_accuracy": "both",
        "frame_precision": "false",
        "frame_recall": "missed",
        "frame_fpr": "false",
        "ap": "both",
        "ap50": "both",
        "ap75": "both",
        **{f"ap_cost_{kind}": "false" for kind in ERROR_KINDS if kind != "missed"},
        "ap_cost_missed": "missed",
        "mota": "both",
        "idf1": "both",
        "idp": "false",
        "idr": "missed",
        "hota": "both",
        "deta": "both",
        "fragmentations": "missed",
        "mostly_tracked": "missed",
        "partially_tracked": "missed",
        "mostly_lost": "missed",
        "first_detection_s_mean": "missed",
        "first_detection_s_p95": "missed",
        "longest_gap_s_mean": "missed",
        "longest_gap_s_max": "missed",
        "flicker_per_object_minute": "missed",
        "never_seen_share": "missed",
    }
)
"""Metrics that misses or false alarms make worse. Others, such as latency, identity switches and
the fit of boxes, are not made of errors of boxes."""

COUNTED = frozenset(
    name for name, item in METRICS.items() if item.family in ("objects", "frames")
) - {"mean_iou"}
"""Metrics that follow from how many boxes or frames were found, missed and false."""

_PER_FOOTAGE = frozenset({"fp", "fp_per_frame", "fp_per_camera_hour"})
_AP_COST = "ap_cost_"

_Columns: TypeAlias = tuple[I64, I64, Bool, Bool, Bool]
"""`clip`, `frame`, `truth`, `wrong` and `error` of a `GateScope`."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Boxes or frames by what became of them, and their footage."""

    found: int
    false: int
    missed: int
    n_frames: int
    """Annotated frames; of frame metrics counted once for each known class."""
    duration_s: float

    @property
    def n_rows(self) -> int:
        """Boxes or frames at stake."""
        return self.found + self.false + self.missed

    def minus(self, other: Tally) -> Tally:
        """What is left without another part."""
        return Tally(
            self.found - other.found,
            self.false - other.false,
            self.missed - other.missed,
            self.n_frames - other.n_frames,
            self.duration_s - other.duration_s,
        )

    def corrected(self, errors: Tally) -> Tally:
        """With some of the errors put right: misses found, false alarms gone."""
        return Tally(
            self.found + errors.missed,
            self.false - errors.false,
            self.missed - errors.missed,
            self.n_frames,
            self.duration_s,
        )


@dataclass(frozen=True, slots=True)
class GateScope:
    """R rows at stake: boxes of the gate's class, clip and slice, or frames of each class.

    Of a gate about misses only, these are the truth boxes; about false alarms only, what was
    reported; about frames, all that are not true negatives.
    """

    metric: str
    clip: I64
    """(R,) index among the set's clips, ascending."""
    frame: I64
    truth: Bool
    """(R,) found or missed; else false."""
    wrong: Bool
    """(R,) missed or false."""
    error: Bool
    """(R,) errors that the gate is about."""
    new_only: bool
    """Whether errors are only those that the baseline does not have."""
    box: I64
    """(R,) row of `ScoredBoxes`; empty for frames."""
    in_scope: Bool
    """(n_clips,) footage that the gate is about."""
    frames_per_frame: I64
    """(n_clips,) how often a frame of the clip counts: for frame metrics once per known class."""
    n_frames: I64
    """(n_clips,) annotated frames in scope, as often as they count."""
    duration_s: F64
    """(n_clips,) footage in scope."""

    @property
    def per_footage(self) -> bool:
        """Whether errors are set against footage, not against boxes."""
        return self.metric in _PER_FOOTAGE or METRICS[self.metric].family == "frames"

    def tally(self, rows: Bool, n_frames: int = 0, duration_s: float = 0.0) -> Tally:
        """Counts of some rows (R,), with their footage."""
        return Tally(
            found=int((rows & self.truth & ~self.wrong).sum()),
            false=int((rows & ~self.truth).sum()),
            missed=int((rows & self.truth & self.wrong).sum()),
            n_frames=n_frames,
            duration_s=duration_s,
        )

    def whole(self) -> Tally:
        """Counts of all rows."""
        everything = np.ones(len(self.clip), np.bool_)
        return self.tally(everything, int(self.n_frames.sum()), float(self.duration_s.sum()))

    def tallies(self, rows: Bool, group: I64, n_groups: int) -> list[Tally]:
        """Counts of some rows (R,) by their group, -1 for none; without footage."""
        found, false, missed = (
            np.bincount(group[kind & rows & (group >= 0)], minlength=n_groups).tolist()
            for kind in (self.truth & ~self.wrong, ~self.truth, self.truth & self.wrong)
        )
        return [Tally(*counts, 0, 0.0) for counts in zip(found, false, missed, strict=True)]


def counted_value(metric: str, tally: Tally) -> float | None:
    """A metric from its counts; None where it is undefined, or not one of `COUNTED`."""
    if metric not in COUNTED:
        return None
    tp, fp, fn, n_frames = tally.found, tally.false, tally.missed, tally.n_frames
    if metric in ("tp", "fp", "fn"):
        return float({"tp": tp, "fp": fp, "fn": fn}[metric])
    # Durations are sums of floats: nothing left may be a little more than 0 s.
    hours = tally.duration_s / 3600.0 if n_frames > 0 else 0.0
    numerator, denominator = {
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "f1": (2 * tp, 2 * tp + fp + fn),
        "fp_per_frame": (fp, n_frames),
        "fp_per_camera_hour": (fp, hours),
        "frame_accuracy": (n_frames - fp - fn, n_frames),
        "frame_precision": (tp, tp + fp),
        "frame_recall": (tp, tp + fn),
        "frame_fpr": (fp, n_frames - tp - fn),
    }[metric]
    return numerator / denominator if denominator > 0 else None


def needs_kinds(metric: str) -> bool:
    """Whether the scope of a metric tells errors apart by their kind."""
    return metric.startswith(_AP_COST)


def gate_scope(
    boxes: ScoredBoxes, gate: Gate, baseline: ScoredBoxes | None = None
) -> GateScope | None:
    """What a gate is about; None where its metric is not made of errors, or its scope has none.

    Metrics over frames have no scope where a slice divides boxes. With the boxes of a baseline
    (same truth) errors are only those that it does not have; else ValueError, as `new_errors`.
    """
    side = ERROR_SIDES.get(gate.metric)
    if side is None:
        return None
    n_known = _n_known_classes(boxes, gate)
    if METRICS[gate.metric].family == "frames":
        keys = [boxes.column(key) for key, _ in gate.slice]
        if not all(column is not None and column.by_clip for column in keys):
            return None
        frames = _frame_columns(boxes, gate, side, baseline)
        return _scope(boxes, gate, frames, np.zeros(0, np.int64), n_known, baseline)
    found = boxes.outcome == FOUND
    at_stake = _in_class_clip_and_slice(boxes, gate)
    if side != "missed":
        at_stake &= boxes.known
    if side != "both":
        at_stake &= boxes.truth if side == "missed" else found | ~boxes.truth
    error = ~found if baseline is None else new_errors(boxes, baseline)
    if needs_kinds(gate.metric):
        error &= boxes.outcome == OUTCOMES.index(gate.metric.removeprefix(_AP_COST))
    rows = np.flatnonzero(at_stake)
    columns = (boxes.clip[rows], boxes.frame[rows], boxes.truth[rows], ~found[rows], error[rows])
    return _scope(boxes, gate, columns, rows, np.minimum(n_known, 1), baseline)


def _frame_columns(
    boxes: ScoredBoxes, gate: Gate, side: ErrorSide, baseline: ScoredBoxes | None
) -> _Columns:
    """Frames of each class that show or are said to show it."""
    cells, is_truth, wrong, error = _frame_cells(boxes, gate, side)
    if baseline is not None:
        of_baseline, _, _, was_error = _frame_cells(baseline, gate, side)
        error &= ~np.isin(cells, of_baseline[was_error])
    lengths = np.array([clip.facts.n_frames for clip in boxes.golden_set.clips], np.int64)
    ends = np.cumsum(lengths)
    place = cells // len(boxes.golden_set.taxonomy.classes)
    clip = np.searchsorted(ends, place, side="right").astype(np.int64)
    return clip, place - (ends - lengths)[clip], is_truth, wrong, error


def _frame_cells(boxes: ScoredBoxes, gate: Gate, side: ErrorSide) -> tuple[I64, Bool, Bool, Bool]:
    """Frame numbered through all clips x C + class, and whether truth, wrong and an error."""
    taken = np.flatnonzero(_in_class_clip_and_slice(boxes, gate) & boxes.known)
    lengths = [clip.facts.n_frames for clip in boxes.golden_set.clips]
    first_frame = np.cumsum([0, *lengths[:-1]])
    place = first_frame[boxes.clip[taken]] + boxes.frame[taken]
    n_classes = len(boxes.golden_set.taxonomy.classes)
    cells, number = np.unique(place * n_classes + boxes.class_id[taken], return_inverse=True)
    truth = boxes.truth[taken]
    reported = ~truth | (boxes.outcome[taken] == FOUND)
    is_truth = np.bincount(number[truth], minlength=len(cells)) > 0
    is_reported = np.bincount(number[reported], minlength=len(cells)) > 0
    wrong = is_truth != is_reported
    error = wrong if side == "both" else wrong & (is_truth == (side == "missed"))
    return cells.astype(np.int64), is_truth, wrong, error


def _scope(
    boxes: ScoredBoxes,
    gate: Gate,
    columns: _Columns,
    box: I64,
    frames_per_frame: I64,
    baseline: ScoredBoxes | None,
) -> GateScope:
    """The scope with its footage."""
    clips = boxes.golden_set.clips
    in_scope = _clips_in_scope(boxes, gate)
    counts = frames_per_frame * in_scope
    n_annotated = np.array([clip.annotated.sum() for clip in clips], np.int64)
    annotated_s = np.array([clip.annotated_s for clip in clips], np.float64)
    clip, frame, truth, wrong, error = columns
    return GateScope(
        metric=gate.metric,
        clip=clip,
        frame=frame,
        truth=truth,
        wrong=wrong,
        error=error,
        new_only=baseline is not None,
        box=box,
        in_scope=in_scope,
        frames_per_frame=frames_per_frame,
        n_frames=counts * n_annotated,
        duration_s=(counts > 0) * annotated_s,
    )


def _n_known_classes(boxes: ScoredBoxes, gate: Gate) -> I64:
    """(n_clips,) classes of the gate that are annotated wherever they occur."""
    known = np.array([clip.exhaustive for clip in boxes.golden_set.clips], np.int64)
    if gate.class_name is not None:
        known = known[:, [boxes.golden_set.taxonomy.names.index(gate.class_name)]]
    return np.asarray(known.sum(axis=1), np.int64)


def _in_class_clip_and_slice(boxes: ScoredBoxes, gate: Gate) -> Bool:
    """(R,) boxes of the gate's class, clip and slice."""
    taken: Bool = _clips_in_scope(boxes, gate)[boxes.clip]
    if gate.class_name is not None:
        taken &= boxes.class_id == boxes.golden_set.taxonomy.names.index(gate.class_name)
    for key, value in gate.slice:
        column = boxes.column(key)
        if column is None or value not in column.values:
            return np.zeros(len(taken), np.bool_)
        taken &= column.group == column.values.index(value)
    return taken


def _clips_in_scope(boxes: ScoredBoxes, gate: Gate) -> Bool:
    """(n_clips,) clips of the gate; those whose boxes alone are divided are in."""
    by_clip = {column.key for column in boxes.columns if column.by_clip}
    return np.array(
        [
            gate.clip in (None, clip.id)
            and all(key not in by_clip or clip.tag(key) == value for key, value in gate.slice)
            for clip in boxes.golden_set.clips
        ],
        np.bool_,
    )
