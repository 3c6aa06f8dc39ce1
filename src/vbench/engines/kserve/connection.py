"""Triton's client for both transports of the protocol; the only module that imports tritonclient.

Protocol: kserve.github.io/website, "Open Inference Protocol (V2)". Neither proxies of the
environment nor shared memory are used. Not safe for use by several threads at once; which thread
it is may change from call to call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from types import ModuleType
from typing import Protocol, TypeVar, cast

import numpy as np
from tritonclient.utils import InferenceServerException

from vbench.config.engines.kserve import KserveEntry
from vbench.engines.kserve.metadata import DATATYPES, Metadata
from vbench.engines.printable import printable
from vbench.engines.protocol import EngineSite, Tensor, TensorInfo
from vbench.engines.redaction import Redaction
from vbench.errors import EngineError, MissingDependencyError

_LARGEST_ANSWER = 1 << 30
_SHOWN = 300
_GRPC_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", _LARGEST_ANSWER),
    ("grpc.enable_http_proxy", 0),
)


_Value = TypeVar("_Value")


class _Result(Protocol):
    def as_numpy(self, name: str) -> Tensor | None: ...


class Connection:
    """Triton's client for one of the two transports; every failure is an EngineError."""

    def __init__(self, entry: KserveEntry, site: EngineSite) -> None:
        """Make the client; it connects with the first request. Raises MissingDependencyError."""
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
        self._time_limit = _time_limit(entry)
        # gevent, below the client for HTTP, belongs to the thread in which it was first used.
        self._thread = None if grpc else ThreadPoolExecutor(1, "vbench-kserve")
        self._client = self._said(
            lambda: self._library.InferenceServerClient(**_client_options(entry))
        )

    def server(self) -> Metadata:
        """The server's name and version."""
        found = self._said(lambda: self._client.get_server_metadata(**self._metadata_call))
        return found if isinstance(found, dict) else {}

    def model(self) -> Metadata:
        """What the model takes and gives, once the server is live and the model ready."""
        name, version = self._entry.model, self._entry.version
        if not self._said(lambda: self._client.is_server_live(**self._call)):
            raise self._error(
                "the server does not say that it is live",
                "url",
                "wait until it has started; is this the address of a KServe v2 server, and are "
                "the `headers` right?",
            )
        found = self._said(
            lambda: self._client.get_model_metadata(name, version, **self._metadata_call)
        )
        if not self._said(lambda: self._client.is_model_ready(name, version, **self._call)):
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
        return self._said(lambda: self._inferred(inputs, tensors, outputs))

    def close(self) -> None:
        """Hang up."""
        self._said(self._client.close)
        if self._thread is not None:
            self._thread.submit(lambda: import_module("gevent").get_hub().destroy())
            self._thread.shutdown()

    def _inferred(
        self, inputs: Sequence[TensorInfo], tensors: Sequence[Tensor], outputs: Sequence[TensorInfo]
    ) -> tuple[tuple[Tensor, ...], str]:
        library = self._library
        given = [
            library.InferInput(item.name, list(tensor.shape), DATATYPES[item.dtype])
            for item, tensor in zip(inputs, tensors, strict=True)
        ]
        for item, tensor in zip(given, tensors, strict=True):
            item.set_data_from_numpy(tensor)
        wanted = [library.InferRequestedOutput(item.name) for item in outputs]
        result = self._client.infer(
            self._entry.model, given, self._entry.version, wanted, **self._call
        )
        answer = result.get_response()
        is_json = isinstance(answer, dict)
        version = answer.get("model_version", "") if is_json else answer.model_version
        return tuple(self._output(result, item) for item in outputs), str(version)

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

    def _said(self, call: Callable[[], _Value]) -> _Value:
        """What a call of the client returns, made in the client's thread. Raises EngineError."""

        def limited() -> _Value:
            with self._time_limit():
                return call()

        try:
            return limited() if self._thread is None else self._thread.submit(limited).result()
        except self._failures as error:
            raise self._error(*_explained(error, self._entry)) from error

    def _error(self, what: str, key: str, hint: str) -> EngineError:
        text = f"{self._entry.url}: {printable(self._redacted(what))}"
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


def _time_limit(entry: KserveEntry) -> Callable[[], AbstractContextManager[object]]:
    """A limit for all that a request takes; gRPC is given one with each call."""
    if entry.protocol == "grpc":
        return nullcontext
    # The client's own limit is for each wait for more, and an answer may come byte by byte.
    timeout = import_module("gevent").Timeout
    return lambda: cast(AbstractContextManager[object], timeout(entry.timeout_s, TimeoutError()))


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
