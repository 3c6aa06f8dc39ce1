"""Models that end in finished boxes: one row per box, columns named in the pipeline file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.model_file import closest
from vbench.config.output_entries import BoxesOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.errors import ConfigError
from vbench.pipeline.adapters.adapter import (
    NONE_CHECKED,
    Candidates,
    ModelFacts,
    Shape,
    class_indices,
    differs,
    in_pixels,
    misfit,
    only_output,
    xyxy_from_cxcywh,
)
from vbench.types.arrays import F32, I64


class BoxesAdapter:
    """[1, N, K] or [N, K] -> candidates; N may differ from frame to frame."""

    finite_checked = NONE_CHECKED

    def __init__(self, entry: BoxesOutput, facts: ModelFacts) -> None:
        """Raise ConfigError where neither a column nor a single class tells the class."""
        self._facts = facts
        self._entry = entry
        self._column = {name: k for k, name in enumerate(entry.columns)}
        self._output_index = 0
        if "class" not in self._column and facts.n_classes != 1:
            raise ConfigError(
                f"columns hold no class, but the pipeline has {facts.n_classes} classes",
                where=facts.place,
                hint="name the class column, or list the model's only class in `classes`",
            )

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Raise ModelError unless the named (or only) output can hold rows of these columns."""
        if self._entry.output is None:
            output = only_output(outputs, "boxes without `output`", self._facts.place)
        else:
            names = [item.name for item in outputs]
            if self._entry.output not in names:
                raise ConfigError(
                    f'the model has no output "{self._entry.output}"',
                    where=self._facts.place,
                    hint=closest(self._entry.output, names),
                )
            self._output_index = names.index(self._entry.output)
            output = outputs[self._output_index]
        self._check_shape(output.shape)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in the model's order."""
        output = outputs[self._output_index]
        self._check_shape(output.shape)
        rows = np.asarray(output, np.float32).reshape(-1, output.shape[-1])
        rows = rows[rows[:, self._column["score"]] >= floor]
        boxes_xyxy = self._corners(rows)
        if self._entry.normalized:
            boxes_xyxy = in_pixels(boxes_xyxy, self._facts.input_size)
        return Candidates(boxes_xyxy, rows[:, self._column["score"]], self._classes(rows))

    def _corners(self, rows: F32) -> F32:
        at = {name: rows[:, k] for name, k in self._column.items()}
        if "x2" in at and "y2" in at:
            return np.stack([at["x1"], at["y1"], at["x2"], at["y2"]], axis=1)
        if "cx" in at and "cy" in at:
            return xyxy_from_cxcywh(at["cx"], at["cy"], at["w"], at["h"])
        return np.stack([at["x1"], at["y1"], at["x1"] + at["w"], at["y1"] + at["h"]], axis=1)

    def _classes(self, rows: F32) -> I64:
        if "class" not in self._column:
            return np.zeros(len(rows), np.int64)
        return class_indices(rows[:, self._column["class"]], self._facts.n_classes)

    def _check_shape(self, shape: Shape) -> None:
        n_columns = len(self._entry.columns)
        rows_last = len(shape) == 2 or (len(shape) == 3 and not differs(shape[0], 1))
        if not rows_last or differs(shape[-1], n_columns):
            raise misfit(
                shape,
                f"{n_columns} columns are named, so [1, N, {n_columns}] or [N, {n_columns}] is "
                "needed",
                self._facts.place,
                "name every column, with skip for those not needed",
            )
