"""Detections that a vbench run stored: Parquet columns with class names in the file's metadata.

Columns ``frame_index x1 y1 x2 y2 score class_id track_id`` and the metadata key ``vbench.classes``,
a JSON list of names that ``class_id`` indexes.
"""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vbench.config.model_file import closest
from vbench.engines.replay.results import (
    ClipContext,
    ReplayedResults,
    check_boxes,
    check_scores,
    check_tracks,
    first_row,
    frame_index_of,
    whole_numbers,
)
from vbench.errors import TruthError
from vbench.types.arrays import F64, I64

_COLUMNS = ("frame_index", "x1", "y1", "x2", "y2", "score", "class_id", "track_id")
_CLASSES_KEY = b"vbench.classes"


def read_parquet(context: ClipContext) -> ReplayedResults:
    """Read one clip's results. Raises TruthError with file and row."""
    table = _table(context)
    columns = {name: _column(table, name, context) for name in _COLUMNS}

    def place(row: int) -> str:
        return f"{context.path}: row {row}"

    frame_index = frame_index_of(columns["frame_index"], context, place)
    boxes_xyxy = np.stack([columns[name] for name in ("x1", "y1", "x2", "y2")], axis=1)
    check_boxes(boxes_xyxy, place)
    check_scores(columns["score"], place)
    track_id = np.maximum(whole_numbers(columns["track_id"], "track_id", place), -1)
    check_tracks(frame_index, track_id, place)
    class_id = whole_numbers(columns["class_id"], "class_id", place)
    stored = _stored_names(table, context)
    row = first_row((class_id < 0) | (class_id >= len(stored)))
    if row is not None:
        raise TruthError(
            f"class_id is {class_id[row]}, but the file names {len(stored)} classes",
            where=place(row),
            hint="the file is damaged; run the benchmark that wrote it again",
        )
    return ReplayedResults(
        frame_index, boxes_xyxy, columns["score"], _class_index(class_id, stored, context), track_id
    )


def _table(context: ClipContext) -> pa.Table:
    try:
        table = pq.read_table(context.path, partitioning=None)
    except FileNotFoundError:
        raise TruthError("file not found", where=str(context.path), hint="check the path") from None
    except (pa.ArrowException, OSError) as error:
        raise TruthError(
            f"is not a readable Parquet file: {str(error).splitlines()[0]}",
            where=str(context.path),
            hint="is `format: vbench` right, and is the file complete?",
        ) from None
    missing = [name for name in _COLUMNS if name not in table.column_names]
    if missing:
        raise TruthError(
            f"lacks the columns {', '.join(missing)}",
            where=str(context.path),
            hint=f"detections have the columns {', '.join(_COLUMNS)}",
        )
    return table


def _column(table: pa.Table, name: str, context: ClipContext) -> F64:
    column = table[name]
    numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if not numeric or column.null_count:
        raise TruthError(
            f"column {name} holds {'empty places' if numeric else str(column.type)}, "
            "expected numbers",
            where=str(context.path),
            hint="use a detections file from a run folder",
        )
    return np.asarray(column.to_numpy(), np.float64)


def _stored_names(table: pa.Table, context: ClipContext) -> list[str]:
    try:
        names = json.loads((table.schema.metadata or {})[_CLASSES_KEY])
    except (KeyError, ValueError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TruthError(
            "does not name its classes (metadata vbench.classes)",
            where=str(context.path),
            hint="use a detections file from a run folder",
        )
    return names


def _class_index(class_id: I64, stored: list[str], context: ClipContext) -> I64:
    index = np.full(len(stored), -1, np.int64)
    for k in np.unique(class_id).tolist():
        if stored[k] not in context.class_names:
            raise TruthError(
                f'class "{stored[k]}" is not in the pipeline\'s `classes`',
                where=str(context.path),
                hint=closest(stored[k], context.class_names),
            )
        index[k] = context.class_names.index(stored[k])
    return index[class_id]
