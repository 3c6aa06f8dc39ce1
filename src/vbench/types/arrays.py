"""Array aliases and the checks that central types run on creation."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F64: TypeAlias = npt.NDArray[np.float64]
F32: TypeAlias = npt.NDArray[np.float32]
I64: TypeAlias = npt.NDArray[np.int64]
I8: TypeAlias = npt.NDArray[np.int8]
U8: TypeAlias = npt.NDArray[np.uint8]
Bool: TypeAlias = npt.NDArray[np.bool_]


def check_column(
    owner: str, name: str, array: np.ndarray, dtype: type[np.generic], shape: tuple[int, ...]
) -> None:
    """Raise TypeError or ValueError unless `array` has exactly this dtype and shape.

    A length of -1 in `shape` accepts any length on that axis.
    """
    found = array.dtype
    if array.shape == shape and found.type is dtype and found.isnative:
        return  # as nearly all are, and every frame makes some
    if array.dtype != dtype:
        raise TypeError(f"{owner}.{name}: dtype {array.dtype}, expected {np.dtype(dtype)}")
    fits = len(array.shape) == len(shape)
    for have, want in zip(array.shape, shape, strict=False):  # of every frame: no generator
        fits = fits and want in (-1, have)
    if not fits:
        raise ValueError(f"{owner}.{name}: shape {array.shape}, expected {shape}")
