"""What the engines' entries have in common."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

Takes: TypeAlias = Literal["tensors", "frames", "nothing"]
"""What an engine is given: input tensors, whole frames, or nothing (stored results)."""

Sha256: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""Hexadecimal digest of a file."""

Seconds: TypeAlias = Annotated[float, Field(gt=0.0, strict=False)]

Color: TypeAlias = Literal["bgr", "rgb"]
"""Order of an image's channels."""

BoxForm: TypeAlias = Literal["xyxy", "xywh", "cxcywh"]
"""What the four numbers of a box are, in px of the frame."""
