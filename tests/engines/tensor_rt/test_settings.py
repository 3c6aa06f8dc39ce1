from __future__ import annotations

from pathlib import Path

import pydantic
import pytest

from tests.engines.tensor_rt.sites import entry
from vbench.engines.tensor_rt.settings import (
    BuildSettings,
    InputRange,
    build_settings,
    parse_input_range,
)
from vbench.errors import InputError

RANGE = InputRange("images", (1, 3, 4, 4), (2, 3, 4, 4), (4, 3, 4, 4))


def test_defaults_are_those_of_the_entry() -> None:
    assert build_settings(entry(model="m.onnx"), Path()) == BuildSettings()


def test_settings_of_an_entry() -> None:
    profile = {
        "images": {"min": [1, 3, 4, 4], "opt": [2, 3, 4, 4], "max": [4, 3, 4, 4]},
        "a": [1, 2],
    }
    settings = build_settings(
        entry(model="m.onnx", profile=profile, plugins=["p.so"], workspace_mib=9), Path("f")
    )
    assert settings.profile == (InputRange("a", (1, 2), (1, 2), (1, 2)), RANGE)
    assert settings.plugins == (Path("f/p.so"),)
    assert settings.workspace_mib == 9


@pytest.mark.parametrize("text", [RANGE.text(), "a=1x2"])
def test_a_range_reads_what_it_writes(text: str) -> None:
    assert parse_input_range(text).text() in (text, f"{text}:1x2:1x2")


@pytest.mark.parametrize(
    "text",
    ["", "images", "=1x2", "a=", "a=1x", "a=0x2", "a=1x2:1x2", "a=2:1:3", "a=1:1x2:3", "a=-1"],
)
def test_ranges_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="is not understood"):
        parse_input_range(text)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "either `plan` or `model`"),
        ({"plan": "a", "model": "b", "sha256": "0" * 64}, "either `plan` or `model`"),
        ({"plan": "a"}, "`plan` needs `sha256`"),
        ({"plan": "a", "sha256": "0" * 64, "tf32": True}, "`tf32` says how to build"),
        ({"model": "a", "profile": {"x": {"min": [2], "opt": [1], "max": [3]}}}, "min <= opt"),
        ({"model": "a", "profile": {"x": {"min": [2], "opt": [2, 2], "max": [3]}}}, "equally many"),
        ({"model": "a", "profile": {"x": [0]}}, "greater than or equal to 1"),
    ],
)
def test_entries_that_are_wrong(more: dict[str, object], message: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=message):
        entry(**more)
