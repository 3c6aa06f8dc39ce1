"""Stored alerts: a JSON list of ``{"time_s", "kind", "class"?, "zone"?}`` per clip."""

from __future__ import annotations

from pathlib import Path

from vbench.config.json_text import JsonDocument, read_json
from vbench.config.model_file import closest
from vbench.config.yaml_text import KeyPath, Plain
from vbench.types import I64, Alert, Alerts

KEYS = ("time_s", "kind", "class", "zone")


def read_alerts(
    path: Path, class_names: tuple[str, ...], class_id: I64, duration_s: float
) -> Alerts:
    """What a system's rules raised on a clip.

    Args:
        path: the JSON file.
        class_names: the system's own classes, which ``class`` names.
        class_id: (C,) the taxonomy's class of each, negative for classes left out; alerts of
            those are left out too.
        duration_s: length of the clip.

    Raises:
        TruthError: the file is missing or broken, or does not fit the clip; with its line and key.
    """
    document = read_json(path)
    raised: list[Alert] = []
    for index, record in enumerate(document.records(document.data, ())):
        at: KeyPath = (index,)
        unknown = next((key for key in record if key not in KEYS), None)
        if unknown is not None:
            raise document.wrong((*at, unknown), "unknown key", closest(unknown, KEYS))
        time_s = document.number(record.get("time_s"), (*at, "time_s"))
        if not 0 <= time_s <= duration_s:
            what = f"{time_s:g} s is outside the clip, which is {duration_s:g} s long"
            raise document.wrong((*at, "time_s"), what, "times are seconds from the first frame")
        kind = document.words(record.get("kind"), (*at, "kind"))
        of_class = _class_index(document, record.get("class"), (*at, "class"), class_names)
        if of_class >= 0 and class_id[of_class] < 0:
            continue
        zone = record.get("zone")
        raised.append(
            Alert(
                time_s,
                kind,
                int(class_id[of_class]) if of_class >= 0 else -1,
                None if zone is None else document.words(zone, (*at, "zone")),
            )
        )
    return Alerts.of(raised)


def _class_index(
    document: JsonDocument, value: Plain, at: KeyPath, class_names: tuple[str, ...]
) -> int:
    """Index of the class that an alert names, -1 where it names none."""
    if value is None:
        return -1
    name = document.words(value, at)
    if name not in class_names:
        what = f'class "{name}" is not among the pipeline\'s classes'
        raise document.wrong(at, what, closest(name, class_names))
    return class_names.index(name)
