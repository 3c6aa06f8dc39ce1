"""``brand.yaml`` as written: what a company puts on its reports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from vbench.config.model_file import FileModel, ModelFile, read_model

BRAND_SCHEMA = "vbench.brand/v1"
BRAND_NAME = "brand.yaml"

MIN_CONTRAST = 4.5
"""Of text with its background; Web Content Accessibility Guidelines 2.2, 1.4.3 (level AA)."""

_COLOR_PATTERN = r"^#[0-9a-fA-F]{6}$"
_MAX_LINE = 120


def contrast(color: str, background: str) -> float:
    """How much two colours ``#rrggbb`` differ in brightness, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(color), _luminance(background)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _readable(color: str) -> str:
    if re.match(_COLOR_PATTERN, color) is None:
        raise ValueError(f'"{color}" is not a colour: write it as "#1d5c93"')
    found = contrast(color, "#ffffff")
    if found < MIN_CONTRAST:
        raise ValueError(
            f"{color} is too pale for text on white paper: their contrast is {found:.1f} to 1, "
            f"{MIN_CONTRAST} to 1 is needed; take a darker one"
        )
    return color.lower()


def _one_line(text: str) -> str:
    if len(text) > _MAX_LINE:
        raise ValueError(f"has {len(text)} characters, {_MAX_LINE} fit")
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text):
        raise ValueError("holds a line break or another control character: write one line")
    return text


_COLOR_SCHEMA: dict[str, JsonValue] = {"pattern": _COLOR_PATTERN}
_LINE_SCHEMA: dict[str, JsonValue] = {"maxLength": _MAX_LINE}

Color = Annotated[str, Field(json_schema_extra=_COLOR_SCHEMA), AfterValidator(_readable)]
"""``#rrggbb``, dark enough for text on white."""
Line = Annotated[str, Field(json_schema_extra=_LINE_SCHEMA), AfterValidator(_one_line)]
"""One line of text."""


class ColorsEntry(FileModel):
    """Colours on white paper; a screen in dark mode gets lighter ones made of them."""

    accent: Color | None = None
    ink: Color | None = None


class BrandFile(FileModel):
    """``brand.yaml``; every key but `schema` may be left out."""

    schema_: Literal["vbench.brand/v1"] = Field(alias="schema")
    title: Line = ""
    """Over the benchmark's name."""
    logo: str | None = None
    """A PNG, JPEG or SVG file."""
    colors: ColorsEntry = Field(default_factory=ColorsEntry)
    confidentiality: Line = ""
    """On every page."""
    footer: Line = ""
    """On every page of the PDF, and at the end of the HTML report."""
    language: str | None = None
    """Of the PDF: a language that vbench knows, or a file of strings."""
    templates: str | None = None
    """A folder whose files go before the templates of vbench."""


def read_brand_file(path: Path) -> ModelFile[BrandFile]:
    """Read ``brand.yaml``; `path` may be the file or its folder. Raises ConfigError."""
    return read_model(path / BRAND_NAME if path.is_dir() else path, BrandFile, BRAND_SCHEMA)
