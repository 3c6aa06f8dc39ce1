"""CenterNet (objects as points): peaks of a heatmap per class, with size and offset maps.

Source of the decoding: Zhou et al., Objects as Points (arXiv:1904.07850), section 4, and
github.com/xingyizhou/CenterNet (models/decode.py): a peak is a value that no other of the 3 x 3
around it exceeds; the centre is its cell plus the offset; sizes are in cells of the stride.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import CenternetOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.kernels.filter_rows import strong_values
from vbench.kernels.peaks import are_peaks
from vbench.pipeline.adapters.adapter import (
    Candidates,
    ModelFacts,
    fits,
    misfit,
    not_finite,
    xyxy_from_cxcywh,
)
from vbench.pipeline.adapters.roles import Role, find_outputs
from vbench.pipeline.adapters.scores import activated, value_floor


class CenternetAdapter:
    """heatmap [1, C, h, w], size and offset [1, 2, h, w] -> a candidate per peak."""

    def __init__(self, entry: CenternetOutput, facts: ModelFacts) -> None:
        """Remember what to look for."""
        self._entry = entry
        self._facts = facts
        n = facts.n_classes
        maps = "[1, 2, h, w]"
        self._roles = (
            Role(
                "heatmap",
                entry.heatmap,
                ("hm", "heatmap"),
                f"[1, {n}, h, w]",
                lambda s: fits(s, 1, n, None, None),
            ),
            Role("size", entry.size, ("wh", "size"), maps, _two_maps),
            Role("offset", entry.offset, ("reg", "offset", "off"), maps, _two_maps),
        )
        self._positions: tuple[int, ...] = (0, 1, 2)
        self._heatmap_name = ""

    @property
    def finite_checked(self) -> frozenset[int]:
        """The heatmap."""
        return frozenset(self._positions[:1])

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Find the tensors; raises ModelError or ConfigError."""
        self._positions = find_outputs(outputs, self._roles, "centernet", self._facts.place)
        self._heatmap_name = outputs[self._positions[0]].name

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, by class, then row by row."""
        width, height = self._facts.input_size
        stride, n_classes = self._entry.stride, self._facts.n_classes
        cells = (height // stride, width // stride)
        heatmap, sizes, offsets = (outputs[position] for position in self._positions)
        for tensor, n_maps in ((heatmap, n_classes), (sizes, 2), (offsets, 2)):
            if tensor.shape != (1, n_maps, *cells):
                raise misfit(
                    tensor.shape,
                    f"centernet at {width}x{height} with stride {stride} needs "
                    f"[1, {n_maps}, {cells[0]}, {cells[1]}]",
                    self._facts.place,
                    "check `input.size`, `classes` and `output.stride`",
                )
        values = np.ascontiguousarray(heatmap[0], np.float32)
        flat = values.reshape(-1)
        positions, finite = strong_values(flat, value_floor(floor, self._entry.activation))
        if not finite:
            raise not_finite(self._heatmap_name)
        positions = positions[are_peaks(values, positions)]
        scores = activated(flat[positions], self._entry.activation)
        strong = scores >= floor
        class_index, row, column = np.unravel_index(positions[strong], values.shape)
        offset = np.asarray(offsets[0], np.float32)[:, row, column]
        size = np.asarray(sizes[0], np.float32)[:, row, column] * np.float32(stride)
        cx = (column.astype(np.float32) + offset[0]) * np.float32(stride)
        cy = (row.astype(np.float32) + offset[1]) * np.float32(stride)
        return Candidates(xyxy_from_cxcywh(cx, cy, *size), scores[strong], class_index)


def _two_maps(shape: tuple[int | None, ...]) -> bool:
    return fits(shape, 1, 2, None, None)
