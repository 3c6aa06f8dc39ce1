from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.engines.tensor_rt.plan import PlanHeader, plan_header
from vbench.errors import EngineError

HEADER = b"ftrt" + bytes(4) + bytes(16) + bytes([11, 4, 0, 106])
FILE = Path("m.plan")


def prefixed(metadata: bytes) -> bytes:
    return len(metadata).to_bytes(4, "little") + metadata + HEADER


def test_version() -> None:
    assert plan_header(HEADER + b"more", FILE) == PlanHeader("11.4.0.106", 0, 0)


def test_a_header_of_another_form_has_no_version() -> None:
    data = b"ftrt" + (1).to_bytes(4, "little") + HEADER[8:]
    assert plan_header(data, FILE) == PlanHeader(None, 1, 0)


def test_metadata_before_it_is_skipped() -> None:
    assert plan_header(prefixed(b'{"a": 1}'), FILE) == PlanHeader("11.4.0.106", 0, 12)


@pytest.mark.parametrize("metadata", [b"{", b"\xff\xff", b" " * (2 << 20)])
def test_what_is_no_metadata_is_not_skipped(metadata: bytes) -> None:
    with pytest.raises(EngineError, match="is no TensorRT engine"):
        plan_header(prefixed(metadata), FILE)


@pytest.mark.parametrize("n_bytes", range(4, len(HEADER)))
def test_cut_short(n_bytes: int) -> None:
    with pytest.raises(EngineError, match="is cut short"):
        plan_header(HEADER[:n_bytes], FILE)


@given(st.binary(max_size=64))
def test_any_bytes_have_a_header_or_an_error(data: bytes) -> None:
    for content in (data, HEADER[:8] + data):
        with contextlib.suppress(EngineError):
            header = plan_header(content, FILE)
            assert content[header.n_metadata_bytes :].startswith(b"ftrt")
