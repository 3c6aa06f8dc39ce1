"""A pipeline that runs on frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from vbench.errors import EngineError
from vbench.pipeline.loaded import Loaded
from vbench.pipeline.replayed_detector import ReplayedDetector
from vbench.types.alerts import Alerts
from vbench.types.arrays import U8
from vbench.types.frame import Frame
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip, MediaFacts
from vbench.types.truth import Truth

_SEED = 0
_WITHOUT_CLIPS = (640, 480)
"""(width, height) px of the warm-up frame where no clip tells a size and no input entry either."""


class FramePipeline(Loaded):
    """A pipeline that runs on frames; not safe for use by several threads at once."""

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
