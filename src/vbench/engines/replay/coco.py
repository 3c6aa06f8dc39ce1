"""COCO results: a JSON list of ``{image_id, category_id, bbox: [x, y, w, h], score}``.

Source: cocodataset.org, "Results format". `image_id` is the frame's number in this clip, counted
from `frame_base`. A mapping with ``annotations`` or ``predictions`` is read too; its ``images`` may
say which frame an id means (`frame_index`, 0-based, or `frame_id`, from `frame_base`), and
``categories`` which class. Without ``categories``, category ids count from 1 in the order of the
pipeline's `classes`. An optional `track_id` is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vbench.config.model_file import closest
from vbench.config.number_table import read_text
from vbench.config.yaml_text import Plain
from vbench.engines.replay.results import (
    ClipContext,
    ReplayedResults,
    check_boxes,
    check_scores,
    check_tracks,
    class_index_from_numbers,
    frame_index_of,
    whole_numbers,
)
from vbench.errors import TruthError
from vbench.types.arrays import F64, I64

_LIST_KEYS = ("annotations", "predictions")


@dataclass(frozen=True, slots=True)
class _Rows:
    """The result rows of a file and where they stand."""

    path: Path
    key: str
    items: list[dict[str, Plain]]

    def place(self, row: int) -> str:
        return f"{self.path}: {self.key}[{row}]"


def read_coco(context: ClipContext) -> ReplayedResults:
    """Read one clip's results. Raises TruthError with file and row."""
    document = _parse(context.path)
    rows = _result_rows(document, context.path)
    frame = _numbers(rows, "image_id", 1)[:, 0]
    category = whole_numbers(_numbers(rows, "category_id", 1)[:, 0], "category_id", rows.place)
    bbox = _numbers(rows, "bbox", 4)
    scores = _numbers(rows, "score", 1)[:, 0]
    boxes_xyxy = np.concatenate([bbox[:, :2], bbox[:, :2] + bbox[:, 2:]], axis=1)
    check_boxes(boxes_xyxy, rows.place)
    check_scores(scores, rows.place)
    if isinstance(document, dict) and "images" in document:
        frame = _frames_of_images(document, frame, context, rows)
    frame_index = frame_index_of(frame, context, rows.place)
    if isinstance(document, dict) and "categories" in document:
        class_index = _classes_of_categories(document, category, context, rows)
    else:
        class_index = class_index_from_numbers(category, context, rows.place)
    track_id = _track_ids(rows)
    check_tracks(frame_index, track_id, rows.place)
    return ReplayedResults(frame_index, boxes_xyxy, scores, class_index, track_id)


def _parse(path: Path) -> Plain:
    text = read_text(path)
    try:
        document: Plain = json.loads(text)
    except json.JSONDecodeError as error:
        raise TruthError(
            f"not valid JSON: {error.msg}",
            where=f"{path}:{error.lineno}",
            hint="is `format: coco` right, and is the file complete?",
        ) from None
    except RecursionError:
        raise TruthError(
            "is nested too deep to be COCO results",
            where=str(path),
            hint="is this the results file?",
        ) from None
    return document


def _result_rows(document: Plain, path: Path) -> _Rows:
    key, items = "", document
    if isinstance(document, dict):
        found = [name for name in _LIST_KEYS if name in document]
        if len(found) != 1:
            raise TruthError(
                f"is a JSON mapping with {' and '.join(found) or 'no results'}",
                where=str(path),
                hint=f"give a list of results, or exactly one of {' and '.join(_LIST_KEYS)}",
            )
        key, items = found[0], document[found[0]]
    if not isinstance(items, list):
        raise TruthError(
            "is not a JSON list of results",
            where=f"{path}: {key}".rstrip(": "),
            hint="give a list of results, one mapping each",
        )
    return _Rows(path, key, _mappings(items, path, key))


def _mappings(items: list[Plain], path: Path, key: str) -> list[dict[str, Plain]]:
    mappings = [item for item in items if isinstance(item, dict)]
    if len(mappings) != len(items):
        row = next(k for k, item in enumerate(items) if not isinstance(item, dict))
        raise TruthError(
            "is not a JSON mapping",
            where=f"{path}: {key}[{row}]",
            hint="write {image_id, category_id, bbox, score}",
        )
    return mappings


def _numbers(rows: _Rows, key: str, width: int) -> F64:
    """(N, width) float64 of one key of every row. Raises TruthError."""
    if not rows.items:
        return np.zeros((0, width))
    try:
        values = np.array([row[key] for row in rows.items])
    except (KeyError, ValueError, OverflowError):
        values = np.array(None)
    shape = (len(rows.items),) if width == 1 else (len(rows.items), width)
    if values.dtype.kind in "iuf" and values.shape == shape:
        return values.reshape(len(rows.items), width).astype(np.float64)
    for row, item in enumerate(rows.items):
        value = item.get(key)
        numbers = value if isinstance(value, list) else [value]
        whole = isinstance(value, list) == (width > 1) and len(numbers) == width
        if not whole or any(type(number) not in (int, float) for number in numbers):
            expected = "a number" if width == 1 else f"a list of {width} numbers"
            raise TruthError(
                f"{key} is {'missing' if key not in item else json.dumps(value)[:60]}, "
                f"expected {expected}",
                where=rows.place(row),
                hint="a result needs image_id, category_id, bbox [x, y, w, h] and score",
            )
    raise TruthError(
        f"{key} holds a number that is too large",
        where=str(rows.path),
        hint="check the row: pixels and ids are far smaller",
    )


def _track_ids(rows: _Rows) -> I64:
    if not any("track_id" in row for row in rows.items):
        return np.full(len(rows.items), -1, np.int64)
    given = _Rows(rows.path, rows.key, [{"track_id": -1} | row for row in rows.items])
    track_id = whole_numbers(_numbers(given, "track_id", 1)[:, 0], "track_id", rows.place)
    return np.maximum(track_id, -1)


def _frames_of_images(
    document: dict[str, Plain], image_id: F64, context: ClipContext, rows: _Rows
) -> F64:
    """Frame numbers, counted from `frame_base`, of image ids."""
    images = _section(document, "images", context.path)
    ids = _numbers(images, "id", 1)[:, 0]
    if all("frame_index" in image for image in images.items):
        frames = _numbers(images, "frame_index", 1)[:, 0] + context.frame_base
    elif all("frame_id" in image for image in images.items):
        frames = _numbers(images, "frame_id", 1)[:, 0]
    else:
        raise TruthError(
            "does not say which frame each image is",
            where=f"{context.path}: images",
            hint="give every image a `frame_index` counted from 0, or leave `images` out and use "
            "the frame's number as `image_id`",
        )
    return _looked_up(image_id, ids, frames, "image_id", "images", rows)


def _classes_of_categories(
    document: dict[str, Plain], category: I64, context: ClipContext, rows: _Rows
) -> I64:
    categories = _section(document, "categories", context.path)
    ids = _numbers(categories, "id", 1)[:, 0]
    names = [str(item.get("name")) for item in categories.items]
    index = np.array(
        [context.class_names.index(n) if n in context.class_names else -1 for n in names],
        np.float64,
    )
    found = _looked_up(
        category.astype(np.float64), ids, index, "category_id", "categories", rows
    ).astype(np.int64)
    if (found < 0).any():
        row = int(np.argmax(found < 0))
        name = names[int(np.flatnonzero(ids == category[row])[0])]
        raise TruthError(
            f'class "{name}" is not in the pipeline\'s `classes`',
            where=rows.place(row),
            hint=closest(name, context.class_names),
        )
    return found


def _section(document: dict[str, Plain], key: str, path: Path) -> _Rows:
    items = document[key]
    if not isinstance(items, list):
        raise TruthError(
            "is not a JSON list", where=f"{path}: {key}", hint="give a list, or leave the key out"
        )
    return _Rows(path, key, _mappings(items, path, key))


def _looked_up(wanted: F64, keys: F64, values: F64, name: str, section: str, rows: _Rows) -> F64:
    """`values` at the places where `keys` equal `wanted`. Raises TruthError for an unknown one."""
    table = dict(zip(keys.tolist(), values.tolist(), strict=True))
    if len(table) != len(keys):
        raise TruthError(
            "an id is given twice",
            where=f"{rows.path}: {section}",
            hint="give each entry its own id",
        )
    unknown = [row for row, key in enumerate(wanted.tolist()) if key not in table]
    if unknown:
        raise TruthError(
            f"{name} {wanted[unknown[0]]:g} is not in `{section}`",
            where=rows.place(unknown[0]),
            hint="add it there, or correct the row",
        )
    return np.array([table[key] for key in wanted.tolist()], np.float64)
