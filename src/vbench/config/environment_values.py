"""``${NAME}`` in the text of a YAML file: values of the environment, which are never shown.

Braces mean something to YAML, so that ``{threads: ${THREADS}}`` would be a syntax error. References
are therefore taken out of the text before YAML reads it, and put in again value by value.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from vbench.errors import ConfigError

_REFERENCE = re.compile(r"\$(?P<literal>\$?)\{(?:(?P<inside>[^{}\n]*)\})?")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?")
_MARKS = range(0xE000, 0xF8FF)
"""Characters without a meaning, which YAML lets pass."""

_LONG_ENOUGH = 4
"""Values shorter than this are no secrets, and would be found inside other words."""


@dataclass(slots=True)
class ReferencedText:
    """A file's text with a mark in the place of each ``${...}``."""

    marked: str
    """What YAML is to read."""
    _references: list[re.Match[str]]
    _mark: re.Pattern[str]
    values: dict[str, str] = field(default_factory=dict)
    """What was put in so far, by its reference as written."""

    @classmethod
    def of(cls, text: str) -> ReferencedText:
        """Mark every reference, whether it stands in a value or not."""
        mark = next(chr(code) for code in _MARKS if chr(code) not in text)
        references = list(_REFERENCE.finditer(text))
        marked = text
        if references:
            numbers = iter(range(len(references)))
            marked = _REFERENCE.sub(lambda _: f"{mark}{next(numbers)}{mark}", text)
        return cls(marked, references, re.compile(f"{mark}([0-9]+){mark}"))

    def has_reference(self, marked: str) -> bool:
        """Whether a part of the marked text holds a reference."""
        return bool(self._references) and self._mark.search(marked) is not None

    def as_written(self, marked: str) -> str:
        """A part of the marked text as it is in the file."""
        return self._mark.sub(lambda found: self._references[int(found[1])][0], marked)

    def with_values(self, marked: str, where: str) -> str:
        """A part of the marked text with values in place of references.

        Raises:
            ConfigError: a variable is not set and has no default; a reference is not understood.
        """
        return self._mark.sub(lambda found: self._value(int(found[1]), where), marked)

    def _value(self, number: int, where: str) -> str:
        reference = self._references[number]
        written = reference[0]
        if reference["literal"]:
            return written[1:]
        if reference["inside"] is None:
            raise ConfigError(
                "${ is not closed", where=where, hint="write ${NAME}, or $${ for the letters"
            )
        inside = _INSIDE.fullmatch(reference["inside"])
        if inside is None:
            raise ConfigError(
                f"{written} names no environment variable",
                where=where,
                hint="write ${NAME} or ${NAME:-default}, or $${...} for the letters as they are",
            )
        name, default = inside["name"], inside["default"]
        value = os.environ.get(name)
        if default is not None and not value:
            value = default
        if value is None:
            raise ConfigError(
                f"the environment variable {name} is not set",
                where=where,
                hint=f"set {name}, or write ${{{name}:-default}}",
            )
        self.values[written] = value
        return value


def masked(text: str, values: dict[str, str]) -> str:
    """A message without the values of the environment: each becomes its reference again."""
    for written, value in sorted(values.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(value) >= _LONG_ENOUGH:
            text = text.replace(value, written)
    return text
