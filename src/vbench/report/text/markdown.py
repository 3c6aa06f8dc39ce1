"""Markdown that GitHub and GitLab show: escaped text, tables, and parts that fit a limit."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_NAME = 80
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&@])")
_BREAKS = re.compile("[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Also what turns the writing direction of all that follows around."""
_REFERENCE = re.compile(r"([@#])(?=\w)")
_LINK = re.compile(r"(?i)\b(https?|ftp)(?=:)|\bwww(?=\.)")
_ZERO_WIDTH_SPACE = "\u200b"
_BACKTICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a page that is cut only between its rows."""

    rows: tuple[str, ...]
    n_head: int = 1
    """Rows at the start that say nothing alone: a title, the head of a table."""

    def within(self, max_bytes: int, more: str) -> Part:
        """The rows that fit into so many bytes, then `more` with ``{n}`` rows that are left."""
        if _size("\n".join(self.rows)) <= max_bytes:
            return self
        longest_note = more.format(n=f"{len(self.rows):,}")
        kept = _fitting(self, max_bytes - _size(f"\n\n{longest_note}"))
        n_left = len(self.rows) - max(len(kept), self.n_head)
        return Part((*kept, *([""] if kept else []), more.format(n=f"{n_left:,}")), self.n_head)


def page(parts: Sequence[Part], max_bytes: int, more: str) -> str:
    """Parts under each other in less than `max_bytes`; what does not fit is cut, and `more` said.

    Args:
        parts: what comes first is kept first; empty parts are left out.
        max_bytes: of UTF-8.
        more: the sentence at the end of a page that was cut.
    """
    filled = [part for part in parts if part.rows]
    text = "\n\n".join("\n".join(part.rows) for part in filled) + "\n"
    if _size(text) < max_bytes:
        return text
    room = max_bytes - _size(f"\n\n{more}\n") - 1
    kept: list[str] = []
    for part in filled:
        rows = _fitting(part, room - 2)
        if rows:
            kept.append("\n".join(rows))
            room -= _size(kept[-1]) + 2
        if len(rows) < len(part.rows):
            break
    return "\n\n".join([*kept, more]) + "\n"


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False
) -> tuple[str, ...]:
    """Lines of a table of escaped cells; `numbers` puts all columns but the first to the right."""
    rule = [":--", *(["--:"] * (len(head) - 1) if numbers else [":--"] * (len(head) - 1))]
    return tuple(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def escaped(text: str, *, limit: int = MAX_NAME) -> str:
    """Text that stays in its cell: no line breaks, no Markdown, no HTML, no mention, not endless.

    GitHub looks for mentions, issue numbers and bare links in the finished page, where a backslash
    no longer counts; a zero-width space keeps them apart.
    """
    return _SPECIAL.sub(r"\\\1", _flat(text, limit))


def escaped_html(text: str, *, limit: int = MAX_NAME) -> str:
    """The same for text inside an HTML element, where Markdown does not hold."""
    return html.escape(_flat(text, limit))


def code_block(text: str) -> str:
    """A line of shell in a fence that the line cannot close."""
    line = _BREAKS.sub(" ", text)
    longest = max((len(found) for found in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{line}\n{fence}"


def _fitting(part: Part, max_bytes: int) -> tuple[str, ...]:
    """The first rows that fit; none where nothing besides the head would."""
    room = max_bytes
    kept: list[str] = []
    for row in part.rows:
        room -= _size(row) + 1
        if room < 0:
            break
        kept.append(row)
    return tuple(kept) if len(kept) > part.n_head or len(kept) == len(part.rows) else ()


def _flat(text: str, limit: int) -> str:
    flat = _BREAKS.sub(" ", text)
    short = flat if len(flat) <= limit else f"{flat[: limit - 1]}…"
    apart = _REFERENCE.sub(rf"\1{_ZERO_WIDTH_SPACE}", short)
    return _LINK.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", apart)


def _size(text: str) -> int:
    return len(text.encode("utf-8"))
