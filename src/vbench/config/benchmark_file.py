"""``benchmark.yaml`` as written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    JsonValue,
    PositiveInt,
    Tag,
    model_validator,
)

from vbench.config.golden_file import Name, TagMap
from vbench.config.model_file import FileModel, ModelFile, read_model
from vbench.types import COMPARING, GateForm

BENCHMARK_SCHEMA = "vbench.benchmark/v1"
PRESETS_SCHEMA = "vbench.presets/v1"

PROMOTED = "promoted"
"""``baseline: promoted``: whatever the ledger of deployments names."""

Number = Annotated[float, Field(strict=False)]


def _between_0_and_1(value: float) -> float:
    if not 0.0 < value < 1.0:
        raise ValueError(f"{value:g} is not between 0 and 1: write 0.95 for 95 %")
    return value


_SHARE_SCHEMA: dict[str, JsonValue] = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}

Confidence = Annotated[
    float,
    Field(strict=False, json_schema_extra=_SHARE_SCHEMA),
    AfterValidator(_between_0_and_1),
]
"""How sure something must be, above 0 and below 1."""


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{value} is not a day: write it as 2026-12-31")


Day = Annotated[date, BeforeValidator(_day)]


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


class IntervalsEntry(FileModel):
    """How the intervals that are shown are made."""

    confidence: Confidence = 0.95
    resamples: Annotated[int, Field(ge=100, le=100_000)] = 1000
    seed: Annotated[int, Field(ge=0)] = 0


class NotWorseEntry(FileModel):
    """``not_worse: {margin: 0.01}``: the baseline's value, give or take the margin."""

    margin: Annotated[float, Field(strict=False, ge=0.0)]
    confidence: Confidence = 0.95


class QuarantineEntry(FileModel):
    """Who lets a gate fail until when, and why."""

    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    expires: Day
    """The last day on which it holds."""


class _PartEntry(FileModel):
    """What a rule is about and how it counts: of a gate, or of all gates of a preset."""

    class_: str | None = Field(default=None, alias="class")
    slice: TagMap = Field(default_factory=dict)
    clip: str | None = None
    golden_set: str | None = None
    pipelines: list[str] | None = None
    """Which pipelines it judges; by default all."""
    versus: str | None = None
    """``baseline``, or the name of a pipeline of this run."""
    level: Literal["error", "warn"] | None = None
    confidence: Confidence | None = None
    """How sure the verdict must be; without it the value alone decides."""
    min_n: PositiveInt | None = None
    """Least support for a verdict."""
    quarantine: QuarantineEntry | None = None


class GateEntry(_PartEntry):
    """One gate: exactly one of min, max, max_drop, max_rise, not_worse."""

    metric: str
    min: Number | None = None
    max: Number | None = None
    max_drop: Number | None = None
    max_rise: Number | None = None
    not_worse: NotWorseEntry | None = None

    @model_validator(mode="after")
    def _one_form(self) -> GateEntry:
        given = [key for key in _FORMS if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"give exactly one of {', '.join(_FORMS)}; found {found}")
        if self.form not in COMPARING and self.versus is not None:
            raise ValueError(
                f"`versus` goes with max_drop, max_rise and not_worse, not with {self.form}"
            )
        if self.not_worse is not None and self.confidence is not None:
            raise ValueError(
                "write `confidence` inside `not_worse`: {margin: ..., confidence: ...}"
            )
        return self

    @property
    def form(self) -> GateForm:
        """Which of the forms it has."""
        return next(key for key in _FORMS if getattr(self, key) is not None)

    @property
    def limit(self) -> float:
        """The number of its form; of `not_worse` the margin."""
        if self.not_worse is not None:
            return self.not_worse.margin
        return float(getattr(self, self.form))

    @property
    def sureness(self) -> float | None:
        """Its confidence, wherever it is written."""
        return self.confidence if self.not_worse is None else self.not_worse.confidence


_FORMS: tuple[GateForm, ...] = ("min", "max", "max_drop", "max_rise", "not_worse")


class PresetEntry(_PartEntry):
    """``{preset: no-regression, class: person}``: all gates of a preset, and what they share."""

    preset: str
    margin: Annotated[float | None, Field(strict=False, ge=0.0)] = None
    """Of its `not_worse` gates."""

    @model_validator(mode="before")
    @classmethod
    def _no_rule_of_its_own(cls, value: object) -> object:
        own = [key for key in ("metric", *_FORMS) if isinstance(value, Mapping) and key in value]
        if own:
            raise ValueError(f"`preset` brings its own gates: leave {' and '.join(own)} out")
        return value


def _kind_of_gate(value: object) -> str:
    named = isinstance(value, PresetEntry) or (isinstance(value, Mapping) and "preset" in value)
    return "<preset>" if named else "<gate>"


AnyGateEntry = Annotated[
    Annotated[GateEntry, Tag("<gate>")] | Annotated[PresetEntry, Tag("<preset>")],
    Discriminator(_kind_of_gate),
]


class PresetDefinition(FileModel):
    """Gates under a name."""

    extends: str | None = None
    """Another preset, whose gates it has too; a gate of the same part replaces the other's."""
    gates: list[GateEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _not_empty(self) -> PresetDefinition:
        if self.extends is None and not self.gates:
            raise ValueError("the preset is empty: give it `gates`, or `extends: PRESET`")
        return self


class RequireEntry(FileModel):
    """Footage that must exist, the long form."""

    slice: TagMap = Field(default_factory=dict)
    class_: str | None = Field(default=None, alias="class")
    golden_set: str | None = None
    min_n: PositiveInt = 1
    """Least number of truth boxes."""


_LONG_FORM = ("slice", "class", "golden_set", "min_n")


def _kind_of_require(value: object) -> str:
    if isinstance(value, RequireEntry):
        return "<long>"
    if not isinstance(value, Mapping):
        return "<tags>"
    nested = any(isinstance(item, Mapping | list) for item in value.values())
    return "<long>" if nested or any(key in value for key in _LONG_FORM) else "<tags>"


_TAGS_SCHEMA: dict[str, JsonValue] = {
    "minProperties": 1,
    "propertyNames": {"not": {"enum": list(_LONG_FORM)}},
}


def _some_tag(tags: dict[str, str]) -> dict[str, str]:
    if not tags:
        raise ValueError("names no footage: write {key: value}, such as {daypart: night}")
    return tags


AnyRequireEntry = Annotated[
    Annotated[RequireEntry, Tag("<long>")]
    | Annotated[
        TagMap, Field(json_schema_extra=_TAGS_SCHEMA), AfterValidator(_some_tag), Tag("<tags>")
    ],
    Discriminator(_kind_of_require),
]
"""``{daypart: night}``, or the long form ``{slice: {daypart: night}, class: person, min_n: 9}``."""


class BaselineRunEntry(FileModel):
    """``baseline: {run: runs/2026-01-01, pipeline: person-v1}``: a pipeline of an earlier run."""

    run: str
    pipeline: str
    accept_failed: bool = False
    """Whether a pipeline that failed its own gates will do."""


class BenchmarkFile(FileModel):
    """``benchmark.yaml``."""

    schema_: Literal["vbench.benchmark/v1"] = Field(alias="schema")
    name: Name
    golden_sets: list[str] = Field(min_length=1)
    pipelines: list[str] = Field(min_length=1)
    baseline: str | BaselineRunEntry | None = None
    """A pipeline of this benchmark, the word ``promoted``, or a pipeline of an earlier run."""
    matching: MatchingEntry = Field(default_factory=MatchingEntry)
    intervals: IntervalsEntry = Field(default_factory=IntervalsEntry)
    slices: list[SliceEntry] = Field(default_factory=list)
    require: list[AnyRequireEntry] = Field(default_factory=list)
    presets: dict[str, PresetDefinition] = Field(default_factory=dict)
    gates: list[AnyGateEntry] = Field(default_factory=list)
    warmup_frames: Annotated[int, Field(ge=0)] = 5
    """Leading frames of each clip and pipeline that no latency statistic counts."""
    brand: str | None = None
    """A ``brand.yaml``: title, logo and colours of the reports, and the language of the PDF."""
    description: Annotated[str, BeforeValidator(lambda value: str(value))] = ""


class PresetsFile(FileModel):
    """The presets that come with vbench."""

    schema_: Literal["vbench.presets/v1"] = Field(alias="schema")
    presets: dict[str, PresetDefinition]


def read_benchmark_file(path: Path) -> ModelFile[BenchmarkFile]:
    """Read ``benchmark.yaml``; `path` may be the file or its folder. Raises ConfigError."""
    file = path / "benchmark.yaml" if path.is_dir() else path
    return read_model(file, BenchmarkFile, BENCHMARK_SCHEMA)


def read_presets_file(path: Path) -> ModelFile[PresetsFile]:
    """Read a file of presets. Raises ConfigError."""
    return read_model(path, PresetsFile, PRESETS_SCHEMA)
