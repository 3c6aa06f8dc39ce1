"""Which form of a word a language takes for a whole number.

The forms and their rules are those of the Unicode CLDR (cardinal numbers, integers only).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

PluralForm = Literal["zero", "one", "two", "few", "many", "other"]


def _always_other(_: int) -> PluralForm:
    return "other"


def _one(n: int) -> PluralForm:
    return "one" if n == 1 else "other"


def _up_to_one(n: int) -> PluralForm:
    return "one" if n <= 1 else "other"


def _czech(n: int) -> PluralForm:
    return "one" if n == 1 else "few" if 2 <= n <= 4 else "other"


def _ends_in_2_to_4(n: int) -> bool:
    return 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14


def _polish(n: int) -> PluralForm:
    return "one" if n == 1 else "few" if _ends_in_2_to_4(n) else "many"


def _ends_in_1(n: int) -> bool:
    return n % 10 == 1 and n % 100 != 11


def _russian(n: int) -> PluralForm:
    return "one" if _ends_in_1(n) else "few" if _ends_in_2_to_4(n) else "many"


def _serbian(n: int) -> PluralForm:
    return "one" if _ends_in_1(n) else "few" if _ends_in_2_to_4(n) else "other"


def _icelandic(n: int) -> PluralForm:
    return "one" if _ends_in_1(n) else "other"


def _lithuanian(n: int) -> PluralForm:
    if 11 <= n % 100 <= 19 or n % 10 == 0:
        return "other"
    return "one" if n % 10 == 1 else "few"


def _latvian(n: int) -> PluralForm:
    if n % 10 == 0 or 11 <= n % 100 <= 19:
        return "zero"
    return "one" if n % 10 == 1 else "other"


def _romanian(n: int) -> PluralForm:
    return "one" if n == 1 else "few" if n == 0 or 1 <= n % 100 <= 19 else "other"


def _slovenian(n: int) -> PluralForm:
    last = n % 100
    return "one" if last == 1 else "two" if last == 2 else "few" if last in (3, 4) else "other"


def _hebrew(n: int) -> PluralForm:
    return "one" if n == 1 else "two" if n == 2 else "other"


def _arabic(n: int) -> PluralForm:
    if n <= 2:
        return ("zero", "one", "two")[n]
    return "few" if 3 <= n % 100 <= 10 else "many" if n % 100 >= 11 else "other"


def _irish(n: int) -> PluralForm:
    if n in (1, 2):
        return "one" if n == 1 else "two"
    return "few" if 3 <= n <= 6 else "many" if 7 <= n <= 10 else "other"


_Rule = Callable[[int], PluralForm]

_RULES: Mapping[str, _Rule] = MappingProxyType(
    {
        **dict.fromkeys(("id", "ja", "ko", "lo", "ms", "my", "th", "vi", "zh"), _always_other),
        **dict.fromkeys(("bn", "fa", "fr", "gu", "hi", "hy", "kn", "pa", "pt", "zu"), _up_to_one),
        **dict.fromkeys(("cs", "sk"), _czech),
        **dict.fromkeys(("be", "ru", "uk"), _russian),
        **dict.fromkeys(("bs", "hr", "sr"), _serbian),
        **dict.fromkeys(("is", "mk"), _icelandic),
        "ar": _arabic,
        "ga": _irish,
        "he": _hebrew,
        "lt": _lithuanian,
        "lv": _latvian,
        "pl": _polish,
        "ro": _romanian,
        "sl": _slovenian,
    }
)
"""By language without its region; every other one tells 1 from the rest, as English does."""

_ENOUGH = 200
"""Every form of a language occurs among the numbers below."""


def plural_form(language: str, n: int) -> PluralForm:
    """The form for a number (0 or more) in a language by its tag, such as ``de`` or ``pt-BR``."""
    return _rule(language)(n)


def plural_forms(language: str) -> tuple[PluralForm, ...]:
    """Every form that a language has for whole numbers."""
    rule = _rule(language)
    used = {rule(n) for n in range(_ENOUGH)}
    return tuple(form for form in get_args(PluralForm) if form in used)


def _rule(language: str) -> _Rule:
    return _RULES.get(language.replace("_", "-").partition("-")[0].lower(), _one)
