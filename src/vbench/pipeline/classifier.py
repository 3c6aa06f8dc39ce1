"""A classifier on the crops of detections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from time import perf_counter_ns
from typing import Protocol

import numpy as np

from vbench.config.classifier_stage import ClassifierStage
from vbench.engines.protocol import Tensor, TensorEngine
from vbench.errors import EngineError
from vbench.pipeline.classes import DROPPED, ClassMap
from vbench.pipeline.counted import Counted
from vbench.pipeline.inputs import model_inputs
from vbench.pipeline.own_preprocess import OwnFunction, preprocessor_for
from vbench.pipeline.stage_names import TENSOR_STEPS
from vbench.types.arrays import F64, I64
from vbench.types.frame import Frame
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip


class CropAdapter(Protocol):
    """What decodes a classifier's outputs."""

    def classify(self, outputs: Sequence[Tensor]) -> tuple[int, float]:
        """The best class, as an index into the model's own ones, and its score in 0..1.

        Raises EngineError where the outputs are no scores of classes.
        """


class Classifier:
    """Cuts out detections, classifies one after the other, and writes down what they are.

    Not safe for use by several threads at once.
    """

    steps = TENSOR_STEPS

    def __init__(
        self,
        stage: ClassifierStage,
        engine: TensorEngine,
        adapter: CropAdapter,
        classes: ClassMap,
        counted: Counted,
        own: OwnFunction | None,
    ) -> None:
        """Put the parts together; they have been checked against each other.

        Args:
            stage: the checked entry.
            engine: its loaded model, whose input fits the entry's.
            adapter: what decodes the model's outputs.
            classes: the model's own classes and what they become.
            counted: detections that are looked at, by `of` and `score`.
            own: the user's own preprocessing, where the entry names one.
        """
        self._stage = stage
        self._engine = engine
        self._adapter = adapter
        self._classes = classes
        self._counted = counted
        self._own = own
        self._inputs, self._image_position = model_inputs(engine, stage.input)

    @property
    def engine_text(self) -> str:
        """What really runs."""
        return self._engine.info.text()

    @property
    def engine_threads(self) -> int:
        """Threads that it runs in on the CPU; 0 where it runs elsewhere, or does not say."""
        return self._engine.info.threads or 0

    def begin_clip(self, clip: Clip) -> None:
        """A model remembers nothing from frame to frame."""

    def __call__(
        self, frame: Frame, found: FrameDetections
    ) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections with what the classifier says of them, and the ns that each step took.

        Raises EngineError where the model fails; names the frame.
        """
        rows = self._looked_at(found)
        class_index = np.zeros(len(rows), np.int64)
        scores = np.zeros(len(rows))
        spent_ns = np.zeros(len(TENSOR_STEPS), np.int64)
        for k, row in enumerate(rows):
            crop = self._crop(frame, found.boxes_xyxy[row])
            class_index[k], scores[k], crop_ns = self._classify(frame, crop)
            spent_ns += crop_ns
        began_ns = perf_counter_ns()
        answered = self._answered(found, rows, class_index, scores)
        spent_ns[-1] += perf_counter_ns() - began_ns
        return answered, tuple(spent_ns.tolist())

    def close(self) -> None:
        """Free the model."""
        self._engine.close()

    def _looked_at(self, found: FrameDetections) -> I64:
        rows = self._counted.rows(found)
        boxes_xyxy = found.boxes_xyxy[rows]
        size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
        large = np.all(size >= self._stage.min_size_px, axis=1)
        return rows[large]

    def _crop(self, frame: Frame, box_xyxy: F64) -> Frame:
        """The part of the frame around a box, from whole pixels that it touches; at least one."""
        x1, y1, x2, y2 = box_xyxy.tolist()
        dx, dy = self._stage.margin * (x2 - x1), self._stage.margin * (y2 - y1)
        height, width = frame.image.shape[:2]
        left, right = _whole_pixels(x1 - dx, x2 + dx, width)
        top, bottom = _whole_pixels(y1 - dy, y2 + dy, height)
        image = np.ascontiguousarray(frame.image[top:bottom, left:right])
        return Frame(frame.index, frame.pts_s, image, frame.color_order)

    def _classify(self, frame: Frame, crop: Frame) -> tuple[int, float, tuple[int, int, int]]:
        """Class and score of a crop, and ns per step."""
        height, width = crop.image.shape[:2]
        began_ns = perf_counter_ns()
        # Crops hardly ever have the same size twice, so nothing is kept for the next one.
        preprocessor = preprocessor_for(self._stage.input, (width, height), self._own)
        self._inputs[self._image_position] = preprocessor(crop)
        preprocessed_ns = perf_counter_ns()
        try:
            outputs = self._engine.run(self._inputs)
            inferred_ns = perf_counter_ns()
            class_index, score = self._adapter.classify(outputs)
        except EngineError as error:
            if error.where:
                raise
            raise self._failure(frame, error.what, error.hint) from error
        done_ns = perf_counter_ns()
        steps_ns = (
            preprocessed_ns - began_ns,
            inferred_ns - preprocessed_ns,
            done_ns - inferred_ns,
        )
        return class_index, score, steps_ns

    def _answered(
        self, found: FrameDetections, rows: I64, class_index: I64, class_scores: F64
    ) -> FrameDetections:
        class_id, scores = found.class_id.copy(), found.scores.copy()
        kept = np.ones(len(found), np.bool_)
        counts = class_scores >= self._stage.min_score
        sure = rows[counts]
        class_id[sure] = self._classes.class_id[class_index[counts]]
        kept[sure] = class_id[sure] != DROPPED
        if self._stage.below == "drop":
            kept[rows[~counts]] = False
        if self._stage.combine == "product":
            scores[sure] *= class_scores[counts]
        best = np.argsort(-scores, kind="stable")
        order = best[kept[best]]
        return FrameDetections(
            found.boxes_xyxy[order], scores[order], class_id[order], found.track_id[order]
        )

    def _failure(self, frame: Frame, what: str, hint: str) -> EngineError:
        return EngineError(what, where=f"stage {self._stage.id}, frame {frame.index}", hint=hint)


def _whole_pixels(low: float, high: float, length: int) -> tuple[int, int]:
    """First pixel and the one after the last of a stretch, inside a frame of some length."""
    first = min(max(math.floor(low), 0), length - 1)
    return first, min(max(math.ceil(high), first + 1), length)
