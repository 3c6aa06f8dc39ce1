"""MOTChallenge text truth: ``frame, id, x, y, width, height, conf, class, visibility``.

Frames count from 1 unless said otherwise. Coordinates are taken as they stand, as TrackEval and
py-motmetrics do: the corner (x, y) is not shifted by the one pixel that MATLAB's counting would
suggest. A conf of 0 marks a box to ignore; any other value counts. The class column is one of
MOT16 and later; -1 in it, or world coordinates in its place (MOT15, 10 columns), mean that the
file names no class. Source: Milan et al., "MOT16: A Benchmark for Multi-Object Tracking", 2016,
section 3.3; Leal-Taixé et al., "MOTChallenge 2015", 2015, section 2.4.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vbench.config.number_table import NumberTable, read_number_table
from vbench.config.whole_numbers import whole_numbers
from vbench.golden.formats.context import TruthContext
from vbench.golden.formats.rows import Part, TruthRows, build_truth
from vbench.types import I64, Truth

FRAME, TRACK, X, Y, WIDTH, HEIGHT, CONF, CLASS = range(8)
MIN_COLUMNS, MAX_COLUMNS = 6, 10
_PART_COLUMN: dict[Part, int] = {"frame": FRAME, "track_id": TRACK, "box": X}


def read(path: Path, context: TruthContext) -> Truth:
    """Truth from a MOT text file; raises TruthError with ``file:line: column``."""
    table = read_number_table(path, min_columns=MIN_COLUMNS, max_columns=MAX_COLUMNS)
    values = table.values
    corner, size = values[:, [X, Y]], values[:, [WIDTH, HEIGHT]]
    has_conf = values.shape[1] > CONF
    rows = TruthRows(
        frame_number=_whole_column(table, FRAME, "frame"),
        boxes_xyxy=np.hstack([corner, corner + size]),
        class_id=_class_ids(table, context),
        track_id=_whole_column(table, TRACK, "track id"),
        ignore=values[:, CONF] == 0 if has_conf else np.zeros(len(table), np.bool_),
        crowd=np.zeros(len(table), np.bool_),
        tags=(),
        place=lambda row, part: table.where(row, _PART_COLUMN[part]),
    )
    return build_truth(rows, context)


def _whole_column(table: NumberTable, column: int, name: str) -> I64:
    return whole_numbers(table.values[:, column], name, lambda row: table.where(row, column))


def _class_ids(table: NumberTable, context: TruthContext) -> I64:
    n_columns = table.values.shape[1]
    world_coordinates = n_columns == MAX_COLUMNS and not context.truth_classes
    if n_columns <= CLASS or world_coordinates:
        written = np.full(len(table), -1, np.int64)
    else:
        filled = np.where(np.isnan(table.values[:, CLASS]), -1.0, table.values[:, CLASS])
        written = whole_numbers(filled, "class", lambda row: table.where(row, CLASS))
    class_id = np.zeros(len(table), np.int64)
    numbers, first_rows = np.unique(written, return_index=True)
    for number, row in zip(numbers.tolist(), first_rows.tolist(), strict=True):
        where = table.where(row, CLASS)
        named = number != -1 or context.is_mapped("-1")
        found = context.class_id(str(number), where) if named else context.unnamed_class_id(where)
        class_id[written == number] = found
    return class_id
