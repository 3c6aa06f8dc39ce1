"""The KServe v2 protocol (Triton and others), spoken by Triton's own client.

The only module that imports tritonclient. Protocol: kserve.github.io/website, "Open Inference
Protocol (V2)". Neither proxies of the environment nor shared memory are used. Not safe for use by
several threads at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeAlias, cast

import numpy as np
from tritonclient.utils import InferenceServerException

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.kserve import KserveEntry
from vbench.config.yaml_text import Plain
from vbench.engines.model_checks import check_tensors, closed
from vbench.engines.protocol import EngineInfo, EngineSite, Tensor, TensorInfo
from vbench.engines.redaction import Redaction
from vbench.errors import EngineError, MissingDependencyError, ModelError

_DTYPES = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
}
"""The protocol's names of types that numpy has."""

_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_LARGEST_ANSWER = 1 << 30
_SHOWN = 300
_GRPC_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", _LARGEST_ANSWER),
    ("grpc.enable_http_proxy", 0),
)

_Metadata: TypeAlias = Mapping[str, Plain]


class _Result(Protocol):
    def as_numpy(self, name: str) -> Tensor | None: ...


def open_engine(entry: LiveEntry, site: EngineSite) -> KserveEngine:
    """Connect to the server and read what its model takes; see `EngineModule.open_engine`."""
    if not isinstance(entry, KserveEntry):
        raise TypeError(f"entry of type {entry.type}")
    return KserveEngine(entry, site)


def files_of(entry: LiveEntry, folder: Path) -> tuple[Path, ...]:  # noqa: ARG001
    """None: the model is on the server."""
    return ()


class KserveEngine:
    """A model on a server; one request at a time."""

    def __init__(self, entry: KserveEntry, site: EngineSite) -> None:
        """Connect; raises EngineError, ModelError, MissingDependencyError."""
        self._entry = entry
        self._connection: _Connection | None = _Connection(entry, site)
        try:
            metadata = self._connection.model()
            self._inputs = _tensors(metadata, "inputs", site)
            self._outputs = _tensors(metadata, "outputs", site)
            self._info = self._described(self._connection.server(), metadata)
        except EngineError:
            self.close()
            raise
        self._version = entry.version

    @property
    def info(self) -> EngineInfo:
        """The server's version; its name, its address and the model's version."""
        return self._info

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The model's inputs, as the server lists them."""
        return self._inputs

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The model's outputs, as the server lists them; the order of `run`."""
        return self._outputs

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Send the tensors and wait for the outputs; they are new arrays. Raises EngineError."""
        if self._connection is None:
            raise closed()
        check_tensors(self._inputs, tensors)
        outputs, version = self._connection.infer(self._inputs, tensors, self._outputs)
        self._check_version(version)
        return outputs

    def close(self) -> None:
        """Hang up; the model stays loaded on the server."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _described(self, server: _Metadata, model: _Metadata) -> EngineInfo:
        versions = model.get("versions")
        known = [str(item) for item in versions] if isinstance(versions, list) else []
        version = self._entry.version or ", ".join(known) or "not stated"
        where = f"{server.get('name') or 'server'} at {self._entry.url}"
        provider = f"{where}, model {self._entry.model} version {version}"
        return EngineInfo("kserve", str(server.get("version") or "unknown"), provider, 1)

    def _check_version(self, version: str) -> None:
        """A server may load a new version at any time; a run is about one."""
        if self._version and version and version != self._version:
            raise EngineError(
                f"version {version} of model {self._entry.model} answered, no longer version "
                f"{self._version}",
                hint="pin it with `version` in the pipeline file, and keep the server as it is",
            )
        self._version = self._version or version


class _Connection:
    """Triton's client for one of the two transports; every failure is an EngineError."""

    def __init__(self, entry: KserveEntry, site: EngineSite) -> None:
        headers = {name: value.get_secret_value() for name, value in entry.headers.items()}
        self._entry = entry
        self._site = site
        self._redacted = Redaction(headers.values())
        self._library = _library(entry, site)
        self._failures = _failures(entry)
        grpc = entry.protocol == "grpc"
        # Names of gRPC's metadata are in small letters.
        headers = {name.lower() if grpc else name: value for name, value in headers.items()}
        self._call: dict[str, object] = {"headers": headers or None}
        if grpc:
            self._call["client_timeout"] = entry.timeout_s
        self._metadata_call = self._call | ({"as_json": True} if grpc else {})
        try:
            self._client = self._library.InferenceServerClient(**_client_options(entry))
        except self._failures as error:
            raise self._failure(error) from error

    def server(self) -> _Metadata:
        """The server's name and version."""
        try:
            found = self._client.get_server_metadata(**self._metadata_call)
        except self._failures as error:
            raise self._failure(error) from error
        return found if isinstance(found, dict) else {}

    def model(self) -> _Metadata:
        """What the model takes and gives, once the server is live and the model ready."""
        name, version = self._entry.model, self._entry.version
        try:
            if not self._client.is_server_live(**self._call):
                raise self._error(
                    "the server does not say that it is live",
                    "url",
                    "wait until it has started; is this the address of a KServe v2 server, and "
                    "are the `headers` right?",
                )
            found = self._client.get_model_metadata(name, version, **self._metadata_call)
            ready = self._client.is_model_ready(name, version, **self._call)
        except self._failures as error:
            raise self._failure(error) from error
        if not ready:
            raise self._error(
                f'model "{name}" is not ready', "model", "wait until the server has loaded it"
            )
        if not isinstance(found, dict):
            raise self._error("the model's metadata are no object", "model", _LOG)
        return found

    def infer(
        self, inputs: Sequence[TensorInfo], tensors: Sequence[Tensor], outputs: Sequence[TensorInfo]
    ) -> tuple[tuple[Tensor, ...], str]:
        """The outputs in the order of `outputs`, and the model's version."""
        library = self._library
        try:
            given = [
                library.InferInput(item.name, list(tensor.shape), _NAMES[item.dtype])
                for item, tensor in zip(inputs, tensors, strict=True)
            ]
            for item, tensor in zip(given, tensors, strict=True):
                item.set_data_from_numpy(tensor)
            wanted = [library.InferRequestedOutput(item.name) for item in outputs]
            result = self._client.infer(
                self._entry.model, given, self._entry.version, wanted, **self._call
            )
            answer = result.get_response()
            version = (
                answer.get("model_version", "")
                if isinstance(answer, dict)
                else answer.model_version
            )
            return tuple(self._output(result, item) for item in outputs), str(version)
        except self._failures as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _output(self, result: _Result, item: TensorInfo) -> Tensor:
        found = result.as_numpy(item.name)
        if found is None:
            raise self._error(f'the answer has no output "{item.name}"', "model", _LOG)
        if found.dtype != np.dtype(item.dtype) or not item.accepts(found.shape):
            raise self._error(
                f"the answer has {item.name} {list(found.shape)} {found.dtype}, but the model's "
                f"metadata say {item.text()}",
                "model",
                "correct the model's configuration on the server",
            )
        # The client gives a view of the received bytes, which nobody may write to.
        return found if found.flags.writeable else found.copy()

    def _failure(self, error: Exception) -> EngineError:
        return self._error(*_explained(error, self._entry))

    def _error(self, what: str, key: str, hint: str) -> EngineError:
        text = f"{self._entry.url}: {self._redacted(what)}"
        return EngineError(text, where=self._site.place(key), hint=hint)


_LOG = "the server's own log has more"


def _library(entry: KserveEntry, site: EngineSite) -> ModuleType:
    """``tritonclient.http`` or ``tritonclient.grpc``: each needs libraries of its own."""
    try:
        return import_module(f"tritonclient.{entry.protocol}")
    except (ImportError, RuntimeError) as error:
        # tritonclient turns an absent library into a RuntimeError.
        raise MissingDependencyError(
            f"tritonclient.{entry.protocol} cannot be imported: {error}",
            where=site.place("protocol"),
            hint="pip install 'vbench[kserve]'",
        ) from None


def _failures(entry: KserveEntry) -> tuple[type[Exception], ...]:
    """What the client raises: its own error, and whatever a bad answer makes it stumble over."""
    known: tuple[type[Exception], ...] = (
        InferenceServerException,
        OSError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RuntimeError,
    )
    if entry.protocol == "http":
        parse_error = import_module("geventhttpclient.response").HTTPParseError
        return (*known, cast(type[Exception], parse_error))
    return known


def _client_options(entry: KserveEntry) -> dict[str, object]:
    if entry.protocol == "grpc":
        return {"url": entry.url, "ssl": entry.tls, "channel_args": list(_GRPC_OPTIONS)}
    options: dict[str, object] = {
        "url": entry.url,
        "ssl": entry.tls,
        "connection_timeout": entry.timeout_s,
        "network_timeout": entry.timeout_s,
    }
    if entry.tls:
        # Without it the client's own settings apply, which accept more than they should.
        options["ssl_context_factory"] = import_module("gevent.ssl").create_default_context
    return options


def _explained(error: Exception, entry: KserveEntry) -> tuple[str, str, str]:
    """What a failure means, the key of the entry that it belongs to, and what to do about it."""
    text = " ".join(str(error).split())[:_SHOWN]
    status = ""
    if isinstance(error, InferenceServerException):
        status = str(error.status() or "").removeprefix("StatusCode.")
        text = " ".join(str(error.message()).split())[:_SHOWN]
    if isinstance(error, TimeoutError) or status == "DEADLINE_EXCEEDED":
        hint = "find out what keeps the server, or raise `timeout_s`"
        return f"no whole answer within {entry.timeout_s:g} s", "url", hint
    if isinstance(error, ConnectionRefusedError) or "Connection refused" in text:
        hint = "start the server there; is the port right? Triton has 8000 for http, 8001 for grpc"
        return "connection refused", "url", hint
    if isinstance(error, OSError) or status == "UNAVAILABLE":
        hint = "are host, port, `protocol` and `tls` right? did the server stop?"
        return f"no connection: {text or type(error).__name__}", "url", hint
    if isinstance(error, InferenceServerException):
        hint = f"are `model` and `version` right? {_LOG}"
        return f"the server answers {status}: {text}", "model", hint
    hint = "are port and `protocol` right? did the server stop?"
    return f"no answer of the KServe v2 protocol: {type(error).__name__}: {text}", "url", hint


def _tensors(metadata: _Metadata, key: str, site: EngineSite) -> tuple[TensorInfo, ...]:
    """The model's inputs or outputs from its metadata."""
    listed = metadata.get(key)
    if not isinstance(listed, list) or not listed:
        raise ModelError(
            f"the server lists no {key} of the model",
            where=site.place("model"),
            hint="complete the model's configuration on the server",
        )
    return tuple(_tensor(item, key, site) for item in listed)


def _tensor(item: Plain, key: str, site: EngineSite) -> TensorInfo:
    try:
        if not isinstance(item, dict) or not isinstance(item["shape"], list):
            raise TypeError
        # gRPC's JSON has 64-bit numbers as texts.
        axes = [int(cast("int | str", axis)) for axis in item["shape"]]
        name, datatype = str(item["name"]), str(item["datatype"])
    except (KeyError, TypeError, ValueError):
        raise ModelError(
            f"the server's description of the model's {key} is not that of the protocol: {item}",
            where=site.place("model"),
            hint="is it a KServe v2 server?",
        ) from None
    if datatype not in _DTYPES:
        why = "numpy has no such type" if datatype == "BF16" else "it is not a type of numbers"
        raise ModelError(
            f"the model's {key} have {name} of type {datatype}, which vbench does not take: {why}",
            where=site.place("model"),
            hint="export the model with FP32 inputs and outputs; it may compute in BF16 inside",
        )
    shape = tuple(axis if axis >= 0 else None for axis in axes)
    return TensorInfo(name, shape, _DTYPES[datatype])
