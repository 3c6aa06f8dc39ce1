"""The PDF in another language, read as a reader does."""

from __future__ import annotations

import ctypes
import re
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pypdfium2.raw as raw
import pytest

from tests.report.made_plan import decided_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.report.language.languages import strings_for
from vbench.report.language.strings import Strings, spoken
from vbench.report.printed.pdf import pdf_library_problem, write_pdf
from vbench.report.web.html import render_html
from vbench.types import MachineLoad

pytestmark = pytest.mark.skipif(
    pdf_library_problem() is not None, reason=f"no PDF on this machine: {pdf_library_problem()}"
)


@pytest.fixture(scope="module")
def german_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = replace(decided_plan(), load=MachineLoad(0.34, ("chromium",)))
    folder = make_run(tmp_path_factory.mktemp("german") / "run", plan)
    return write_pdf(folder, strings=strings_for("de"))


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [document[k].get_textpage().get_text_range() for k in range(len(document))]
        return " ".join(" ".join(pages).split())
    finally:
        document.close()


def language_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        size = raw.FPDFCatalog_GetLanguage(document, None, 0)
        buffer = ctypes.create_string_buffer(size)
        pointer = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
        raw.FPDFCatalog_GetLanguage(document, pointer, size)
        return buffer.raw.decode("utf-16-le").rstrip("\0")
    finally:
        document.close()


def test_every_part_of_it_is_german(german_path: Path) -> None:
    text = text_of(german_path)
    for expected in (
        "Benchmark-Bericht",
        "Verfehlt",
        "ABGELEHNT",
        "Offen",
        "Was tun?",
        "Wie oft Fehlalarm?",
        "82 von 100 Objekten.",
        "Zu 95 % sicher findet sie mindestens 79 von 100 Objekten der Klasse person.",
        "Was nicht geprüft wurde",
        "truck: nie in den Aufnahmen zu sehen",
        "Unterschrift",
        "Seite 1 von",
        "Recall für person",
        "Recall bei daypart",
        "Was nicht erfüllt ist, und warum",
        "71 % der übersehenen Objekte sind klein (unter 32 px Seitenlänge).",
        "Etwa das 3,4-Fache an Aufnahmen würde entscheiden, also 6 min mehr Aufnahmen.",
        "andere Prozesse (chromium) nutzten derweil 34 % des Rechners",
        "1000 Ziehungen, Startwert 0, Intervalle zu 95 %",
        "Fehlalarme je Kamerastunde",
        "Bilder/s",
        "Score >= 0,3, IoU >= 0,5",
        "20.11.2026, 18:04 UTC",
        "Der Anteil alles Vorhandenen, der gefunden wurde.",
    ):
        assert expected in text, expected


def test_no_english_is_left(german_path: Path) -> None:
    words = text_of(german_path).split()
    english = {"the", "and", "with", "found", "missed", "frames", "gates", "truth", "page", "why"}
    assert english & {word.strip(".,:;()?").lower() for word in words} == {"truth"}, words
    # Of the truth only the technical term.
    text = re.sub(r"Ground\W*Truth|no truth boxes of truck", "", " ".join(words))
    assert "truth" not in text.lower()


def test_the_file_says_its_language(german_path: Path) -> None:
    assert language_of(german_path) == "de"


def test_it_is_still_short(german_path: Path) -> None:
    document = pypdfium2.PdfDocument(german_path)
    try:
        assert len(document) <= 12
        assert document.get_metadata_value("Title") == "dock-release: abgelehnt"
    finally:
        document.close()


def test_a_language_from_right_to_left(decided_folder: RunFolder, tmp_path: Path) -> None:
    del tmp_path
    strings = Strings(language="he", direction="rtl", texts={"Gates": "כללים"})
    path = write_pdf(decided_folder, strings=strings)
    assert language_of(path) == "he"
    # What has no translation stays English.
    assert "What was not tested" in text_of(path)


def test_other_reports_stay_english(decided_folder: RunFolder, decided_html: str) -> None:
    write_pdf(decided_folder, strings=strings_for("de"))
    assert spoken().language == "en"
    assert render_html(decided_folder) == decided_html
