"""Strings files: what is refused, and what the message says."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.strings_file import StringsFile, placeholders, read_strings_file
from vbench.errors import ConfigError

CATALOGUE = StringsFile.model_validate(
    {
        "schema": "vbench.strings/v1",
        "language": "en",
        "texts": {"Gates": "Gates", "It found {share} objects.": "It found {share} objects."},
        "plurals": {"{n} gates": {"one": "{n} gate", "other": "{n} gates"}},
    }
)
HEAD = "schema: vbench.strings/v1\nlanguage: de\n"


def read(folder: Path, text: str, head: str = HEAD) -> StringsFile:
    path = folder / "xx.yaml"
    path.write_text(head + text, "utf-8")
    return read_strings_file(path, CATALOGUE).model


def error(folder: Path, text: str, head: str = HEAD) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, head)
    return caught.value


def test_a_file_with_everything(tmp_path: Path) -> None:
    model = read(
        tmp_path,
        'numbers: {decimal: ",", thousands: ""}\n'
        'texts:\n  "It found {share} objects.": "{share} Objekte gefunden."\n'
        'plurals:\n  "{n} gates": {one: "eine Regel", other: "{n} Regeln"}\n',
    )
    assert model.texts == {"It found {share} objects.": "{share} Objekte gefunden."}
    assert model.plurals["{n} gates"]["one"] == "eine Regel"
    assert model.numbers.thousands == ""
    assert model.direction == "ltr"


def test_texts_may_be_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, "").texts == {}


@pytest.mark.parametrize(
    ("text", "line", "what", "hint"),
    [
        ('texts:\n  "Gats": "Regeln"\n', 4, "is no text of the report", 'did you mean "Gates"?'),
        ('texts:\n  "Something else": "x"\n', 4, "is no text of the report", "strings/en.yaml"),
        ('texts:\n  "{n} gates": "x {n}"\n', 4, "is no text of the report", "below `plurals`"),
        ('texts:\n  "Gates": " "\n', 4, "is empty", "leave the line out"),
        ('texts:\n  "Gates": "{n} Regeln"\n', 4, "{n} is not in the English text", "none"),
        (
            'texts:\n  "It found {share} objects.": "{shares} Objekte"\n',
            4,
            "{shares} is not in the English text",
            "{share}",
        ),
        (
            'texts:\n  "It found {share} objects.": "Objekte"\n',
            4,
            "{share} is missing",
            "{share}",
        ),
        (
            'texts:\n  "It found {share} objects.": "{share.__class__}"\n',
            4,
            "cannot be read: {share.__class__}",
            "braces hold a name",
        ),
        (
            'texts:\n  "It found {share} objects.": "{share:>9}"\n',
            4,
            "cannot be read: {share}",
            "braces hold a name",
        ),
        (
            'texts:\n  "It found {share} objects.": "{share"\n',
            4,
            "cannot be read",
            "braces hold a name",
        ),
        (
            'plurals:\n  "{n} gates": {other: "{n} Regeln"}\n',
            4,
            "has no form for one",
            "{one: ..., other: ...}",
        ),
        (
            'plurals:\n  "{n} gates": {one: "Regel", other: "Regeln"}\n',
            4,
            "{n} is missing",
            "{n}",
        ),
        (
            'plurals:\n  "Gates": {one: "Regel", other: "Regeln"}\n',
            4,
            "is no plural of the report",
            "below `texts`",
        ),
        ('plurals:\n  "{n} gates": {single: "x"}\n', 4, '"single" is not known', "other"),
        ('numbers: {decimal: "."}\nnumber: {}\n', 4, "unknown key", 'did you mean "numbers"?'),
        (
            'numbers: {decimal: ",", thousands: ","}\n',
            3,
            "decimal and thousands are the same sign",
            "two signs",
        ),
        ('numbers: {decimal: "x"}\n', 3, '"x" is a letter or a digit', "a sign such as"),
        ("texts: [one]\n", 3, "a list is not a mapping", "write {key: value}"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, what: str, hint: str
) -> None:
    caught = error(tmp_path, text)
    assert f"xx.yaml:{line}" in caught.where
    assert what in caught.what
    assert hint in caught.hint


def test_forms_are_those_of_the_language(tmp_path: Path) -> None:
    head = HEAD.replace("de", "pl")
    caught = error(tmp_path, 'plurals:\n  "{n} gates": {one: "x", other: "{n} x"}\n', head)
    assert "has no form for few, many" in caught.what
    read(tmp_path, 'plurals:\n  "{n} gates": {one: "x", few: "{n} y", many: "{n} z"}\n', head)


def test_a_language_tag_is_asked_for(tmp_path: Path) -> None:
    caught = error(tmp_path, "", HEAD.replace("de", "German language"))
    assert "xx.yaml:2: language" in caught.where


def test_another_schema_is_refused(tmp_path: Path) -> None:
    caught = error(tmp_path, "", HEAD.replace("strings/v1", "brand/v1"))
    assert 'expected "vbench.strings/v1"' in caught.what


def test_every_problem_is_in_one_message_from_top_to_bottom(tmp_path: Path) -> None:
    caught = error(
        tmp_path,
        'plurals:\n  "{n} gates": {one: "x", other: "x"}\ntexts:\n  "Gats": "x"\n  "Gates": ""\n',
    )
    assert caught.where.startswith(f"{tmp_path}/xx.yaml:4")
    places = [caught.what.index(part) for part in ("{n} is missing", "xx.yaml:6", "xx.yaml:7")]
    assert places == sorted(places)


def test_a_long_list_of_problems_is_cut(tmp_path: Path) -> None:
    lines = "".join(f'  "unknown {k}": "x"\n' for k in range(50))
    caught = error(tmp_path, f"texts:\n{lines}")
    assert caught.what.count("is no text of the report") == 20
    assert "and 30 more" in caught.what


def test_placeholders() -> None:
    assert placeholders("{a} of {b}, {a}") == {"a": 2, "b": 1}
    assert not placeholders("none {{here}}")
    for text in ("{}", "{0}", "{a!r}", "{a[0]}", "{A}"):
        with pytest.raises(ValueError, match=r"\{"):
            placeholders(text)
