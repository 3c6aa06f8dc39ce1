"""What a made run consists of, and the run that most tests read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from vbench.types import Gate, MachineLoad, Quarantine, Slice, Tags


@dataclass(frozen=True)
class ClipPlan:
    """A clip to make."""

    id: str
    n_frames: int
    tags: Tags
    n_objects: int = 4
    damaged: str | None = None


@dataclass(frozen=True)
class PipelinePlan:
    """A pipeline to imitate."""

    name: str
    recall: dict[str, float]
    """Chance of finding a box, by daypart; ``""`` for any other."""
    false_per_frame: float
    latency_ms: float | None
    """None: replayed results."""


@dataclass(frozen=True)
class RunPlan:
    """A run to make."""

    clips: Sequence[ClipPlan]
    pipelines: Sequence[PipelinePlan]
    classes: Sequence[str] = ("person", "forklift", "pallet")
    golden_set: str = "loading-dock"
    benchmark: str = "dock-release"
    locked: bool = True
    baseline: str | None = None
    gates: Sequence[Gate] = ()
    n_pictures: int = 24
    notes: tuple[str, ...] = ()
    absent_classes: frozenset[str] = field(default_factory=frozenset)
    """Classes that no truth box has."""
    benchmark_file: str = "benchmarks/dock-release/benchmark.yaml"
    decided: bool = False
    """Whether it has intervals, changes, causes and commands to run again."""
    today: date = date(2026, 11, 20)
    partial: str = ""
    load: MachineLoad | None = None


def gate(
    metric: str,
    form: str,
    limit: float,
    *,
    class_name: str | None = None,
    slice_: Slice = (),
    level: str = "error",
    line: int = 1,
    confidence: float | None = None,
    min_n: int | None = None,
    quarantine: Quarantine | None = None,
    preset: str | None = None,
) -> Gate:
    return Gate(
        metric=metric,
        form=form,  # type: ignore[arg-type]
        limit=limit,
        class_name=class_name,
        slice=slice_,
        clip=None,
        level=level,  # type: ignore[arg-type]
        pipelines=None,
        golden_set=None,
        versus=None,
        source=f"benchmark.yaml:{line}",
        confidence=confidence,
        min_n=min_n,
        quarantine=quarantine,
        preset=preset,
    )


def demo_plan() -> RunPlan:
    """Three pipelines on six clips: one passes, one fails at night, one is a replay."""
    night: Slice = (("daypart", "night"),)
    return RunPlan(
        clips=[
            ClipPlan("dock3-day", 700, (("daypart", "day"), ("weather", "dry"), ("camera", "3"))),
            ClipPlan("dock3-dusk", 400, (("daypart", "dusk"), ("weather", "dry"), ("camera", "3"))),
            ClipPlan(
                "dock3-night", 500, (("daypart", "night"), ("weather", "dry"), ("camera", "3"))
            ),
            ClipPlan("gate1-day", 900, (("daypart", "day"), ("weather", "rain"), ("camera", "1"))),
            ClipPlan(
                "gate1-night",
                450,
                (("daypart", "night"), ("weather", "rain"), ("camera", "1")),
                n_objects=6,
                damaged="decoding stopped at frame 450 of 600 (byte 1,204,992)",
            ),
            ClipPlan("gate1-empty", 300, (("daypart", "day"), ("camera", "1")), n_objects=0),
        ],
        pipelines=[
            PipelinePlan("person-v1", {"": 0.72, "night": 0.55}, 0.10, 14.2),
            PipelinePlan("person-v2", {"": 0.86, "night": 0.42}, 0.05, 8.7),
            PipelinePlan("vendor-replay", {"": 0.70, "night": 0.60}, 0.16, None),
        ],
        classes=("person", "forklift", "pallet", "truck"),
        absent_classes=frozenset({"truck"}),
        baseline="person-v1",
        gates=[
            gate("recall", "min", 0.70, class_name="person", line=14),
            gate("recall", "min", 0.60, slice_=night, line=15),
            gate("precision", "max_drop", 0.01, line=16),
            gate("fp_per_camera_hour", "max", 9000, level="warn", line=17),
            gate("latency_ms_p95", "max", 40, line=18),
            gate("recall", "min", 0.5, class_name="truck", level="warn", line=19),
            gate("f1", "min", 0.6, line=20),
        ],
        notes=(
            "clip gate1-night is damaged and was scored in part: decoding stopped at frame 450 "
            "of 600 (byte 1,204,992)",
        ),
    )


def decided_plan() -> RunPlan:
    """The same footage judged with confidence: every form of gate, quarantines, all verdicts."""
    night: Slice = (("daypart", "night"),)
    fog: Slice = (("weather", "fog"),)
    holds = Quarantine("dock team", "lamp of dock 3 is being replaced", date(2026, 12, 31))
    expired = Quarantine("gate team", "wet asphalt", date(2026, 10, 1))
    return replace(
        demo_plan(),
        decided=True,
        gates=[
            gate("recall", "min", 0.60, class_name="person", line=14, confidence=0.95, min_n=100),
            gate("recall", "min", 0.60, slice_=night, line=15, confidence=0.95),
            gate("recall", "not_worse", 0.02, line=16, confidence=0.95, preset="no-regression"),
            gate("precision", "max_drop", 0.01, line=17, confidence=0.9),
            gate("f1", "min", 0.75, line=18, confidence=0.95),
            gate("precision", "min", 0.99, slice_=night, line=19, quarantine=holds),
            gate("frame_accuracy", "min", 0.99, line=20, quarantine=expired),
            gate("recall", "require", 200, slice_=night, class_name="person", line=21),
            gate("recall", "require", 1, slice_=fog, line=22),
            gate("latency_ms_p95", "max", 40, line=23),
            gate("fp_per_camera_hour", "max", 9000, level="warn", line=24),
        ],
    )
