"""``run.json`` as written: an interface that others build on, versioned and strict."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RUN_SCHEMA: Literal["vbench.run/v1"] = "vbench.run/v1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DigestEntry(_Part):
    """A file or set that the run depended on."""

    name: str
    sha256: str


class LoadEntry(_Part):
    """What else the machine did while pipelines were timed."""

    foreign_share: float
    busiest: list[str]


class ManifestEntry(_Part):
    """What was run, on what, with what."""

    vbench_version: str
    benchmark: str
    started_at: str
    finished_at: str
    python_version: str
    libraries: dict[str, str]
    hardware: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    seed: int
    digests: list[DigestEntry]
    command: list[str]
    benchmark_file: str = ""
    load: LoadEntry | None = None
    partial: str = ""
    statistics: str = ""
    timing: str = ""
    input_paths: dict[str, str] = Field(default_factory=dict)
    deployed: list[str] = Field(default_factory=list)


class ClassEntry(_Part):
    """A class of the taxonomy."""

    name: str
    means: str


class GoldenSetEntry(_Part):
    """A golden set."""

    name: str
    version: str
    digest: str
    locked: bool
    taxonomy_version: int
    classes: list[ClassEntry]


class ClipEntry(_Part):
    """A clip."""

    golden_set: str
    id: str
    sha256: str
    fingerprint: str
    n_frames: int
    n_frames_annotated: int
    fps: float
    duration_s: float
    width_px: int
    height_px: int
    tags: dict[str, str]
    n_truth: int
    color: str
    damaged: str | None


class OperatingPointEntry(_Part):
    """Thresholds at which precision, recall and false positives are stated."""

    iou: float
    score: float | dict[str, float]
    """One score for all classes, or one per class."""


class PipelineEntry(_Part):
    """A pipeline."""

    name: str
    version: str
    engine: str
    verdict: Literal["pass", "fail", "inconclusive"]
    operating_point: OperatingPointEntry
    score_floor: float
    notes: list[str]
    settings: str


class IntervalEntry(_Part):
    """A confidence interval."""

    low: float
    high: float
    confidence: float
    units: Literal["clips", "blocks"] = "clips"
    """What was resampled."""
    n_units: int = 0
    n_effective: float | None = None
    """How many independent objects, frames or detections the support is worth."""


class NoIntervalEntry(_Part):
    """Why a value has no interval."""

    reason: str


class MetricEntry(_Part):
    """One metric; null where a row is about the whole."""

    pipeline: str
    golden_set: str
    name: str
    class_: str | None = Field(alias="class")
    clip: str | None
    slice: dict[str, str] | None
    value: float | None
    reason: str | None
    unit: str
    better: Literal["higher", "lower", "neither"]
    n: int
    interval: IntervalEntry | NoIntervalEntry | None
    """null where the value is, and in runs without resampling."""
    operating_point: OperatingPointEntry | None
    signature: str


class QuarantineEntry(_Part):
    """A gate that may fail until a day."""

    owner: str
    reason: str
    expires: date


class ChangeEntry(_Part):
    """A metric against the baseline's."""

    value: float
    interval: IntervalEntry | None
    reason: str
    p_value: float | None


class CauseEntry(_Part):
    """What carries the loss behind a gate."""

    kind: Literal["clip", "slice", "size", "error", "stretch"]
    name: str
    frames: tuple[int, int] | None
    n_errors: int | None
    share: float | None
    recovered: float | None


class GateEntry(_Part):
    """One gate applied to one pipeline and golden set."""

    title: str
    pipeline: str
    golden_set: str
    metric: str
    class_: str | None = Field(alias="class")
    slice: dict[str, str] | None
    clip: str | None
    form: Literal["min", "max", "max_drop", "max_rise", "not_worse", "require"]
    limit: float
    level: Literal["error", "warn"]
    verdict: Literal["pass", "fail", "inconclusive"]
    observed: MetricEntry | None
    baseline: MetricEntry | None
    baseline_name: str | None
    explanation: str
    pipelines: list[str] | None
    """Pipelines that the rule judges; null: all."""
    only_golden_set: str | None
    """The golden set that the rule is limited to; null: each."""
    versus: str | None
    source: str
    confidence: float | None = None
    min_n: int | None = None
    quarantine: QuarantineEntry | None = None
    preset: str | None = None
    change: ChangeEntry | None = None
    bound: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    more_footage: float | None = None
    in_quarantine: bool = False
    causes: list[CauseEntry] = Field(default_factory=list)
    rerun: str = ""


class FailureEntry(_Part):
    """A pipeline that did not get through the golden sets."""

    name: str
    version: str
    what: str
    where: str
    hint: str


class RunFile(_Part):
    """``run.json``."""

    schema_: Literal["vbench.run/v1"] = Field(alias="schema")
    manifest: ManifestEntry
    verdict: Literal["pass", "fail", "inconclusive"]
    notes: list[str]
    baseline: str | None
    golden_sets: list[GoldenSetEntry]
    clips: list[ClipEntry]
    pipelines: list[PipelineEntry]
    failures: list[FailureEntry] = []
    """Pipelines whose engine failed; they are not among `pipelines`."""
    gates: list[GateEntry]
    metrics: list[MetricEntry]
