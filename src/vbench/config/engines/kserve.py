"""``engine: {type: kserve, ...}``."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from vbench.config.engines.headers import Headers
from vbench.config.engines.shared import Seconds, Takes, check_host
from vbench.config.model_file import FileModel

_ADDRESS = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+):[0-9]{1,5}"
    r"(?P<path>/[\x21\x22\x24-\x3e\x40-\x7e]*)?"
)


def _check_address(url: str) -> str:
    """Refuse what is no address; it is not shown, since it may hold a password."""
    match = _ADDRESS.fullmatch(url)
    if match is None:
        raise ValueError("must be host:port, without a scheme (`tls: true` stands for https)")
    check_host(match["host"])
    return url


HostAndPort: TypeAlias = Annotated[str, AfterValidator(_check_address)]


class KserveEntry(FileModel):
    """A model on a server of the KServe v2 protocol, such as Triton."""

    takes: ClassVar[Takes] = "tensors"
    repeatable: ClassVar[bool] = False

    type: Literal["kserve"]
    url: HostAndPort
    """``host:port``; with `protocol: http`, a path may follow that all requests start with."""
    protocol: Literal["http", "grpc"] = "http"
    tls: bool = False
    headers: Headers = Field(default_factory=dict)
    model: str = Field(min_length=1)
    version: str = ""
    """Empty: the server's own choice."""
    timeout_s: Seconds = 10.0

    @model_validator(mode="after")
    def _no_path_in_grpc(self) -> KserveEntry:
        if self.protocol == "grpc" and "/" in self.url:
            raise ValueError("with `protocol: grpc`, `url` is host:port, without a path")
        return self
