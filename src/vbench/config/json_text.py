"""JSON with the line of each value for messages."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from json.decoder import JSONDecodeError
from pathlib import Path

from vbench.config.model_file import key_text
from vbench.config.number_table import read_text
from vbench.config.whole_numbers import is_whole
from vbench.config.yaml_text import KeyPath, Plain
from vbench.errors import TruthError

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\n\r,:]*")


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """The data of one JSON file, with typed access that names file, line and key."""

    path: Path
    data: Plain
    text: str

    def where(self, *key_path: str | int) -> str:
        """``file:line: key``; finds the line only now, since only errors need it."""
        line = self.text.count("\n", 0, _offset(self.text, key_path)) + 1
        key = key_text(key_path)
        return f"{self.path}:{line}: {key}" if key else f"{self.path}:{line}"

    def wrong(self, key_path: KeyPath, what: str, hint: str = "") -> TruthError:
        """An error at a key."""
        return TruthError(what, where=self.where(*key_path), hint=hint)

    def records(self, value: Plain, key_path: KeyPath) -> list[dict[str, Plain]]:
        """A list of objects; raises TruthError otherwise."""
        if not isinstance(value, list):
            raise self.wrong(key_path, f"is {_kind(value)}, expected a list")
        records = []
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.wrong((*key_path, index), f"is {_kind(item)}, expected an object")
            records.append(item)
        return records

    def number(self, value: Plain, key_path: KeyPath) -> float:
        """A finite number; raises TruthError otherwise."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key_path, f"is {_kind(value)}, expected a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.wrong(key_path, f"{_kind(value)} is not a finite number", "give a number")
        return number

    def whole(self, value: Plain, key_path: KeyPath) -> int:
        """A whole number; raises TruthError otherwise."""
        number = self.number(value, key_path)
        if not is_whole(number):
            raise self.wrong(key_path, f"{_kind(value)} is not a whole number")
        return int(number)

    def words(self, value: Plain, key_path: KeyPath) -> str:
        """A text that is not empty; raises TruthError otherwise."""
        if not isinstance(value, str) or not value:
            raise self.wrong(key_path, f"is {_kind(value)}, expected a text")
        try:
            value.encode()
        except UnicodeEncodeError:
            # JSON may hold one; no file in UTF-8 can, and so no run.
            what = "holds half of a surrogate pair"
            raise self.wrong(key_path, what, "write the whole character") from None
        return value


def read_json(path: Path) -> JsonDocument:
    """Parse a JSON file; raises TruthError where it is missing or is not JSON."""
    text = read_text(path)
    try:
        data: Plain = json.loads(text)
    except JSONDecodeError as error:
        raise TruthError(
            f"not valid JSON: {error.msg}",
            where=f"{path}:{error.lineno}: column {error.colno}",
            hint="is this the format the file is declared to be?",
        ) from None
    except RecursionError:
        raise TruthError(
            "is nested too deeply", where=str(path), hint="is truth_format right?"
        ) from None
    return JsonDocument(path, data, text)


def _kind(value: Plain) -> str:
    if value is None:
        return "missing"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return json.dumps(value)[:40]


def _offset(text: str, key_path: KeyPath) -> int:
    """Where a value starts in JSON text; that of the nearest parent where the key is missing."""
    offset = _skip(text, 0)
    for part in key_path:
        found = _member(text, offset, part)
        if found is None:
            return offset
        offset = found
    return offset


def _member(text: str, offset: int, part: str | int) -> int | None:
    """Where one member of the object or list at `offset` starts."""
    if text[offset] != ("[" if isinstance(part, int) else "{"):
        return None
    position, here = 0, _skip(text, offset + 1)
    while text[here] not in "]}":
        name: object = position
        if isinstance(part, str):
            name, here = _DECODER.raw_decode(text, here)
            here = _skip(text, here)
        if name == part:
            return here
        _, here = _DECODER.raw_decode(text, here)
        here, position = _skip(text, here), position + 1
    return None


def _skip(text: str, offset: int) -> int:
    match = _BLANK.match(text, offset)
    return offset if match is None else match.end()
