"""A detector with a model of its own: preprocess, infer, decode, suppress, map back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter_ns

import numpy as np

from vbench.config.input_entry import InputEntry
from vbench.config.post_entry import PostEntry
from vbench.engines.protocol import Tensor, TensorEngine
from vbench.errors import EngineError
from vbench.kernels.finite import all_finite
from vbench.pipeline.adapters.adapter import Adapter, Candidates, not_finite
from vbench.pipeline.classes import ClassMap
from vbench.pipeline.detections import best_rows, in_taxonomy
from vbench.pipeline.inputs import model_inputs
from vbench.pipeline.own_preprocess import FramePreprocessor, OwnFunction, preprocessor_for
from vbench.pipeline.prepared import Prepared, SharedInput
from vbench.pipeline.preprocess import Geometry
from vbench.pipeline.stage import FinishFrame
from vbench.pipeline.stage_names import TENSOR_STEPS
from vbench.types.alerts import Alert
from vbench.types.frame import Frame
from vbench.types.frame_detections import NO_TRACK, FrameDetections
from vbench.types.golden import Clip

_ROUNDING = 1e-3
"""How far above 1 a score may lie through rounding in the model; it then counts as 1."""


@dataclass(frozen=True, slots=True)
class DetectorTrace:
    """What a detector made of one frame, step by step."""

    tensor: Tensor
    """The model's input image, a copy."""
    outputs: tuple[Tensor, ...]
    candidates: Candidates
    """Decoded, before NMS, in pixels of the input tensor."""
    geometry: Geometry
    detections: FrameDetections


class Detector:
    """One model with everything around it; not safe for use by several threads at once."""

    steps = TENSOR_STEPS

    def __init__(
        self,
        stage_id: str,
        engine: TensorEngine,
        input_entry: InputEntry,
        adapter_for: Callable[[tuple[int, int]], Adapter],
        post: PostEntry,
        classes: ClassMap,
        own: OwnFunction | None = None,
    ) -> None:
        """Put the parts together; they have been checked against each other.

        Args:
            stage_id: the stage's id, for messages.
            engine: its loaded model.
            input_entry: from a frame to the model's input.
            adapter_for: what decodes the outputs for an input of (width, height) px.
            post: what happens to decoded detections.
            classes: the model's own classes and what they become.
            own: the user's own preprocessing, where the entry names one.
        """
        self.stage_id = stage_id
        self._engine = engine
        self._input_entry = input_entry
        self._adapter_for = adapter_for
        self._adapters: dict[tuple[int, int], Adapter] = {}
        self._post = post
        self._classes = classes
        self._inputs, self._image_position = model_inputs(engine, input_entry)
        self._own = own
        # The user's own code is called by one thread alone, and is asked for every model anew.
        self.shared_input = SharedInput.of(input_entry) if own is None else None
        self.input_path = ""
        self._preprocessors: dict[tuple[int, int], FramePreprocessor] = {}

    @property
    def engine_text(self) -> str:
        """What really runs, for example ``onnxruntime 1.22.0 (CPUExecutionProvider, 1 thread)``."""
        return self._engine.info.text()

    @property
    def engine_threads(self) -> int:
        """Threads that it runs in on the CPU; 0 where it runs elsewhere, or does not say."""
        return self._engine.info.threads or 0

    def begin_clip(self, clip: Clip) -> None:
        """A model remembers nothing from frame to frame."""

    def __call__(self, frame: Frame) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections of a frame, and how many ns each of `TENSOR_STEPS` took.

        Raises:
            EngineError: the model failed or gave numbers that are no detections; names the frame.
            ModelError: the model's outputs do not fit the adapter.
        """
        start = perf_counter_ns()
        prepared = self._prepare(frame)
        preprocessed = perf_counter_ns()
        finish = self.infer(frame, prepared)
        inferred = perf_counter_ns()
        found = finish()
        done = perf_counter_ns()
        return found, (preprocessed - start, inferred - preprocessed, done - inferred)

    def infer(self, frame: Frame, prepared: Prepared | None = None, /) -> FinishFrame:
        """Execute the model on a frame's tensor, which is made first where it is not given.

        Raises:
            EngineError: the model failed; names the frame.
        """
        if prepared is None:
            prepared = self._prepare(frame)
        self.input_path = prepared.path
        outputs = self._infer(prepared.tensor, frame)
        return partial(self._finished, frame, outputs, prepared.geometry, prepared.tensor.shape)

    def _prepare(self, frame: Frame) -> Prepared:
        preprocessor = self._preprocessor(frame)
        tensor = preprocessor(frame)
        return Prepared(tensor, preprocessor.geometry, preprocessor.path)

    def _finished(
        self,
        frame: Frame,
        outputs: tuple[Tensor, ...],
        geometry: Geometry,
        input_shape: tuple[int, ...],
    ) -> FrameDetections:
        return self._finish(self._decode(outputs, input_shape, frame), geometry)

    def trace(self, frame: Frame) -> DetectorTrace:
        """Every intermediate value of a frame; raises what a call raises."""
        prepared = self._prepare(frame)
        tensor, geometry = prepared.tensor.copy(), prepared.geometry
        outputs = self._infer(tensor, frame)
        candidates = self._decode(outputs, tensor.shape, frame)
        found = self._finish(candidates, geometry)
        return DetectorTrace(tensor, outputs, candidates, geometry, found)

    def alerts(self) -> Sequence[Alert] | None:
        """A model raises nothing."""
        return None

    def close(self) -> None:
        """Free the model."""
        self._engine.close()

    def _preprocessor(self, frame: Frame) -> FramePreprocessor:
        """Buffers for this frame's size; clips of a golden set may differ in size."""
        size = frame.size
        if size not in self._preprocessors:
            self._preprocessors[size] = preprocessor_for(self._input_entry, size, self._own)
        return self._preprocessors[size]

    def _infer(self, tensor: Tensor, frame: Frame) -> tuple[Tensor, ...]:
        self._inputs[self._image_position] = tensor
        try:
            return self._engine.run(self._inputs)
        except EngineError as error:
            raise self._failure(frame, error.what, error.hint) from error

    def _adapter(self, shape: tuple[int, ...]) -> Adapter:
        """The one for this input's size, which depends on the frame's where it is rectangular."""
        size = (shape[3], shape[2]) if self._input_entry.layout == "nchw" else (shape[2], shape[1])
        if size not in self._adapters:
            self._adapters[size] = self._adapter_for(size)
        return self._adapters[size]

    def _decode(
        self, outputs: tuple[Tensor, ...], input_shape: tuple[int, ...], frame: Frame
    ) -> Candidates:
        try:
            adapter = self._adapter(input_shape)
            for position, output in enumerate(outputs):
                if position not in adapter.finite_checked and not all_finite(output):
                    raise not_finite(self._engine.outputs[position].name)
            with np.errstate(over="ignore", invalid="ignore"):
                candidates = adapter.decode(outputs, self._post.stored_from)
        except EngineError as error:
            if error.where:
                raise
            raise self._failure(frame, error.what, error.hint) from error
        self._check_candidates(candidates, frame)
        return candidates

    def _finish(self, candidates: Candidates, geometry: Geometry) -> FrameDetections:
        rows = best_rows(
            self._post, candidates.boxes_xyxy, candidates.scores, candidates.class_index
        )
        kept = candidates.take(rows)
        return in_taxonomy(
            self._classes,
            geometry.source_size,
            geometry.to_source(kept.boxes_xyxy),
            np.minimum(kept.scores.astype(np.float64), 1.0),
            kept.class_index,
            np.full(len(kept), NO_TRACK, np.int64),
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
        return EngineError(what, where=f"stage {self.stage_id}, frame {frame.index}", hint=hint)
