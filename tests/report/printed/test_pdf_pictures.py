"""The PDF as it is seen: its first page as a picture, and words on every page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from vbench.record.folder import RunFolder
from vbench.report.printed.pdf import pdf_library_problem, write_pdf
from vbench.types import F64, U8

pytestmark = pytest.mark.skipif(
    pdf_library_problem() is not None, reason=f"no PDF on this machine: {pdf_library_problem()}"
)

TONES = {"PASS": (0x17, 0x72, 0x4B), "FAIL": (0xA8, 0x32, 0x1A)}
SCALE = 2.0
"""Pixels of a point."""


@pytest.fixture(scope="module")
def document(demo_folder: RunFolder) -> Path:
    return write_pdf(demo_folder)


@pytest.fixture(scope="module")
def first_page(document: Path) -> U8:
    """Height x width x red, green, blue."""
    opened = pypdfium2.PdfDocument(document)
    try:
        image = opened[0].render(scale=SCALE, rev_byteorder=True).to_numpy()
        return np.array(image[:, :, :3], np.uint8)
    finally:
        opened.close()


def places(document: Path, word: str) -> list[F64]:
    """Where a word stands on the first page: left, top, right, bottom in pixels of its picture."""
    opened = pypdfium2.PdfDocument(document)
    try:
        page = opened[0]
        height = page.get_height()
        text = page.get_textpage()
        search = text.search(word, match_case=True, match_whole_word=True)
        found = []
        while (hit := search.get_next()) is not None:
            letters = np.array([text.get_charbox(hit[0] + k) for k in range(hit[1])])
            left, right = letters[:, 0].min(), letters[:, 2].max()
            top, bottom = height - letters[:, 3].max(), height - letters[:, 1].min()
            found.append(np.array([left, top, right, bottom]) * SCALE)
        return found
    finally:
        opened.close()


def share_of(tone: tuple[int, int, int], image: U8) -> float:
    """Share of the pixels that have this colour, almost."""
    off = np.abs(image.astype(np.int16) - np.array(tone, np.int16)).max(axis=2)
    return float((off <= 16).mean())


@pytest.mark.parametrize("word", TONES)
def test_a_verdict_is_seen_in_its_colour(document: Path, first_page: U8, word: str) -> None:
    found = places(document, word)
    assert found
    (other,) = TONES.keys() - {word}
    shares = []
    for place in found:
        left, top, right, bottom = place.round().astype(int)
        around = first_page[top - 4 : bottom + 4, left - 4 : right + 4]
        shares.append((share_of(TONES[word], around), share_of(TONES[other], around)))
    assert max(own for own, _ in shares) > 0.1
    assert max(wrong for _, wrong in shares) == 0


def test_the_first_page_is_full_of_ink_but_not_of_one_colour(first_page: U8) -> None:
    paper = share_of((255, 255, 255), first_page)
    assert 0.3 < paper < 0.95
    # The picture of a miss has many colours.
    assert len(np.unique(first_page.reshape(-1, 3) // 32, axis=0)) > 50


def test_every_page_has_words(document: Path) -> None:
    opened = pypdfium2.PdfDocument(document)
    try:
        for number in range(len(opened)):
            text = " ".join(opened[number].get_textpage().get_text_range().split())
            assert f"page {number + 1} of {len(opened)}" in text
            assert len(text) > 300, number
    finally:
        opened.close()
