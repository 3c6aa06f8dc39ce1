"""The few calls of the CUDA driver that an inference needs, through ctypes.

The driver's library comes with every NVIDIA driver and its entry points never change; see ADR 0023.
Signatures: ``cuda.h`` of CUDA 13, names with their version suffix as that header maps them.
"""

from __future__ import annotations

import ctypes
import re
from ctypes import POINTER, byref, c_char_p, c_float, c_int, c_size_t, c_uint, c_ulonglong, c_void_p
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from vbench.errors import EngineError

_LIBRARY = "libcuda.so.1"
_DRIVER_VERSION_FILE = Path("/proc/driver/nvidia/version")

SUCCESS = 0
OUT_OF_MEMORY = 2
_COMPUTE_CAPABILITY_MAJOR, _COMPUTE_CAPABILITY_MINOR = 75, 76
_STREAM_NON_BLOCKING = 1
_CAPTURE_THREAD_LOCAL = 1
_EVENT_DEFAULT = 0

SIGNATURES: dict[str, tuple[object, ...]] = {
    "cuInit": (c_uint,),
    "cuDriverGetVersion": (POINTER(c_int),),
    "cuGetErrorName": (c_int, POINTER(c_char_p)),
    "cuGetErrorString": (c_int, POINTER(c_char_p)),
    "cuDeviceGetCount": (POINTER(c_int),),
    "cuDeviceGet": (POINTER(c_int), c_int),
    "cuDeviceGetName": (c_char_p, c_int, c_int),
    "cuDeviceGetAttribute": (POINTER(c_int), c_int, c_int),
    "cuDevicePrimaryCtxRetain": (POINTER(c_void_p), c_int),
    "cuDevicePrimaryCtxRelease_v2": (c_int,),
    "cuCtxSetCurrent": (c_void_p,),
    "cuMemGetInfo_v2": (POINTER(c_size_t), POINTER(c_size_t)),
    "cuMemAlloc_v2": (POINTER(c_ulonglong), c_size_t),
    "cuMemFree_v2": (c_ulonglong,),
    "cuMemAllocHost_v2": (POINTER(c_void_p), c_size_t),
    "cuMemFreeHost": (c_void_p,),
    "cuMemcpyHtoDAsync_v2": (c_ulonglong, c_void_p, c_size_t, c_void_p),
    "cuMemcpyDtoHAsync_v2": (c_void_p, c_ulonglong, c_size_t, c_void_p),
    "cuStreamCreate": (POINTER(c_void_p), c_uint),
    "cuStreamSynchronize": (c_void_p,),
    "cuStreamDestroy_v2": (c_void_p,),
    "cuStreamBeginCapture_v2": (c_void_p, c_int),
    "cuStreamEndCapture": (c_void_p, POINTER(c_void_p)),
    "cuGraphInstantiateWithFlags": (POINTER(c_void_p), c_void_p, c_ulonglong),
    "cuGraphLaunch": (c_void_p, c_void_p),
    "cuGraphExecDestroy": (c_void_p,),
    "cuGraphDestroy": (c_void_p,),
    "cuEventCreate": (POINTER(c_void_p), c_uint),
    "cuEventRecord": (c_void_p, c_void_p),
    "cuEventSynchronize": (c_void_p,),
    "cuEventElapsedTime": (POINTER(c_float), c_void_p, c_void_p),
    "cuEventDestroy_v2": (c_void_p,),
}
"""Name in the library -> types of its arguments; each answers with an error number."""


class DriverFunction(Protocol):
    """A function of the driver: an error number, results through its pointers."""

    def __call__(self, *arguments: object) -> int:
        """Call it."""


class DriverLibrary(Protocol):
    """The driver's functions by name."""

    def function(self, name: str) -> DriverFunction:
        """The function; AttributeError where the driver is too old to have it."""


class SharedDriverLibrary:
    """The driver that is installed."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def function(self, name: str) -> DriverFunction:
        """See `DriverLibrary`."""
        found = getattr(self._library, name)
        found.argtypes = list(SIGNATURES[name])
        found.restype = c_int
        return found  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def load_driver() -> DriverLibrary:
    """The installed driver. Raises EngineError where there is none."""
    try:
        return SharedDriverLibrary(ctypes.CDLL(_LIBRARY))
    except OSError as error:
        raise EngineError(
            f"no NVIDIA driver: {error}",
            hint="run this pipeline on a machine with an NVIDIA GPU and its driver "
            "(in a container: docker run --gpus all)",
        ) from None


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """Which GPU this is."""

    name: str
    compute_capability: str
    """For example ``9.0``."""
    cuda: str
    """CUDA version that the driver supports, for example ``13.0``."""
    driver: str
    """The driver's own version; ``unknown`` where the system does not tell."""


class Device:
    """A GPU: its memory, one stream of its own, graphs and events.

    Every method raises EngineError where the driver reports an error. What is allocated is freed by
    the caller; `close` gives back the stream and the device.
    """

    def __init__(self, driver: DriverLibrary, device_id: int) -> None:
        """Take the GPU with this number."""
        self._library = driver
        self._functions: dict[str, DriverFunction] = {}
        self._context: int | None = None
        self.stream = 0
        """Handle of the device's stream; never CUDA's default stream."""
        self._call("cuInit", 0)
        self._number = self._numbered(device_id)
        self.facts = self._facts()
        context = c_void_p()
        self._call("cuDevicePrimaryCtxRetain", byref(context), self._number)
        self._context = context.value or 0
        try:
            self.activate()
            stream = c_void_p()
            self._call("cuStreamCreate", byref(stream), _STREAM_NON_BLOCKING)
            self.stream = stream.value or 0
        except EngineError:
            self.close()
            raise

    def activate(self) -> None:
        """Make the device the calling thread's own; before the first call in a thread."""
        self._call("cuCtxSetCurrent", self._context)

    def memory(self) -> tuple[int, int]:
        """(free, total) bytes of the GPU."""
        free, total = c_size_t(), c_size_t()
        self._call("cuMemGetInfo_v2", byref(free), byref(total))
        return free.value, total.value

    def allocate(self, n_bytes: int) -> int:
        """Address of new memory of the GPU."""
        address = c_ulonglong()
        self._call("cuMemAlloc_v2", byref(address), n_bytes, n_bytes=n_bytes)
        return address.value

    def free(self, address: int) -> None:
        """Give memory of the GPU back."""
        self._call("cuMemFree_v2", address)

    def allocate_pinned(self, n_bytes: int) -> int:
        """Address of new host memory that the GPU copies from and to on its own."""
        address = c_void_p()
        self._call("cuMemAllocHost_v2", byref(address), n_bytes, n_bytes=n_bytes)
        return address.value or 0

    def free_pinned(self, address: int) -> None:
        """Give pinned memory back."""
        self._call("cuMemFreeHost", address)

    def copy_to_device(self, device_address: int, host_address: int, n_bytes: int) -> None:
        """Enqueue a copy."""
        self._call("cuMemcpyHtoDAsync_v2", device_address, host_address, n_bytes, self.stream)

    def copy_to_host(self, host_address: int, device_address: int, n_bytes: int) -> None:
        """Enqueue a copy."""
        self._call("cuMemcpyDtoHAsync_v2", host_address, device_address, n_bytes, self.stream)

    def synchronise(self) -> None:
        """Wait until everything enqueued is done."""
        self._call("cuStreamSynchronize", self.stream)

    def begin_capture(self) -> None:
        """What is enqueued from now on is recorded, not done."""
        self._call("cuStreamBeginCapture_v2", self.stream, _CAPTURE_THREAD_LOCAL)

    def end_capture(self) -> int:
        """The recorded work, ready to be launched again and again."""
        graph, executable = c_void_p(), c_void_p()
        self._call("cuStreamEndCapture", self.stream, byref(graph))
        try:
            self._call("cuGraphInstantiateWithFlags", byref(executable), graph, 0)
        finally:
            self._call("cuGraphDestroy", graph)
        return executable.value or 0

    def abandon_capture(self) -> None:
        """End a recording that went wrong; the error that broke it is already known."""
        graph = c_void_p()
        if self._function("cuStreamEndCapture")(self.stream, byref(graph)) == SUCCESS:
            self._call("cuGraphDestroy", graph)

    def launch(self, executable: int) -> None:
        """Enqueue recorded work."""
        self._call("cuGraphLaunch", executable, self.stream)

    def free_graph(self, executable: int) -> None:
        """Forget recorded work."""
        self._call("cuGraphExecDestroy", executable)

    def create_event(self) -> int:
        """A mark in time."""
        event = c_void_p()
        self._call("cuEventCreate", byref(event), _EVENT_DEFAULT)
        return event.value or 0

    def record_event(self, event: int) -> None:
        """Enqueue the mark."""
        self._call("cuEventRecord", event, self.stream)

    def elapsed_ms(self, start: int, end: int) -> float:
        """Time between two marks that have been reached; waits for the second."""
        self._call("cuEventSynchronize", end)
        elapsed = c_float()
        self._call("cuEventElapsedTime", byref(elapsed), start, end)
        return elapsed.value

    def free_event(self, event: int) -> None:
        """Forget a mark."""
        self._call("cuEventDestroy_v2", event)

    def close(self) -> None:
        """Give the stream and the device back; calling it twice is fine."""
        if self.stream:
            self.activate()
            stream, self.stream = self.stream, 0
            self._call("cuStreamDestroy_v2", stream)
        if self._context is not None:
            self._context = None
            self._call("cuDevicePrimaryCtxRelease_v2", self._number)

    def _numbered(self, device_id: int) -> int:
        count, number = c_int(), c_int()
        self._call("cuDeviceGetCount", byref(count))
        if device_id >= count.value:
            raise EngineError(
                f"device_id {device_id}, but there are {count.value} GPUs here, counted from 0",
                hint="set device_id, or CUDA_VISIBLE_DEVICES",
            )
        self._call("cuDeviceGet", byref(number), device_id)
        return number.value

    def _facts(self) -> DeviceFacts:
        name = ctypes.create_string_buffer(256)
        major, minor, version = c_int(), c_int(), c_int()
        self._call("cuDeviceGetName", name, len(name), self._number)
        self._call("cuDeviceGetAttribute", byref(major), _COMPUTE_CAPABILITY_MAJOR, self._number)
        self._call("cuDeviceGetAttribute", byref(minor), _COMPUTE_CAPABILITY_MINOR, self._number)
        self._call("cuDriverGetVersion", byref(version))
        return DeviceFacts(
            name.value.decode("utf-8", "replace"),
            f"{major.value}.{minor.value}",
            f"{version.value // 1000}.{version.value % 1000 // 10}",
            _driver_version(),
        )

    def _function(self, name: str) -> DriverFunction:
        if name not in self._functions:
            try:
                self._functions[name] = self._library.function(name)
            except AttributeError:
                raise EngineError(
                    f"the NVIDIA driver has no {name}", hint="install a newer driver"
                ) from None
        return self._functions[name]

    def _call(self, name: str, *arguments: object, n_bytes: int = 0) -> None:
        code = self._function(name)(*arguments)
        if code == SUCCESS:
            return
        if code == OUT_OF_MEMORY:
            wanted = f" for {n_bytes} bytes" if n_bytes else ""
            raise EngineError(
                f"the GPU is out of memory{wanted} ({name})",
                hint="free memory of other programs on it, or use a smaller batch or model",
            )
        raise EngineError(
            f"CUDA: {name} failed: {self._error_text(code)}",
            hint="check the GPU and its driver with nvidia-smi",
        )

    def _error_text(self, code: int) -> str:
        name, text = c_char_p(), c_char_p()
        named = self._function("cuGetErrorName")(code, byref(name)) == SUCCESS
        said = self._function("cuGetErrorString")(code, byref(text)) == SUCCESS
        parts = [name.value if named else None, text.value if said else None]
        words = [part.decode("utf-8", "replace") for part in parts if part]
        return ", ".join(words) or f"error {code}"


def _driver_version() -> str:
    try:
        text = _DRIVER_VERSION_FILE.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown"
    found = re.search(r"\b\d{3,}\.\d+(?:\.\d+)?\b", text)
    return found.group() if found else "unknown"
