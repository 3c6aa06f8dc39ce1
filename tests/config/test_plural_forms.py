"""Plural forms, checked against samples of the Unicode CLDR."""

from __future__ import annotations

import pytest

from vbench.config.plural_forms import plural_form, plural_forms

SAMPLES = {
    "de": {"one": [1], "other": [0, 2, 10, 101]},
    "en": {"one": [1], "other": [0, 2, 11, 21]},
    "fr": {"one": [0, 1], "other": [2, 10, 100]},
    "pt-BR": {"one": [0, 1], "other": [2, 17]},
    "ja": {"other": [0, 1, 2, 100]},
    "cs": {"one": [1], "few": [2, 4], "other": [0, 5, 22]},
    "pl": {"one": [1], "few": [2, 4, 22, 104], "many": [0, 5, 12, 21, 101, 112]},
    "ru": {"one": [1, 21, 101], "few": [2, 24, 103], "many": [0, 5, 11, 12, 14, 20, 111]},
    "hr": {"one": [1, 21], "few": [3, 23], "other": [0, 5, 12]},
    "is": {"one": [1, 21, 101], "other": [0, 11, 111]},
    "lt": {"one": [1, 21], "few": [2, 9, 22], "other": [0, 10, 11, 19, 111]},
    "lv": {"zero": [0, 10, 11, 30], "one": [1, 21], "other": [2, 9, 22]},
    "ro": {"one": [1], "few": [0, 2, 19, 101, 119], "other": [20, 35, 100]},
    "sl": {"one": [1, 101], "two": [2, 102], "few": [3, 4, 104], "other": [0, 5, 100]},
    "he": {"one": [1], "two": [2], "other": [0, 3, 20]},
    "ar": {
        "zero": [0],
        "one": [1],
        "two": [2],
        "few": [3, 10, 103],
        "many": [11, 99, 111],
        "other": [100, 101, 102, 200],
    },
    "ga": {"one": [1], "two": [2], "few": [3, 6], "many": [7, 10], "other": [0, 11, 21]},
}


@pytest.mark.parametrize("language", SAMPLES)
def test_numbers_take_the_form_of_the_language(language: str) -> None:
    for form, numbers in SAMPLES[language].items():
        assert {n: plural_form(language, n) for n in numbers} == dict.fromkeys(numbers, form)


@pytest.mark.parametrize("language", SAMPLES)
def test_a_language_has_exactly_its_forms(language: str) -> None:
    assert set(plural_forms(language)) == set(SAMPLES[language])


def test_the_region_does_not_matter() -> None:
    assert plural_form("PL-pl", 5) == plural_form("pl", 5) == "many"


def test_an_unknown_language_tells_one_from_the_rest() -> None:
    assert plural_forms("xx") == ("one", "other")
