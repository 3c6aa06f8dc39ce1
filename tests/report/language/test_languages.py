"""The languages that are shipped, and those of a user's file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest

from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan, decided_plan, demo_plan
from tests.report.made_run import make_run
from tests.report.string_keys import Keys, all_keys, catalogue_path, catalogue_text
from vbench.config.strings_file import placeholders, read_strings_file
from vbench.errors import ConfigError
from vbench.record.folder import RunFolder
from vbench.report.brand import NO_BRAND
from vbench.report.language.languages import missing_sentence, shipped_languages, strings_for
from vbench.report.language.strings import ENGLISH, Strings, speaking
from vbench.report.printed.print_page import read_print_page
from vbench.report.templates import render
from vbench.types import MachineLoad


@pytest.fixture(scope="module")
def keys() -> Keys:
    return all_keys()


def test_every_text_is_written_out_where_it_is_said(keys: Keys) -> None:
    assert keys.not_literal == []


def test_a_text_gets_the_values_that_it_names(keys: Keys) -> None:
    wrong = [
        (place, text)
        for place, text, names in keys.calls
        if names is not None and set(placeholders(text)) != names
    ]
    assert wrong == []


def test_both_forms_of_a_plural_name_the_same_values(keys: Keys) -> None:
    for other, one in keys.plurals.items():
        assert set(placeholders(one)) | {"n"} == set(placeholders(other)) | {"n"}, other


def test_the_catalogue_is_that_of_the_code(keys: Keys) -> None:
    """Run `python -m tests.report.string_keys` after a change of texts."""
    assert catalogue_path().read_text("utf-8") == catalogue_text(keys)


@pytest.mark.parametrize("language", shipped_languages())
def test_a_shipped_language_has_every_text_and_no_other(language: str) -> None:
    catalogue = read_strings_file(catalogue_path()).model
    file = read_strings_file(catalogue_path().with_name(f"{language}.yaml"), catalogue).model
    assert set(file.texts) == set(catalogue.texts)
    assert set(file.plurals) == set(catalogue.plurals)
    assert file.language == language
    assert missing_sentence(strings_for(language)) == ""


def test_english_needs_no_file() -> None:
    assert strings_for("en") is ENGLISH
    assert "de" in shipped_languages()


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "fr.yaml"
    path.write_text(
        "schema: vbench.strings/v1\n"
        "language: fr\n"
        'numbers: {decimal: ",", thousands: "\u202f"}\n'
        'texts: {"Gates": "Règles"}\n'
        'plurals: {"{n} clips": {one: "{n} clip", other: "{n} clips"}}\n',
        "utf-8",
    )
    strings = strings_for(str(path))
    assert strings.texts == {"Gates": "Règles"}
    assert strings.number("1,234.5") == "1\u202f234,5"
    n_all = len(strings.missing) + 2
    assert missing_sentence(strings).startswith(
        f"{n_all - 2} of {n_all} texts have no translation and stay English"
    )


def test_other_words_for_english_lack_nothing(tmp_path: Path) -> None:
    path = tmp_path / "house-style.yml"
    path.write_text('schema: vbench.strings/v1\nlanguage: en-GB\ntexts: {"Gates": "Rules"}\n')
    assert missing_sentence(strings_for(str(path))) == ""


def test_an_unknown_language(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no strings of the language") as caught:
        strings_for("xx")
    assert "de, en" in caught.value.hint
    assert "path of a strings file" in caught.value.hint
    for hostile in ("../strings/de", "", "DE"):
        with pytest.raises(ConfigError):
            strings_for(hostile)
    with pytest.raises(ConfigError, match="file not found"):
        strings_for(str(tmp_path / "none.yaml"))


_MASK = "\u0436"
"""A letter that no name of the made runs has."""


def _masked(text: str) -> str:
    """A text with other letters, its placeholders as they are."""
    return "".join(
        re.sub("[A-Za-z]", _MASK, literal) + (f"{{{name}}}" if name else "")
        for literal, name, _, _ in Formatter().parse(text)
    )


def _masked_strings(keys: Keys) -> Strings:
    return Strings(
        language="de",
        decimal=",",
        thousands=".",
        texts={text: _masked(text) for text in keys.texts},
        plurals={
            other: {"one": _masked(one), "other": _masked(other)}
            for other, one in keys.plurals.items()
        },
    )


class _Visible(HTMLParser):
    """Text that a reader of the page sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag == "style"
        self.texts += [value for name, value in attrs if name == "alt" and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


_SAME_IN_ALL = re.compile(
    r"vbench|Python|numpy|onnxruntime|run|benchmark\.yaml|replay|mot|CPUExecutionProvider|thread"
    r"|AMD|EPYC|R13|cores|GiB|AP50|p50|p95|p99|ms|[0-9a-f]{7,}|of|chromium|fog"
)
"""Commands, versions, hardware and units; what gates of the made runs name besides."""

_MADE_REASONS = (
    "replayed results have no timings",
    "no truth boxes of any class",
    r"no truth boxes of \w+",
    r"decoding stopped at frame \d+ of \d+ \(byte [\d,]+\)",
)
"""Of the made runs; vbench itself writes others."""


def _untranslated(folder: RunFolder, plan: RunPlan, strings: Strings) -> Iterator[str]:
    """Words of the PDF's page that are neither masked nor names of the run."""
    with speaking(strings):
        page = read_print_page(folder)
        visible = _Visible()
        visible.feed(render("report-print.html.j2", page=page, brand=NO_BRAND))
    names = [plan.benchmark, plan.golden_set, *plan.classes, *plan.notes, "person-v2.onnx"]
    names += [item.name for item in plan.pipelines]
    names += [clip.id for clip in plan.clips]
    names += [part for clip in plan.clips for tag in clip.tags for part in tag]
    known = sorted({re.escape(name) for name in names} | set(_MADE_REASONS), key=len)
    pattern = re.compile("|".join(reversed(known)))
    for text in visible.texts:
        left = pattern.sub(" ", " ".join(text.split()))
        for word in re.findall(r"[A-Za-z][\w.]+", left):
            if not _SAME_IN_ALL.fullmatch(word):
                yield f"{word}: {text.strip()}"


_PLANS = {
    "demo": demo_plan(),
    "decided": replace(
        decided_plan(),
        load=MachineLoad(0.34, ("chromium",)),
        partial="only 2 of 6 clips (gate1-night) of the benchmark were run and 3 of 8 gates judged",
    ),
    "quiet": replace(decided_plan(), load=MachineLoad(0.01, ())),
    "nothing": RunPlan(
        clips=[ClipPlan("one", 1, (), n_objects=0)],
        pipelines=[PipelinePlan("silent", {"": 0.0}, 0.0, None)],
        classes=("person",),
    ),
    "many": RunPlan(
        clips=[
            ClipPlan(f"clip-{k}", 20, tuple((f"tag {n}", f"value {k}") for n in range(6)))
            for k in range(5)
        ],
        pipelines=[PipelinePlan(f"p{k}", {"": 0.5}, 0.1, 5.0) for k in range(8)],
        classes=tuple(f"class {k}" for k in range(26)),
        n_pictures=6,
    ),
}


@pytest.mark.parametrize("name", _PLANS)
def test_nothing_on_the_page_stays_english(run_path: Path, keys: Keys, name: str) -> None:
    plan = _PLANS[name]
    folder = make_run(run_path, plan)
    assert list(_untranslated(folder, plan, _masked_strings(keys))) == []
