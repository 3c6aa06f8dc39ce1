from __future__ import annotations

import pytest

from vbench.engines.printable import printable


@pytest.mark.parametrize("text", ["", "dock 3: 5 €", "Gabelstapler für", "フォーク　リフト", "🚜"])
def test_words_of_any_language_stay(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("letter", ["\n", "\t", "\x1b", "\x00", "\x7f", "\x9b", "\ud800", "\u2028"])
def test_what_breaks_a_line_or_a_file_is_replaced(letter: str) -> None:
    assert printable(f"a{letter}b") == "a?b"
