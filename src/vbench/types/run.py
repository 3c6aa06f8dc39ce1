"""One execution of a benchmark: what ``run.json`` holds."""

from __future__ import annotations

from dataclasses import dataclass

from vbench.types.gate import GateResult, Verdict
from vbench.types.golden import MediaFacts, Tags, Taxonomy
from vbench.types.metric import Metric, OperatingPoint


@dataclass(frozen=True, slots=True)
class Digest:
    """A file or set that the run depended on."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """What else the machine did while pipelines were timed."""

    foreign_share: float
    """CPU time of other processes by the time of all CPUs, 0 to 1."""
    busiest: tuple[str, ...]
    """Names of the other processes that used most, busiest first."""


@dataclass(frozen=True, slots=True)
class RunManifest:
    """Everything needed to say what was run, on what, with what."""

    vbench_version: str
    benchmark: str
    """The benchmark's name."""
    started_at: str
    """ISO 8601, UTC."""
    finished_at: str
    python_version: str
    libraries: tuple[tuple[str, str], ...]
    """(name, version), sorted by name."""
    hardware: tuple[tuple[str, str], ...]
    """(property, value): cpu, n_cpus, memory, gpu, os."""
    git_commit: str | None
    """Commit of the folder the benchmark file is in; None outside a repository."""
    git_dirty: bool | None
    seed: int
    digests: tuple[Digest, ...]
    """Benchmark file, pipeline files, models, golden sets, truth, taxonomy; sorted by name."""
    command: tuple[str, ...]
    """The command line that made the run, without paths of this machine."""
    benchmark_file: str = ""
    """Path of the benchmark file within its repository; its name alone outside one."""
    load: MachineLoad | None = None
    """None where nothing was timed, or the system does not tell."""
    partial: str = ""
    """Which part of the benchmark was run, in words; empty for the whole."""
    statistics: str = ""
    """How intervals were made: ``1000 resamples, seed 0, 95 %``; empty where there are none."""
    timing: str = ""
    """What times are of and how they were taken; empty where nothing was timed."""
    input_paths: tuple[tuple[str, str], ...] = ()
    """Pipeline and stage -> how its input tensors were made: ``fused``, or why not."""
    deployed: tuple[str, ...] = ()
    """``name version`` of what the ledger of deployments named as current when this was run, then
    of what it would be rolled back to; empty where nothing was promoted."""


@dataclass(frozen=True, slots=True)
class ClipResult:
    """A clip as the run saw it."""

    golden_set: str
    id: str
    facts: MediaFacts
    tags: Tags
    n_frames_annotated: int
    n_truth: int
    """Truth boxes that count."""
    color: str
    """Where the colour conversion came from, for example ``bt709 limited (from the stream)``."""
    damaged: str | None
    """Why only a part of the clip was scored; None for a whole clip."""


@dataclass(frozen=True, slots=True)
class GoldenSetResult:
    """A golden set as the run saw it."""

    name: str
    version: str
    taxonomy: Taxonomy
    digest: str
    locked: bool


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """A pipeline and what became of it."""

    name: str
    version: str
    engine: str
    """For example ``onnxruntime 1.22 (CPUExecutionProvider, 1 thread)`` or ``replay (mot)``."""
    settings: str
    """The pipeline file's text, for the lineage."""
    operating_point: OperatingPoint
    score_floor: float
    """Detections were stored down to this score; no lower operating point can be judged."""
    verdict: Verdict
    notes: tuple[str, ...]
    """What a reader must know: damaged clips, no latency because results were replayed, ..."""


@dataclass(frozen=True, slots=True)
class PipelineFailure:
    """A pipeline that did not get through the golden sets: it has no metrics and no gates."""

    name: str
    version: str
    what: str
    """What failed."""
    where: str
    """The place: a key of a file, or the clip, the stage and the frame."""
    hint: str
    """What to do."""

    @property
    def reason(self) -> str:
        """All of it on one line."""
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.what}{advice}"


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    manifest: RunManifest
    golden_sets: tuple[GoldenSetResult, ...]
    clips: tuple[ClipResult, ...]
    pipelines: tuple[PipelineResult, ...]
    baseline: str | None
    metrics: tuple[Metric, ...]
    gates: tuple[GateResult, ...]
    verdict: Verdict
    notes: tuple[str, ...]
    failures: tuple[PipelineFailure, ...] = ()
    """Pipelines that are not among `pipelines` because an engine failed; the verdict is then
    fail."""
