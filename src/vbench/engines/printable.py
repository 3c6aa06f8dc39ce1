"""What others wrote, made fit for a terminal, a report and a file in UTF-8."""

from __future__ import annotations

from unicodedata import category

_UNFIT = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Control characters, halves of surrogate pairs, and separators of lines and paragraphs."""


def printable(text: str) -> str:
    """The text with ``?`` in the place of each character that would break a line or a file.

    JSON may hold half a surrogate pair, which no file in UTF-8 can, and escapes of a terminal.
    """
    return "".join("?" if category(letter) in _UNFIT else letter for letter in text)
