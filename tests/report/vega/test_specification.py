import math

import pytest

from vbench.report.vega.specification import label_room_px, number, static_form


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.123456789, 0.12346), (1234567.0, 1234600.0), (3.0, 3.0), (0.0, 0.0), (-0.5, -0.5)],
)
def test_numbers_have_as_many_digits_as_a_drawing_needs(value: float, shown: float) -> None:
    assert number(value) == shown


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_say_is_null(value: float) -> None:
    assert number(value) is None


def test_room_for_labels_has_an_end() -> None:
    assert label_room_px(["ab"]) < label_room_px(["detect.preprocess"])
    assert label_room_px(["x" * 300]) == label_room_px(["x" * 3000]) == 180
    assert label_room_px([]) == 10


def test_what_has_no_layers_is_drawn_as_it_is() -> None:
    assert static_form({"mark": "bar"}) == {"mark": "bar"}
