"""Runs everything of vbench that needs an NVIDIA GPU, and writes down what happened.

    python benchmarks/gpu/check.py --out gpu-check.json [--model yolo.onnx ...]

No network, no test framework. Each section is ok, skipped with its reason, or failed with its
reason; the exit code is 0 when nothing that could run failed.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from vbench.config.engines.tensorrt import TensorRtEntry
from vbench.engines.protocol import EngineSite, Tensor, TensorInfo
from vbench.engines.tensor_rt import cuda, library
from vbench.engines.tensor_rt.buffers import TensorBuffer
from vbench.engines.tensor_rt.cuda import Device
from vbench.engines.tensor_rt.cuda_runtime import cuda_runtime_version
from vbench.engines.tensor_rt.engine import TensorRtEngine, open_engine
from vbench.errors import EngineError, VbenchError

SCHEMA = "vbench.gpu-check/v1"
LIBRARIES = ("tensorrt", "tensorrt-cu13", "tensorrt-cu12", "tensorrt-cu13-bindings", "onnxruntime",
             "onnxruntime-gpu", "onnx", "numpy", "vbench")  # fmt: skip
N_WARM_UP, N_TIMED, N_REOPENED = 20, 200, 20
# Largest difference to ONNX Runtime on the CPU, as a share of the largest output.
TOLERANCE = {"float32": 1e-4, "float16": 2e-2}
# CUDA keeps some of what it once took; a leak grows with each opening.
LEAK_BYTES_PER_OPENING = 1 << 20
SEED = 20240501

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value]"
Values: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that was tried."""

    name: str
    status: Literal["ok", "skipped", "failed"]
    reason: str
    values: Values
    seconds: float

    def line(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"{self.name:<40} {self.status}{why}"


class Skipped(Exception):
    """What is needed is not here."""


class Failed(Exception):
    """It ran, and is wrong."""


def section(name: str, body: Callable[[], Values]) -> Section:
    started_s = time.perf_counter()
    values: Values = {}
    status: Literal["ok", "skipped", "failed"] = "ok"
    reason = ""
    try:
        values = body()
    except Skipped as error:
        status, reason = "skipped", str(error)
    except Exception as error:  # noqa: BLE001 one section must not end the others
        status, reason = "failed", f"{type(error).__name__}: {error}"
    return Section(name, status, reason, values, round(time.perf_counter() - started_s, 3))


@contextmanager
def gpu() -> Iterator[Device]:
    """GPU 0; a driver or GPU that is not there skips the section."""
    try:
        device = Device(cuda.load_driver(), 0)
    except EngineError as error:
        raise Skipped(error.what) from None
    try:
        yield device
    finally:
        device.close()


def environment() -> Values:
    found: Values = {"python": platform.python_version(), "system": platform.platform()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    found["cuda_runtime"] = cuda_runtime_version()
    try:
        with gpu() as device:
            free, total = device.memory()
            found |= {**dataclasses.asdict(device.facts), "free": free, "total": total}
    except Skipped as reason:
        found["gpu"] = str(reason)
    return found


def cuda_half() -> Values:
    """Stream, pinned memory, events and a graph, with vbench's own code and nothing else."""
    random = np.random.default_rng(SEED)
    with gpu() as device:
        free_before, _ = device.memory()
        buffer = TensorBuffer(device, (1 << 20,), np.float32)
        start, end = device.create_event(), device.create_event()
        sent = random.random(1 << 20, np.float32)
        buffer.host[...] = sent
        device.record_event(start)
        buffer.to_device()
        device.record_event(end)
        device.synchronise()
        copy_ms = device.elapsed_ms(start, end)
        buffer.host[...] = 0
        buffer.to_host()
        device.synchronise()
        if not np.array_equal(buffer.host, sent):
            raise Failed("what came back from the GPU is not what was sent")

        device.begin_capture()
        buffer.to_device()
        buffer.to_host()
        graph = device.end_capture()
        device.record_event(start)
        for _ in range(100):
            device.launch(graph)
        device.record_event(end)
        device.synchronise()
        graph_ms = device.elapsed_ms(start, end) / 100
        if not np.array_equal(buffer.host, sent):
            raise Failed("a captured copy gives other numbers")

        device.free_graph(graph)
        for event in (start, end):
            device.free_event(event)
        buffer.free()
        lost = free_before - device.memory()[0]
        if lost > LEAK_BYTES_PER_OPENING:
            raise Failed(f"{lost} bytes of the GPU were not given back")
        return {"copy_4_mib_ms": copy_ms, "graph_of_two_copies_ms": graph_ms, "lost_bytes": lost}


def write_conv_model(path: Path, dtype: npt.DTypeLike) -> Path:
    """Two convolutions with seeded weights: a model of our own, as no model may be at hand."""
    try:
        import onnx
        from onnx import TensorProto, helper, numpy_helper
    except ImportError:
        raise Skipped("the package onnx is not here to write a model with") from None
    random = np.random.default_rng(SEED)
    kind = TensorProto.FLOAT16 if np.dtype(dtype) == np.float16 else TensorProto.FLOAT
    weights = [
        numpy_helper.from_array((random.standard_normal(shape) * 0.1).astype(dtype), name)
        for name, shape in (("w1", (16, 3, 3, 3)), ("w2", (8, 16, 3, 3)))
    ]
    nodes = [
        helper.make_node("Conv", ["images", "w1"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "w2"], ["output"], pads=[1, 1, 1, 1], strides=[2, 2]),
    ]
    graph = helper.make_graph(
        nodes,
        "conv",
        [helper.make_tensor_value_info("images", kind, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("output", kind, [1, 8, 32, 32])],
        weights,
    )
    opset = helper.make_opsetid("", 17)
    onnx.save_model(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
    return path


def tensorrt_engine(model: Path, *, cuda_graph: bool = False) -> TensorRtEngine:
    """The engine as a pipeline opens it; what is not installed skips the section."""
    try:
        library.load_library()
    except VbenchError as error:
        raise Skipped(error.what) from None
    with gpu():
        pass
    entry = TensorRtEntry(type="tensorrt", model=model.name, cuda_graph=cuda_graph)
    return open_engine(entry, EngineSite(model.parent, lambda key: key, "check", ()))


def seeded_tensors(inputs: Sequence[TensorInfo]) -> tuple[Tensor, ...]:
    random = np.random.default_rng(SEED)
    return tuple(
        random.random([axis or 1 for axis in item.shape], np.float32).astype(item.dtype)
        for item in inputs
    )


def largest_difference(mine: Sequence[Tensor], theirs: Sequence[Tensor]) -> float:
    """Largest difference of any output, as a share of that output's largest value."""
    shares = [0.0]
    for a, b in zip(mine, theirs, strict=True):
        if a.shape != b.shape:
            raise Failed(f"an output has shape {a.shape}, ONNX Runtime says {b.shape}")
        x, y = a.astype(np.float64), b.astype(np.float64)
        if not np.isfinite(x).all():
            raise Failed("an output has numbers that are not finite")
        shares.append(float(np.abs(x - y).max() / max(np.abs(y).max(), 1e-12)))
    return max(shares)


def onnxruntime_answers(model: Path, tensors: Sequence[Tensor], provider: str) -> list[Tensor]:
    import onnxruntime as ort

    session = ort.InferenceSession(model, providers=[provider])
    runs = session.get_providers()[0]
    if runs != provider:
        raise Failed(f"asked for {provider}, but {runs} runs")
    names = [item.name for item in session.get_inputs()]
    return list(session.run(None, dict(zip(names, tensors, strict=True))))


def check_agreement(share: float, dtype: str) -> None:
    allowed = TOLERANCE[dtype]
    if share > allowed:
        raise Failed(f"differs from ONNX Runtime by {share:.2e} of the largest value")


def tensorrt_model(model: Path) -> Values:
    """Build, run with and without a graph, compare with ONNX Runtime on the CPU, and time it."""
    found: Values = {}
    for cuda_graph in (False, True):
        started_s = time.perf_counter()
        engine = tensorrt_engine(model, cuda_graph=cuda_graph)
        try:
            tensors = seeded_tensors(engine.inputs)
            opened_s = time.perf_counter() - started_s
            first, second = engine.run(tensors), engine.run(tensors)
            share = largest_difference(
                second, onnxruntime_answers(model, tensors, "CPUExecutionProvider")
            )
            check_agreement(share, engine.inputs[0].dtype)
            found["cuda_graph" if cuda_graph else "plain"] = {
                "info": engine.info.text(),
                "opened_s": round(opened_s, 3),
                "difference": share,
                "same_twice": largest_difference(first, second) == 0.0,
                **latency(engine, tensors),
            }
        finally:
            engine.close()
    return found


def latency(engine: TensorRtEngine, tensors: Sequence[Tensor]) -> Values:
    """Copies and inference between two CUDA events of a stream; and the call as Python sees it."""
    for _ in range(N_WARM_UP):
        engine.run(tensors)
    device_ms, call_ms = [], []
    device = engine.device
    start, end = device.create_event(), device.create_event()
    for _ in range(N_TIMED):
        started_s = time.perf_counter()
        device.record_event(start)
        engine.run(tensors)
        device.record_event(end)
        call_ms.append((time.perf_counter() - started_s) * 1e3)
        device_ms.append(device.elapsed_ms(start, end))
    for event in (start, end):
        device.free_event(event)
    spans = (("events", device_ms), ("call", call_ms))
    return {
        f"{name}_ms_p{p}": float(np.percentile(times, p)) for name, times in spans for p in (50, 95)
    }


def tensorrt_leaks(model: Path) -> Values:
    """Memory of the GPU before and after many openings."""
    tensorrt_engine(model).close()
    with gpu() as device:
        before, _ = device.memory()
        for _ in range(N_REOPENED):
            engine = tensorrt_engine(model, cuda_graph=True)
            tensors = seeded_tensors(engine.inputs)
            engine.run(tensors)
            engine.run(tensors)
            engine.close()
        lost = before - device.memory()[0]
    if lost > N_REOPENED * LEAK_BYTES_PER_OPENING:
        raise Failed(f"{lost} bytes of the GPU were not given back in {N_REOPENED} openings")
    return {"n_openings": N_REOPENED, "lost_bytes": lost}


def onnxruntime_cuda(model: Path) -> Values:
    import onnxruntime as ort

    provider = "CUDAExecutionProvider"
    if provider not in ort.get_available_providers():
        raise Skipped(f"this build of onnxruntime has {', '.join(ort.get_available_providers())}")
    with gpu():
        pass
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    (item,) = session.get_inputs()
    tensors = (np.random.default_rng(SEED).random(item.shape, np.float32),)
    theirs = onnxruntime_answers(model, tensors, "CPUExecutionProvider")
    share = largest_difference(onnxruntime_answers(model, tensors, provider), theirs)
    # It computes float32 convolutions in TF32 by default.
    check_agreement(share, "float16")
    return {"difference": share}


def run_all(folder: Path, models: Sequence[Path]) -> list[Section]:
    def own(dtype: npt.DTypeLike) -> Path:
        return write_conv_model(folder / f"conv-{np.dtype(dtype).name}.onnx", dtype)

    bodies: list[tuple[str, Callable[[], Values]]] = [
        ("environment", environment),
        ("cuda: stream, pinned, events, graph", cuda_half),
        ("tensorrt: float32", lambda: tensorrt_model(own(np.float32))),
        ("tensorrt: float16", lambda: tensorrt_model(own(np.float16))),
        ("tensorrt: leaks", lambda: tensorrt_leaks(own(np.float32))),
        ("onnxruntime: CUDA provider", lambda: onnxruntime_cuda(own(np.float32))),
    ]
    for model in models:
        bodies.append((f"tensorrt: {model.name}", partial(tensorrt_model, model)))
    return [section(name, body) for name, body in bodies]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, help="where to write the findings as JSON")
    parser.add_argument("--model", type=Path, action="append", default=[], help="an ONNX file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Nothing of an earlier check may answer for this one.
        os.environ["VBENCH_CACHE"] = folder
        sections = run_all(Path(folder), [model.resolve() for model in arguments.model])
    for item in sections:
        print(item.line())
    if arguments.out is not None:
        content = {"schema": SCHEMA, "sections": [dataclasses.asdict(item) for item in sections]}
        arguments.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 1 if any(item.status == "failed" for item in sections) else 0


if __name__ == "__main__":
    sys.exit(main())
