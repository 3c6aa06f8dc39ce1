from __future__ import annotations

import pytest
from pydantic import ValidationError

from vbench.config.engines.kserve import KserveEntry


def entry(**keys: object) -> KserveEntry:
    return KserveEntry.model_validate({"type": "kserve", "url": "h:8000", "model": "m", **keys})


@pytest.mark.parametrize("url", ["localhost:8000", "[::1]:8000", "host:8000/base/path"])
def test_addresses(url: str) -> None:
    assert entry(url=url).url == url


@pytest.mark.parametrize("url", ["http://host:8000", "host", "host:", "a:b@host:1", "host:1/?q=1"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValidationError, match="host:port, without a scheme"):
        entry(url=url)


def test_grpc_has_no_path() -> None:
    with pytest.raises(ValidationError, match="without a path"):
        entry(url="host:8001/base", protocol="grpc")


def test_secrets_are_not_shown() -> None:
    assert "s3cr3t" not in repr(entry(headers={"A": "s3cr3t"}))
