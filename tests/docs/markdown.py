"""The parts of Markdown pages that tests read: links, headings, tables, code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
PAGES = (*sorted(REPOSITORY.glob("*.md")), *sorted(DOCS.rglob("*.md")))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_CELL_EDGE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced block and where it stands."""

    path: Path
    line: int
    language: str
    text: str


def code_blocks(path: Path) -> Iterator[CodeBlock]:
    text = path.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        yield CodeBlock(path, text.count("\n", 0, match.start()) + 1, match[1], match[2])


def prose(path: Path) -> str:
    """The page without its code blocks."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def links(path: Path) -> list[str]:
    return _LINK.findall(prose(path))


def anchors(path: Path) -> set[str]:
    """What headings can be linked by, as GitHub and GitLab make it."""
    slugs = (re.sub(r"[^\w\- ]", "", title.lower()) for title in _HEADING.findall(prose(path)))
    return {slug.strip().replace(" ", "-") for slug in slugs}


def sections(path: Path, level: int) -> dict[str, str]:
    """Heading of one level (without code marks) -> the text below it."""
    text = path.read_text(encoding="utf-8")
    parts = re.split(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)[1:]
    titles = [title.replace("`", "") for title in parts[::2]]
    return dict(zip(titles, parts[1::2], strict=True))


def table_rows(path: Path, first_header: str) -> Iterator[tuple[str, ...]]:
    """Cells of every row of every table whose first column has this header."""
    inside = False
    previous = ""
    for line in prose(path).splitlines():
        cells = tuple(cell.strip() for cell in _CELL_EDGE.split(line.strip())[1:-1])
        if not line.startswith("|"):
            inside = False
        elif not previous.startswith("|"):
            inside = cells[0] == first_header
        elif inside and set(cells[0]) - set("-:"):
            yield cells
        previous = line


def words(cell: str) -> list[str]:
    """The code words of a cell."""
    return _CODE.findall(cell)
