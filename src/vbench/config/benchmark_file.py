"""``benchmark.yaml`` as written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, model_validator

from vbench.config.golden_file import Name, TagMap
from vbench.config.model_file import FileModel, ModelFile, read_model

BENCHMARK_SCHEMA = "vbench.benchmark/v1"

Number = Annotated[float, Field(strict=False)]


def _two_different(keys: list[str]) -> list[str]:
    if len(keys) != 2 or keys[0] == keys[1]:
        raise ValueError(f"combine two different keys; found [{', '.join(keys)}]")
    return keys


_PAIR_SCHEMA: dict[str, JsonValue] = {"minItems": 2, "maxItems": 2, "uniqueItems": True}

SliceEntry = (
    str
    | Annotated[list[str], Field(json_schema_extra=_PAIR_SCHEMA), AfterValidator(_two_different)]
)
"""A key, or a list of the two keys whose values are combined."""


class MatchingEntry(FileModel):
    """When a detection is the same thing as a truth box."""

    iou: float = Field(default=0.5, gt=0.0, le=1.0, strict=False)


class GateEntry(FileModel):
    """One gate: exactly one of min, max, max_drop, max_rise."""

    metric: str
    class_: str | None = Field(default=None, alias="class")
    slice: TagMap = Field(default_factory=dict)
    clip: str | None = None
    golden_set: str | None = None
    pipelines: list[str] | None = None
    """Which pipelines it judges; by default all."""
    min: Number | None = None
    max: Number | None = None
    max_drop: Number | None = None
    max_rise: Number | None = None
    versus: str | None = None
    """``baseline``, or the name of a pipeline of this run."""
    level: Literal["error", "warn"] = "error"

    @model_validator(mode="after")
    def _one_form(self) -> GateEntry:
        forms = [
            key for key in ("min", "max", "max_drop", "max_rise") if getattr(self, key) is not None
        ]
        if len(forms) != 1:
            found = " and ".join(forms) if forms else "none"
            raise ValueError(f"give exactly one of min, max, max_drop, max_rise; found {found}")
        if forms[0] in ("min", "max") and self.versus is not None:
            raise ValueError(f"`versus` goes with max_drop and max_rise, not with {forms[0]}")
        return self


class BaselineRunEntry(FileModel):
    """``baseline: {run: runs/2026-01-01, pipeline: person-v1}``: a pipeline of an earlier run."""

    run: str
    pipeline: str


class BenchmarkFile(FileModel):
    """``benchmark.yaml``."""

    schema_: Literal["vbench.benchmark/v1"] = Field(alias="schema")
    name: Name
    golden_sets: list[str] = Field(min_length=1)
    pipelines: list[str] = Field(min_length=1)
    baseline: str | BaselineRunEntry | None = None
    matching: MatchingEntry = Field(default_factory=MatchingEntry)
    slices: list[SliceEntry] = Field(default_factory=list)
    gates: list[GateEntry] = Field(default_factory=list)
    warmup_frames: Annotated[int, Field(ge=0)] = 5
    """Leading frames of each clip and pipeline that no latency statistic counts."""
    description: Annotated[str, BeforeValidator(lambda value: str(value))] = ""


def read_benchmark_file(path: Path) -> ModelFile[BenchmarkFile]:
    """Read ``benchmark.yaml``; `path` may be the file or its folder. Raises ConfigError."""
    file = path / "benchmark.yaml" if path.is_dir() else path
    return read_model(file, BenchmarkFile, BENCHMARK_SCHEMA)
