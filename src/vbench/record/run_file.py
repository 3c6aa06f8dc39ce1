"""``run.json`` as written: an interface that others build on, versioned and strict."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RUN_SCHEMA: Literal["vbench.run/v1"] = "vbench.run/v1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DigestEntry(_Part):
    """A file or set that the run depended on."""

    name: str
    sha256: str


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
    interval: IntervalEntry | None
    operating_point: OperatingPointEntry | None
    signature: str


class GateEntry(_Part):
    """One gate applied to one pipeline and golden set."""

    title: str
    pipeline: str
    golden_set: str
    metric: str
    class_: str | None = Field(alias="class")
    slice: dict[str, str] | None
    clip: str | None
    form: Literal["min", "max", "max_drop", "max_rise"]
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
    gates: list[GateEntry]
    metrics: list[MetricEntry]
