"""A server's own JSON, brought into vbench's plain form by the pipeline file's `answer`."""

from __future__ import annotations

from vbench.config.engines.http import AnswerEntry
from vbench.config.yaml_text import Plain
from vbench.engines.answer import shown
from vbench.errors import EngineError

_SHOWN_KEYS = 8


def mapped(answer: Plain, entry: AnswerEntry, size_px: tuple[int, int]) -> dict[str, Plain]:
    """The answer in the row form of `vbench.engines.answer`; its values are checked there.

    Args:
        answer: the decoded JSON.
        entry: where it has what.
        size_px: (width, height) of the frame, for normalized coordinates.

    Raises:
        EngineError: something is not where the entry says; names what is there instead.
    """
    rows = answer if entry.detections is None else _at(answer, entry.detections, "detections", "")
    name = entry.detections or "the answer"
    if not isinstance(rows, list):
        raise _wrong(f"{name} is {shown(rows)}, expected a list", "detections")
    plain: dict[str, Plain] = {
        "detections": [_row(row, entry, f"{name}[{k}]", size_px) for k, row in enumerate(rows)]
    }
    if entry.alerts is not None:
        plain["alerts"] = _at(answer, entry.alerts, "alerts", "")
    return plain


def _row(row: Plain, entry: AnswerEntry, name: str, size_px: tuple[int, int]) -> dict[str, Plain]:
    if isinstance(entry.box, str):
        box = _at(row, entry.box, "box", name)
    else:
        box = [_at(row, path, "box", name) for path in entry.box]
    if entry.normalized:
        box = _in_pixels(box, size_px)
    found: dict[str, Plain] = {"box": box, "score": _at(row, entry.score, "score", name)}
    if entry.class_ is not None:
        found["class"] = _at(row, entry.class_, "class", name)
    if entry.track is not None:
        found["track"] = _at(row, entry.track, "track", name)
    return found


def _in_pixels(box: Plain, size_px: tuple[int, int]) -> Plain:
    """A box in pixels; whatever is no box of four numbers stays as it is."""
    if not isinstance(box, list) or len(box) != 4:
        return box
    width, height = size_px
    return [
        value * length if isinstance(value, int | float) and not isinstance(value, bool) else value
        for value, length in zip(box, (width, height, width, height), strict=True)
    ]


def _at(value: Plain, path: str, key: str, name: str) -> Plain:
    """The value at a path; `key` of the entry names the path, `name` is what `value` is called."""
    here = value
    seen = name
    for part in path.split("."):
        below = f"{seen}.{part}" if seen else part
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        else:
            raise _wrong(f'{seen or "the answer"} has no "{part}": it {_holds(here)}', key)
        seen = below
    return here


def _holds(value: Plain) -> str:
    if isinstance(value, dict):
        keys = ", ".join(shown(key) for key in list(value)[:_SHOWN_KEYS])
        more = ", ..." if len(value) > _SHOWN_KEYS else ""
        return f"has {keys}{more}" if keys else "is empty"
    if isinstance(value, list):
        return f"is a list of {len(value)}"
    return f"is {shown(value)}"


def _wrong(what: str, key: str) -> EngineError:
    return EngineError(what, hint=f"correct `answer.{key}` in the pipeline file")
