"""Stage by stage, how far the two pipelines lie apart over many frames."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from vbench.bench.parity.measure import (
    Difference,
    Stage,
    Tolerances,
    array_difference,
    box_difference,
)
from vbench.bench.parity.tap import FrameTrace, boxes_of, candidate_boxes, detections_of
from vbench.bench.parity.tensor import planar
from vbench.config.detector_stage import DetectorStage
from vbench.pipeline.detector import DetectorTrace
from vbench.types import Frame

State = Literal["equal", "differs", "hidden"]

_ALL = -1
"""In place of a detector's position: before or after all of them."""

_MOST_SAMPLES = 3
_SAMPLES_APART = 5
"""Frames between two samples: neighbours show the same."""


@dataclass(frozen=True, slots=True)
class StageReport:
    """What one stage came to over all frames."""

    stage: Stage
    detector: int
    """Position of the detector; -1 for what is before or after all of them."""
    detector_id: str
    """Its id in A; empty where there is only one."""
    state: State
    n_frames: int
    n_differing: int
    first_clip: str
    """Where it first differs; empty where it does not."""
    first_frame: int
    max_abs: float
    mean_abs: float
    """Of the differing frames, as are `max_abs` and `share`; NaN where no number can tell."""
    share: float
    text: str
    """What differs where numbers cannot tell, or why it cannot be compared."""
    samples: tuple[int, ...]
    """Some frames of the first clip where it differs."""


@dataclass(slots=True)
class _Tally:
    n_frames: int = 0
    n_differing: int = 0
    first_clip: str = ""
    first_frame: int = -1
    max_abs: float = 0.0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    text: str = ""
    samples: list[int] = field(default_factory=list)

    def add(self, clip: str, frame: int, found: Difference) -> None:
        self.n_frames += 1
        if found.equal:
            return
        if not self.n_differing:
            self.first_clip, self.first_frame, self.text = clip, frame, found.text
        self.n_differing += 1
        # A NaN stays: a number that some frames do not have is no number of all of them.
        self.max_abs = float(np.maximum(self.max_abs, found.max_abs))
        self.sums[0] += found.mean_abs
        self.sums[1] += found.share
        near = self.samples and frame - self.samples[-1] < _SAMPLES_APART
        if clip == self.first_clip and not near and len(self.samples) < _MOST_SAMPLES:
            self.samples.append(frame)


class StageTable:
    """Collects the differences of every stage."""

    def __init__(
        self,
        a: tuple[DetectorStage, ...],
        b: tuple[DetectorStage, ...],
        tolerances: Tolerances,
        *,
        classified: bool,
    ) -> None:
        """Lay out the stages of two pipelines; `classified` where one of them has classifiers."""
        self._a, self._b = a, b
        self._tolerances = tolerances
        self._pixels = _Tally()
        self._answer = _Tally()
        self._paired = len(a) == len(b)
        self._with_answer = classified or not self._paired or len(a) > 1
        n_compared = len(a) if self._paired else 0
        self._tallies: list[dict[Stage, _Tally]] = [
            {stage: _Tally() for stage in ("tensor", "outputs", "candidates", "detections")}
            for _ in range(n_compared)
        ]

    def add_frames(self, clip: str, a: Frame, b: Frame) -> None:
        """Compare what both decoded; one frame for both is equal to itself."""
        found = Difference(True, 0.0, 0.0, 0.0)
        if a is not b:
            found = array_difference(a.image, b.image, self._tolerances.pixels)
        self._pixels.add(clip, a.index, found)

    def add_traces(self, clip: str, frame: int, a: FrameTrace, b: FrameTrace) -> None:
        """Compare everything that both made of a frame."""
        for position, tallies in enumerate(self._tallies):
            of_a, of_b = a.detectors[position], b.detectors[position]
            if isinstance(of_a, DetectorTrace) and isinstance(of_b, DetectorTrace):
                for stage, found in self._inner(position, of_a, of_b):
                    tallies[stage].add(clip, frame, found)
            boxes = boxes_of(detections_of(of_a)), boxes_of(detections_of(of_b))
            floor = self.floor(position)
            tallies["detections"].add(clip, frame, box_difference(*boxes, self._tolerances, floor))
        if self._with_answer:
            boxes = boxes_of(a.answer), boxes_of(b.answer)
            self._answer.add(
                clip, frame, box_difference(*boxes, self._tolerances, self.floor(_ALL))
            )

    def floor(self, detector: int) -> float:
        """Score from which on both sides keep boxes of a detector, or of all where it is -1."""
        stages = (*self._a, *self._b)
        if detector != _ALL:
            stages = (self._a[detector], self._b[detector])
        return max(stage.post.stored_from for stage in stages)

    def reports(self) -> Iterator[StageReport]:
        """One report per stage, in the order in which a frame passes through them."""
        yield _report("pixels", _ALL, "", self._pixels, "")
        for position, tallies in enumerate(self._tallies):
            name = self._a[position].id if len(self._tallies) > 1 else ""
            for stage, tally in tallies.items():
                yield _report(stage, position, name, tally, self._hidden(position))
        if self._with_answer:
            yield _report("answer", _ALL, "", self._answer, "")

    def _inner(
        self, position: int, a: DetectorTrace, b: DetectorTrace
    ) -> Iterator[tuple[Stage, Difference]]:
        entries = self._a[position].input, self._b[position].input
        if entries[0] is not None and entries[1] is not None:
            tensors = planar(a.tensor, entries[0]), planar(b.tensor, entries[1])
            limit = self._tolerances.tensor * float(np.ptp(tensors[0]))
            yield "tensor", array_difference(*tensors, limit)
        yield "outputs", self._outputs(a, b)
        boxes = candidate_boxes(a), candidate_boxes(b)
        floor = self.floor(position)
        yield "candidates", box_difference(*boxes, self._tolerances, floor)

    def _outputs(self, a: DetectorTrace, b: DetectorTrace) -> Difference:
        """All outputs of a frame as one: the largest difference, the mean over elements."""
        if [one.shape for one in a.outputs] != [one.shape for one in b.outputs]:
            texts = [", ".join(str(list(one.shape)) for one in side.outputs) for side in (a, b)]
            text = f"A gives {texts[0]}, B gives {texts[1]}"
            return Difference(False, math.nan, math.nan, 1.0, text)
        both = list(zip(a.outputs, b.outputs, strict=True))
        found = [
            array_difference(x, y, self._tolerances.outputs * float(np.ptp(x)) if x.size else 0.0)
            for x, y in both
        ]
        weights = np.array([max(1, x.size) for x, _ in both], np.float64)
        return Difference(
            all(one.equal for one in found),
            max(one.max_abs for one in found),
            float(np.average([one.mean_abs for one in found], weights=weights)),
            float(np.average([one.share for one in found], weights=weights)),
        )

    def _hidden(self, position: int) -> str:
        """Why inner stages cannot be compared; empty where they can."""
        walls = [
            f"{letter} is a {stage[position].engine.type} engine"
            for letter, stage in (("A", self._a), ("B", self._b))
            if stage[position].engine.takes != "tensors"
        ]
        shows = "it shows" if len(walls) == 1 else "they show"
        return f"{' and '.join(walls)}: {shows} detections only" if walls else ""


def _report(stage: Stage, detector: int, name: str, tally: _Tally, hidden: str) -> StageReport:
    state: State = "differs" if tally.n_differing else "equal"
    text = tally.text
    if hidden and stage in ("tensor", "outputs", "candidates"):
        state, text = "hidden", hidden
    n = max(1, tally.n_differing)
    return StageReport(
        stage=stage,
        detector=detector,
        detector_id=name,
        state=state,
        n_frames=tally.n_frames,
        n_differing=tally.n_differing,
        first_clip=tally.first_clip,
        first_frame=tally.first_frame,
        max_abs=tally.max_abs,
        mean_abs=tally.sums[0] / n,
        share=tally.sums[1] / n,
        text=text,
        samples=tuple(tally.samples),
    )
