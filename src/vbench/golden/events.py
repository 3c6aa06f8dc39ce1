"""Event truth: a JSON list of ``{"kind", "start_s", "end_s", "class"?, "zone"?}``."""

from __future__ import annotations

from pathlib import Path

from vbench.config.json_text import JsonDocument, read_json
from vbench.config.model_file import closest
from vbench.config.yaml_text import KeyPath, Plain
from vbench.errors import TruthError
from vbench.types import MediaFacts, Taxonomy, TruthEvent

KEYS = ("kind", "start_s", "end_s", "class", "zone")


def read_events(path: Path, taxonomy: Taxonomy, facts: MediaFacts) -> tuple[TruthEvent, ...]:
    """Events of a clip, sorted by start.

    Args:
        path: the JSON file.
        taxonomy: knows the classes that ``class`` may name.
        facts: the clip's length; an event may end one frame after it at most.

    Raises:
        TruthError: with ``file:line: key``.
    """
    document = read_json(path)
    events = [
        _event(document, record, (index,), taxonomy, facts)
        for index, record in enumerate(document.records(document.data, ()))
    ]
    return tuple(sorted(events, key=lambda event: (event.start_s, event.end_s, event.kind)))


def _event(
    document: JsonDocument,
    record: dict[str, Plain],
    at: KeyPath,
    taxonomy: Taxonomy,
    facts: MediaFacts,
) -> TruthEvent:
    unknown = next((key for key in record if key not in KEYS), None)
    if unknown is not None:
        raise document.wrong((*at, unknown), "unknown key", closest(unknown, KEYS))
    start_s = document.number(record.get("start_s"), (*at, "start_s"))
    end_s = document.number(record.get("end_s"), (*at, "end_s"))
    if start_s < 0:
        raise document.wrong((*at, "start_s"), f"{start_s:g} is before the clip's start")
    if end_s < start_s:
        what = f"ends at {end_s:g} s, before its start at {start_s:g} s"
        raise document.wrong((*at, "end_s"), what)
    frame_s = facts.duration_s / facts.n_frames
    if end_s > facts.duration_s + frame_s:
        what = f"ends at {end_s:g} s, the clip is {facts.duration_s:g} s long"
        raise document.wrong((*at, "end_s"), what, "times are seconds from the first frame")
    return TruthEvent(
        kind=document.words(record.get("kind"), (*at, "kind")),
        start_s=start_s,
        end_s=end_s,
        class_name=_class_name(document, record, at, taxonomy),
        zone=_optional_words(document, record, at, "zone"),
    )


def _class_name(
    document: JsonDocument, record: dict[str, Plain], at: KeyPath, taxonomy: Taxonomy
) -> str | None:
    name = _optional_words(document, record, at, "class")
    if name is not None and name not in taxonomy.names:
        raise TruthError(
            f'class "{name}" is not in the taxonomy',
            where=document.where(*at, "class"),
            hint=closest(name, taxonomy.names),
        )
    return name


def _optional_words(
    document: JsonDocument, record: dict[str, Plain], at: KeyPath, key: str
) -> str | None:
    value = record.get(key)
    return None if value is None else document.words(value, (*at, key))
