"""A frame as the body of a request, and the headers that go with it."""

from __future__ import annotations

from base64 import b64encode
from json import dumps
from typing import TypeAlias
from urllib.parse import quote, unquote_plus, urlsplit

from vbench.config.engines.http import FieldValue, HttpEntry
from vbench.engines.color import image_in
from vbench.engines.jpeg import jpeg_bytes
from vbench.engines.png import png_bytes
from vbench.engines.protocol import ClipFacts
from vbench.types.frame import Frame

_Json: TypeAlias = "bool | int | float | str | dict[str, _Json]"

_MEDIA_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "raw": "application/octet-stream"}
_FILE_NAMES = {"jpeg": "frame.jpg", "png": "frame.png", "raw": "frame.raw"}
_BOUNDARY = "vbench-c4a1f0e7b96d4d2f8a35-frame"


class RequestForm:
    """How the requests of one pipeline are made."""

    def __init__(self, entry: HttpEntry) -> None:
        """Prepare what is the same in each request."""
        self._entry = entry
        self._fields = {path: _plain(value) for path, value in entry.fields.items()}
        self._headers = {
            "Accept": "application/json",
            "Content-Type": self._content_type(),
            "User-Agent": "vbench",
        }
        own = {name: value.get_secret_value() for name, value in entry.headers.items()}
        # A header of the user's takes the place of vbench's, in whatever case it is written.
        given = {name.lower() for name in own}
        self._headers = {k: v for k, v in self._headers.items() if k.lower() not in given} | own

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show: values of headers, text fields, what follows the ``?``."""
        headers = [value.get_secret_value() for value in self._entry.headers.values()]
        fields = [value for value in self._fields.values() if isinstance(value, str)]
        query = urlsplit(self._entry.url).query
        # A server may repeat them as they came or decoded.
        sent = [part.partition("=")[2] or part for part in query.split("&") if part]
        return (*headers, *fields, *sent, *(unquote_plus(value) for value in sent))

    def headers(
        self, clip: ClipFacts | None, frame: Frame, *, first_of_clip: bool = False
    ) -> dict[str, str]:
        """Headers of a frame's request."""
        height, width = frame.image.shape[:2]
        of_frame = {
            "Vbench-Clip": quote(clip.id) if clip is not None else "",
            "Vbench-Frame": str(frame.index),
            "Vbench-Time": f"{frame.pts_s:.6f}",
            "Vbench-Width": str(width),
            "Vbench-Height": str(height),
        }
        if first_of_clip:
            of_frame["Vbench-New-Clip"] = "true"
        if self._entry.frames == "raw":
            of_frame["Vbench-Color"] = self._entry.color
        return self._headers | of_frame

    def body(self, frame: Frame) -> bytes | memoryview:
        """A frame's request body; a raw frame in the right colour order is not copied.

        Raises EngineError where the frame is too large for a JPEG.
        """
        content = self._content(frame)
        if self._entry.body == "binary":
            return content
        if self._entry.body == "json":
            return _json_body(
                {**self._fields, self._entry.field: b64encode(content).decode("ascii")}
            )
        return self._multipart(content)

    def _content(self, frame: Frame) -> bytes | memoryview:
        if self._entry.frames == "jpeg":
            return jpeg_bytes(frame)
        if self._entry.frames == "png":
            return png_bytes(frame)
        return image_in(frame, self._entry.color).data.cast("B")

    def _content_type(self) -> str:
        if self._entry.body == "json":
            return "application/json"
        if self._entry.body == "multipart":
            return f"multipart/form-data; boundary={_BOUNDARY}"
        return _MEDIA_TYPES[self._entry.frames]

    def _multipart(self, content: bytes | memoryview) -> bytes:
        parts: list[bytes | memoryview] = []
        for name, value in self._fields.items():
            text = value if isinstance(value, str) else dumps(value)
            parts += [_part_head(f'name="{_quoted(name)}"'), text.encode(), b"\r\n"]
        file_name = _FILE_NAMES[self._entry.frames]
        head = _part_head(
            f'name="{_quoted(self._entry.field)}"; filename="{file_name}"',
            _MEDIA_TYPES[self._entry.frames],
        )
        return b"".join([*parts, head, content, f"\r\n--{_BOUNDARY}--\r\n".encode()])


def _part_head(disposition: str, media_type: str | None = None) -> bytes:
    """The head of a part of a form (RFC 7578)."""
    content_type = f"Content-Type: {media_type}\r\n" if media_type else ""
    return (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{content_type}\r\n"
    ).encode()


def _quoted(name: str) -> str:
    """A part's name as browsers write it (HTML standard, "multipart form data")."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _json_body(values: dict[str, bool | int | float | str]) -> bytes:
    """Values by path as nested objects: ``image.value`` as ``{"image": {"value": ...}}``."""
    top: dict[str, _Json] = {}
    for path, value in values.items():
        *parents, key = path.split(".")
        here = top
        for parent in parents:
            below = here.setdefault(parent, {})
            if not isinstance(below, dict):
                raise TypeError(f"{path}: the entry's check lets no value have two forms")
            here = below
        here[key] = value
    return dumps(top).encode()


def _plain(value: FieldValue) -> bool | int | float | str:
    return value if isinstance(value, bool | int | float) else value.get_secret_value()
