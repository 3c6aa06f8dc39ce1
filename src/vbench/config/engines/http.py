"""``engine: {type: http, ...}``."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, Field, SecretStr, model_validator

from vbench.config.engines.headers import Headers
from vbench.config.engines.shared import BoxForm, Color, Seconds, Takes, check_host
from vbench.config.model_file import FileModel

_URL = re.compile(
    r"https?://(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[/?][\x21\x22\x24-\x7e]*)?"
)
_LARGEST_PORT = 65535


def _check_url(url: str) -> str:
    """Refuse what is no address; it is not shown, since it may hold a key."""
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(
            "must be like http://host:8080/path, percent-encoded, without user name or fragment "
            "(a password goes into `headers`)"
        )
    check_host(match["host"])
    if match["port"] is not None and not 0 < int(match["port"]) <= _LARGEST_PORT:
        raise ValueError(f"port {match['port']} does not exist")
    return url


def _check_path(path: str) -> str:
    if "" in path.split("."):
        raise ValueError("must be keys with dots between them, like images.0.results")
    return path


ServerAddress: TypeAlias = Annotated[str, AfterValidator(_check_url)]

JsonPath: TypeAlias = Annotated[str, AfterValidator(_check_path)]
"""Keys, and numbers of list items from 0, with dots between them: ``images.0.results``."""

FieldValue: TypeAlias = bool | int | float | SecretStr


class AnswerEntry(FileModel):
    """Where a server's JSON has what."""

    detections: JsonPath | None = "detections"
    """The list with a row per detection; null where the whole answer is that list."""
    box: JsonPath | Annotated[list[JsonPath], Field(min_length=4, max_length=4)] = "box"
    """In a row: a list of four numbers, or where each of the four is."""
    normalized: bool = False
    """Coordinates in 0..1 of the frame instead of pixels."""
    score: JsonPath = "score"
    class_: JsonPath | None = Field(default="class", alias="class")
    """Name or number from 0; null where rows have none, since the stage has only one class."""
    track: JsonPath | None = None
    alerts: JsonPath | None = None
    """In the answer: a list of ``{kind, class, zone}``."""


class HttpEntry(FileModel):
    """A server that takes a frame and answers JSON."""

    takes: ClassVar[Takes] = "frames"
    repeatable: ClassVar[bool] = False

    type: Literal["http"]
    url: ServerAddress
    frames: Literal["jpeg", "png", "raw"] = "jpeg"
    """What a frame is sent as."""
    color: Color = "bgr"
    """Order of the channels of raw frames."""
    body: Literal["binary", "json", "multipart"] = "binary"
    """How it travels: as the body itself, in JSON as base64, or as a file of a form."""
    field: JsonPath = "image"
    """Where the frame is in the JSON, or the name of the form's file."""
    fields: dict[JsonPath, FieldValue] = Field(default_factory=dict)
    """What else the JSON or the form holds."""
    headers: Headers = Field(default_factory=dict)
    timeout_s: Seconds = 10.0
    boxes: BoxForm = "xyxy"
    answer: AnswerEntry | None = None
    """Without it, the answer is in vbench's plain form."""

    @model_validator(mode="after")
    def _fields_have_a_place(self) -> HttpEntry:
        if self.body == "binary":
            for key in sorted({"field", "fields"} & self.model_fields_set):
                raise ValueError(f"`{key}` needs `body: json` or `body: multipart`")
        paths = [self.field, *self.fields]
        for path in paths:
            if any(other.startswith(f"{path}.") for other in paths) or paths.count(path) > 1:
                raise ValueError(f'"{path}" is the place of two things')
        return self
