"""A line of ``deployments.jsonl``: which pipeline passed which gates on which golden sets, when."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pydantic

from vbench.config.yaml_text import key_text
from vbench.types import Digest, GateLevel, Verdict

LEDGER_SCHEMA = "vbench.deployment/v1"

Action = Literal["promote", "rollback"]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A golden set that a pipeline was judged on."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class JudgedGate:
    """What a gate said about a pipeline that was promoted."""

    title: str
    golden_set: str
    level: GateLevel
    verdict: Verdict
    value: float | None
    in_quarantine: bool


@dataclass(frozen=True, slots=True)
class Deployment:
    """From this entry on the pipeline is the current one of its benchmark."""

    action: Action
    at: str
    """ISO 8601, UTC."""
    benchmark: str
    pipeline: str
    version: str
    digests: tuple[Digest, ...]
    """Of the pipeline file, its class list, and its models or replayed results."""
    golden_sets: tuple[JudgedSet, ...]
    gates: tuple[JudgedGate, ...]
    run: str
    """The run folder: from the ledger's folder where both are in one repository, else absolute."""
    run_sha256: str
    """Of its ``run.json``."""
    note: str = ""
    previous: str | None = None
    """`sha256` of the line before; None on the first."""
    sha256: str = ""
    """Of the line without this key; empty before it is written."""

    def is_same(self, other: Deployment) -> bool:
        """Whether both stand for the same pipeline of the same run."""
        return (self.pipeline, self.run_sha256) == (other.pipeline, other.run_sha256)


def sealed_line(entry: Deployment, previous: str | None) -> tuple[Deployment, str]:
    """An entry with `previous` and its own `sha256`, and the line that says it."""
    entry = dataclasses.replace(entry, previous=previous, sha256="")
    entry = dataclasses.replace(entry, sha256=_digest(fields_of(entry)))
    return entry, _text(fields_of(entry))


def parse_line(line: bytes) -> Deployment:
    """The entry on a line of the ledger, without its line break.

    Raises:
        ValueError: why it is not a line that vbench wrote.
    """
    try:
        text = line.decode("utf-8")
        fields = json.loads(text)
    except ValueError:
        raise ValueError("is not complete JSON") from None
    found = fields.get("schema") if isinstance(fields, dict) else None
    if found != LEDGER_SCHEMA:
        raise ValueError(f"schema is {found!r}, this vbench reads {LEDGER_SCHEMA!r}")
    try:
        entry = _reader().validate_json(text)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
        raise ValueError(f"{key_text(first['loc'])}: {message}") from None
    if text != _text(fields_of(entry)) or entry.sha256 != _digest(fields):
        raise ValueError("was edited: it does not have the SHA-256 that it states")
    return entry


@cache
def _reader() -> pydantic.TypeAdapter[Deployment]:
    return pydantic.TypeAdapter(Deployment)


def fields_of(entry: Deployment) -> dict[str, object]:
    """A line as the JSON object that it is."""
    return {"schema": LEDGER_SCHEMA, **dataclasses.asdict(entry)}


def _digest(fields: Mapping[str, object]) -> str:
    unsealed = {key: value for key, value in fields.items() if key != "sha256"}
    return hashlib.sha256(_text(unsealed).encode("utf-8")).hexdigest()


def _text(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, allow_nan=False)
