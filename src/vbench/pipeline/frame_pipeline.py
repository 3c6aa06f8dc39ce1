"""A pipeline that runs on frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import Literal

import numpy as np

from vbench.errors import EngineError
from vbench.pipeline.loaded import Loaded
from vbench.pipeline.prepared import InputKey, Prepared, SharedInput
from vbench.pipeline.replayed_detector import ReplayedDetector
from vbench.pipeline.stage import FinishFrame
from vbench.types.alerts import Alerts
from vbench.types.arrays import U8
from vbench.types.frame import Frame
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip, MediaFacts
from vbench.types.truth import Truth

_SEED = 0
_WITHOUT_CLIPS = (640, 480)
"""(width, height) px of the warm-up frame where no clip tells a size and no input entry either."""


@dataclass(frozen=True, slots=True)
class InferredFrame:
    """A frame whose engines have answered."""

    frame: Frame
    finishes: tuple[FinishFrame, ...]
    """Of each detector."""
    prepare_ns: tuple[int, ...]
    """How long making each detector's tensor took; 0 where the detector made it itself."""
    infer_ns: tuple[int, ...]
    """How long each detector's engine took."""


class FramePipeline(Loaded):
    """A pipeline that runs on frames.

    Either each frame is put through by `run_frame`, or one thread calls `infer` for frame after
    frame, and another `finish` in the same order. Otherwise not safe for use by several threads.
    """

    needs_frames: Literal[True] = True

    def check(self, clips: Sequence[Clip]) -> None:
        """Put one frame of every clip size through all stages; also warms every stage up.

        Without clips the frame has the size of the first model's input.

        Raises:
            EngineError: a stage fails, or its output does not fit the next one.
            ConfigError, TruthError: stored results do not fit the clips.
        """
        for detector in self.stages.detectors:
            if isinstance(detector, ReplayedDetector):
                detector.check(clips)
        first_of_size = {(clip.facts.width_px, clip.facts.height_px): clip for clip in clips}
        if not first_of_size:
            size = self._input_size()
            first_of_size[size] = _stand_in(size)
        for size, clip in first_of_size.items():
            self._warm_up(size, clip)

    def begin_clip(self, clip: Clip) -> None:
        """Forget the clip before; frames of this one follow. Raises EngineError."""
        for detector in self.stages.detectors:
            detector.begin_clip(clip)
        for classifier in self.stages.classifiers:
            classifier.begin_clip(clip)
        self.stages.tail.begin_clip(clip)

    def run_frame(self, frame: Frame) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections of a frame, and the ns that each of `stage_names` took.

        Raises EngineError naming the stage and the frame.
        """
        parts = []
        durations_ns: list[int] = []
        for detector in self.stages.detectors:
            part, stage_ns = detector(frame)
            parts.append(part)
            durations_ns.extend(stage_ns)
        found, stage_ns = self._behind(frame, parts)
        return found, (*durations_ns, *stage_ns)

    def infer(self, frame: Frame, prepared: Mapping[InputKey, Prepared]) -> InferredFrame:
        """Let every engine answer, given the tensors of `shared_inputs`.

        Raises EngineError naming the stage and the frame.
        """
        finishes: list[FinishFrame] = []
        prepare_ns: list[int] = []
        infer_ns: list[int] = []
        for detector in self.stages.detectors:
            shared = detector.shared_input
            given = None if shared is None else prepared[shared.key]
            began_ns = perf_counter_ns()
            finishes.append(detector.infer(frame, given))
            infer_ns.append(perf_counter_ns() - began_ns)
            prepare_ns.append(0 if given is None else given.prepare_ns)
        return InferredFrame(frame, tuple(finishes), tuple(prepare_ns), tuple(infer_ns))

    def finish(self, inferred: InferredFrame) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections of a frame, and the ns that each of `stage_names` took.

        Raises EngineError naming the stage and the frame.
        """
        parts = []
        durations_ns: list[int] = []
        for k, detector in enumerate(self.stages.detectors):
            began_ns = perf_counter_ns()
            parts.append(inferred.finishes[k]())
            steps_ns = {
                "preprocess": inferred.prepare_ns[k],
                "infer": inferred.infer_ns[k],
                "postprocess": perf_counter_ns() - began_ns,
            }
            durations_ns.extend(steps_ns[step] for step in detector.steps)
        found, stage_ns = self._behind(inferred.frame, parts)
        return found, (*durations_ns, *stage_ns)

    @property
    def needs_picture(self) -> bool:
        """Whether `infer` or `finish` look at more of a frame than the tensors they are given."""
        return bool(self.stages.classifiers) or any(
            one.shared_input is None and not isinstance(one, ReplayedDetector)
            for one in self.stages.detectors
        )

    @property
    def shared_inputs(self) -> tuple[SharedInput, ...]:
        """Of the detectors whose tensors may be made ahead."""
        inputs = (detector.shared_input for detector in self.stages.detectors)
        return tuple(one for one in inputs if one is not None)

    def input_paths(self) -> tuple[tuple[str, str], ...]:
        """Detector -> how its newest tensor was made, for those that have one."""
        detectors = self.stages.detectors
        return tuple((one.stage_id, one.input_path) for one in detectors if one.input_path)

    def _behind(
        self, frame: Frame, parts: Sequence[FrameDetections]
    ) -> tuple[FrameDetections, tuple[int, ...]]:
        """What follows the detectors."""
        durations_ns: list[int] = []
        found = FrameDetections.united(parts)
        for classifier in self.stages.classifiers:
            found, stage_ns = classifier(frame, found)
            durations_ns.extend(stage_ns)
        found, stage_ns = self.stages.tail(frame.index, frame.pts_s, found)
        return found, (*durations_ns, *stage_ns)

    def alerts(self) -> Alerts | None:
        """What was raised since `begin_clip`; None for a pipeline that raises nothing."""
        sources = [self.stages.tail.alerts()]
        sources += [detector.alerts() for detector in self.stages.detectors]
        raised = [source for source in sources if source is not None]
        return Alerts.of([alert for source in raised for alert in source]) if raised else None

    def _warm_up(self, size: tuple[int, int], clip: Clip) -> None:
        width, height = size
        try:
            self.begin_clip(clip)
            self.run_frame(_warmup_frame(width, height))
        except EngineError as error:
            where = error.where
            if where.startswith("stage "):
                # The frame's number means nothing here.
                stage = where.partition(", frame ")[0]
                where = f"{self.path}: {stage}, warm-up frame of {width}x{height}"
            raise type(error)(error.what, where=where, hint=error.hint) from error

    def _input_size(self) -> tuple[int, int]:
        sizes = [stage.input.size for stage in self.file.model.detectors if stage.input is not None]
        return sizes[0] if sizes else _WITHOUT_CLIPS


def _stand_in(size: tuple[int, int]) -> Clip:
    """A clip of one frame of (width, height) px, where there is no golden set."""
    facts = MediaFacts("", 1, 25.0, 1 / 25.0, *size, "")
    return Clip(
        id="warm-up",
        media=Path("warm-up"),
        stream=None,
        facts=facts,
        tags=(),
        truth=Truth.empty(),
        annotated=np.ones(1, np.bool_),
        exhaustive=np.zeros(0, np.bool_),
        ignore_regions=(),
        events=(),
    )


def _warmup_frame(width: int, height: int) -> Frame:
    """A frame of fixed noise, so that no stage sees an empty picture."""
    image: U8 = np.random.default_rng(_SEED).integers(0, 256, (height, width, 3), np.uint8)
    return Frame(index=0, pts_s=0.0, image=image, color_order="bgr")
