"""Which codecs this build of FFmpeg has."""

from __future__ import annotations

from typing import Literal

from av.codec import Codec
from av.codec.codec import UnknownCodecError


def codec_name(codec: str, mode: Literal["r", "w"]) -> str | None:
    """The long name of a decoder ("r") or encoder ("w"); None where FFmpeg lacks it."""
    try:
        return str(Codec(codec, mode).long_name)
    except UnknownCodecError:
        return None
