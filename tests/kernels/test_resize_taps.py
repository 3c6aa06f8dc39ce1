from __future__ import annotations

import numpy as np
import pytest

from vbench.kernels.resize_taps import resampling, unresized


def test_unresized_takes_every_pixel() -> None:
    found = unresized((3, 2))
    assert (found.how, found.source_size, found.size) == ("copied", (3, 2), (3, 2))
    assert found.rows.places[0].tolist() == [0, 1]
    assert found.columns.places[0].tolist() == [0, 1, 2]


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "area", "cubic"])
def test_the_same_size_is_not_resized(interpolation: str) -> None:
    found = resampling(interpolation, (5, 4), (5, 4))
    assert found is not None
    assert found.how == "copied"


@pytest.mark.parametrize(
    ("interpolation", "source_size", "size", "how"),
    [
        ("nearest", (9, 9), (4, 5), "picked"),
        ("nearest", (4, 4), (8, 8), "picked"),
        ("linear", (8, 6), (4, 3), "halved"),
        ("area", (8, 6), (4, 3), "halved"),
        # Of three, the centre is a pixel's own.
        ("linear", (9, 6), (3, 2), "picked"),
        ("linear", (9, 6), (3, 3), "weighted"),
        ("linear", (8, 6), (4, 6), "weighted"),
        ("linear", (4, 3), (8, 6), "weighted"),
        ("area", (9, 6), (3, 2), None),
        ("area", (8, 6), (4, 6), None),
        ("cubic", (8, 6), (4, 3), None),
    ],
)
def test_how(
    interpolation: str, source_size: tuple[int, int], size: tuple[int, int], how: str | None
) -> None:
    found = resampling(interpolation, source_size, size)
    assert (None if found is None else found.how) == how
    if found is not None:
        assert (found.source_size, found.size) == (source_size, size)


def test_nearest_takes_the_pixel_under_the_left_edge() -> None:
    found = resampling("nearest", (5, 2), (3, 4))
    assert found is not None
    # 0, 5/3, 10/3 and 0, 0.5, 1, 1.5.
    assert found.columns.places[0].tolist() == [0, 1, 3]
    assert found.rows.places[0].tolist() == [0, 0, 1, 1]


def test_linear_weights() -> None:
    found = resampling("linear", (2, 5), (4, 2))
    assert found is not None
    # Centres at -0.25, 0.25, 0.75, 1.25; beyond the outer ones a column is taken as it is.
    assert found.columns.places.tolist() == [[0, 0, 0, 1], [0, 1, 1, 1]]
    assert found.columns.weights.tolist() == [[2048, 1536, 512, 2048], [0, 512, 1536, 0]]
    # Centres at 0.75 and 3.25.
    assert found.rows.places.tolist() == [[0, 3], [1, 4]]
    assert found.rows.weights.tolist() == [[512, 1536], [1536, 512]]


def test_rows_beyond_the_outer_centres_are_weighed_with_themselves() -> None:
    found = resampling("linear", (4, 2), (4, 4))
    assert found is not None
    assert found.rows.places.tolist() == [[0, 0, 0, 1], [0, 1, 1, 1]]
    assert found.rows.weights.tolist() == [[512, 1536, 512, 1536], [1536, 512, 1536, 512]]


def test_weights_add_up() -> None:
    for n in range(1, 120):
        found = resampling("linear", (97, 97), (n, n + 1))
        assert found is not None
        for taps in (found.rows, found.columns):
            total = taps.weights.astype(np.int64).sum(axis=0)
            # Each is rounded on its own.
            assert np.abs(total - 2048).max() <= 1
            assert taps.places.max() < 97
