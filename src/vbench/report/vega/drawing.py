"""Specifications drawn as SVG, to stand inside a page or a PDF."""

from __future__ import annotations

import re
from contextlib import suppress
from threading import Thread
from types import ModuleType

from markupsafe import Markup, escape

from vbench.errors import MissingDependencyError
from vbench.report.language.strings import spoken
from vbench.report.vega.specification import Specification, static_form

_NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'
_TAG = re.compile(r"<[^<>]*>")
_NOISE = re.compile(
    r' (?:role="[^"]*"|aria-\w+="[^"]*"|class="[^"]*"|pointer-events="none"|opacity="1"'
    r'|xmlns(?::xlink)?="[^"]*"|version="1\.1"|stroke-dasharray="1,0")'
)
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_EMPTY_PATH = re.compile(r'<path(?: class="(?:fore|back)ground")(?![^>]*(?:stroke|fill)=)[^>]*/>')
_UNSEEN_LABEL = re.compile(r'<text[^>]* opacity="0"[^>]*>[^<]*</text>')
_CLIP_NAME = re.compile(r"clip\d+|gradient_\d+")


def svg(specification: Specification, key: str, label: str, *, alone: bool = False) -> Markup:
    """Draw a chart; its text stays text.

    Args:
        specification: the chart, in the theme that it shall have.
        key: begins every id of the drawing; unique in the page.
        label: the chart in words, for those who do not see it.
        alone: a document of its own, not a part of a page.

    Raises:
        MissingDependencyError: vl-convert cannot be loaded.
    """
    drawn = vl_convert().vegalite_to_svg(
        dict(static_form(specification)), allowed_base_urls=[], format_locale=_number_format()
    )
    start = f'<svg{_NAMESPACE if alone else ""} role="img" aria-label="{escape(label)}"'
    return Markup(_tidied(drawn, key).replace("<svg", start, 1))


def warm_up() -> None:
    """Begin to load the library beside other work; its first drawing takes 0.3 s longer.

    What goes wrong is said when something is drawn.
    """

    def load() -> None:
        with suppress(Exception):
            vl_convert().vegalite_to_svg({"data": {"values": []}, "mark": "point"})

    Thread(target=load, daemon=True).start()


def vl_convert() -> ModuleType:
    """The library, loaded when first needed. Raises MissingDependencyError."""
    try:
        import vl_convert as library
    except (ImportError, OSError) as error:
        raise MissingDependencyError(
            f"charts cannot be drawn: {str(error).splitlines()[0] or 'vl-convert is missing'}",
            where="vl_convert",
            hint="pip install vl-convert-python; or --format md, csv or json, which have no charts",
        ) from None
    loaded: ModuleType = library
    return loaded


def _number_format() -> dict[str, str | list[int] | list[str]] | None:
    strings = spoken()
    if (strings.decimal, strings.thousands) == (".", ","):
        return None
    return {
        "decimal": strings.decimal,
        "thousands": strings.thousands,
        "grouping": [3],
        "currency": ["", ""],
    }


def _tidied(drawn: str, key: str) -> str:
    """Without what only the library needs: a third of the size, and the same ids every time."""
    drawn = _EMPTY_PATH.sub("", drawn)
    drawn = _UNSEEN_LABEL.sub("", drawn)
    names: dict[str, str] = {}

    def clip_name(found: re.Match[str]) -> str:
        # The library counts on from drawing to drawing.
        return names.setdefault(found[0], f"{key}-clip-{len(names) + 1}")

    def tag(found: re.Match[str]) -> str:
        shorter = _NOISE.sub("", found[0])
        shorter = _LONG_NUMBER.sub(lambda digits: f"{float(digits[0]):.2f}", shorter)
        return _CLIP_NAME.sub(clip_name, shorter)

    drawn = _TAG.sub(tag, drawn)
    while "<g></g>" in drawn:
        drawn = drawn.replace("<g></g>", "")
    return drawn
