import struct
import zlib
from pathlib import Path

import pytest

from vbench.config.logo_file import MAX_BYTES, read_logo
from vbench.errors import ConfigError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1">{}</svg>'
_JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")


def png(width_px: int, height_px: int) -> bytes:
    """A white PNG."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    rows = (b"\0" + b"\xff" * width_px) * height_px
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def jpeg(width_px: int, height_px: int) -> bytes:
    """The head of a JPEG."""
    return _JPEG + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height_px, width_px) + b"\3" * 10


def written(folder: Path, content: bytes | str) -> Path:
    path = folder / "logo"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "media_type", "suffix"),
    [
        (png(4, 2), "image/png", ".png"),
        (jpeg(640, 480), "image/jpeg", ".jpg"),
        (
            SVG.format('<rect width="2" height="1" fill="url(#a)"/>').encode(),
            "image/svg+xml",
            ".svg",
        ),
        (SVG.format('<image href="data:image/png;base64,AA"/>').encode(), "image/svg+xml", ".svg"),
    ],
)
def test_the_format_is_told_by_the_content(
    tmp_path: Path, content: bytes, media_type: str, suffix: str
) -> None:
    logo = read_logo(written(tmp_path, content), where="brand.yaml:2: logo")
    assert (logo.media_type, logo.suffix, logo.content) == (media_type, suffix, content)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"GIF89a", "is not a PNG, JPEG or SVG"),
        (b"\xff\xfe\x00", "is not a PNG, JPEG or SVG"),
        (png(4, 2)[:14], "broken PNG"),
        (png(4001, 1), "4001 x 1 pixels"),
        (jpeg(0, 5), "0 x 5 pixels"),
        (_JPEG, "broken JPEG"),
        (b"\0" * (MAX_BYTES + 1), "larger than 500 kB"),
        (SVG.format("<g>"), "broken SVG"),
        (SVG.format("<script>alert(1)</script>"), "<script>"),
        (SVG.format("<foreignObject/>"), "<foreignObject>"),
        (SVG.format('<rect onload="alert(1)"/>'), "onload"),
        (SVG.format('<image href="file:///etc/passwd"/>'), "asks for another file in href"),
        (SVG.format('<image href="http://x/y.png"/>'), "asks for another file in href"),
        (
            SVG.format('<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="a.svg#b"/>'),
            "asks for another file in href",
        ),
        (SVG.format('<rect fill="url( http://x )"/>'), "asks for another file in fill"),
        (SVG.format("<style>@import 'x.css';</style>"), "style that asks"),
        (SVG.format("<style>a { fill: url(/etc/passwd) }</style>"), "style that asks"),
        ("<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG.format("&a;"), "DOCTYPE"),
        ('<?xml-stylesheet href="http://x"?>' + SVG.format(""), "style sheet of its own"),
    ],
)
def test_anything_that_does_more_than_draw_is_refused(
    tmp_path: Path, content: bytes | str, what: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_logo(written(tmp_path, content), where="brand.yaml:2: logo")
    assert what in caught.value.what
    assert caught.value.where == "brand.yaml:2: logo"


def test_a_missing_logo(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_logo(tmp_path / "gone.png", where="here")
