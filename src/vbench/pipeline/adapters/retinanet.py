"""RetinaNet: class values and box deltas of every anchor, or torchvision's finished boxes.

Sources: Lin et al., Focal Loss for Dense Object Detection (arXiv:1708.02002): per level of stride s
a square of 4 s, three scales 2^0, 2^(1/3), 2^(2/3), three ratios height / width; the box coding of
Girshick et al., R-CNN (arXiv:1311.2524), Appendix C. Order of anchors as in torchvision's
anchor_utils.py: levels, cells row by row, ratios, scales. Torchvision rounds its anchors to whole
pixels; this does not. Its own ONNX export gives finished boxes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from vbench.config.output_entries import RetinanetOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.errors import ModelError
from vbench.pipeline.adapters.adapter import (
    Adapter,
    Candidates,
    ModelFacts,
    Size,
    differs,
    fits,
    misfit,
    xyxy_from_cxcywh,
)
from vbench.pipeline.adapters.finished import FinishedBoxes, FinishedForm, FinishedNames
from vbench.pipeline.adapters.grid import grid_cells
from vbench.pipeline.adapters.roles import Role, find_outputs
from vbench.pipeline.adapters.scores import pairs_above
from vbench.types.arrays import F32

_MAX_LOG_SIZE = np.float32(math.log(1000 / 16))
"""Larger log sizes are cut, as in Detectron and torchvision: exp would overflow."""


class RetinanetAdapter:
    """Chooses between raw and finished outputs by their shapes."""

    def __init__(self, entry: RetinanetOutput, facts: ModelFacts) -> None:
        """Prepare for both forms; `check` tells which it is."""
        names = FinishedNames(entry.boxes, entry.scores, entry.labels)
        form = FinishedForm(class_base=entry.class_base, classes_key="labels")
        self._finished = FinishedBoxes("retinanet", names, form, facts)
        self._raw = _RawRetinanet(entry, facts)
        self._chosen: Adapter = self._raw

    @property
    def finite_checked(self) -> frozenset[int]:
        """The class values of all anchors, where they are raw."""
        return self._chosen.finite_checked

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Find the tensors; raises ModelError or ConfigError."""
        flat = [item for item in outputs if len(item.shape) < 3]
        self._chosen = self._finished if len(flat) >= 2 else self._raw
        self._chosen.check(outputs)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`."""
        return self._chosen.decode(outputs, floor)


class _RawRetinanet:
    """scores [1, N, C] and deltas [1, N, 4] -> a candidate per anchor and class."""

    def __init__(self, entry: RetinanetOutput, facts: ModelFacts) -> None:
        self._entry = entry
        self._facts = facts
        n = self._n_columns = entry.class_base + facts.n_classes
        self._roles = (
            Role(
                "scores",
                entry.scores,
                ("scores", "cls_logits", "classification", "cls"),
                f"[1, N, {n}]",
                lambda s: fits(s, 1, None, n),
            ),
            Role(
                "boxes",
                entry.boxes,
                ("bbox_regression", "regression", "boxes", "bbox", "deltas"),
                "[1, N, 4]",
                lambda s: fits(s, 1, None, 4),
            ),
        )
        self._positions: tuple[int, ...] = (0, 1)
        self._scores_name = ""

    @property
    def finite_checked(self) -> frozenset[int]:
        return frozenset(self._positions[:1])

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        self._positions = find_outputs(outputs, self._roles, "retinanet", self._facts.place)
        self._scores_name = outputs[self._positions[0]].name
        n_anchors = outputs[self._positions[0]].shape[1]
        if differs(n_anchors, len(self._anchors(self._facts.input_size))):
            raise self._other_anchors(outputs[self._positions[0]].shape, self._facts.input_size)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        size = self._facts.input_size
        values, deltas = (outputs[position] for position in self._positions)
        anchors = self._anchors(size)
        if values.shape != (1, len(anchors), self._n_columns):
            raise self._other_anchors(values.shape, size)
        if deltas.shape != (1, len(anchors), 4):
            raise self._other_anchors(deltas.shape, size)
        anchor, class_index, scores = pairs_above(
            np.asarray(values[0], np.float32),
            floor,
            self._entry.activation,
            self._scores_name,
            first_column=self._entry.class_base,
        )
        std = np.array(self._entry.delta_std, np.float32)
        boxes_xyxy = _decoded(anchors[anchor], np.asarray(deltas[0], np.float32)[anchor] * std)
        return Candidates(boxes_xyxy, scores, class_index)

    def _anchors(self, size: Size) -> F32:
        entry = self._entry
        return _anchor_boxes(
            size,
            tuple(zip(entry.strides, entry.anchor_sizes, strict=True)),
            tuple(entry.anchor_ratios),
            tuple(entry.anchor_scales),
            entry.anchor_offset,
        )

    def _other_anchors(self, shape: tuple[int | None, ...], size: Size) -> ModelError:
        n = len(self._anchors(size))
        return misfit(
            shape,
            f"retinanet at {size[0]}x{size[1]} has {n} anchors: scores [1, {n}, "
            f"{self._n_columns}], boxes [1, {n}, 4]",
            self._facts.place,
            "check `input.size`, `strides`, `anchor_scales` and `anchor_ratios`",
        )


@lru_cache(maxsize=8)
def _anchor_boxes(
    size: Size,
    levels: tuple[tuple[int, float], ...],
    ratios: tuple[float, ...],
    scales: tuple[float, ...],
    offset: float,
) -> F32:
    """(N, 4) centre and size of each anchor, in px."""
    of_levels = []
    for stride, side in levels:
        cells = grid_cells((stride,), size, partial=True)
        widths = [side * scale / math.sqrt(ratio) for ratio in ratios for scale in scales]
        heights = [side * scale * math.sqrt(ratio) for ratio in ratios for scale in scales]
        centers = (cells[:, :2] + np.float32(offset)) * np.float32(stride)
        of_levels.append(
            np.concatenate(
                [
                    np.repeat(centers, len(widths), axis=0),
                    np.tile(np.stack([widths, heights], axis=1), (len(cells), 1)),
                ],
                axis=1,
            )
        )
    return np.concatenate(of_levels).astype(np.float32)


def _decoded(anchors: F32, deltas: F32) -> F32:
    """Corners from anchors and deltas: centre in anchor sizes, log of the size's ratio."""
    w, h = anchors[:, 2], anchors[:, 3]
    log_size = np.minimum(deltas[:, 2:], _MAX_LOG_SIZE)
    return xyxy_from_cxcywh(
        anchors[:, 0] + deltas[:, 0] * w,
        anchors[:, 1] + deltas[:, 1] * h,
        w * np.exp(log_size[:, 0]),
        h * np.exp(log_size[:, 1]),
    )
