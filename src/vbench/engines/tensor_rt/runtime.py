"""A plan in memory, and its execution.

Order of calls, as TensorRT's documentation of ``IExecutionContext`` demands: the profile, shapes of
all inputs, addresses of all tensors, then execution on a stream of our own, and nothing is read
before that stream was waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.engines.model_checks import check_tensors, closed
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.engines.tensor_rt.api import ICudaEngine, IExecutionContext, Runtime
from vbench.engines.tensor_rt.buffers import TensorBuffer
from vbench.engines.tensor_rt.cuda import Device
from vbench.engines.tensor_rt.library import Library
from vbench.errors import EngineError, ModelError

DTYPES = {
    "FLOAT": "float32",
    "HALF": "float16",
    "INT8": "int8",
    "UINT8": "uint8",
    "INT32": "int32",
    "INT64": "int64",
    "BOOL": "bool",
}
"""TensorRT's types that numpy has, and numpy's names of them."""

_BROKEN = "this is a bug in vbench or a broken engine: build it again, and report it if it stays"
_NO_MEMORY = "free memory of other programs on the GPU, or use a smaller batch or model"


@dataclass(frozen=True, slots=True)
class PlanTensors:
    """Inputs and outputs of a plan, in its own order."""

    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]


def make_runtime(library: Library) -> Runtime:
    """What loads plans; it must outlive the engines that it makes. Raises EngineError.

    Code that a plan may carry for the host is not allowed to run: that is a runtime's default.
    """
    return library.made(
        "a runtime",
        lambda: library.trt.Runtime(library.logger),
        hint="check that the driver is new enough for this TensorRT",
    )


def plan_tensors(library: Library, engine: ICudaEngine) -> PlanTensors:
    """Inputs and outputs. Raises ModelError for one that this engine cannot give or take."""
    trt = library.trt
    inputs: list[TensorInfo] = []
    outputs: list[TensorInfo] = []
    for index in range(engine.num_io_tensors):
        name = engine.get_tensor_name(index)
        dtype = engine.get_tensor_dtype(name).name
        if dtype not in DTYPES:
            raise ModelError(
                f"tensor {name} of the engine has type {dtype}, which numpy lacks",
                hint="export the model with float32 or float16 inputs and outputs",
            )
        if engine.get_tensor_location(name) != trt.TensorLocation.DEVICE:
            raise ModelError(
                f"tensor {name} of the engine is a shape, not data",
                hint="export the model with inputs that are images or numbers only",
            )
        if engine.get_tensor_format(name) != trt.TensorFormat.LINEAR:
            raise ModelError(
                f"tensor {name} of the engine is not in linear order",
                hint="build the engine without special input and output formats",
            )
        axes = tuple(axis if axis >= 0 else None for axis in engine.get_tensor_shape(name))
        is_input = engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT
        (inputs if is_input else outputs).append(TensorInfo(name, axes, DTYPES[dtype]))
    return PlanTensors(tuple(inputs), tuple(outputs))


class Execution:
    """An engine with its buffers on one GPU; for one thread at a time."""

    def __init__(
        self, library: Library, device: Device, engine: ICudaEngine, *, cuda_graph: bool
    ) -> None:
        """Make room to run in. Raises EngineError, ModelError."""
        self._library = library
        self._device = device
        self._engine: ICudaEngine | None = engine
        self._cuda_graph = cuda_graph
        self.tensors = plan_tensors(library, engine)
        self._context: IExecutionContext | None = library.made(
            "an execution context", engine.create_execution_context, hint=_NO_MEMORY
        )
        self._profile_index = 0
        self._shapes: tuple[tuple[int, ...], ...] | None = None
        self._inputs: list[TensorBuffer] = []
        self._outputs: list[TensorBuffer] = []
        self._graph: int | None = None

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Execute the plan; the outputs are new arrays. Raises EngineError."""
        if self._context is None:
            raise closed()
        check_tensors(self.tensors.inputs, tensors)
        self._device.activate()
        shapes = tuple(tensor.shape for tensor in tensors)
        fresh = shapes != self._shapes
        if fresh:
            self._prepare(self._context, shapes)
        for buffer, tensor in zip(self._inputs, tensors, strict=True):
            np.copyto(buffer.host, tensor, casting="no")
        if self._graph is not None:
            self._device.launch(self._graph)
        else:
            self._enqueue(self._context)
        self._device.synchronise()
        if fresh and self._cuda_graph:
            # The run just done was the warm-up: TensorRT still allocates in the first after a
            # change of shapes, and that cannot be captured.
            self._graph = self._captured(self._context)
        return tuple(buffer.host.copy() for buffer in self._outputs)

    def close(self) -> None:
        """Free everything but the device; calling it twice is fine."""
        if self._engine is None:
            return
        self._device.activate()
        self._forget_shapes()
        # The context before the engine it belongs to.
        self._context = None
        self._engine = None

    def _prepare(self, context: IExecutionContext, shapes: tuple[tuple[int, ...], ...]) -> None:
        """Shapes, then memory, then addresses."""
        self._forget_shapes()
        self._library.messages.forget()
        self._choose_profile(context, shapes)
        check = self._library.check
        infos = self.tensors
        for info, shape in zip(infos.inputs, shapes, strict=True):
            done = context.set_input_shape(info.name, shape)
            check(done, f"take {info.name} with shape {list(shape)}", hint=_BROKEN)
        missing = context.infer_shapes()
        check(not missing, f"infer shapes without {', '.join(missing)}", hint=_BROKEN)
        for info, shape in zip(infos.inputs, shapes, strict=True):
            self._inputs.append(TensorBuffer(self._device, shape, info.dtype))
        for info in infos.outputs:
            shape = tuple(context.get_tensor_shape(info.name))
            if any(axis < 0 for axis in shape):
                raise ModelError(
                    f"output {info.name} has a shape that depends on what the image shows",
                    hint="export the model with a fixed number of outputs, such as the boxes "
                    "before non-maximum suppression",
                )
            self._outputs.append(TensorBuffer(self._device, shape, info.dtype))
        everything = zip(infos.inputs + infos.outputs, self._inputs + self._outputs, strict=True)
        for info, buffer in everything:
            done = context.set_tensor_address(info.name, buffer.device_address)
            check(done, f"take an address for {info.name}", hint=_BROKEN)
        self._shapes = shapes

    def _choose_profile(
        self, context: IExecutionContext, shapes: tuple[tuple[int, ...], ...]
    ) -> None:
        if self._engine is None:
            return
        ranges: list[str] = []
        for index in range(self._engine.num_optimization_profiles):
            misfits = self._misfits(self._engine, index, shapes)
            if misfits:
                ranges.extend(misfits)
                continue
            if index != context.active_optimization_profile:
                done = context.set_optimization_profile_async(index, self._device.stream)
                self._library.check(done, f"change to profile {index}", hint=_BROKEN)
                self._device.synchronise()
            return
        raise EngineError(
            f"the engine is built for other shapes: {'; '.join(ranges)}",
            hint="build it with a `profile` that covers this shape",
        )

    def _misfits(
        self, engine: ICudaEngine, index: int, shapes: tuple[tuple[int, ...], ...]
    ) -> list[str]:
        found = []
        for info, shape in zip(self.tensors.inputs, shapes, strict=True):
            if None not in info.shape:
                continue
            low, _, high = (tuple(s) for s in engine.get_tensor_profile_shape(info.name, index))
            if any(not a <= n <= b for a, n, b in zip(low, shape, high, strict=True)):
                found.append(f"{info.name} {list(low)} to {list(high)}, not {list(shape)}")
        return found

    def _enqueue(self, context: IExecutionContext) -> None:
        for buffer in self._inputs:
            buffer.to_device()
        self._library.messages.forget()
        done = context.execute_async_v3(self._device.stream)
        self._library.check(done, "execute the engine", hint=_NO_MEMORY)
        for buffer in self._outputs:
            buffer.to_host()

    def _captured(self, context: IExecutionContext) -> int:
        self._device.begin_capture()
        try:
            self._enqueue(context)
        except EngineError as error:
            self._device.abandon_capture()
            raise EngineError(
                f"the engine cannot be captured as a CUDA graph: {error.what}",
                hint="take `cuda_graph: true` out of the pipeline file",
            ) from error
        return self._device.end_capture()

    def _forget_shapes(self) -> None:
        """Whatever has the old addresses in it goes with them."""
        self._shapes = None
        if self._graph is not None:
            graph, self._graph = self._graph, None
            self._device.free_graph(graph)
        while self._inputs:
            self._inputs.pop().free()
        while self._outputs:
            self._outputs.pop().free()
