"""MOTChallenge results: ``frame,id,x,y,w,h,score,class,...``, one row per box.

Source: motchallenge.net, "Submission"; the box's x and y are taken as they are in the file. A
score of -1, or none, on every row means 1.0. A class of -1, or none, is the pipeline's only class;
class numbers count from 1 in the order of the pipeline's `classes`. Further columns are not read.
"""

from __future__ import annotations

import numpy as np

from vbench.config.number_table import NumberTable, read_number_table
from vbench.engines.replay.results import (
    NO_SCORE,
    ClipContext,
    ReplayedResults,
    check_boxes,
    check_scores,
    check_tracks,
    class_index_from_numbers,
    first_row,
    frame_index_of,
    whole_numbers,
)
from vbench.errors import TruthError
from vbench.types.arrays import F64, I64

_MIN_COLUMNS, _MAX_COLUMNS = 6, 10
_SCORE, _CLASS = 6, 7


def read_mot(context: ClipContext) -> ReplayedResults:
    """Read one clip's results. Raises TruthError with file and line."""
    table = read_number_table(context.path, min_columns=_MIN_COLUMNS, max_columns=_MAX_COLUMNS)
    values = table.values
    frame_index = frame_index_of(values[:, 0], context, table.where)
    track_id = np.maximum(whole_numbers(values[:, 1], "identity", table.where), -1)
    boxes_xyxy = np.concatenate([values[:, 2:4], values[:, 2:4] + values[:, 4:6]], axis=1)
    check_boxes(boxes_xyxy, table.where)
    check_tracks(frame_index, track_id, table.where)
    return ReplayedResults(
        frame_index=frame_index,
        boxes_xyxy=boxes_xyxy,
        scores=_scores(table),
        class_index=_classes(table, context),
        track_id=track_id,
    )


def _scores(table: NumberTable) -> F64:
    given = _column(table, _SCORE, NO_SCORE)
    absent = given == NO_SCORE
    if absent.all():
        return np.ones(len(table))
    row = first_row(absent)
    if row is not None:
        raise TruthError(
            "has no score, but other rows of the file do",
            where=table.where(row),
            hint="write a score on every row, or -1 on all of them",
        )
    check_scores(given, table.where)
    return given


def _classes(table: NumberTable, context: ClipContext) -> I64:
    given = _column(table, _CLASS, -1.0)
    absent = given == -1.0
    if len(context.class_names) > 1:
        row = first_row(absent)
        if row is not None:
            raise TruthError(
                f"has no class, but the pipeline lists {len(context.class_names)}",
                where=table.where(row),
                hint="write the class number in column 8, or list one class in `classes`",
            )
    numbers = whole_numbers(np.where(absent, 1.0, given), "class", table.where)
    return class_index_from_numbers(numbers, context, table.where)


def _column(table: NumberTable, column: int, missing: float) -> F64:
    """A column that rows may lack."""
    if column >= table.values.shape[1]:
        return np.full(len(table), missing)
    values = table.values[:, column]
    return np.where(np.isnan(values), missing, values)
