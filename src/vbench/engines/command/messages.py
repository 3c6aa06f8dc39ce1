"""The lines of the protocol ``vbench.command/v1``; see docs/reference/command-engine.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from vbench.config.engines.shared import BoxForm
from vbench.config.model_file import closest
from vbench.config.yaml_text import Plain
from vbench.engines.answer import answer_from_mapping, shown
from vbench.engines.printable import printable
from vbench.engines.protocol import ClipFacts, FrameAnswer
from vbench.errors import EngineError
from vbench.types.frame import ColorOrder

PROTOCOL = "vbench.command/v1"
_HELLO_KEYS = ("protocol", "name", "version")


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a program says of itself."""

    name: str
    version: str


def hello_line(stage: str, class_names: Sequence[str], color: ColorOrder, frames: str) -> bytes:
    """The first line to the program. `frames` is ``raw`` or ``jpeg``."""
    return _line(
        {
            "protocol": PROTOCOL,
            "stage": stage,
            "classes": list(class_names),
            "color": color,
            "frames": frames,
        }
    )


def clip_line(clip: ClipFacts) -> bytes:
    """Before the first frame of a clip."""
    facts = {"width": clip.width_px, "height": clip.height_px, "fps": clip.fps}
    return _line({"clip": clip.id, **facts})


def frame_line(index: int, time_s: float, n_bytes: int) -> bytes:
    """Before the bytes of a frame."""
    return _line({"frame": index, "time_s": time_s, "n_bytes": n_bytes})


def greeting_of(line: bytes, *, where: str) -> Greeting:
    """Check the program's answer to the hello. Raises EngineError."""
    answer = _object(line, where)
    protocol = answer.get("protocol")
    if protocol != PROTOCOL:
        raise EngineError(
            f"the program speaks the protocol {shown(protocol)}, expected {PROTOCOL}",
            where=where,
            hint=f'answer the first line with {{"protocol": "{PROTOCOL}", "name": "...", '
            '"version": "..."}',
        )
    unknown = next((key for key in answer if key not in _HELLO_KEYS), None)
    if unknown is not None:
        raise EngineError(
            f"the program's greeting has an unknown key {shown(unknown)}",
            where=where,
            hint=closest(unknown, _HELLO_KEYS),
        )
    return Greeting(_words(answer, "name", where), _words(answer, "version", where))


def answer_of(
    line: bytes, index: int, class_names: Sequence[str], *, where: str, form: BoxForm
) -> FrameAnswer:
    """Check the program's answer to frame `index`. Raises EngineError."""
    answer = _object(line, where)
    if "error" in answer:
        raise EngineError(
            f"the program reports an error: {shown(answer['error'])}",
            where=where,
            hint="see its own documentation",
        )
    found = answer.pop("frame", None)
    if type(found) is not int or found != index:
        raise EngineError(
            f"the program answered for frame {shown(found)}, but was given frame {index}",
            where=where,
            hint="answer every frame once, in order, with its own number as `frame`",
        )
    return answer_from_mapping(answer, class_names, where=where, form=form)


def _line(message: dict[str, Plain]) -> bytes:
    """One line, without spaces, keys in this order: what a shell can take apart."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def _object(line: bytes, where: str) -> dict[str, Plain]:
    try:
        answer: Plain = json.loads(line)
    except (ValueError, RecursionError):
        text = line.decode("utf-8", "replace").strip()
        raise EngineError(
            f"the program's answer is not JSON: {shown(text)}"
            if text
            else "the program's answer is an empty line",
            where=where,
            hint="only answers go to stdout, one JSON object per line; messages go to stderr",
        ) from None
    if not isinstance(answer, dict):
        raise EngineError(
            f"the program's answer is {shown(answer)}, expected a JSON object",
            where=where,
            hint='answer {"frame": 0, "detections": [...]}',
        )
    return answer


def _words(answer: dict[str, Plain], key: str, where: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise EngineError(
            f"`{key}` of the program's greeting is {shown(value)}, expected a text",
            where=where,
            hint="name the program and its version: they belong to the run",
        )
    return printable(value)
