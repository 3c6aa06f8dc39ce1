from __future__ import annotations

import pytest
from pydantic import ValidationError

from vbench.config.decode_entry import DecodeEntry
from vbench.config.input_entry import InputEntry
from vbench.types.color_override import AS_TAGGED, ColorOverride


def entry(**more: object) -> InputEntry:
    return InputEntry.model_validate({"size": [64, 32], "color": "bgr"} | more)


@pytest.mark.parametrize("numbers", [640, [640, 480], [[640, 640]], [[[1.5], [2.0]]], []])
def test_extra_inputs(numbers: object) -> None:
    assert entry(extra={"orig_target_sizes": numbers}).extra == {"orig_target_sizes": numbers}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"extra": {"sizes": [[1, 2], [3]]}}, "extra sizes: the inner lists differ in length"),
        ({"extra": {"sizes": [1, [2]]}}, "valid"),
        ({"extra": {"sizes": ["640"]}}, "valid"),
        ({"extra": {"sizes": [True]}}, "valid"),
        ({"rectangular": 32, "resize": "stretch"}, "`rectangular` goes with `resize: letterbox`"),
        ({"rectangular": 24}, "no multiple of `rectangular: 24`"),
        ({"rectangular": 0}, "greater than or equal to 1"),
        ({"python": "prep"}, "match pattern"),
        ({"python": "prep:f", "scale": 0.5}, "`scale` is up to the function that `python` names"),
        ({"python": "prep:f", "pad": 114}, "`pad` is up to the function that `python` names"),
    ],
)
def test_refused(more: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        entry(**more)


def test_own_function_keeps_the_keys_that_place_the_picture() -> None:
    given = entry(python="my.prep:letterbox", resize="stretch", dtype="float16", layout="nhwc")
    assert given.python == "my.prep:letterbox"
    assert given.resize == "stretch"


def test_decode_entry() -> None:
    assert DecodeEntry().override == AS_TAGGED
    given = DecodeEntry.model_validate({"matrix": "bt601", "range": "full"})
    assert given.override == ColorOverride("bt601", "full")
    assert given.override.text() == "matrix bt601, range full"
    with pytest.raises(ValidationError):
        DecodeEntry.model_validate({"matrix": "bt.601"})
