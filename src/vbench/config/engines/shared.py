"""What the engines' entries have in common."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

Takes: TypeAlias = Literal["tensors", "frames", "nothing"]
"""What an engine is given: input tensors, whole frames, or nothing (stored results)."""

Sha256: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""Hexadecimal digest of a file."""

Seconds: TypeAlias = Annotated[float, Field(gt=0.0, le=86_400.0, strict=False)]
"""A time limit, of a day at most."""

Threads: TypeAlias = Annotated[int, Field(ge=1, le=1024)]

_LONGEST_LABEL = 63
"""RFC 1035, section 2.3.4."""


def check_host(host: str) -> None:
    """Raise ValueError for what can be no host: a name, or an IPv6 address in brackets."""
    if host.startswith("["):
        try:
            IPv6Address(host.strip("[]"))
        except ValueError:
            raise ValueError("what stands in brackets must be an IPv6 address") from None
    elif any(not 0 < len(label) <= _LONGEST_LABEL for label in host.rstrip(".").split(".")):
        raise ValueError("the host's name has an empty part, or one over 63 letters")


Color: TypeAlias = Literal["bgr", "rgb"]
"""Order of an image's channels."""

BoxForm: TypeAlias = Literal["xyxy", "xywh", "cxcywh"]
"""What the four numbers of a box are, in px of the frame."""
