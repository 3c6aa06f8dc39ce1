"""What the stages of a pipeline look like to the pipeline that runs them.

Every stage hears of a new clip before its first frame and forgets the one before. Frames come once
each, in presentation order. A stage knows nothing of the stages around it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from vbench.pipeline.prepared import Prepared, SharedInput
from vbench.types.alerts import Alert
from vbench.types.frame import Frame
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip

FinishFrame: TypeAlias = Callable[[], FrameDetections]
"""What is left to do with a frame once the engine has answered. Raises EngineError."""


class DetectorRunner(Protocol):
    """A detector: a model with everything around it, a frame engine, or stored results.

    Either each frame is put through by a call; or one thread infers frame after frame, and another
    finishes them in the same order, while the next are inferred.
    """

    @property
    def stage_id(self) -> str:
        """The stage's id."""

    @property
    def steps(self) -> tuple[str, ...]:
        """What is timed, in order; empty for stored results."""

    @property
    def engine_text(self) -> str:
        """What really runs."""

    @property
    def engine_threads(self) -> int:
        """Threads that it runs in on the CPU; 0 where it runs elsewhere, or does not say."""

    def begin_clip(self, clip: Clip) -> None:
        """Forget the clip before."""

    def __call__(self, frame: Frame) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections of a frame, and how many ns each of `steps` took. Raises EngineError."""

    @property
    def shared_input(self) -> SharedInput | None:
        """What makes its input tensor, where somebody else may do so ahead of it."""

    @property
    def input_path(self) -> str:
        """How the newest input tensor was made; empty where there is none."""

    def infer(self, frame: Frame, prepared: Prepared | None, /) -> FinishFrame:
        """Let the engine answer, given what `shared_input` makes. Raises EngineError."""

    def alerts(self) -> Sequence[Alert] | None:
        """What the system behind the engine raised on this clip; None where it never does."""

    def close(self) -> None:
        """Free what is held."""


class ClassifierRunner(Protocol):
    """A classifier on crops."""

    @property
    def steps(self) -> tuple[str, ...]:
        """What is timed, in order."""

    @property
    def engine_text(self) -> str:
        """What really runs."""

    @property
    def engine_threads(self) -> int:
        """Threads that it runs in on the CPU; 0 where it runs elsewhere, or does not say."""

    def begin_clip(self, clip: Clip) -> None:
        """Forget the clip before."""

    def __call__(
        self, frame: Frame, found: FrameDetections
    ) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections with what the classifier says of them, and ns per step. Raises EngineError."""

    def close(self) -> None:
        """Free what is held."""


class Tracker(Protocol):
    """Gives detections identities over time."""

    def begin_clip(self, clip: Clip) -> None:
        """Forget every track."""

    def update(self, frame_index: int, found: FrameDetections) -> FrameDetections:
        """The same detections in the same order, with identities; -1 where none is given.

        Identities are 0 or more, unique in a clip, and at most once per frame. Boxes and scores
        stay the detector's.
        """


class Rule(Protocol):
    """Raises alerts from detections."""

    def begin_clip(self, clip: Clip) -> None:
        """Forget everything."""

    def update(self, time_s: float, found: FrameDetections) -> Sequence[Alert]:
        """What is raised on this frame.

        Args:
            time_s: the frame's time from the clip's start; grows from call to call.
            found: every stored detection, also those below the operating point.
        """
