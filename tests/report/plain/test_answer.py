import pytest

from vbench.report.plain.answer import Answer, condition_words, every_text, of_100
from vbench.types import Slice


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.874, "87 of 100"),
        (0.001, "Fewer than 1 of 100"),
        (0.9999, "Over 99 of 100"),
        (0.0, "0 of 100"),
        (1.0, "100 of 100"),
    ],
)
def test_shares_of_100(share: float, text: str) -> None:
    assert of_100(share) == text


@pytest.mark.parametrize(
    ("per_hour", "text"),
    [
        (36000, "about 10 times a second"),
        (3600, "about every second"),
        (120, "about every 30 seconds"),
        (30, "about every 2 minutes"),
        (0.5, "about every 2 hours"),
        (0.01, "about every 4 days"),
    ],
)
def test_rates_are_said_as_people_say_them(per_hour: float, text: str) -> None:
    assert every_text(per_hour) == text


@pytest.mark.parametrize(
    ("slice_", "text"),
    [
        ((("daypart", "night"), ("weather", "rain")), "at night in rain"),
        ((("size", "small"),), "among small objects"),
        ((("store", "12"),), "where store is 12"),
        ((("store", "12"), ("daypart", "night")), "at night where store is 12"),
        ((("occluded", "true"), ("lit", "false")), "where it is occluded and it is not lit"),
    ],
)
def test_conditions_in_words(slice_: Slice, text: str) -> None:
    assert condition_words(slice_) == text


def test_an_answer_reads_as_one_sentence() -> None:
    assert Answer("82 of 100", "objects.").sentence == "82 of 100 objects."
    assert Answer("", "Not known.").sentence == "Not known."
