from __future__ import annotations

import ctypes

import pytest

from vbench.bench.memory import give_back_memory


def test_memory_can_be_given_back_at_any_time() -> None:
    give_back_memory()
    give_back_memory()


def test_a_system_that_cannot_be_asked_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: object) -> object:
        raise OSError(f"no {name}")

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    give_back_memory()
