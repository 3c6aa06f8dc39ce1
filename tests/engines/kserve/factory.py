"""The kserve engine for the contract test, over both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines.kserve.server import Served, grpc_server, http_server
from tests.engines.onnx_models import write_convolution_model
from vbench.config.engines.kserve import KserveEntry
from vbench.engines.kserve.engine import open_engine
from vbench.engines.protocol import EngineSite, TensorEngine


@contextmanager
def kserve_engine_factory(
    folder: Path, protocol: str = "http"
) -> Iterator[Callable[[], TensorEngine]]:
    """Opens engines on one server."""
    served = Served({"convolution": write_convolution_model(folder / "m.onnx")})
    start = http_server if protocol == "http" else grpc_server
    with start(served) as url:
        entry = KserveEntry.model_validate(
            {"type": "kserve", "url": url, "protocol": protocol, "model": "convolution"}
        )
        site = EngineSite(folder, "pipeline.yaml: engine.{}".format, "detect", ("person",))
        yield lambda: open_engine(entry, site)


@contextmanager
def kserve_grpc_engine_factory(folder: Path) -> Iterator[Callable[[], TensorEngine]]:
    """The same over gRPC."""
    with kserve_engine_factory(folder, "grpc") as opened:
        yield opened
