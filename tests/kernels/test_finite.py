"""Whether all is finite, against numpy's own answer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.finite import all_finite

FLOATS = [np.float16, np.float32, np.float64]


@settings(deadline=None)
@given(
    dtype=st.sampled_from(FLOATS),
    values=st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40),
)
def test_equals_its_twin(dtype: npt.DTypeLike, values: list[float]) -> None:
    with np.errstate(over="ignore"):
        array = np.array(values, np.float64).astype(dtype)
    assert all_finite(array) == all(np.isfinite(value) for value in array)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf, -np.inf])
def test_one_of_many_is_noticed_wherever_it_is(dtype: type[np.floating], bad: float) -> None:
    for place in (0, 1, 31, 500, 999):
        array = np.full((10, 100), np.finfo(dtype).max, dtype)
        assert all_finite(array)
        array.flat[place] = bad
        assert not all_finite(array)


@pytest.mark.parametrize("dtype", FLOATS)
def test_smallest_numbers_are_finite(dtype: type[np.floating]) -> None:
    smallest = np.finfo(dtype).smallest_subnormal
    assert all_finite(np.array([smallest, -smallest, 0.0, -0.0], dtype))


@pytest.mark.parametrize("dtype", [np.float32, ">f4", ">f8", np.longdouble])
def test_views_and_other_floats(dtype: npt.DTypeLike) -> None:
    array = np.zeros((6, 8), dtype)
    array[:, 1::2] = np.nan
    assert all_finite(array[:, ::2])
    assert not all_finite(array[:, ::-1])
    assert not all_finite(array.T)


def test_no_number_and_one_number() -> None:
    assert all_finite(np.zeros((0, 4), np.float32))
    assert all_finite(np.array(1.0))
    assert not all_finite(np.array(np.nan))


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.bool_])
def test_whole_numbers_are_finite(dtype: npt.DTypeLike) -> None:
    assert all_finite(np.ones(3, dtype))


def test_nothing_large_is_allocated() -> None:
    import tracemalloc

    array = np.zeros((84, 8400), np.float32)
    all_finite(array)
    tracemalloc.start()
    all_finite(array)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 10_000
