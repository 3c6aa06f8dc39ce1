"""What a run is judged by, and the stored answers that are judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from vbench.bench.baseline import BaselineRun
from vbench.config.benchmark_file import IntervalsEntry
from vbench.metrics.scopes import SliceKeys
from vbench.record.folder import RunFolder
from vbench.record.shards import read_detection_blocks, read_match_blocks
from vbench.types import Block, Detections, Gate, OperatingPoint


@dataclass(frozen=True, slots=True)
class Rules:
    """What a run is judged by."""

    iou: float
    slice_keys: tuple[SliceKeys, ...]
    gates: tuple[Gate, ...]
    baseline: str | BaselineRun | None
    intervals: IntervalsEntry
    today: date
    """The day that quarantines are held against."""


@dataclass(frozen=True, slots=True)
class JudgedPipeline:
    """A pipeline as it enters the judgement."""

    name: str
    version: str
    engine: str
    settings: str
    point: OperatingPoint
    score_floor: float
    notes: tuple[str, ...]


def gates_of_finished(gates: Iterable[Gate], finished: Collection[str]) -> tuple[Gate, ...]:
    """Gates without the pipelines that failed; those of such pipelines alone have nothing to judge.

    Args:
        gates: of the benchmark file.
        finished: names of the pipelines that did not fail.
    """
    kept = (
        gate
        if gate.pipelines is None
        else replace(gate, pipelines=tuple(name for name in gate.pipelines if name in finished))
        for gate in gates
    )
    return tuple(gate for gate in kept if gate.pipelines != ())


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A pipeline's answers on a clip, read from the run folder block by block."""

    folder: RunFolder
    pipeline: str
    clip: str

    def blocks(self) -> Iterator[Block]:
        """Detections with their rows of the match table."""
        matches = read_match_blocks(self.folder.matches(self.pipeline, self.clip))
        return zip(self.detection_blocks(), matches, strict=True)

    def detection_blocks(self) -> Iterator[Detections]:
        """Detections alone."""
        return read_detection_blocks(self.folder.detections(self.pipeline, self.clip))
