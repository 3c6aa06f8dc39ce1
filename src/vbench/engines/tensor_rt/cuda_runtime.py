"""Which CUDA runtime is installed; vbench itself needs the driver alone."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from importlib import metadata

_PACKAGES = ("nvidia-cuda-runtime", "nvidia-cuda-runtime-cu13", "nvidia-cuda-runtime-cu12")
_LIBRARIES = ("libcudart.so.13", "libcudart.so.12")


@lru_cache(maxsize=1)
def cuda_runtime_version() -> str:
    """Version of its package or of the system's library; ``none found`` where there is neither."""
    for package in _PACKAGES:
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    for name in _LIBRARIES:
        version = ctypes.c_int()
        try:
            runtime = ctypes.CDLL(name)
            failed = runtime.cudaRuntimeGetVersion(ctypes.byref(version))
        except (OSError, AttributeError):
            continue
        if not failed:
            return f"{version.value // 1000}.{version.value % 1000 // 10}"
    return "none found"
