"""A detector behind a frame engine: another program, a server, or the user's own class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import perf_counter_ns

import numpy as np

from vbench.config.detector_stage import DetectorStage
from vbench.engines.protocol import ClipFacts, EngineAlert, FrameAnswer, FrameEngine
from vbench.errors import EngineError
from vbench.pipeline.classes import DROPPED, ClassMap
from vbench.pipeline.detections import best_rows, in_taxonomy
from vbench.pipeline.prepared import Prepared, SharedInput
from vbench.pipeline.stage import FinishFrame
from vbench.pipeline.stage_names import FRAME_STEPS
from vbench.types.alerts import Alert
from vbench.types.frame import Frame
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip


class FrameDetector:
    """A frame engine with what follows it."""

    steps = FRAME_STEPS
    shared_input: SharedInput | None = None
    input_path = ""

    def __init__(self, stage: DetectorStage, engine: FrameEngine, classes: ClassMap) -> None:
        """Put the parts together."""
        self.stage_id = stage.id
        self._engine = engine
        self._post = stage.post
        self._classes = classes
        self._alerts: list[Alert] = []
        self._raises = stage.alerts

    @property
    def engine_text(self) -> str:
        """What really runs."""
        return self._engine.info.text()

    @property
    def engine_threads(self) -> int:
        """Threads that it runs in on the CPU; 0 where it runs elsewhere, or does not say."""
        return self._engine.info.threads or 0

    def begin_clip(self, clip: Clip) -> None:
        """Tell the engine of a new clip. Raises EngineError."""
        self._alerts = []
        facts = clip.facts
        try:
            self._engine.begin_clip(ClipFacts(clip.id, facts.width_px, facts.height_px, facts.fps))
        except EngineError as error:
            raise EngineError(
                error.what, where=f"stage {self.stage_id}", hint=error.hint
            ) from error

    def __call__(self, frame: Frame) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections of a frame, and how many ns each of `FRAME_STEPS` took. Raises EngineError."""
        start = perf_counter_ns()
        finish = self.infer(frame)
        answered = perf_counter_ns()
        found = finish()
        done = perf_counter_ns()
        return found, (answered - start, done - answered)

    def infer(self, frame: Frame, _prepared: Prepared | None = None, /) -> FinishFrame:
        """Let the engine answer; it makes what it needs of the frame itself. Raises EngineError."""
        try:
            answer = self._engine.detect(frame)
        except EngineError as error:
            where = f"stage {self.stage_id}, frame {frame.index}"
            raise EngineError(error.what, where=where, hint=error.hint) from error
        return partial(self._finish, answer, frame)

    def alerts(self) -> Sequence[Alert] | None:
        """What the system behind the engine raised on this clip; None where it raises none."""
        return self._alerts if self._raises else None

    def close(self) -> None:
        """Free the engine."""
        self._engine.close()

    def _finish(self, answer: FrameAnswer, frame: Frame) -> FrameDetections:
        if answer.alerts and not self._raises:
            raise EngineError(
                "the answer holds alerts, which the pipeline file does not announce",
                where=f"stage {self.stage_id}, frame {frame.index}",
                hint="write `alerts: true` in the stage",
            )
        for raised in answer.alerts:
            self._raise(raised, frame.pts_s)
        strong = np.flatnonzero(answer.scores >= self._post.stored_from)
        scores = answer.scores[strong]
        kept = strong[
            best_rows(
                self._post,
                answer.boxes_xyxy[strong].astype(np.float32),
                scores.astype(np.float32),
                answer.class_index[strong],
            )
        ]
        # Scores that are equal as float32 may differ as float64: the order is that of float64.
        kept = kept[np.argsort(-answer.scores[kept], kind="stable")]
        return in_taxonomy(
            self._classes,
            frame.size,
            answer.boxes_xyxy[kept],
            answer.scores[kept],
            answer.class_index[kept],
            answer.track_id[kept],
        )

    def _raise(self, raised: EngineAlert, time_s: float) -> None:
        class_id = -1
        if raised.class_index >= 0:
            class_id = int(self._classes.class_id[raised.class_index])
            if class_id == DROPPED:
                return
        self._alerts.append(Alert(time_s, raised.kind, class_id, raised.zone))
