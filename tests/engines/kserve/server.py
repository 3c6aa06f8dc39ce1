"""A KServe v2 server around ONNX Runtime: HTTP with binary tensors, and gRPC.

Written from the protocol's own description (kserve.github.io/website, "Open Inference Protocol" and
"Binary Tensor Data Extension"), not from the client.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tritonclient.grpc import service_pb2, service_pb2_grpc

Array: TypeAlias = npt.NDArray[np.generic]
Json: TypeAlias = dict[str, Any]

NAME, VERSION = "test-server", "9.8.7"
_TYPES = {
    "tensor(float)": "FP32",
    "tensor(float16)": "FP16",
    "tensor(double)": "FP64",
    "tensor(uint8)": "UINT8",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(bool)": "BOOL",
}
_DTYPES: dict[str, npt.DTypeLike] = {
    "FP32": "<f4",
    "FP16": "<f2",
    "FP64": "<f8",
    "UINT8": "u1",
    "INT32": "<i4",
    "INT64": "<i8",
    "BOOL": "?",
}


@dataclass(slots=True)
class Served:
    """What a server has, and how it behaves; tests change it while it runs."""

    models: Mapping[str, Path]
    version: str = "3"
    live: bool = True
    ready: bool = True
    datatype: str | None = None
    """Claimed for every output in the metadata."""
    outputs_left_out: bool = False
    wait_s: float = 0.0
    drip_s: float | None = None
    """Pause after each byte of an HTTP answer to inference."""
    error: str | None = None
    """Answer to inference."""
    raw: bytes | None = None
    """Sent in place of an HTTP answer to inference."""
    headers: list[dict[str, str]] = field(default_factory=list)
    """Of each inference, names in small letters."""
    n_inferences: int = 0
    sessions: dict[str, ort.InferenceSession] = field(default_factory=dict)

    def session(self, name: str) -> ort.InferenceSession | None:
        if name not in self.models:
            return None
        if name not in self.sessions:
            options = ort.SessionOptions()
            options.intra_op_num_threads = 1
            self.sessions[name] = ort.InferenceSession(
                self.models[name], options, providers=["CPUExecutionProvider"]
            )
        return self.sessions[name]

    def metadata(self, name: str) -> Json | None:
        session = self.session(name)
        if session is None:
            return None
        outputs = [_described(item) for item in session.get_outputs()]
        for item in outputs:
            item["datatype"] = self.datatype or item["datatype"]
        return {
            "name": name,
            "versions": [self.version],
            "platform": "onnxruntime_onnx",
            "inputs": [_described(item) for item in session.get_inputs()],
            "outputs": outputs,
        }

    def infer(self, name: str, inputs: dict[str, Array]) -> dict[str, Array]:
        """Outputs by name; raises RuntimeError with what the client is to be told."""
        session = self.session(name)
        if session is None:
            raise RuntimeError(f"unknown model {name}")
        self.n_inferences += 1
        time.sleep(self.wait_s)
        if self.error is not None:
            raise RuntimeError(self.error)
        found = session.run(None, inputs)
        names = [item.name for item in session.get_outputs()]
        return {} if self.outputs_left_out else dict(zip(names, found, strict=True))


@contextmanager
def http_server(served: Served) -> Iterator[str]:
    """``host:port`` of a running REST server."""
    server = _RestServer(served)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def grpc_server(served: Served) -> Iterator[str]:
    """``host:port`` of a running gRPC server."""
    server = grpc.server(ThreadPoolExecutor(4))
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(_Grpc(served), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait()


class _RestServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, served: Served) -> None:
        super().__init__(("127.0.0.1", 0), _Rest)
        self.served = served

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""


class _Rest(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 20

    @property
    def _served(self) -> Served:
        assert isinstance(self.server, _RestServer)
        return self.server.served

    def do_GET(self) -> None:
        served = self._served
        match self.path.strip("/").split("/"):
            case ["v2"]:
                self._json({"name": NAME, "version": VERSION, "extensions": ["binary_tensor_data"]})
            case ["v2", "health", "live"]:
                self._json({}, 200 if served.live else 503)
            case ["v2", "models", name, *rest] if rest in ([], ["versions", served.version]):
                found = served.metadata(name)
                if found is None:
                    self._json({"error": f"unknown model '{name}'"}, 404)
                else:
                    self._json(found)
            case ["v2", "models", _, *rest] if rest and rest[-1] == "ready":
                self._json({}, 200 if served.ready else 400)
            case _:
                self._json({"error": "no such version or page"}, 404)

    def do_POST(self) -> None:
        served = self._served
        content = self.rfile.read(int(self.headers["Content-Length"]))
        served.headers.append({key.lower(): value for key, value in self.headers.items()})
        name = self.path.strip("/").split("/")[2]
        head_size = int(self.headers.get("Inference-Header-Content-Length", len(content)))
        request, binary = json.loads(content[:head_size]), content[head_size:]
        if served.raw is not None:
            self.wfile.write(served.raw)
            self.close_connection = True
            return
        inputs: dict[str, Array] = {}
        for item in request["inputs"]:
            size = item["parameters"]["binary_data_size"]
            flat = np.frombuffer(binary[:size], _DTYPES[item["datatype"]])
            inputs[item["name"]] = flat.reshape(item["shape"])
            binary = binary[size:]
        try:
            outputs = served.infer(name, inputs)
        except RuntimeError as error:
            self._json({"error": str(error)}, 500)
            return
        wanted = [item["name"] for item in request["outputs"]]
        self._tensors(name, {key: outputs[key] for key in wanted if key in outputs})

    def _tensors(self, name: str, outputs: dict[str, Array]) -> None:
        head = {
            "model_name": name,
            "model_version": self._served.version,
            "outputs": [
                {
                    "name": key,
                    "shape": list(value.shape),
                    "datatype": _datatype(value),
                    "parameters": {"binary_data_size": value.nbytes},
                }
                for key, value in outputs.items()
            ],
        }
        text = json.dumps(head).encode()
        body = text + b"".join(value.tobytes() for value in outputs.values())
        self._send(body, 200, {"Inference-Header-Content-Length": str(len(text))})

    def _json(self, value: Json, status: int = 200) -> None:
        self._send(json.dumps(value).encode(), status, {})

    def _send(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        drip_s = self._served.drip_s
        if drip_s is None or self.command == "GET":
            self.wfile.write(body)
            return
        for position in range(len(body)):
            self.wfile.write(body[position : position + 1])
            time.sleep(drip_s)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing goes to stderr."""


class _Grpc(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    def __init__(self, served: Served) -> None:
        self._served = served

    def ServerLive(self, request: Any, context: Any) -> Any:  # noqa: N802
        return service_pb2.ServerLiveResponse(live=self._served.live)

    def ServerMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802
        return service_pb2.ServerMetadataResponse(name=NAME, version=VERSION)

    def ModelReady(self, request: Any, context: Any) -> Any:  # noqa: N802
        return service_pb2.ModelReadyResponse(ready=self._served.ready)

    def ModelMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802
        found = self._served.metadata(request.name)
        if found is None or request.version not in ("", self._served.version):
            context.abort(grpc.StatusCode.NOT_FOUND, f"unknown model '{request.name}'")
        return service_pb2.ModelMetadataResponse(**(found or {}))

    def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._served.headers.append(dict(context.invocation_metadata()))
        inputs = {
            item.name: np.frombuffer(raw, _DTYPES[item.datatype]).reshape(tuple(item.shape))
            for item, raw in zip(request.inputs, request.raw_input_contents, strict=True)
        }
        try:
            outputs = self._served.infer(request.model_name, inputs)
        except RuntimeError as error:
            context.abort(grpc.StatusCode.INTERNAL, str(error))
        response = service_pb2.ModelInferResponse(
            model_name=request.model_name, model_version=self._served.version
        )
        for item in request.outputs:
            if item.name not in outputs:
                continue
            value = outputs[item.name]
            response.outputs.add(name=item.name, datatype=_datatype(value), shape=list(value.shape))
            response.raw_output_contents.append(value.tobytes())
        return response


def _described(item: ort.NodeArg) -> Json:
    shape = [axis if isinstance(axis, int) else -1 for axis in item.shape]
    return {"name": item.name, "datatype": _TYPES[item.type], "shape": shape}


def _datatype(value: Array) -> str:
    return next(name for name, dtype in _DTYPES.items() if np.dtype(dtype) == value.dtype)
