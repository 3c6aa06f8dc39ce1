"""``golden.yaml`` and ``golden.lock`` as written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, field_validator

from vbench.config.model_file import FileModel, ModelFile, read_model

GOLDEN_SCHEMA = "vbench.golden/v1"
LOCK_SCHEMA = "vbench.lock/v1"

TruthFormat = Literal["mot", "coco", "yolo", "cvat", "voc", "vbench"]

_NAME_PATTERN = r"^[^\s./\\:*?\"<>|][^/\\:*?\"<>|\n]*$"
_MAX_NAME_BYTES = 120
"""With an ending and a process number behind it every file system takes it."""


def _file_name(value: str) -> str:
    if re.match(_NAME_PATTERN, value) is None:
        raise ValueError(
            f'"{value}" cannot be a file name: give one that starts with neither a blank nor a dot'
            ' and holds none of / \\ : * ? " < > |'
        )
    n_bytes = len(value.encode("utf-8", "surrogatepass"))
    if n_bytes > _MAX_NAME_BYTES:
        raise ValueError(
            f'"{value[:40]}…" cannot be a file name: it takes {n_bytes} bytes, give one of at most'
            f" {_MAX_NAME_BYTES}"
        )
    return value


Name = Annotated[
    str, Field(json_schema_extra={"pattern": _NAME_PATTERN}), AfterValidator(_file_name)
]
"""A name that is also a file name: no slashes, colons or line breaks, no dot in front."""

Point = Annotated[tuple[float, float], Field(strict=False)]


def _text_values(value: object) -> object:
    """Tags are text: 12 and "12" are the same tag value, true is "true"."""
    if not isinstance(value, Mapping):
        return value
    return {
        key: str(item).lower() if isinstance(item, bool) else str(item)
        for key, item in value.items()
        if isinstance(item, str | int | float | bool)
    } | {key: item for key, item in value.items() if not isinstance(item, str | int | float | bool)}


TagMap = Annotated[dict[str, str], BeforeValidator(_text_values)]


class ClassEntry(FileModel):
    """A class of the taxonomy."""

    name: str = Field(min_length=1)
    means: str = ""


class TaxonomyEntry(FileModel):
    """The taxonomy."""

    version: int
    classes: list[ClassEntry] = Field(min_length=1)

    @field_validator("classes")
    @classmethod
    def _unique(cls, classes: list[ClassEntry]) -> list[ClassEntry]:
        names = [item.name for item in classes]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"class {doubled[0]!r} is listed twice")
        return classes


class EveryFrames(FileModel):
    """``annotated_frames: {every: 5}``: frames 0, 5, 10, ..."""

    every: int = Field(ge=1)


AnnotatedFrames = Literal["all"] | EveryFrames | list[Annotated[int, Field(ge=0)]]


class ClipEntry(FileModel):
    """One clip."""

    id: Name
    media: str = Field(min_length=1)
    stream: int | None = Field(default=None, ge=0)
    fps: float | None = Field(default=None, gt=0, strict=False)
    """Rate of an image folder; video files have their own."""
    truth: str | None = None
    tags: TagMap = Field(default_factory=dict)
    annotated_frames: AnnotatedFrames = "all"
    exhaustive_classes: list[str] | None = None
    ignore_regions: list[Annotated[list[Point], Field(min_length=3)]] = Field(default_factory=list)
    events: str | None = None


class GoldenFile(FileModel):
    """``golden.yaml``."""

    schema_: Literal["vbench.golden/v1"] = Field(alias="schema")
    name: Name
    version: Annotated[str, BeforeValidator(lambda value: str(value))]
    taxonomy: TaxonomyEntry
    truth_format: TruthFormat
    truth_frame_base: Literal[0, 1] | None = None
    truth_size: Annotated[tuple[PositiveInt, PositiveInt], Field(strict=False)] | None = None
    truth_class: str | None = None
    """The class of every box where the truth format names none (MOT without a class column)."""
    truth_classes: dict[str, str | None] = Field(default_factory=dict)
    """Class name or number in the truth files -> class of the taxonomy; null drops its boxes."""
    clips: list[ClipEntry] = Field(min_length=1)


class LockEntry(FileModel):
    """What ``golden.lock`` says about one clip."""

    id: str
    sha256: str
    n_frames: int
    fps: float = Field(strict=False)
    duration_s: float = Field(strict=False)
    width_px: int
    height_px: int
    fingerprint: str
    truth_sha256: str | None


class LockFile(FileModel):
    """``golden.lock``."""

    schema_: Literal["vbench.lock/v1"] = Field(alias="schema")
    name: str
    version: str
    clips: list[LockEntry]


def read_golden_file(path: Path) -> ModelFile[GoldenFile]:
    """Read ``golden.yaml``; `path` may be the file or its folder. Raises ConfigError."""
    file = path / "golden.yaml" if path.is_dir() else path
    return read_model(file, GoldenFile, GOLDEN_SCHEMA)


def read_lock_file(path: Path) -> ModelFile[LockFile]:
    """Read ``golden.lock``. Raises ConfigError."""
    return read_model(path, LockFile, LOCK_SCHEMA)
