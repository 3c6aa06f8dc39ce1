"""COCO truth and results JSON as columns.

Records are decoded straight into typed structs, which checks every field on the way. A file that
is not right is read again by the standard library, slowly, only to say where.
Source of the formats: https://cocodataset.org/#format-data and #format-results.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from itertools import chain
from json.decoder import JSONDecodeError
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from vbench.errors import TruthError
from vbench.types import F64, I64, Bool
from vbench.types.coco import CocoResults, CocoTruth

_BOX_HINT = (
    "boxes are evaluated: a record with only a segmentation or keypoints needs a "
    "bbox [x, y, width, height] too"
)
_SWAPPED_HINT = "truth comes first, results second: are the two files swapped?"
_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<place>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field (?P<field>`.*`)")

_NO_ID = -(2**63)
_NO_AREA = -sys.float_info.max
_NO_FLAG = -1
"""What stands for a field that is left out, so that columns need no loop in Python."""

Box = tuple[float, float, float, float]


class _Named(msgspec.Struct, gc=False):
    """An image or category: only its id matters here."""

    id: int


class _Annotation(msgspec.Struct, gc=False):
    image_id: int
    category_id: int
    bbox: Box
    id: int = _NO_ID
    area: float = _NO_AREA
    iscrowd: int | bool = _NO_FLAG
    ignore: int | bool = _NO_FLAG


class _Truth(msgspec.Struct, gc=False):
    images: list[_Named]
    annotations: list[_Annotation]
    categories: list[_Named]


class _Result(msgspec.Struct, gc=False):
    image_id: int
    category_id: int
    bbox: Box
    score: float


Document = TypeVar("Document")
_Record = TypeVar("_Record", bound=msgspec.Struct)


def read_coco_truth(path: Path, *, strict: bool = False) -> CocoTruth:
    """Read a COCO truth file (an object with images, annotations and categories).

    A missing `id` is numbered, a missing `area` is the box's, a missing `iscrowd` is 0; strict
    refuses all three, because pycocotools cannot do without.

    Raises:
        TruthError: no such file, not JSON, another format, or a record whose field is missing or
            of the wrong type, named; no annotations at all, unless strict.
    """
    document = _decode(path, _Truth, opening="{")
    notes = document.annotations
    if not notes and not strict:
        raise TruthError(
            "holds no annotations: nothing can be evaluated",
            where=f"{path}: annotations",
            hint="is this the truth file?",
        )
    place = f"{path}: annotations"
    boxes_xywh = _boxes(notes)
    annotation_id = _integers(notes, "id", place)
    area_px2 = np.fromiter(map(attrgetter("area"), notes), np.float64, len(notes))
    crowd = _flags(notes, "iscrowd", place)
    missing = {
        "id": annotation_id == _NO_ID,
        "area": area_px2 == _NO_AREA,
        "iscrowd": crowd == _NO_FLAG,
    }
    if strict:
        for field, wrong in missing.items():
            _refuse_missing(wrong, field, place)
    if missing["id"].any():
        annotation_id = np.arange(1, len(notes) + 1)
    return CocoTruth(
        image_ids=_integers(document.images, "id", f"{path}: images"),
        category_ids=_integers(document.categories, "id", f"{path}: categories"),
        annotation_id=annotation_id,
        image_id=_integers(notes, "image_id", place),
        category_id=_integers(notes, "category_id", place),
        boxes_xywh=boxes_xywh,
        area_px2=np.where(missing["area"], boxes_xywh[:, 2] * boxes_xywh[:, 3], area_px2),
        crowd=crowd == 1,
        ignore=_flags(notes, "ignore", place) == 1,
        source=str(path),
    )


def read_coco_results(path: Path, *, strict: bool = False) -> CocoResults:
    """Read a COCO results file (a list of records with image_id, category_id, bbox, score).

    Raises:
        TruthError: no such file, not JSON, another format, or a record whose field is missing or
            of the wrong type, named; no results at all if strict, because pycocotools crashes.
    """
    records = _decode(path, list[_Result], opening="[")
    if strict and not records:
        raise TruthError(
            "holds no results, which pycocotools cannot evaluate",
            where=str(path),
            hint="leave strict out: then every number is 0 as it should be",
        )
    place = f"{path}: "
    return CocoResults(
        image_id=_integers(records, "image_id", place),
        category_id=_integers(records, "category_id", place),
        boxes_xywh=_boxes(records),
        scores=np.fromiter(map(attrgetter("score"), records), np.float64, len(records)),
        source=str(path),
    )


def _decode(path: Path, kind: type[Document], *, opening: str) -> Document:
    """The typed content of a file; raises TruthError."""
    data = _read(path).removeprefix(b"\xef\xbb\xbf")
    first = data.lstrip()[:1].decode("latin-1")
    if first != opening:
        raise _other_format(path, first, opening)
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong_record(path, error) from None
    except (msgspec.DecodeError, RecursionError):
        plain = _slowly(path, data)
    # The standard library takes NaN, as pycocotools does; what follows refuses it by name.
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise _wrong_record(path, error) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TruthError("file not found", where=str(path), hint="check the path") from None
    except IsADirectoryError:
        raise TruthError(
            "is a folder, expected a file", where=str(path), hint="name the file"
        ) from None
    except OSError as error:
        raise TruthError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check its permissions"
        ) from None


def _slowly(path: Path, data: bytes) -> object:
    try:
        plain: object = json.loads(data)
    except JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip())
        raise TruthError(
            f"not valid JSON: {error.msg}" + (", at the end of the file" if cut else ""),
            where=f"{path}:{error.lineno}: column {error.colno}",
            hint="is the file complete?" if cut else "is this a COCO JSON file?",
        ) from None
    except UnicodeDecodeError:
        raise TruthError(
            "is not text (UTF-8)", where=str(path), hint="is this a COCO JSON file?"
        ) from None
    except RecursionError:
        raise TruthError(
            "is nested too deeply", where=str(path), hint="is this a COCO file?"
        ) from None
    return plain


def _other_format(path: Path, first: str, opening: str) -> TruthError:
    """A file that does not open as its role asks for."""
    kinds = {"{": "a JSON object, as truth is", "[": "a JSON list, as results are"}
    expected = {
        "{": "truth: an object with images, annotations and categories",
        "[": "a list of results",
    }
    kind = kinds.get(first, "no JSON document" if first else "empty")
    hint = _SWAPPED_HINT if first in kinds else "is this a COCO JSON file?"
    return TruthError(f"is {kind}, expected {expected[opening]}", where=str(path), hint=hint)


def _wrong_record(path: Path, error: msgspec.ValidationError) -> TruthError:
    """What the decoder found wrong, with the record and field."""
    match = _MESSAGE.fullmatch(str(error))
    what, place = (match["what"], match["place"] or "") if match else (str(error), "")
    missing = _MISSING.fullmatch(what)
    hint = ""
    if missing is not None:
        what = f"{missing['field']} is missing"
        hint = _BOX_HINT if missing["field"] == "`bbox`" else ""
    elif "bbox" in place:
        hint = "a bbox is four numbers [x, y, width, height]"
    elif place.endswith("id"):
        hint = "ids are whole numbers, written without a decimal point"
    return TruthError(
        what[:1].lower() + what[1:],
        where=f"{path}: {place}" if place else str(path),
        hint=hint or "is this a COCO JSON file of this role?",
    )


def _refuse_missing(missing: Bool, field: str, place: str) -> None:
    if missing.any():
        raise TruthError(
            f"`{field}` is missing, which pycocotools cannot do without",
            where=f"{place}[{int(np.argmax(missing))}]",
            hint="leave strict out to evaluate without it",
        )


def _integers(records: Sequence[_Record], field: str, place: str) -> I64:
    values = map(attrgetter(field), records)
    try:
        return np.fromiter(values, np.int64, len(records))
    except OverflowError:
        large = (row for row, item in enumerate(records) if abs(getattr(item, field)) >= 2**63)
        raise TruthError(
            "is too large for a whole number here",
            where=f"{place}[{next(large)}].{field}",
            hint="use ids below 2^53",
        ) from None


def _boxes(records: Sequence[_Annotation] | Sequence[_Result]) -> F64:
    numbers = chain.from_iterable(map(attrgetter("bbox"), records))
    return np.fromiter(numbers, np.float64, 4 * len(records)).reshape(-1, 4)


def _flags(notes: Sequence[_Annotation], field: str, place: str) -> I64:
    """0 and 1 of every annotation, `_NO_FLAG` where it has none."""
    values = _integers(notes, field, place)
    wrong = (values != 0) & (values != 1) & (values != _NO_FLAG)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise TruthError(
            f"is {values[row]}, expected 0 or 1",
            where=f"{place}[{row}].{field}",
            hint="write 0 or 1",
        )
    return values
