"""Texts in the language of the reader."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from vbench.report.language.strings import (
    ENGLISH,
    Strings,
    noted,
    say,
    say_n,
    speaking,
    spoken,
    t,
    tn,
)

GERMAN = Strings(
    language="de",
    decimal=",",
    thousands=".",
    texts={"It found {share} objects.": "{share} Objekte <gefunden>.", "Gates": "Regeln"},
    plurals={"{n} gates of {name}": {"one": "eine Regel von {name}", "other": "{n} von {name}"}},
)
ARABIC = Strings(
    language="ar",
    direction="rtl",
    plurals={
        "{n} gates": {
            "zero": "z",
            "one": "o",
            "two": "t",
            "few": "f{n}",
            "many": "m{n}",
            "other": "x{n}",
        }
    },
)


def test_english_is_the_key_itself() -> None:
    assert say("It found {share} objects.", share="87 of 100") == "It found 87 of 100 objects."
    assert say("Gates") == "Gates"
    assert spoken() is ENGLISH


def test_a_text_is_looked_up_within_the_block_only() -> None:
    with speaking(GERMAN):
        assert say("Gates") == "Regeln"
        assert spoken().language == "de"
        with speaking(ENGLISH):
            assert say("Gates") == "Gates"
        assert say("Gates") == "Regeln"
    assert say("Gates") == "Gates"


def test_the_language_ends_with_an_error_too() -> None:
    with pytest.raises(RuntimeError), speaking(GERMAN):
        raise RuntimeError
    assert spoken() is ENGLISH


def test_a_missing_text_stays_english() -> None:
    with speaking(GERMAN):
        assert say("Not there: {why}.", why="x") == "Not there: x."
        assert say_n(2, "{n} clip", "{n} clips") == "2 clips"


def test_whole_numbers_are_written_as_the_language_does() -> None:
    assert say("{n} of {what}", n=1234, what="1,234.5") == "1,234 of 1,234.5"
    with speaking(GERMAN):
        assert say("{n} of {what}", n=1234, what="1234") == "1.234 of 1234"
        assert spoken().number("-1,234.5") == "-1.234,5"


def test_plurals() -> None:
    assert say_n(1, "{n} gate of {name}", "{n} gates of {name}", name="a") == "1 gate of a"
    assert say_n(0, "{n} gate of {name}", "{n} gates of {name}", name="a") == "0 gates of a"
    with speaking(GERMAN):
        assert say_n(1, "{n} gate of {name}", "{n} gates of {name}", name="a") == "eine Regel von a"
        assert say_n(2000, "", "{n} gates of {name}", name="a") == "2.000 von a"
    with speaking(ARABIC):
        found = [say_n(n, "{n} gate", "{n} gates") for n in (0, 1, 2, 3, 11, 100)]
        assert found == ["z", "o", "t", "f3", "m11", "x100"]


def test_a_name_with_braces_is_only_a_name() -> None:
    assert say("It found {share} objects.", share="{share} {0}") == "It found {share} {0} objects."


def test_templates_get_escaped_texts() -> None:
    assert t("{a} & {b}", a="<b>", b=Markup("<i>x</i>")) == "&lt;b&gt; &amp; <i>x</i>"
    assert isinstance(t("Gates"), Markup)
    with speaking(GERMAN):
        assert t("It found {share} objects.", share=1234) == "1.234 Objekte &lt;gefunden&gt;."
        found = tn(1, "{n} gate of {name}", "{n} gates of {name}", name="<script>")
        assert found == "eine Regel von &lt;script&gt;"


def test_a_noted_text_is_unchanged() -> None:
    with speaking(GERMAN):
        assert noted("Gates") == "Gates"
