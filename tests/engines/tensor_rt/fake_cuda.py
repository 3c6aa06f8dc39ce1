"""A CUDA driver of Python that keeps to the documented rules and breaks the test that breaks them.

Memory is real host memory, so addresses are real. Work on a stream is done when somebody waits for
it, not before: who reads too early reads what was there. Freed memory may not be touched.
"""

# ruff: noqa: N802 the names are those of the real library

from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Callable
from typing import Any

from vbench.engines.tensor_rt.cuda import OUT_OF_MEMORY, SIGNATURES, SUCCESS

INVALID_VALUE = 1
Work = Callable[[], None]


class ContractBroken(AssertionError):
    """The engine did what the documentation forbids."""


def require(condition: bool, rule: str) -> None:
    if not condition:
        raise ContractBroken(rule)


class FakeGpu:
    """State of a GPU and of everything made on it."""

    def __init__(self) -> None:
        self.name = "Fake GPU"
        self.n_devices = 1
        self.total_bytes = 1 << 30
        self.device_memory: dict[int, Any] = {}
        self.pinned_memory: dict[int, Any] = {}
        self.streams: dict[int, list[Work]] = {}
        self.capturing: dict[int, list[Work]] = {}
        self.graphs: dict[int, list[Work]] = {}
        self.executables: dict[int, list[Work]] = {}
        self.captured_on: dict[int, int] = {}
        """Graph or executable -> the stream it was captured on."""
        self.events: set[int] = set()
        self.n_contexts = 0
        self.current_in: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        """Threads whose current context is the GPU's."""
        self.users: weakref.WeakSet[object] = weakref.WeakSet()
        """What must be gone before the context is given back."""
        self.n_users_at_release = 0
        self.calls: list[str] = []
        self.fail: dict[str, int] = {}
        """Name of a function -> the error that its next call answers with."""
        self._next_handle = 0x1000

    def handle(self) -> int:
        self._next_handle += 16
        return self._next_handle

    @property
    def is_current(self) -> bool:
        return threading.current_thread() in self.current_in

    @property
    def is_clean(self) -> bool:
        """Nothing is left that somebody has to free."""
        made = (self.device_memory, self.pinned_memory, self.streams, self.graphs)
        return not any((*made, self.executables, self.events, self.n_contexts))

    def enqueue(self, stream: int, work: Work) -> None:
        require(stream in self.streams, "work goes to a stream of one's own, not the default one")
        if stream in self.capturing:
            self.capturing[stream].append(work)
        else:
            self.streams[stream].append(work)

    def drain(self, stream: int) -> None:
        require(stream in self.streams, "wait for a stream that exists")
        require(stream not in self.capturing, "no waiting while a graph is captured")
        work, self.streams[stream] = self.streams[stream], []
        for step in work:
            step()

    def device_bytes(self, address: int, n_bytes: int) -> int:
        require(address in self.device_memory, "device memory must be allocated and not freed")
        size = ctypes.sizeof(self.device_memory[address])
        require(n_bytes <= size, f"{n_bytes} bytes do not fit into {size}")
        return address

    def pinned_bytes(self, address: int, n_bytes: int) -> int:
        require(address in self.pinned_memory, "asynchronous copies need pinned host memory")
        require(n_bytes <= ctypes.sizeof(self.pinned_memory[address]), "copy past the host buffer")
        return address


def _number(value: Any) -> int:
    return int(getattr(value, "value", value) or 0)


class FakeDriver:
    """The driver's functions by name; see `vbench.engines.tensor_rt.cuda.DriverLibrary`."""

    def __init__(self, gpu: FakeGpu) -> None:
        self.gpu = gpu

    def function(self, name: str) -> Callable[..., int]:
        body = getattr(self, f"_{name}")
        types = SIGNATURES[name]

        def call(*arguments: Any) -> int:
            assert len(arguments) == len(types), name
            self.gpu.calls.append(name)
            if name in self.gpu.fail:
                return self.gpu.fail.pop(name)
            needs_context = not name.startswith(
                ("cuInit", "cuDevice", "cuDriver", "cuGet", "cuCtx")
            )
            require(self.gpu.is_current or not needs_context, f"{name} needs a current context")
            plain = [
                a if hasattr(a, "_obj") or isinstance(a, ctypes.Array) else _number(a)
                for a in arguments
            ]
            return int(body(*plain) or SUCCESS)

        return call

    def _cuInit(self, _flags: int) -> None:
        pass

    def _cuDriverGetVersion(self, out: Any) -> None:
        out._obj.value = 13000

    def _cuGetErrorName(self, code: int, out: Any) -> None:
        out._obj.value = b"CUDA_ERROR_INVALID_VALUE" if code == INVALID_VALUE else b"CUDA_ERROR"

    def _cuGetErrorString(self, _code: int, out: Any) -> None:
        out._obj.value = b"it was made to fail"

    def _cuDeviceGetCount(self, out: Any) -> None:
        out._obj.value = self.gpu.n_devices

    def _cuDeviceGet(self, out: Any, number: int) -> None:
        out._obj.value = number

    def _cuDeviceGetName(self, out: Any, _size: int, _device: int) -> None:
        out.value = self.gpu.name.encode()

    def _cuDeviceGetAttribute(self, out: Any, attribute: int, _device: int) -> None:
        out._obj.value = {75: 9, 76: 0}[attribute]

    def _cuDevicePrimaryCtxRetain(self, out: Any, _device: int) -> None:
        self.gpu.n_contexts += 1
        out._obj.value = 0xC0

    def _cuDevicePrimaryCtxRelease_v2(self, _device: int) -> None:
        require(self.gpu.n_contexts > 0, "a context is given back once")
        self.gpu.n_contexts -= 1
        self.gpu.n_users_at_release = len(self.gpu.users)
        if not self.gpu.n_contexts:
            self.gpu.current_in.clear()

    def _cuCtxSetCurrent(self, context: int) -> None:
        require(context == 0xC0 and self.gpu.n_contexts > 0, "the context is there")
        self.gpu.current_in.add(threading.current_thread())

    def _cuMemGetInfo_v2(self, free: Any, total: Any) -> None:
        used = sum(ctypes.sizeof(memory) for memory in self.gpu.device_memory.values())
        free._obj.value, total._obj.value = self.gpu.total_bytes - used, self.gpu.total_bytes

    def _cuMemAlloc_v2(self, out: Any, n_bytes: int) -> int:
        if n_bytes > self.gpu.total_bytes:
            return OUT_OF_MEMORY
        require(n_bytes > 0, "no allocation of nothing")
        out._obj.value = _allocate(self.gpu.device_memory, n_bytes)
        return SUCCESS

    def _cuMemFree_v2(self, address: int) -> None:
        require(address in self.gpu.device_memory, "memory is freed once")
        del self.gpu.device_memory[address]

    def _cuMemAllocHost_v2(self, out: Any, n_bytes: int) -> None:
        out._obj.value = _allocate(self.gpu.pinned_memory, n_bytes)

    def _cuMemFreeHost(self, address: int) -> None:
        require(address in self.gpu.pinned_memory, "pinned memory is freed once")
        del self.gpu.pinned_memory[address]

    def _cuMemcpyHtoDAsync_v2(self, device: int, host: int, n_bytes: int, stream: int) -> None:
        def copy() -> None:
            target = self.gpu.device_bytes(device, n_bytes)
            ctypes.memmove(target, self.gpu.pinned_bytes(host, n_bytes), n_bytes)

        self.gpu.enqueue(stream, copy)

    def _cuMemcpyDtoHAsync_v2(self, host: int, device: int, n_bytes: int, stream: int) -> None:
        def copy() -> None:
            target = self.gpu.pinned_bytes(host, n_bytes)
            ctypes.memmove(target, self.gpu.device_bytes(device, n_bytes), n_bytes)

        self.gpu.enqueue(stream, copy)

    def _cuStreamCreate(self, out: Any, flags: int) -> None:
        require(flags == 1, "the stream does not wait for the default stream")
        handle = self.gpu.handle()
        self.gpu.streams[handle] = []
        out._obj.value = handle

    def _cuStreamSynchronize(self, stream: int) -> None:
        self.gpu.drain(stream)

    def _cuStreamDestroy_v2(self, stream: int) -> None:
        require(stream in self.gpu.streams, "a stream is destroyed once")
        own = [handle for handle in self.gpu.executables if self.gpu.captured_on[handle] == stream]
        require(not own, "graphs go before their stream")
        del self.gpu.streams[stream]

    def _cuStreamBeginCapture_v2(self, stream: int, mode: int) -> None:
        require(mode == 1, "other threads may go on working while a graph is captured")
        require(stream in self.gpu.streams, "the default stream cannot be captured")
        require(stream not in self.gpu.capturing, "one capture at a time")
        self.gpu.capturing[stream] = []

    def _cuStreamEndCapture(self, stream: int, out: Any) -> None:
        require(stream in self.gpu.capturing, "a capture was begun")
        handle = self.gpu.handle()
        self.gpu.graphs[handle] = self.gpu.capturing.pop(stream)
        self.gpu.captured_on[handle] = stream
        out._obj.value = handle

    def _cuGraphInstantiateWithFlags(self, out: Any, graph: int, _flags: int) -> None:
        handle = self.gpu.handle()
        self.gpu.executables[handle] = self.gpu.graphs[graph]
        self.gpu.captured_on[handle] = self.gpu.captured_on[graph]
        out._obj.value = handle

    def _cuGraphLaunch(self, executable: int, stream: int) -> None:
        require(executable in self.gpu.executables, "a graph is launched before it is freed")
        for work in self.gpu.executables[executable]:
            self.gpu.enqueue(stream, work)

    def _cuGraphExecDestroy(self, executable: int) -> None:
        del self.gpu.executables[executable]

    def _cuGraphDestroy(self, graph: int) -> None:
        del self.gpu.graphs[graph]

    def _cuEventCreate(self, out: Any, _flags: int) -> None:
        handle = self.gpu.handle()
        self.gpu.events.add(handle)
        out._obj.value = handle

    def _cuEventRecord(self, event: int, stream: int) -> None:
        require(event in self.gpu.events, "the event exists")
        self.gpu.enqueue(stream, lambda: None)

    def _cuEventSynchronize(self, event: int) -> None:
        require(event in self.gpu.events, "the event exists")
        for stream in self.gpu.streams:
            self.gpu.drain(stream)

    def _cuEventElapsedTime(self, out: Any, _start: int, _end: int) -> None:
        out._obj.value = 1.5

    def _cuEventDestroy_v2(self, event: int) -> None:
        self.gpu.events.remove(event)


def _allocate(memory: dict[int, Any], n_bytes: int) -> int:
    block = (ctypes.c_byte * n_bytes)()
    # Not zero: who reads before a copy is done gets numbers that no test expects.
    ctypes.memset(block, 0x5A, n_bytes)
    address = ctypes.addressof(block)
    memory[address] = block
    return address
