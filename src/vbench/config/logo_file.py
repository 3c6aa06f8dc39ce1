"""A logo: an image file that is small, whole, and asks for nothing else."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from vbench.errors import ConfigError

MAX_BYTES = 500_000
MAX_SIDE_PX = 4000

_PNG_START = b"\x89PNG\r\n\x1a\n"
_JPEG_START = b"\xff\xd8\xff"
_ACTIVE = frozenset(
    ("script", "foreignObject", "iframe", "set", "animate", "animateMotion", "animateTransform")
)
"""SVG elements that a picture on paper has no use for, and that may do more than draw."""
_FOREIGN = re.compile(r"url\(\s*['\"]?\s*(?!#|data:image/)|@import|javascript:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Logo:
    """The content of a logo file."""

    media_type: str
    """``image/png``, ``image/jpeg`` or ``image/svg+xml``."""
    suffix: str
    """``.png``, ``.jpg`` or ``.svg``."""
    content: bytes


def read_logo(path: Path, *, where: str) -> Logo:
    """Read and check a logo.

    Args:
        path: the file.
        where: the place that names it, for messages.

    Raises:
        ConfigError: it is missing, too large, of another format or broken; an SVG holds scripts, or
            asks for something outside itself.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        what = f'the logo "{path}" cannot be read: {error.strerror}'
        raise ConfigError(what, where=where, hint="paths start from the file's folder") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(
            f'the logo "{path}" is larger than {MAX_BYTES // 1000} kB',
            where=where,
            hint="every report carries it: export a smaller one",
        )
    try:
        return _checked(content)
    except ValueError as error:
        raise ConfigError(
            f'the logo "{path}" {error}', where=where, hint="export a plain PNG, JPEG or SVG"
        ) from None


def _checked(content: bytes) -> Logo:
    """Raises ValueError with what is wrong."""
    if content.startswith(_PNG_START):
        _check_size(*_png_size(content))
        return Logo("image/png", ".png", content)
    if content.startswith(_JPEG_START):
        _check_size(*_jpeg_size(content))
        return Logo("image/jpeg", ".jpg", content)
    _check_svg(content)
    return Logo("image/svg+xml", ".svg", content)


def _check_size(width_px: int, height_px: int) -> None:
    if not 0 < width_px <= MAX_SIDE_PX or not 0 < height_px <= MAX_SIDE_PX:
        raise ValueError(
            f"has {width_px} x {height_px} pixels, each side may have 1 to {MAX_SIDE_PX}"
        )


def _png_size(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR" or len(content) < 24:
        raise ValueError("is a broken PNG")
    width_px, height_px = struct.unpack(">II", content[16:24])
    return width_px, height_px


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """From the first frame header (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height_px, width_px = struct.unpack(">HH", content[at + 5 : at + 9])
            return width_px, height_px
        at += 2 + max(2, length)
    raise ValueError("is a broken JPEG")


def _check_svg(content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("is not a PNG, JPEG or SVG") from None
    if "<svg" not in text:
        raise ValueError("is not a PNG, JPEG or SVG")
    if "<!DOCTYPE" in text or "<!ENTITY" in text or "<?xml-stylesheet" in text:
        raise ValueError("holds a DOCTYPE, an entity or a style sheet of its own: remove that line")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"is a broken SVG: {error}") from None
    for element in root.iter():
        _check_element(element)


def _check_element(element: ElementTree.Element) -> None:
    name = _local(element.tag)
    if name in _ACTIVE:
        raise ValueError(f"holds <{name}>: a logo may only draw")
    if _FOREIGN.search(element.text or "") and name == "style":
        raise ValueError("has a style that asks for another file")
    for key, value in element.attrib.items():
        attribute = _local(key)
        if attribute.lower().startswith("on"):
            raise ValueError(f"holds a script in {attribute}=: a logo may only draw")
        inside = value.strip().startswith(("#", "data:image/"))
        if (attribute == "href" and not inside) or _FOREIGN.search(value):
            raise ValueError(f"asks for another file in {attribute}=: embed it")


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
