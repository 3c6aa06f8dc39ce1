"""MOTChallenge files, or arrays with their columns, as boxes with identities.

Columns: ``frame, id, x, y, width, height, conf, class, visibility``, at least the first six; frames
count from 1. With ten columns the last three are world coordinates (MOT15) and no class is named.
Rows may come in any order, as in MOT17's own truth; frames keep theirs. Box corners are taken as
they stand, as TrackEval and py-motmetrics do. Sources: see `vbench.golden.formats.mot`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vbench.config.number_table import read_number_table
from vbench.config.whole_numbers import whole_numbers
from vbench.errors import TruthError
from vbench.golden.formats.mot import CLASS, CONF, FRAME, MAX_COLUMNS, MIN_COLUMNS, TRACK, WIDTH, X
from vbench.kernels.numbering import number_values, repeated_in_frame
from vbench.types import F64, I64, Bool, MotBoxes, Tracks

Place = Callable[[int, int], str]
"""``file:line: column`` of a row and a column, both 0-based."""


@dataclass(frozen=True, slots=True)
class MotTable:
    """One side of a comparison and where each of its boxes came from."""

    boxes: MotBoxes
    row: I64
    """(N,) row of the source each box stands on."""
    place: Place

    def where(self, box: int, column: int) -> str:
        """The place of a box in its source."""
        return self.place(int(self.row[box]), column)


def read_mot_file(path: Path) -> MotTable:
    """Boxes of a file; raises TruthError with ``file:line: column``."""
    table = read_number_table(path, min_columns=MIN_COLUMNS, max_columns=MAX_COLUMNS)
    return _table(table.values, table.where)


def mot_array(values: F64, name: str) -> MotTable:
    """Boxes of a (R, 6..10) array with the columns of a MOTChallenge file.

    Args:
        values: finite numbers.
        name: what to call it in messages.

    Raises:
        TruthError: naming row and column.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or not MIN_COLUMNS <= values.shape[1] <= MAX_COLUMNS:
        raise TruthError(
            f"has the shape {values.shape}, expected (rows, {MIN_COLUMNS} to {MAX_COLUMNS})",
            where=name,
            hint="give the columns of a MOTChallenge file: frame, id, x, y, width, height, ...",
        )

    def place(row: int, column: int) -> str:
        return f"{name}: row {row}: column {column + 1}"

    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0].tolist()
        what = f"{values[row, column]:g} is not a finite number"
        raise TruthError(what, where=place(row, column), hint="give a number")
    return _table(values, place)


def _table(values: F64, place: Place) -> MotTable:
    frame_number = whole_numbers(values[:, FRAME], "frame", lambda row: place(row, FRAME))
    track_id = whole_numbers(values[:, TRACK], "track id", lambda row: place(row, TRACK))
    _refuse(
        frame_number < 1,
        lambda row: f"frame {frame_number[row]}: frames count from 1 here",
        lambda row: place(row, FRAME),
        "add 1 to every frame of a file that counts from 0",
    )
    _refuse(
        track_id < 0,
        lambda row: f"track id {track_id[row]} is negative: the box has no identity",
        lambda row: place(row, TRACK),
        "give tracks, not bare detections; their identities are whole numbers from 0",
    )
    _refuse(
        np.minimum(values[:, WIDTH], values[:, WIDTH + 1]) < 0,
        lambda row: (
            f"box has the negative size {values[row, WIDTH]:g} x {values[row, WIDTH + 1]:g}"
        ),
        lambda row: place(row, WIDTH),
        "columns 5 and 6 are width and height",
    )
    row = np.arange(len(values))
    if np.any(frame_number[1:] < frame_number[:-1]):
        row = np.argsort(frame_number, kind="stable")
        values, frame_number, track_id = values[row], frame_number[row], track_id[row]
    boxes = MotBoxes(
        tracks=Tracks(frame_number - 1, track_id, _boxes_xyxy(values)),
        zero_marked=values[:, CONF] == 0
        if values.shape[1] > CONF
        else np.zeros(len(row), np.bool_),
        class_number=_class_number(values, lambda box: place(int(row[box]), CLASS)),
    )
    table = MotTable(boxes, row, place)
    _refuse_repeated(table)
    return table


def _boxes_xyxy(values: F64) -> F64:
    boxes_xyxy = values[:, X : X + 4].copy()
    boxes_xyxy[:, 2:] += boxes_xyxy[:, :2]
    return boxes_xyxy


def _class_number(values: F64, where: Callable[[int], str]) -> I64:
    """MOTChallenge's class of each box, -1 where none is named."""
    if not CLASS < values.shape[1] < MAX_COLUMNS:
        return np.full(len(values), -1, np.int64)
    written = np.where(np.isnan(values[:, CLASS]), -1.0, values[:, CLASS])
    return whole_numbers(written, "class", where)


def _refuse(
    wrong: Bool, what: Callable[[int], str], where: Callable[[int], str], hint: str
) -> None:
    rows = np.flatnonzero(wrong)
    if len(rows):
        more = f"; {len(rows)} such rows" if len(rows) > 1 else ""
        row = int(rows[0])
        raise TruthError(what(row) + more, where=where(row), hint=hint)


def _refuse_repeated(table: MotTable) -> None:
    tracks = table.boxes.tracks
    number, first = number_values(tracks.track_id)
    begins = np.flatnonzero(np.append(True, np.diff(tracks.frame_index) > 0))
    box = repeated_in_frame(np.append(begins, len(tracks)), number, len(first))
    if len(tracks) and box >= 0:
        raise TruthError(
            f"track {tracks.track_id[box]} is twice in frame {tracks.frame_index[box] + 1}",
            where=table.where(box, TRACK),
            hint="one object has one box per frame: delete or renumber one of them",
        )
