"""Texts of a report in the language of its reader.

The English text is the key: ``say("It found {share} objects.", share="87 of 100")`` looks the text
up among those of the current language and puts the values in; where there is no entry, or no
language was set, it stays English. Only the making of a PDF sets a language (`speaking`): the HTML
report, the console, Markdown, JUnit and JSON are English.

A text that is put together of parts translates badly: give `say` whole sentences, and only names,
numbers and phrases that stand alone as values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup, escape

from vbench.config.plural_forms import PluralForm, plural_form


@dataclass(frozen=True, slots=True)
class Strings:
    """One language, by default English as it is written in the code.

    `vbench.report.language.languages.strings_for` reads that of a strings file.
    """

    language: str = "en"
    """A tag as HTML and PDF want it (BCP 47): ``de``, ``pt-BR``."""
    direction: Literal["ltr", "rtl"] = "ltr"
    decimal: str = "."
    thousands: str = ","
    """Between groups of three digits; may be empty."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """English text -> translation, with the same placeholders."""
    plurals: Mapping[str, Mapping[PluralForm, str]] = field(default_factory=dict)
    """English plural -> every form of the language (``one``, ``few``, ...) -> translation."""
    missing: tuple[str, ...] = ()
    """English texts that have no translation."""

    def number(self, text: str) -> str:
        """A number written in English, ``1,234.5``, with the separators of this language."""
        separators = {ord("."): self.decimal, ord(","): self.thousands}
        return text.translate(separators)

    def text(self, text: str) -> str:
        """The translation of a text, else itself; placeholders are as they were."""
        return self.texts.get(text, text)

    def form(self, n: int, one: str, other: str) -> str:
        """The translation that fits a number; placeholders are as they were."""
        forms = self.plurals.get(other)
        if forms is None:
            return one if n == 1 else other
        return forms[plural_form(self.language, n)]


ENGLISH = Strings()

_current: ContextVar[Strings] = ContextVar("strings", default=ENGLISH)


@contextmanager
def speaking(strings: Strings) -> Iterator[None]:
    """Within the block, every `say` of this thread is in the given language."""
    token = _current.set(strings)
    try:
        yield
    finally:
        _current.reset(token)


def spoken() -> Strings:
    """The language of the moment."""
    return _current.get()


def say(text: str, /, **values: str | int) -> str:
    """A text in the current language, ``{name}`` replaced by the value of that name.

    Whole numbers get thousands separators; give them as text where they shall have none.
    """
    strings = _current.get()
    return strings.text(text).format(**_shown(strings, values))


def say_n(n: int, one: str, other: str, /, **values: str | int) -> str:
    """The form of a text that fits a number, which is ``{n}`` in it.

    ``say_n(n, "{n} gate", "{n} gates")``; the English plural is the key of all forms.
    """
    strings = _current.get()
    return strings.form(n, one, other).format(**_shown(strings, {"n": n, **values}))


def t(text: str, /, **values: str | int) -> Markup:
    """`say` for templates: text and values are escaped, values that are markup are kept."""
    strings = _current.get()
    return Markup(escape(strings.text(text))).format(**_shown(strings, values))


def tn(n: int, one: str, other: str, /, **values: str | int) -> Markup:
    """`say_n` for templates, escaped as by `t`."""
    strings = _current.get()
    form = Markup(escape(strings.form(n, one, other)))
    return form.format(**_shown(strings, {"n": n, **values}))


def noted(text: str, /) -> str:
    """The text itself: marks one of a table, which is given to `say` where it is shown."""
    return text


def _shown(strings: Strings, values: Mapping[str, str | int]) -> dict[str, str]:
    return {
        name: strings.number(f"{value:,}") if isinstance(value, int) else value
        for name, value in values.items()
    }
