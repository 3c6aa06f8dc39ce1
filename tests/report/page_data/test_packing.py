import base64
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.page_data.unpacking import unpacked
from vbench.report.page_data.packing import packed


@given(st.lists(st.integers(-(2**31), 2**31 - 1)))
def test_numbers_come_back(values: list[int]) -> None:
    made = packed(np.array(values, np.int64))
    assert made["n"] == len(values)
    assert unpacked(made).tolist() == values


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([0, 255], "u1"),
        ([0, 256], "u2"),
        ([0, 65_535], "u2"),
        ([-1, 255], "i2"),
        ([-32_768, 32_767], "i2"),
        ([-1, 65_535], "i4"),
        ([0, 65_536], "i4"),
        ([], "u1"),
    ],
)
def test_as_few_bytes_as_hold_the_largest(values: list[int], name: str) -> None:
    assert packed(np.array(values, np.int64))["t"] == name


def test_low_bytes_come_first() -> None:
    made = packed(np.array([[0x0102, 0x0304]]))
    assert zlib.decompress(base64.b64decode(made["z"])) == bytes([2, 4, 1, 3])


def test_too_large_is_said() -> None:
    with pytest.raises(ValueError, match="4294967296 does not fit"):
        packed(np.array([2**32]))
    with pytest.raises(ValueError, match="-4294967296 does not fit"):
        packed(np.array([-(2**32)]))


def test_the_same_values_give_the_same_text() -> None:
    values = np.arange(1000) % 7
    assert packed(values) == packed(values.copy())
