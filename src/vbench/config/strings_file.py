"""A strings file: the texts of the PDF in another language (``schema: vbench.strings/v1``)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import Field

from vbench.config.model_file import FileModel, ModelFile, closest, read_model
from vbench.config.plural_forms import PluralForm, plural_forms
from vbench.config.yaml_text import KeyPath
from vbench.errors import ConfigError

SCHEMA = "vbench.strings/v1"
_MAX_SHOWN = 20
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")

_Problem = tuple[KeyPath, str, str]
"""Where, what, and what to do."""


class NumberSigns(FileModel):
    """How numbers are written."""

    decimal: Annotated[str, Field(min_length=1, max_length=1)] = "."
    thousands: Annotated[str, Field(max_length=1)] = ","
    """Between groups of three digits; empty for none."""


class StringsFile(FileModel):
    """The whole file."""

    schema_: Literal["vbench.strings/v1"] = Field(alias="schema")
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    direction: Literal["ltr", "rtl"] = "ltr"
    numbers: NumberSigns = NumberSigns()
    texts: dict[str, str] = Field(default_factory=dict)
    """English text -> translation."""
    plurals: dict[str, dict[PluralForm, str]] = Field(default_factory=dict)
    """English plural -> form -> translation."""


def read_strings_file(path: Path, catalogue: StringsFile | None = None) -> ModelFile[StringsFile]:
    """Read and check a strings file.

    Args:
        path: the file.
        catalogue: every text that there is, in English; None for the catalogue itself.

    Raises:
        ConfigError: with file, line, key and what to do: an unknown text, placeholders other than
            those of the English text, a missing form of a plural, an empty translation.
    """
    file = read_model(path, StringsFile, SCHEMA)
    problems = [
        *_number_problems(file.model.numbers),
        *_text_problems(file.model, catalogue),
        *_plural_problems(file.model, catalogue),
    ]
    if problems:
        raise _error(file, problems)
    return file


def placeholders(text: str) -> Counter[str]:
    """Names in braces; raises ValueError for braces that hold anything but a name."""
    found: Counter[str] = Counter()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if spec or conversion or _PLAIN_NAME.fullmatch(name) is None:
            raise ValueError(f"{{{name}}}" if name else "{}")
        found[name] += 1
    return found


def _number_problems(numbers: NumberSigns) -> Iterator[_Problem]:
    if numbers.decimal == numbers.thousands:
        yield ("numbers",), "decimal and thousands are the same sign", "give two signs"
    for key, sign in (("decimal", numbers.decimal), ("thousands", numbers.thousands)):
        if sign.isalnum():
            yield (
                ("numbers", key),
                f'"{sign}" is a letter or a digit',
                "give a sign such as a comma",
            )


def _text_problems(file: StringsFile, catalogue: StringsFile | None) -> Iterator[_Problem]:
    for key, text in file.texts.items():
        at = ("texts", key)
        if catalogue is not None and key not in catalogue.texts:
            yield at, "is no text of the report", _meant(key, catalogue, "texts")
            continue
        yield from _translation_problems(at, key, text, may_lack="")


def _plural_problems(file: StringsFile, catalogue: StringsFile | None) -> Iterator[_Problem]:
    wanted = plural_forms(file.language)
    for key, forms in file.plurals.items():
        at = ("plurals", key)
        if catalogue is not None and key not in catalogue.plurals:
            yield at, "is no plural of the report", _meant(key, catalogue, "plurals")
            continue
        lacking = [form for form in wanted if form not in forms]
        if lacking:
            yield (
                at,
                f"has no form for {', '.join(lacking)}",
                f"write {{{': ..., '.join(wanted)}: ...}}",
            )
        for form, text in forms.items():
            # "one gate" and "two gates" need no number in it.
            may_lack = "" if form in ("few", "many", "other") else "n"
            yield from _translation_problems((*at, form), key, text, may_lack=may_lack)


def _meant(key: str, catalogue: StringsFile, section: str) -> str:
    """What to do about a text that the report does not have."""
    if section == "texts" and key in catalogue.plurals:
        return "write it below `plurals`, with its forms"
    if section == "plurals" and key in catalogue.texts:
        return "write it below `texts`"
    near = closest(key, catalogue.texts if section == "texts" else catalogue.plurals)
    if near.startswith("did you mean"):
        return near
    return "strings/en.yaml beside the templates lists every text; keys are the English texts"


def _translation_problems(at: KeyPath, key: str, text: str, *, may_lack: str) -> Iterator[_Problem]:
    if not text.strip():
        yield at, "is empty", "write the translation, or leave the line out"
        return
    try:
        found = placeholders(text)
    except ValueError as error:
        yield at, f"cannot be read: {error}", "braces hold a name that the English text has"
        return
    wanted = placeholders(key)
    names = ", ".join(f"{{{name}}}" for name in wanted) or "none"
    unknown = [name for name in found if name not in wanted]
    for name in unknown:
        yield at, f"{{{name}}} is not in the English text", f"its placeholders: {names}"
    for name in wanted:
        # Behind a misspelt one its right name would be missing, too.
        if name not in found and name != may_lack and not unknown:
            yield at, f"{{{name}}} is missing", f"placeholders of the English text: {names}"


def _error(file: ModelFile[StringsFile], problems: list[_Problem]) -> ConfigError:
    problems.sort(key=lambda problem: file.document.place(*problem[0]).line)
    (at, what, hint), *others = problems
    if not others:
        return ConfigError(what, where=file.where(*at), hint=hint)
    lines = [f"\n{file.where(*at)}: {what} ({hint})" for at, what, hint in others[: _MAX_SHOWN - 1]]
    n_more = len(others) - len(lines)
    more = f"\nand {n_more} more" if n_more else ""
    return ConfigError(
        f"{what} ({hint}){''.join(lines)}{more}",
        where=file.where(*at),
        hint="each line above says what to do",
    )
