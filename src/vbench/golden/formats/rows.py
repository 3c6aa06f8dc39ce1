"""The common end of all truth readers: checks, scaling to the media, sorting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vbench.errors import TruthError
from vbench.golden.formats.context import DROPPED, TruthContext
from vbench.types import F64, I64, Bool, BoxTag, Truth
from vbench.types.arrays import check_column

Part = Literal["frame", "box", "track_id"]
Place = Callable[[int, Part], str]
"""``file:line: column`` of one part of a row."""


@dataclass(frozen=True, slots=True)
class TruthRows:
    """M truth boxes as the file has them: its frame numbers, its pixels, its order."""

    frame_number: I64
    """(M,) counted from `TruthContext.frame_base`."""
    boxes_xyxy: F64
    """(M, 4) pixels of `TruthContext.drawn_size`, finite."""
    class_id: I64
    """(M,) index into the taxonomy's classes, `DROPPED` for boxes to leave out."""
    track_id: I64
    """(M,) identity over time, -1 where there is none."""
    ignore: Bool
    crowd: Bool
    tags: tuple[BoxTag, ...]
    place: Place

    def __post_init__(self) -> None:
        m = len(self.frame_number)
        check_column("TruthRows", "frame_number", self.frame_number, np.int64, (m,))
        check_column("TruthRows", "boxes_xyxy", self.boxes_xyxy, np.float64, (m, 4))

    def kept(self) -> TruthRows:
        """The rows whose class is not dropped; `place` still finds them in the file."""
        rows = np.flatnonzero(self.class_id != DROPPED)
        if len(rows) == len(self.class_id):
            return self
        return TruthRows(
            frame_number=self.frame_number[rows],
            boxes_xyxy=self.boxes_xyxy[rows],
            class_id=self.class_id[rows],
            track_id=self.track_id[rows],
            ignore=self.ignore[rows],
            crowd=self.crowd[rows],
            tags=tuple(BoxTag(tag.key, tag.values[rows]) for tag in self.tags),
            place=lambda row, part: self.place(int(rows[row]), part),
        )


def build_truth(rows: TruthRows, context: TruthContext) -> Truth:
    """Truth of a clip from the rows of its file; rows of a dropped class are not looked at.

    Boxes are scaled from the size they were drawn in to the media's and otherwise kept as they
    are: many annotators let boxes reach outside the frame, and clipping would change their IoU.

    Raises:
        TruthError: every kind of problem in one message, each with its first row and their count.
    """
    rows = rows.kept()
    frame_index = rows.frame_number - context.frame_base
    drawn_width, drawn_height = context.drawn_size
    scale_x, scale_y = context.width_px / drawn_width, context.height_px / drawn_height
    boxes_xyxy = rows.boxes_xyxy * np.array([scale_x, scale_y, scale_x, scale_y])
    problems = [
        *_frame_problems(rows, frame_index, context),
        *_box_problems(rows, boxes_xyxy, context),
        *_track_problems(rows),
    ]
    if problems:
        raise _joined(problems)
    order = np.argsort(frame_index, kind="stable")
    return Truth(
        frame_index=frame_index[order],
        boxes_xyxy=boxes_xyxy[order],
        class_id=rows.class_id[order],
        track_id=rows.track_id[order],
        ignore=rows.ignore[order],
        crowd=rows.crowd[order],
        tags=tuple(BoxTag(tag.key, tag.values[order]) for tag in rows.tags),
    )


def _frame_problems(rows: TruthRows, frame_index: I64, context: TruthContext) -> list[TruthError]:
    base = context.frame_base
    hint = f"frames count from {base} here; is truth_frame_base right?"
    problems = []
    below = np.flatnonzero(frame_index < 0)
    if len(below):
        number = rows.frame_number[below[0]]
        what = f"truth is for frame {number} but the first frame is {base}{_more(below)}"
        problems.append(TruthError(what, where=rows.place(int(below[0]), "frame"), hint=hint))
    beyond = np.flatnonzero(frame_index >= context.n_frames)
    if len(beyond):
        number, last = rows.frame_number[beyond[0]], context.n_frames - 1 + base
        what = (
            f'truth is for frame {number} but clip "{context.clip_id}" has {context.n_frames}'
            f" frames, the last is {last}{_more(beyond)}"
        )
        problems.append(TruthError(what, where=rows.place(int(beyond[0]), "frame"), hint=hint))
    return problems


def _box_problems(rows: TruthRows, boxes_xyxy: F64, context: TruthContext) -> list[TruthError]:
    width_px = rows.boxes_xyxy[:, 2] - rows.boxes_xyxy[:, 0]
    height_px = rows.boxes_xyxy[:, 3] - rows.boxes_xyxy[:, 1]
    problems = []
    negative = np.flatnonzero((width_px < 0) | (height_px < 0))
    if len(negative):
        row = int(negative[0])
        what = f"box has the negative size {width_px[row]:g} x {height_px[row]:g}{_more(negative)}"
        hint = "give x1 <= x2 and y1 <= y2, or a positive width and height"
        problems.append(TruthError(what, where=rows.place(row, "box"), hint=hint))
    # Ignored boxes may be anything else: they neither reward nor punish.
    counts = ~rows.ignore & (width_px >= 0) & (height_px >= 0)
    empty = np.flatnonzero(counts & ((width_px == 0) | (height_px == 0)))
    if len(empty):
        row = int(empty[0])
        what = f"box is {width_px[row]:g} x {height_px[row]:g}: it can never be found{_more(empty)}"
        hint = "delete it or mark it as ignored"
        problems.append(TruthError(what, where=rows.place(row, "box"), hint=hint))
    outside = np.flatnonzero(
        counts
        & (
            (boxes_xyxy[:, 2] <= 0)
            | (boxes_xyxy[:, 3] <= 0)
            | (boxes_xyxy[:, 0] >= context.width_px)
            | (boxes_xyxy[:, 1] >= context.height_px)
        )
        & (width_px > 0)
        & (height_px > 0)
    )
    if len(outside):
        row = int(outside[0])
        corners = ", ".join(f"{value:g}" for value in boxes_xyxy[row])
        what = (
            f"box ({corners}) is completely outside the {context.width_px}x{context.height_px}"
            f" frame{_more(outside)}"
        )
        hint = "if the truth was drawn in another size, set truth_size in golden.yaml"
        problems.append(TruthError(what, where=rows.place(row, "box"), hint=hint))
    return problems


def _track_problems(rows: TruthRows) -> list[TruthError]:
    wrong = np.flatnonzero(rows.track_id < -1)
    if len(wrong):
        row = int(wrong[0])
        what = f"track id {rows.track_id[row]} is negative{_more(wrong)}"
        hint = "give -1 to boxes without identity"
        return [TruthError(what, where=rows.place(row, "track_id"), hint=hint)]
    tracked = np.flatnonzero(rows.track_id >= 0)
    order = tracked[np.lexsort((rows.track_id[tracked], rows.frame_number[tracked]))]
    same = (np.diff(rows.frame_number[order]) == 0) & (np.diff(rows.track_id[order]) == 0)
    if not same.any():
        return []
    doubled = np.sort(order[1:][same])
    row = int(doubled[0])
    what = f"track {rows.track_id[row]} is twice on frame {rows.frame_number[row]}{_more(doubled)}"
    hint = "one object has one box per frame: delete or renumber one of them"
    return [TruthError(what, where=rows.place(row, "track_id"), hint=hint)]


def _more(rows: I64) -> str:
    return f"; {len(rows)} such rows" if len(rows) > 1 else ""


def _joined(problems: list[TruthError]) -> TruthError:
    first, *rest = problems
    if not rest:
        return first
    what = f"{first.what} ({first.hint})" + "".join(f"\n{problem}" for problem in rest)
    return TruthError(what, where=first.where)
