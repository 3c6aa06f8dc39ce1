"""A tensor in two places: pinned memory of the host and memory of the GPU, at fixed addresses."""

from __future__ import annotations

import ctypes
from math import prod

import numpy as np
import numpy.typing as npt

from vbench.engines.protocol import Tensor
from vbench.engines.tensor_rt.cuda import Device


class TensorBuffer:
    """Memory for one tensor of one shape. `free` gives it back; nothing else does."""

    def __init__(self, device: Device, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        """Allocate it. Raises EngineError where there is not enough."""
        self._device = device
        self.shape = shape
        self.n_bytes = prod(shape) * np.dtype(dtype).itemsize
        # An empty tensor still needs an address.
        n_allocated = max(self.n_bytes, 1)
        self.device_address = device.allocate(n_allocated)
        try:
            self._host_address = device.allocate_pinned(n_allocated)
        except BaseException:
            device.free(self.device_address)
            raise
        memory = (ctypes.c_byte * n_allocated).from_address(self._host_address)
        self.host: Tensor = np.ndarray(shape, dtype, memoryview(memory).cast("B"))
        """The pinned memory."""

    def to_device(self) -> None:
        """Enqueue the copy to the GPU."""
        if self.n_bytes:
            self._device.copy_to_device(self.device_address, self._host_address, self.n_bytes)

    def to_host(self) -> None:
        """Enqueue the copy from the GPU."""
        if self.n_bytes:
            self._device.copy_to_host(self._host_address, self.device_address, self.n_bytes)

    def free(self) -> None:
        """Give the memory back; `host` must not be used any more."""
        self._device.free(self.device_address)
        self._device.free_pinned(self._host_address)
