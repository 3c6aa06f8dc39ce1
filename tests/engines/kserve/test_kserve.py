"""The kserve engine against real servers on loopback, over both transports."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto

from tests.engines.http.server import detector_server, no_server, server_context
from tests.engines.kserve.server import Served, grpc_server, http_server
from tests.engines.onnx_models import write_constant_model, write_echo_model
from vbench.config.engines.kserve import KserveEntry
from vbench.engines.kserve.engine import KserveEngine, files_of, open_engine
from vbench.engines.protocol import EngineSite, TensorInfo
from vbench.errors import EngineError, ExitCode, ModelError

SERVERS: dict[str, Callable[[Served], AbstractContextManager[str]]] = {
    "http": http_server,
    "grpc": grpc_server,
}
VALUES = {
    "boxes": np.arange(24, dtype=np.float32).reshape(1, 4, 6),
    "more": np.full((2, 3), 0.1, np.float32),
}
IMAGE = np.zeros((1, 3, 32, 32), np.float32)


def site() -> EngineSite:
    return EngineSite(Path(), lambda key: f"p.yaml:7: engine.{key}", "detect", ("person",))


def entry(url: str, **more: object) -> KserveEntry:
    return KserveEntry.model_validate(
        {"type": "kserve", "url": url, "model": "constant", "timeout_s": 5.0, **more}
    )


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(
        {
            "constant": write_constant_model(
                tmp_path / "c.onnx", VALUES, input_shape=("n", 3, None, 32)
            ),
            "echo": write_echo_model(tmp_path / "e.onnx", (1, 3, 4, 4)),
            "bytes": write_constant_model(
                tmp_path / "b.onnx", VALUES, input_type=TensorProto.UINT8
            ),
            "half": write_constant_model(
                tmp_path / "h.onnx", VALUES, input_type=TensorProto.FLOAT16
            ),
        }
    )


@pytest.fixture(params=list(SERVERS))
def server(request: pytest.FixtureRequest, served: Served) -> Iterator[tuple[str, str]]:
    """Transport and address."""
    with SERVERS[request.param](served) as url:
        yield request.param, url


@pytest.fixture
def engine(server: tuple[str, str]) -> Iterator[KserveEngine]:
    protocol, url = server
    opened = open_engine(entry(url, protocol=protocol), site())
    yield opened
    opened.close()


def test_says_what_the_model_takes(engine: KserveEngine, server: tuple[str, str]) -> None:
    assert engine.inputs == (TensorInfo("images", (None, 3, None, 32), "float32"),)
    assert engine.outputs == (
        TensorInfo("boxes", (1, 4, 6), "float32"),
        TensorInfo("more", (2, 3), "float32"),
    )
    assert engine.info.text() == (
        f"kserve 9.8.7 (test-server at {server[1]}, model constant version 3)"
    )
    assert files_of(entry(server[1]), Path()) == ()


def test_outputs_are_those_of_the_model(engine: KserveEngine) -> None:
    outputs = engine.run([IMAGE])
    for found, wanted in zip(outputs, VALUES.values(), strict=True):
        np.testing.assert_array_equal(found, wanted)
        found[...] = 7  # They belong to the caller.
    np.testing.assert_array_equal(engine.run([IMAGE])[0], VALUES["boxes"])


@pytest.mark.parametrize(("model", "dtype"), [("bytes", "uint8"), ("half", "float16")])
def test_other_types_than_float32(server: tuple[str, str], model: str, dtype: str) -> None:
    protocol, url = server
    engine = open_engine(entry(url, protocol=protocol, model=model, version="3"), site())
    assert engine.inputs[0].dtype == dtype
    outputs = engine.run([IMAGE.astype(dtype)])
    np.testing.assert_array_equal(outputs[0], VALUES["boxes"])
    engine.close()


def test_same_bits_as_in_this_process(server: tuple[str, str], served: Served) -> None:
    protocol, url = server
    tensor = np.random.default_rng(3).normal(size=(1, 3, 4, 4)).astype(np.float32)
    # Not contiguous: what arrives must still be what was meant.
    tensor = np.ascontiguousarray(tensor.transpose(3, 2, 1, 0)).transpose(3, 2, 1, 0)
    here = ort.InferenceSession(served.models["echo"], providers=["CPUExecutionProvider"])
    engine = open_engine(entry(url, protocol=protocol, model="echo"), site())
    wanted = here.run(None, {"images": np.ascontiguousarray(tensor)})[0]
    np.testing.assert_array_equal(engine.run([tensor])[0], wanted)
    engine.close()


def test_headers_are_sent(server: tuple[str, str], served: Served) -> None:
    protocol, url = server
    headers = {"Authorization": "Bearer s3cr3t-token"}
    engine = open_engine(entry(url, protocol=protocol, headers=headers), site())
    engine.run([IMAGE])
    assert served.headers[-1]["authorization"] == "Bearer s3cr3t-token"
    served.error = "no place for s3cr3t-token here"
    with pytest.raises(EngineError, match=r"no place for \*\*\* here"):
        engine.run([IMAGE])
    engine.close()


def test_tensors_that_do_not_fit_are_not_sent(engine: KserveEngine, served: Served) -> None:
    for wrong in (IMAGE[:, :2], IMAGE.astype(np.float64)):
        with pytest.raises(EngineError, match=r"the model takes images \[\?, 3, \?, 32\] float32"):
            engine.run([wrong])
    assert served.n_inferences == 0


def test_a_closed_engine_says_so(engine: KserveEngine) -> None:
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match=r"closed.*open it again"):
        engine.run([IMAGE])


def test_unknown_model(server: tuple[str, str]) -> None:
    protocol, url = server
    with pytest.raises(
        EngineError, match=r"engine.model: 127.*unknown model 'other' \(are `model`"
    ) as caught:
        open_engine(entry(url, protocol=protocol, model="other"), site())
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


def test_unknown_version(server: tuple[str, str]) -> None:
    protocol, url = server
    with pytest.raises(EngineError, match=r"engine.model: .*`version` right"):
        open_engine(entry(url, protocol=protocol, version="12"), site())


def test_model_that_is_not_ready(server: tuple[str, str], served: Served) -> None:
    protocol, url = server
    served.ready = False
    with pytest.raises(EngineError, match=r'model "constant" is not ready \(wait'):
        open_engine(entry(url, protocol=protocol), site())


def test_server_that_is_not_live(server: tuple[str, str], served: Served) -> None:
    protocol, url = server
    served.live = False
    with pytest.raises(EngineError, match=r"engine.url: .*does not say that it is live"):
        open_engine(entry(url, protocol=protocol), site())


@pytest.mark.parametrize("datatype", ["BF16", "BYTES"])
def test_types_that_are_refused(server: tuple[str, str], served: Served, datatype: str) -> None:
    protocol, url = server
    served.datatype = datatype
    with pytest.raises(ModelError, match=rf"outputs have boxes of type {datatype}.*FP32"):
        open_engine(entry(url, protocol=protocol), site())


def test_outputs_that_contradict_the_metadata(server: tuple[str, str], served: Served) -> None:
    protocol, url = server
    served.datatype = "FP16"
    engine = open_engine(entry(url, protocol=protocol), site())
    with pytest.raises(EngineError, match=r"has boxes \[1, 4, 6\] float32, but .*float16"):
        engine.run([IMAGE])
    engine.close()


def test_output_that_is_left_out(engine: KserveEngine, served: Served) -> None:
    served.outputs_left_out = True
    with pytest.raises(EngineError, match='no output "boxes"'):
        engine.run([IMAGE])


def test_failure_on_the_server(engine: KserveEngine, served: Served) -> None:
    served.error = "CUDA out of memory"
    with pytest.raises(
        EngineError, match=r"engine.model: .*the server answers (500|INTERNAL): CUDA out of"
    ):
        engine.run([IMAGE])
    served.error = None
    assert len(engine.run([IMAGE])) == 2


def test_new_version_in_the_middle(engine: KserveEngine, served: Served) -> None:
    engine.run([IMAGE])
    served.version = "4"
    with pytest.raises(EngineError, match=r"version 4 of model constant answered, no longer.* 3"):
        engine.run([IMAGE])


def test_slow_server(server: tuple[str, str], served: Served) -> None:
    protocol, url = server
    engine = open_engine(entry(url, protocol=protocol, timeout_s=1.0), site())
    served.wait_s = 3.0
    with pytest.raises(EngineError, match=r"no whole answer within 1 s.*raise `timeout_s`"):
        engine.run([IMAGE])
    engine.close()


def test_an_answer_that_comes_byte_by_byte(served: Served) -> None:
    """The limit is for the whole answer."""
    with http_server(served) as url:
        engine = open_engine(entry(url, timeout_s=1.0), site())
        served.drip_s = 0.05
        start = time.monotonic()
        with pytest.raises(EngineError, match=r"no whole answer within 1 s"):
            engine.run([IMAGE])
        assert time.monotonic() - start < 3.0
        served.drip_s = None
        assert len(engine.run([IMAGE])) == 2
        engine.close()


@pytest.mark.parametrize("protocol", list(SERVERS))
def test_nobody_there(protocol: str) -> None:
    with (
        no_server() as port,
        pytest.raises(
            EngineError,
            match=rf"engine.url: 127.0.0.1:{port}: connection refused \(start the server",
        ),
    ):
        open_engine(entry(f"127.0.0.1:{port}", protocol=protocol), site())


@pytest.mark.parametrize("protocol", list(SERVERS))
def test_unknown_host(protocol: str) -> None:
    with pytest.raises(EngineError, match="no connection: "):
        open_engine(entry("no-such-host.invalid:8000", protocol=protocol, timeout_s=3.0), site())


@pytest.mark.parametrize("protocol", list(SERVERS))
def test_server_that_went_away(protocol: str, served: Served) -> None:
    with SERVERS[protocol](served) as url:
        engine = open_engine(entry(url, protocol=protocol, timeout_s=2.0), site())
        engine.run([IMAGE])
    if protocol == "http":
        served.raw = b""
    with pytest.raises(EngineError, match=r"p.yaml:7: engine.url: 127.0.0.1:"):
        engine.run([IMAGE])
    engine.close()


GARBAGE = {
    "hangs up": b"",
    "no json": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
    "no outputs": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "not http": b"220 mail.example ESMTP\r\n",
    "html error": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_over_http_is_one_error(name: str, served: Served) -> None:
    with http_server(served) as url:
        engine = open_engine(entry(url, timeout_s=3.0), site())
        served.raw = GARBAGE[name]
        with pytest.raises(EngineError, match=r"p.yaml:7: engine.\w+: 127") as caught:
            engine.run([IMAGE])
        assert caught.value.hint
        assert len(served.headers) == 1, "an inference is never repeated"
        engine.close()


@pytest.mark.parametrize("protocol", list(SERVERS))
def test_the_other_transports_port(protocol: str, served: Served) -> None:
    other = "grpc" if protocol == "http" else "http"
    with SERVERS[other](served) as url, pytest.raises(EngineError, match=r"p.yaml:7: engine\."):
        open_engine(entry(url, protocol=protocol, timeout_s=2.0), site())


@pytest.mark.parametrize("protocol", list(SERVERS))
def test_tls_to_a_plain_server(protocol: str, served: Served) -> None:
    with SERVERS[protocol](served) as url, pytest.raises(EngineError, match="no connection"):
        open_engine(entry(url, protocol=protocol, tls=True, timeout_s=2.0), site())


def test_untrusted_certificate(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    with detector_server(context) as (url, _), pytest.raises(EngineError, match="certificate"):
        open_engine(entry(url.removeprefix("https://"), tls=True), site())
