"""An outside system's answer for a frame, checked.

Two forms, in JSON or as Python values. Columns::

    {"boxes": [[x1, y1, x2, y2], ...], "scores": [...], "classes": [...], "tracks": [...]}

and rows::

    {"detections": [{"box": [x1, y1, x2, y2], "score": 0.9, "class": "person", "track": 7}, ...]}

Both may have ``"alerts": [{"kind": "intrusion", "class": "person", "zone": "door"}, ...]``. A class
is a name, or a number counted from 0, of the stage's classes; it may be left out where the stage
has only one. A track is a whole number from 0; -1, or none, means no identity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt

from vbench.config.engines.shared import BoxForm
from vbench.config.model_file import closest
from vbench.config.yaml_text import Plain
from vbench.engines.printable import printable
from vbench.engines.protocol import EngineAlert, FrameAnswer
from vbench.errors import EngineError
from vbench.types.arrays import F64, I64, Bool
from vbench.types.frame_detections import NO_TRACK

COLUMNS = {"boxes": "box", "scores": "score", "classes": "class", "tracks": "track"}
"""Key of a column -> key of the same value in a row."""

_KEYS = (*COLUMNS, "detections", "alerts")
_ALERT_KEYS = ("kind", "class", "zone")
_ROUNDING = 1e-6
"""How far above 1 a score may be: a sigmoid in float32 can end there."""
_LARGEST_WHOLE = 2**53

RowName: TypeAlias = Callable[[str, int], str]
"""What a value is called in messages: from its column's key and its row."""


def answer_from_json(
    value: Plain, class_names: Sequence[str], *, where: str, form: BoxForm = "xyxy"
) -> FrameAnswer:
    """Check an answer in JSON.

    Args:
        value: the decoded JSON of one frame.
        class_names: the stage's classes.
        where: stage and frame, for messages.
        form: what the four numbers of a box are, in px of the frame.

    Raises:
        EngineError: naming the value that is wrong.
    """
    if not isinstance(value, dict):
        raise EngineError(
            f"the answer is {shown(value)}, expected a JSON object",
            where=where,
            hint='answer {"boxes": [...], "scores": [...], "classes": [...]}',
        )
    return answer_from_mapping(value, class_names, where=where, form=form)


def answer_from_mapping(
    answer: Mapping[str, object],
    class_names: Sequence[str],
    *,
    where: str,
    form: BoxForm = "xyxy",
) -> FrameAnswer:
    """Check an answer whose values are lists or arrays; otherwise as `answer_from_json`."""
    unknown = next((key for key in answer if key not in _KEYS), None)
    if unknown is not None:
        raise EngineError(
            f"the answer has an unknown key {shown(unknown)}",
            where=where,
            hint=closest(str(unknown), _KEYS),
        )
    checks = _Checks(class_names, where)
    columns, named = answer, _name_in_columns
    if "detections" in answer:
        doubled = next((key for key in COLUMNS if key in answer), None)
        if doubled is not None:
            raise checks.wrong(f"the answer has both detections and {doubled}", "give one of them")
        named = _name_in_rows
        columns = _columns_of_rows(answer["detections"], checks)
    if "boxes" not in columns or "scores" not in columns:
        missing = "boxes" if "boxes" not in columns else "scores"
        raise checks.wrong(
            f"the answer has no {missing}", "give boxes and scores, empty where nothing was found"
        )
    scores = checks.scores(columns["scores"], named)
    n = len(scores)
    return FrameAnswer(
        boxes_xyxy=checks.boxes(columns["boxes"], n, form, named),
        scores=scores,
        class_index=checks.classes(columns.get("classes"), n, named),
        track_id=checks.tracks(columns.get("tracks"), n, named),
        alerts=checks.alerts(answer.get("alerts")),
    )


def shown(value: object) -> str:
    """A value, short enough for a message."""
    if isinstance(value, np.generic):
        return shown(value.item())
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, str):
        return f'"{printable(value[:60])}"'
    if isinstance(value, list | tuple):
        items = ["[...]" if isinstance(item, list | tuple) else shown(item) for item in value[:6]]
        return f"[{', '.join(items)}{', ...' if len(value) > 6 else ''}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) <= _LARGEST_WHOLE else "a huge number"
    if isinstance(value, float):
        return f"{value:g}"
    return f"a {type(value).__name__}"


class _Checks:
    """The checks of one answer; each raises EngineError at the first value that is wrong."""

    def __init__(self, class_names: Sequence[str], where: str) -> None:
        self._class_names = class_names
        self._where = where

    def wrong(self, what: str, hint: str) -> EngineError:
        return EngineError(what, where=self._where, hint=hint)

    def scores(self, value: object, named: RowName) -> F64:
        scores = self._numbers(value, "scores", named)
        if scores.ndim != 1:
            raise self.wrong(
                f"scores have the shape {list(scores.shape)}", "give a list with a score per box"
            )
        row = _first((scores < 0.0) | (scores > 1.0 + _ROUNDING) | np.isnan(scores))
        if row is not None:
            score = scores[row]
            hint = "give every detection a score from 0 to 1"
            if score < 0.0 or score > 100.0:
                hint = "put logits through a sigmoid or softmax: scores go from 0 to 1"
            elif score > 1.0:
                hint = (
                    "divide percentages by 100, put logits through a sigmoid: scores go from 0 to 1"
                )
            raise self.wrong(f"{named('scores', row)} is {score:g}, expected 0 to 1", hint)
        return np.minimum(scores, 1.0)

    def boxes(self, value: object, n: int, form: BoxForm, named: RowName) -> F64:
        boxes = self._numbers(value, "boxes", named)
        if boxes.size == 0 and len(boxes) == 0:
            boxes = boxes.reshape(0, 4)
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise self.wrong(
                f"boxes have the shape {list(boxes.shape)}, expected [N, 4]",
                "give four numbers per box",
            )
        self._same_length("boxes", len(boxes), n)
        boxes_xyxy = _corners(boxes, form)
        row = _first(~np.isfinite(boxes_xyxy).all(axis=1))
        if row is not None:
            raise self.wrong(
                f"{named('boxes', row)} is {shown(boxes[row].tolist())}, which is not finite",
                "leave such boxes out, or find out where they come from",
            )
        row = _first(np.any(boxes_xyxy[:, 2:] < boxes_xyxy[:, :2], axis=1))
        if row is not None:
            given = shown(boxes[row].tolist())
            if form == "xyxy":
                hint = (
                    "boxes are [x1, y1, x2, y2]; for [x, y, width, height] write `boxes: xywh` in "
                    "the pipeline file, for centres `boxes: cxcywh`"
                )
                raise self.wrong(f"{named('boxes', row)} is {given}: corners out of order", hint)
            raise self.wrong(
                f"{named('boxes', row)} is {given}: a negative size",
                f"boxes are {form}, as the pipeline file says; is that right?",
            )
        return boxes_xyxy

    def classes(self, value: object, n: int, named: RowName) -> I64:
        if value is None:
            if len(self._class_names) != 1 and n:
                raise self.wrong(
                    f"the answer has no classes, but the stage has {len(self._class_names)}",
                    "give every detection its class, by name or by number from 0",
                )
            return np.zeros(n, np.int64)
        items = self._items(value, "classes")
        self._same_length("classes", len(items), n)
        return np.array(
            [self._class(item, named("classes", row)) for row, item in enumerate(items)], np.int64
        )

    def tracks(self, value: object, n: int, named: RowName) -> I64:
        if value is None:
            return np.full(n, NO_TRACK, np.int64)
        items = self._items(value, "tracks")
        self._same_length("tracks", len(items), n)
        tracks: list[int] = []
        for row, item in enumerate(items):
            track = NO_TRACK if item is None else _whole(item)
            if track is None or track < NO_TRACK:
                raise self.wrong(
                    f"{named('tracks', row)} is {shown(item)}, expected a whole number from 0",
                    "write -1 or null where a detection has no identity",
                )
            if track != NO_TRACK and track in tracks:
                first = named("tracks", tracks.index(track))
                raise self.wrong(
                    f"{named('tracks', row)} and {first} are both {track}",
                    "an identity is one object: give it once per frame, or -1 for none",
                )
            tracks.append(track)
        return np.array(tracks, np.int64)

    def alerts(self, value: object) -> tuple[EngineAlert, ...]:
        if value is None:
            return ()
        alerts = []
        for row, item in enumerate(self._items(value, "alerts")):
            if not isinstance(item, Mapping):
                raise self.wrong(
                    f"alerts[{row}] is {shown(item)}, expected an object", 'give {"kind": "..."}'
                )
            unknown = next((key for key in item if key not in _ALERT_KEYS), None)
            if unknown is not None:
                raise self.wrong(
                    f"alerts[{row}] has an unknown key {shown(unknown)}",
                    closest(str(unknown), _ALERT_KEYS),
                )
            kind, zone, name = item.get("kind"), item.get("zone"), item.get("class")
            if not _is_name(kind):
                raise self.wrong(
                    f"alerts[{row}].kind is {shown(kind)}, expected a text of one line",
                    "name what was raised, as the golden set's events do",
                )
            if zone is not None and not _is_name(zone):
                raise self.wrong(
                    f"alerts[{row}].zone is {shown(zone)}, expected a text of one line",
                    "or leave it out",
                )
            index = -1 if name is None else self._class(name, f"alerts[{row}].class")
            alerts.append(EngineAlert(kind, index, zone))
        return tuple(alerts)

    def _class(self, value: object, name: str) -> int:
        if isinstance(value, str):
            if value in self._class_names:
                return self._class_names.index(value)
            raise self.wrong(
                f"{name} is {shown(value)}, which is not among the stage's classes",
                closest(value, self._class_names),
            )
        index = _whole(value)
        if index is None:
            raise self.wrong(
                f"{name} is {shown(value)}, expected a class",
                "give the class's name, or its number counted from 0",
            )
        if not 0 <= index < len(self._class_names):
            raise self.wrong(
                f"{name} is {index}, but the stage has the classes 0 to "
                f"{len(self._class_names) - 1}",
                "numbers count from 0; list all the model's classes in `classes`, in its order",
            )
        return index

    def _numbers(self, value: object, key: str, named: RowName) -> F64:
        """The value as an array of float64, of any shape."""
        items = self._items(value, key)
        try:
            numbers: npt.NDArray[np.generic] = np.asarray(items)
        except (ValueError, OverflowError):
            numbers = np.asarray(None)
        if numbers.dtype.kind in "iuf":
            return numbers.astype(np.float64)
        row = next((k for k, item in enumerate(items) if not _are_numbers(item, key)), None)
        if row is None:
            raise self.wrong(f"{key} cannot be read as numbers", "give lists of numbers")
        expected = "four numbers" if key == "boxes" else "a number"
        raise self.wrong(
            f"{named(key, row)} is {shown(items[row])}, expected {expected}",
            "write finite numbers, without quotes",
        )

    def _items(self, value: object, key: str) -> list[object]:
        """The value as a list: of a list, a tuple or an array."""
        if isinstance(value, list | tuple):
            return list(value)
        to_list = getattr(value, "tolist", None)
        items = to_list() if callable(to_list) else None
        if not isinstance(items, list):
            raise self.wrong(f"{key} is {shown(value)}, expected a list", "give a value per box")
        return items

    def _same_length(self, key: str, n_found: int, n_scores: int) -> None:
        if n_found != n_scores:
            raise self.wrong(
                f"{key} has {n_found} entries, but scores has {n_scores}",
                "every column needs one entry per detection, in the same order",
            )


def _columns_of_rows(value: object, checks: _Checks) -> dict[str, object]:
    if not isinstance(value, list | tuple):
        raise checks.wrong(f"detections is {shown(value)}, expected a list", "give a row per box")
    keys = tuple(COLUMNS.values())
    columns: dict[str, list[object]] = {key: [] for key in COLUMNS}
    for row, item in enumerate(value):
        if not isinstance(item, Mapping):
            raise checks.wrong(
                f"detections[{row}] is {shown(item)}, expected an object",
                'give {"box": [...], "score": 0.9, "class": "..."}',
            )
        unknown = next((key for key in item if key not in keys), None)
        if unknown is not None:
            raise checks.wrong(
                f"detections[{row}] has an unknown key {shown(unknown)}",
                closest(str(unknown), keys),
            )
        missing = next((key for key in ("box", "score") if key not in item), None)
        if missing is not None:
            raise checks.wrong(f"detections[{row}] has no {missing}", "every row needs one")
        for key, key_in_row in COLUMNS.items():
            columns[key].append(item.get(key_in_row))
    # A class may be left out everywhere; a row without one among others that have it is an error.
    without_classes = all(item is None for item in columns["classes"])
    return {
        key: None if key == "classes" and without_classes else column
        for key, column in columns.items()
    }


def _name_in_columns(key: str, row: int) -> str:
    return f"{key}[{row}]"


def _name_in_rows(key: str, row: int) -> str:
    return f"detections[{row}].{COLUMNS[key]}"


def _corners(boxes: F64, form: BoxForm) -> F64:
    if form == "xyxy":
        return boxes
    first, size = boxes[:, :2], boxes[:, 2:]
    # What is not finite is refused by the caller.
    with np.errstate(over="ignore", invalid="ignore"):
        start = first if form == "xywh" else first - size / 2
        return np.concatenate([start, start + size], axis=1)


def _is_name(value: object) -> TypeGuard[str]:
    """Whether it is a text that can be stored and shown as it is."""
    return isinstance(value, str) and value != "" and printable(value) == value


def _whole(value: object) -> int | None:
    """A whole number; None for anything else. 2.0 is whole: arrays of floats hold classes too."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return None
    number = value.item() if isinstance(value, np.number) else value
    if not isinstance(number, int | float) or not abs(number) <= _LARGEST_WHOLE:
        return None
    return int(number) if number == int(number) else None


def _are_numbers(item: object, key: str) -> bool:
    numbers = item if key == "boxes" else [item]
    return (
        isinstance(numbers, list | tuple)
        and len(numbers) == (4 if key == "boxes" else 1)
        and all(type(number) in (int, float) for number in numbers)
    )


def _first(wrong: Bool | np.bool_) -> int | None:
    return int(np.argmax(wrong)) if wrong.any() else None
