"""The http engine: each frame is one request."""

from __future__ import annotations

import json
from pathlib import Path

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.http import HttpEntry
from vbench.config.yaml_text import Plain
from vbench.engines.answer import answer_from_json
from vbench.engines.http.exchange import Exchange, first_line
from vbench.engines.http.mapping import mapped
from vbench.engines.http.request import RequestForm
from vbench.engines.model_checks import closed
from vbench.engines.protocol import ClipFacts, EngineInfo, EngineSite, FrameAnswer
from vbench.engines.redaction import Redaction
from vbench.errors import EngineError
from vbench.types.frame import Frame

_HTTP_VERSION = "1.1"


def open_engine(entry: LiveEntry, site: EngineSite) -> HttpEngine:
    """Connect to the server; see `vbench.engines.protocol.EngineModule`."""
    if not isinstance(entry, HttpEntry):
        raise TypeError(f"entry of type {entry.type}")
    try:
        return HttpEngine(entry, site)
    except EngineError as error:
        raise EngineError(error.what, where=site.place("url"), hint=error.hint) from error


def files_of(entry: LiveEntry, folder: Path) -> tuple[Path, ...]:  # noqa: ARG001
    """None: what the server answers with is not on this machine."""
    return ()


class HttpEngine:
    """A server that answers frames one at a time."""

    def __init__(self, entry: HttpEntry, site: EngineSite) -> None:
        """Connect; raises EngineError where nobody answers."""
        self._entry = entry
        self._site = site
        self._form = RequestForm(entry)
        self._clip: ClipFacts | None = None
        self._is_new_clip = False
        self._redacted = Redaction(self._form.secrets)
        self._exchange: Exchange | None = Exchange(entry.url, entry.timeout_s, self._redacted)
        self.info = EngineInfo("http", _HTTP_VERSION, self._exchange.address)

    def begin_clip(self, clip: ClipFacts) -> None:
        """Frames from now on are of this clip; each request names it, the first one marks it."""
        self._clip = clip
        self._is_new_clip = True

    def detect(self, frame: Frame) -> FrameAnswer:
        """Send a frame and read the answer. Raises EngineError naming stage and frame."""
        if self._exchange is None:
            raise closed()
        where = f"stage {self._site.stage}, frame {frame.index}"
        try:
            headers = self._form.headers(self._clip, frame, first_of_clip=self._is_new_clip)
            self._is_new_clip = False
            content = self._exchange.post(headers, self._form.body(frame))
        except EngineError as error:
            raise EngineError(error.what, where=where, hint=error.hint) from error
        try:
            return answer_from_json(
                self._read(content, frame),
                self._site.class_names,
                where=where,
                form=self._entry.boxes,
            )
        except EngineError as error:
            # A server may repeat what it was sent.
            what = self._redacted(error.what)
            raise EngineError(what, where=where, hint=self._redacted(error.hint)) from None

    def close(self) -> None:
        """Hang up; the server goes on."""
        if self._exchange is not None:
            self._exchange.close()
        self._exchange = None

    def _read(self, content: bytes, frame: Frame) -> Plain:
        try:
            answer: Plain = json.loads(content)
        except (ValueError, RecursionError):
            said = first_line(content)
            raise EngineError(
                f"the answer is not JSON: {said}" if said else "the answer is empty",
                hint="is `url` the address that answers with detections?",
            ) from None
        if self._entry.answer is None:
            return answer
        height, width = frame.image.shape[:2]
        return mapped(answer, self._entry.answer, (width, height))
