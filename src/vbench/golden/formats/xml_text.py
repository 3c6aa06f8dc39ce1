"""XML with the line of each element for messages."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from vbench.config.number_table import read_text
from vbench.config.whole_numbers import is_whole
from vbench.errors import TruthError


@dataclass(frozen=True, slots=True)
class XmlElement:
    """One element of an XML file."""

    path: Path
    line: int
    tag: str
    attributes: dict[str, str]
    children: list[XmlElement] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly inside, without surrounding blanks."""
        return "".join(self.texts).strip()

    @property
    def where(self) -> str:
        """``file:line: tag``."""
        return f"{self.path}:{self.line}: {self.tag}"

    def find_all(self, tag: str) -> list[XmlElement]:
        """Direct children of one tag."""
        return [child for child in self.children if child.tag == tag]

    def find(self, *tags: str) -> XmlElement | None:
        """First element down a path of tags, None where there is none."""
        here = self
        for tag in tags:
            found = here.find_all(tag)
            if not found:
                return None
            here = found[0]
        return here

    def need(self, *tags: str) -> XmlElement:
        """As `find`; raises TruthError where there is none."""
        found = self.find(*tags)
        if found is None:
            raise TruthError(
                f"has no <{'/'.join(tags)}>",
                where=self.where,
                hint="is truth_format right, and is the file complete?",
            )
        return found

    def attribute(self, name: str) -> str:
        """Value of an attribute; raises TruthError where it is missing."""
        if name not in self.attributes:
            raise TruthError(
                f'attribute "{name}" is missing',
                where=self.where,
                hint="is truth_format right, and is the file complete?",
            )
        return self.attributes[name]

    def number(self, attribute: str | None = None) -> float:
        """The text, or an attribute, as a finite number; raises TruthError."""
        written = self.text if attribute is None else self.attribute(attribute)
        where = self.where if attribute is None else f"{self.where} {attribute}"
        try:
            value = float(written)
        except ValueError:
            raise TruthError(
                f'"{written[:40]}" is not a number', where=where, hint="give a number"
            ) from None
        if not math.isfinite(value):
            raise TruthError(f"{written} is not a finite number", where=where, hint="give a number")
        return value

    def whole(self, attribute: str) -> int:
        """An attribute as a whole number; raises TruthError."""
        value = self.number(attribute)
        if not is_whole(value):
            raise TruthError(
                f"{value:g} is not a whole number",
                where=f"{self.where} {attribute}",
                hint="give a whole number",
            )
        return int(value)


def read_xml(path: Path, root_tag: str) -> XmlElement:
    """Parse an XML file whose root is `root_tag`; raises TruthError."""
    text = read_text(path)
    parser = expat.ParserCreate()
    stack: list[XmlElement] = []
    roots: list[XmlElement] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = XmlElement(path, parser.CurrentLineNumber, tag, attributes)
        (stack[-1].children if stack else roots).append(element)
        stack.append(element)

    def end(_tag: str) -> None:
        stack.pop()

    def characters(characters: str) -> None:
        stack[-1].texts.append(characters)

    def no_entities(*_declaration: object) -> None:
        # Nested entities can grow without bound; no annotation tool writes any.
        raise TruthError(
            "declares XML entities", where=f"{path}:{parser.CurrentLineNumber}", hint="remove them"
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.EntityDeclHandler = no_entities
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise TruthError(
            f"not valid XML: {expat.ErrorString(error.code)}",
            where=f"{path}:{error.lineno}",
            hint="is this the format the file is declared to be?",
        ) from None
    if roots[0].tag != root_tag:
        raise TruthError(
            f"the root is <{roots[0].tag}>, expected <{root_tag}>",
            where=roots[0].where,
            hint="is this the format the file is declared to be?",
        )
    return roots[0]
