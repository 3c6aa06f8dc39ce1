import pytest

from vbench.report import numbers
from vbench.report.language.languages import strings_for
from vbench.report.language.strings import speaking


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.87449, "ratio", "0.874"),
        (1234.0, "count", "1,234"),
        (9.1234, "ms", "9.12"),
        (48.26, "ms", "48.3"),
        (1234.5, "ms", "1,234"),
        (0.01284, "s", "0.013"),
        (6.5, "s", "6.50"),
        (55.55, "1/camera-hour", "55.5"),
        (14400.4, "1/camera-hour", "14,400"),
        (-0.0001, "ratio", "0.000"),
        (-0.25, "ratio", "−0.250"),
    ],
)
def test_numbers_are_rounded_by_unit(value: float, unit: str, text: str) -> None:
    assert numbers.number_text(value, unit) == text


def test_a_value_is_never_rounded_onto_its_limit() -> None:
    assert numbers.text_beside(0.7996, 0.8, "ratio") == "0.7996"
    assert numbers.text_beside(0.79999, 0.8, "ratio") == "0.79999"
    assert numbers.text_beside(0.8, 0.8, "ratio") == "0.800"
    assert numbers.text_beside(0.612, 0.8, "ratio") == "0.612"


def test_change_knows_which_direction_is_better() -> None:
    up = numbers.change(0.812, 0.8, "ratio", "higher")
    assert (up.text, up.word, up.arrow) == ("+0.012", "better", "▲")
    more_alarms = numbers.change(12.0, 10.0, "1/camera-hour", "lower")
    assert (more_alarms.text, more_alarms.word) == ("+2.0", "worse")
    assert numbers.change(3.0, 4.0, "count", "neither").word == "changed"
    assert numbers.change(0.5, 0.5, "ratio", "higher").word == "same"


def test_a_small_change_is_not_shown_as_zero() -> None:
    assert numbers.change(0.80004, 0.8, "ratio", "higher").text == "+0.00004"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.001, "under 1 %"), (0.5, "50 %"), (0.999, "over 99 %"), (1.0, "100 %")],
)
def test_percent_keeps_nothing_and_everything_apart(share: float, text: str) -> None:
    assert numbers.percent_text(share) == text


def test_times() -> None:
    assert numbers.duration_text(8.44) == "8.4 s"
    assert numbers.duration_text(60) == "1 min"
    assert numbers.duration_text(725) == "12 min 5 s"
    assert numbers.duration_text(12000) == "3 h 20 min"
    assert numbers.clock_text(4.24) == "0:04.2"
    assert numbers.clock_text(59.96) == "1:00.0"
    assert numbers.clock_text(3729) == "1:02:09.0"


def test_limits_are_shown_as_written() -> None:
    assert numbers.limit_text(0.8, "ratio") == "0.8"
    assert numbers.limit_text(40, "ms") == "40 ms"
    assert numbers.limit_text(9000, "1/camera-hour") == "9,000"
    assert numbers.limit_text(-0.5, "ratio") == "−0.5"


def test_numbers_in_another_language() -> None:
    with speaking(strings_for("de")):
        assert numbers.number_text(1234.5, "1/camera-hour") == "1.234"
        assert numbers.number_with_unit(9.126, "ms") == "9,13 ms"
        assert numbers.number_with_unit(25.25, "frames/s") == "25,2 Bilder/s"
        assert numbers.text_beside(0.7996, 0.8, "ratio") == "0,7996"
        assert numbers.limit_text(-1234.5, "") == "−1.234,5"
        assert numbers.count_text(1234567) == "1.234.567"
        assert numbers.short_number(99.5) == "99,5"
        assert [numbers.percent_text(share) for share in (0.001, 0.5, 0.999)] == [
            "unter 1 %",
            "50 %",
            "über 99 %",
        ]
        assert numbers.duration_text(8.4) == "8,4 s"
        assert numbers.duration_text(3 * 3600 + 20 * 60) == "3 h 20 min"
        assert numbers.clock_text(64.2) == "1:04,2"
        assert numbers.range_text(0.5, 1, "ratio") == "0,500 bis 1,000"
        moved = numbers.change(1500.0, 1000.0, "count", "lower")
        assert (moved.text, moved.word, moved.said) == ("+500", "worse", "schlechter")
