"""The user's own production preprocessing in place of vbench's.

``python: module:function`` names ``function(image, width, height)``. It is given the decoded frame,
(H, W, 3) uint8 in the order that ``color`` says, a copy of its own, and the ``size`` of the entry.
It returns the model's input tensor, alone or with ``(scale_x, scale_y, offset_x, offset_y)`` such
that input = source * scale + offset in pixels. A tensor alone lies as ``resize``, ``anchor`` and
``rectangular`` say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import cv2
import numpy as np

from vbench.config.input_entry import InputEntry
from vbench.engines.protocol import KeyPlace, Tensor
from vbench.engines.python_object import error_text, imports_from, load_object, module_file
from vbench.errors import EngineError, Interrupted
from vbench.pipeline.preprocess import Geometry, InputTensor, Preprocessor, fit, tensor_size
from vbench.types.arrays import U8
from vbench.types.frame import Frame


@dataclass(frozen=True, slots=True)
class OwnFunction:
    """What ``python`` names."""

    call: Callable[[U8, int, int], object]
    name: str
    """``module:function``."""
    where: str
    """``file:line: key``."""
    folder: Path
    """What its own imports are looked up in first."""

    def file(self) -> Path:
        """The file that holds it, for digests. Raises EngineError."""
        return module_file(self.name, self.folder, self.where)


class FramePreprocessor(Protocol):
    """Makes input tensors from frames of one size."""

    @property
    def geometry(self) -> Geometry:
        """Where the newest frame lies in its tensor."""

    @property
    def path(self) -> str:
        """How the newest tensor was made: ``fused``, ``reference: REASON`` or ``own: FUNCTION``."""

    def __call__(self, frame: Frame) -> InputTensor:
        """The input tensor of a frame; valid until the next call. Raises EngineError."""


def load_own_function(entry: InputEntry, folder: Path, place: KeyPlace) -> OwnFunction | None:
    """The function that `python` names, None where the entry has none.

    Args:
        entry: the ``input`` entry.
        folder: what is searched for the module first.
        place: names a key of the entry in messages.

    Raises EngineError where there is no such function.
    """
    if entry.python is None:
        return None
    found = load_object(entry.python, folder, place("python"))
    if not callable(found):
        raise EngineError(
            f"{entry.python} is no function",
            where=place("python"),
            hint="name a function: function(image, width, height) -> tensor",
        )
    call = cast(Callable[[U8, int, int], object], found)
    return OwnFunction(call, entry.python, place("python"), folder)


def preprocessor_for(
    entry: InputEntry, source_size: tuple[int, int], own: OwnFunction | None
) -> FramePreprocessor:
    """What fills the tensor for frames of (width, height) px; `own` as `load_own_function` says."""
    return Preprocessor(entry, source_size) if own is None else OwnPreprocessor(entry, own)


class OwnPreprocessor:
    """Calls the user's function and checks what it gives."""

    def __init__(self, entry: InputEntry, function: OwnFunction) -> None:
        self._entry = entry
        self._function = function
        self._name = function.name
        self.path = f"own: {function.name}"
        self.geometry = fit(entry, entry.size)

    def __call__(self, frame: Frame) -> InputTensor:
        """The (1, 3, H, W) or (1, H, W, 3) tensor of a frame.

        Raises EngineError where the function fails or gives something else.
        """
        swap = frame.color_order != self._entry.color
        image = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB) if swap else frame.image.copy()
        width, height = self._entry.size
        folder = self._function.folder
        try:
            with imports_from(folder):
                answer = self._function.call(np.asarray(image, np.uint8), width, height)
        except Interrupted:
            raise
        except Exception as error:
            raise self._failure(
                frame,
                f"{self._name} failed: {error_text(error, folder)}",
                "the function gets (H, W, 3) uint8 pixels, width and height of the input",
            ) from error
        tensor, mapping = answer if isinstance(answer, tuple) else (answer, None)
        self._check_tensor(tensor, frame)
        self.geometry = self._geometry(mapping, frame)
        return cast(InputTensor, tensor)

    def _geometry(self, mapping: object, frame: Frame) -> Geometry:
        """From (scale_x, scale_y, offset_x, offset_y), or from the entry where they are None."""
        width, height = frame.size
        if mapping is None:
            return fit(self._entry, (width, height))
        try:
            scale_x, scale_y, offset_x, offset_y = (float(one) for one in cast(Tensor, mapping))
        except (TypeError, ValueError):
            raise self._failure(
                frame,
                f"{self._name} gave {mapping!r} beside the tensor",
                "return (tensor, (scale_x, scale_y, offset_x, offset_y))",
            ) from None
        finite = all(math.isfinite(one) for one in (scale_x, scale_y, offset_x, offset_y))
        if not finite or min(scale_x, scale_y) <= 0:
            raise self._failure(
                frame,
                f"{self._name} gave the scales {scale_x:g} and {scale_y:g}",
                "scales are input pixels per source pixel, above 0; offsets are finite",
            )
        size = (width * scale_x, height * scale_y)
        return Geometry((width, height), size, (offset_x, offset_y))

    def _check_tensor(self, tensor: object, frame: Frame) -> None:
        entry = self._entry
        width, height = tensor_size(entry, frame.size)
        shape = (1, 3, height, width) if entry.layout == "nchw" else (1, height, width, 3)
        wanted = f"{list(shape)} {entry.dtype}"
        if not isinstance(tensor, np.ndarray):
            raise self._failure(
                frame,
                f"{self._name} gave {type(tensor).__name__}, expected an array {wanted}",
                "return the tensor, or a tuple of it and the mapping",
            )
        if tensor.shape != shape or tensor.dtype != np.dtype(entry.dtype):
            raise self._failure(
                frame,
                f"{self._name} gave {list(tensor.shape)} {tensor.dtype}, expected {wanted}",
                "`size`, `layout`, `dtype` and `rectangular` say what it must give",
            )

    def _failure(self, frame: Frame, what: str, hint: str) -> EngineError:
        where = f"{self._function.where}, frame {frame.index}"
        return EngineError(what, where=where, hint=hint)
