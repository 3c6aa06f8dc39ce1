"""Replayed results as columns, and the checks that every format's rows go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vbench.errors import TruthError
from vbench.types.arrays import F64, I64, Bool, check_column

NO_SCORE = -1.0
"""What MOT files write where there is no score."""


@dataclass(frozen=True, slots=True)
class ReplayedResults:
    """N detections of one clip in file order."""

    frame_index: I64
    """(N,) 0-based frame."""
    boxes_xyxy: F64
    """(N, 4) px of the source frame, as in the file: neither clipped nor filtered."""
    scores: F64
    """(N,) 0..1."""
    class_index: I64
    """(N,) index into the pipeline file's class list."""
    track_id: I64
    """(N,) identity, -1 where there is none."""

    def __post_init__(self) -> None:
        n = len(self.frame_index)
        check_column("ReplayedResults", "frame_index", self.frame_index, np.int64, (n,))
        check_column("ReplayedResults", "boxes_xyxy", self.boxes_xyxy, np.float64, (n, 4))
        check_column("ReplayedResults", "scores", self.scores, np.float64, (n,))
        check_column("ReplayedResults", "class_index", self.class_index, np.int64, (n,))
        check_column("ReplayedResults", "track_id", self.track_id, np.int64, (n,))

    def __len__(self) -> int:
        return len(self.frame_index)


@dataclass(frozen=True, slots=True)
class ClipContext:
    """What the rows of one results file must agree with."""

    path: Path
    clip_id: str
    n_frames: int
    frame_base: int
    """Number of the clip's first frame in the file."""
    class_names: tuple[str, ...]


RowPlace = Callable[[int], str]
"""``file:line`` (or the nearest that the format allows) of a row, for messages."""


def frame_index_of(frame: F64, context: ClipContext, place: RowPlace) -> I64:
    """0-based frames from a file's frame numbers.

    Raises:
        TruthError: a number is not whole, or lies outside the clip.
    """
    first, last = context.frame_base, context.frame_base + context.n_frames - 1
    numbers = whole_numbers(frame, "frame", place)
    outside: Bool = (numbers < first) | (numbers > last)
    row = first_row(outside)
    if row is not None:
        raise TruthError(
            f'results are for frame {numbers[row]}, but clip "{context.clip_id}" has frames '
            f"{first} to {last} (frame_base {context.frame_base})",
            where=place(row),
            hint="is `frame_base` right, and is this the file of this clip?",
        )
    return numbers - context.frame_base


def whole_numbers(values: F64, name: str, place: RowPlace) -> I64:
    """(N,) int64 from numbers that must be whole. Raises TruthError."""
    whole: Bool = (np.abs(values) < 2**53) & (values == np.floor(values))
    row = first_row(~whole)
    if row is not None:
        raise TruthError(
            f"{name} is {values[row]:g}, expected a whole number",
            where=place(row),
            hint="write a whole number; are the columns in the right order?",
        )
    return values.astype(np.int64)


def check_scores(scores: F64, place: RowPlace) -> None:
    """Raise TruthError unless every score is a number from 0 to 1."""
    valid: Bool = (scores >= 0.0) & (scores <= 1.0)
    row = first_row(~valid)
    if row is None:
        return
    hint = "give every row a score from 0 to 1"
    if 1.0 < scores[row] < np.inf:
        hint = "scores go from 0 to 1: divide percentages by 100, put logits through a sigmoid"
    raise TruthError(f"score is {scores[row]:g}, expected 0 to 1", where=place(row), hint=hint)


def check_boxes(boxes_xyxy: F64, place: RowPlace) -> None:
    """Raise TruthError unless every box is finite and has no negative size."""
    finite: Bool = np.all(np.isfinite(boxes_xyxy), axis=1)
    row = first_row(~finite)
    if row is not None:
        raise TruthError(
            f"box {_box_text(boxes_xyxy[row])} is not finite",
            where=place(row),
            hint="remove the row, or find out why the pipeline gave it",
        )
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    negative: Bool = np.any(size < 0, axis=1)
    row = first_row(negative)
    if row is not None:
        raise TruthError(
            f"box has size {size[row, 0]:g} x {size[row, 1]:g} px",
            where=place(row),
            hint="sizes must not be negative: are corners and sizes mixed up?",
        )


def check_tracks(frame_index: I64, track_id: I64, place: RowPlace) -> None:
    """Raise TruthError where one identity appears twice in a frame."""
    order = np.lexsort((track_id, frame_index))
    frame, track = frame_index[order], track_id[order]
    doubled = (frame[1:] == frame[:-1]) & (track[1:] == track[:-1]) & (track[1:] >= 0)
    if doubled.any():
        row = int(order[1:][doubled].min())
        raise TruthError(
            f"identity {track_id[row]} appears twice in one frame",
            where=place(row),
            hint="an identity is one object; write -1 where results have none",
        )


def class_index_from_numbers(numbers: I64, context: ClipContext, place: RowPlace) -> I64:
    """Class index from numbers counted from 1 in the order of the pipeline's `classes`.

    Raises:
        TruthError: a number is not in the list.
    """
    n_classes = len(context.class_names)
    row = first_row((numbers < 1) | (numbers > n_classes))
    if row is not None:
        raise TruthError(
            f"class is {numbers[row]}, but the pipeline's `classes` have numbers 1 to {n_classes}",
            where=place(row),
            hint="list the classes of these results in `classes`, in their order, from number 1",
        )
    return numbers - 1


def first_row(wrong: Bool) -> int | None:
    """The first row that is marked, None where there is none."""
    if not wrong.any():
        return None
    return int(np.argmax(wrong))


def _box_text(box: F64) -> str:
    return "[" + ", ".join(f"{value:g}" for value in box) + "]"
