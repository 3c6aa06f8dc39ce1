"""The detector stage: preprocess, infer, decode, suppress, map back to the source frame.

Order of the last step: candidates down to the stored floor, NMS in input pixels on the model's own
classes, the best `top_k`, then the model's classes become those of the taxonomy (or are left out)
and boxes return to source pixels, are clipped to the frame, and dropped where nothing is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from vbench.config.pipeline_file import InputEntry, PostEntry
from vbench.engines.protocol import Engine, Tensor
from vbench.errors import EngineError
from vbench.kernels.nms import nms
from vbench.pipeline.adapters.adapter import Adapter, Candidates
from vbench.pipeline.classes import DROPPED, ClassMap
from vbench.pipeline.preprocess import Geometry, Preprocessor
from vbench.types.arrays import F64, I64, check_column
from vbench.types.frame import Frame

STEPS = ("preprocess", "infer", "postprocess")
"""What is timed, in order."""

_ROUNDING = 1e-3
"""How far above 1 a score may lie through rounding in the model; it then counts as 1."""


@dataclass(frozen=True, slots=True)
class FrameDetections:
    """N detections of one frame, score descending."""

    boxes_xyxy: F64
    """(N, 4) px of the source frame, inside it, with an area."""
    scores: F64
    """(N,) 0..1."""
    class_id: I64
    """(N,) index into the taxonomy."""

    def __post_init__(self) -> None:
        n = len(self.scores)
        check_column("FrameDetections", "boxes_xyxy", self.boxes_xyxy, np.float64, (n, 4))
        check_column("FrameDetections", "scores", self.scores, np.float64, (n,))
        check_column("FrameDetections", "class_id", self.class_id, np.int64, (n,))

    def __len__(self) -> int:
        return len(self.scores)


class Detector:
    """One model with everything around it; not safe for use by several threads at once."""

    def __init__(
        self,
        stage_id: str,
        engine: Engine,
        input_entry: InputEntry,
        adapter: Adapter,
        post: PostEntry,
        classes: ClassMap,
    ) -> None:
        """Put the parts together; they have been checked against each other."""
        self._stage_id = stage_id
        self._engine = engine
        self._input_entry = input_entry
        self._adapter = adapter
        self._post = post
        self._classes = classes
        self._preprocessors: dict[tuple[int, int], Preprocessor] = {}

    def __call__(self, frame: Frame) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections of a frame, and how many ns each of `STEPS` took.

        Raises:
            EngineError: the model failed or gave numbers that are no detections; names the frame.
            ConfigError: the model's outputs do not fit the adapter.
        """
        preprocessor = self._preprocessor(frame)
        start = perf_counter_ns()
        tensor = preprocessor(frame)
        preprocessed = perf_counter_ns()
        outputs = self._infer(tensor, frame)
        inferred = perf_counter_ns()
        found = self._postprocess(outputs, preprocessor.geometry, frame)
        done = perf_counter_ns()
        return found, (preprocessed - start, inferred - preprocessed, done - inferred)

    def close(self) -> None:
        """Free the model."""
        self._engine.close()

    def _preprocessor(self, frame: Frame) -> Preprocessor:
        """Buffers for this frame's size; clips of a golden set may differ in size."""
        height, width = frame.image.shape[:2]
        size = (width, height)
        if size not in self._preprocessors:
            self._preprocessors[size] = Preprocessor(self._input_entry, size)
        return self._preprocessors[size]

    def _infer(self, tensor: Tensor, frame: Frame) -> tuple[Tensor, ...]:
        try:
            return self._engine.run(tensor)
        except EngineError as error:
            raise self._failure(frame, error.what, error.hint) from error

    def _postprocess(
        self, outputs: tuple[Tensor, ...], geometry: Geometry, frame: Frame
    ) -> FrameDetections:
        for position, output in enumerate(outputs):
            if output.dtype.kind == "f" and not np.isfinite(output).all():
                raise self._failure(
                    frame,
                    f"output {position} of the model holds NaN or infinity",
                    "check the model and its input's scale, mean and std",
                )
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                candidates = self._adapter.decode(outputs, self._post.stored_from)
        except EngineError as error:
            raise self._failure(frame, error.what, error.hint) from error
        self._check_candidates(candidates, frame)
        kept = candidates.take(self._best(candidates))
        class_id = self._classes.class_id[kept.class_index]
        boxes_xyxy = geometry.clip(geometry.to_source(kept.boxes_xyxy))
        size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
        rows = np.flatnonzero((class_id != DROPPED) & (size > 0).all(axis=1))
        scores = np.minimum(kept.scores[rows].astype(np.float64), 1.0)
        return FrameDetections(boxes_xyxy[rows], scores, class_id[rows])

    def _best(self, candidates: Candidates) -> I64:
        """Rows that remain after NMS and top-k, best first."""
        if self._post.nms is None:
            return np.argsort(-candidates.scores, kind="stable")[: self._post.top_k]
        return nms(
            candidates.boxes_xyxy,
            candidates.scores,
            candidates.class_index,
            iou_threshold=self._post.nms.iou,
            class_aware=self._post.nms.class_aware,
            top_k=self._post.top_k,
        )

    def _check_candidates(self, candidates: Candidates, frame: Frame) -> None:
        if not np.isfinite(candidates.boxes_xyxy).all():
            raise self._failure(
                frame,
                "a decoded box is not finite",
                "is the output's adapter the one of this model's family?",
            )
        if len(candidates) and candidates.scores.max() > 1.0 + _ROUNDING:
            raise self._failure(
                frame,
                f"the model gave a score of {candidates.scores.max():g}, expected 0 to 1",
                "is the adapter the right one, and does the model end in a sigmoid or softmax?",
            )

    def _failure(self, frame: Frame, what: str, hint: str) -> EngineError:
        return EngineError(what, where=f"stage {self._stage_id}, frame {frame.index}", hint=hint)
