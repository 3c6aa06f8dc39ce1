"""Finding the strings of a language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vbench.config.strings_file import StringsFile, read_strings_file
from vbench.errors import ConfigError
from vbench.report.language.strings import ENGLISH, Strings
from vbench.report.template_folder import template_folder

_CATALOGUE = "en"


def strings_for(language: str) -> Strings:
    """The strings of a language that is shipped, or of a strings file.

    Args:
        language: a tag such as ``de``, or the path of a file that ends in ``.yaml`` or ``.yml``.

    Raises:
        ConfigError: there is no such language or file, or the file is wrong.
    """
    if language == _CATALOGUE:
        return ENGLISH
    path = Path(language)
    if path.suffix not in (".yaml", ".yml"):
        path = _shipped(language)
    catalogue = read_strings_file(_folder() / f"{_CATALOGUE}.yaml").model
    return _strings(read_strings_file(path, catalogue).model, catalogue)


def shipped_languages() -> tuple[str, ...]:
    """Tags of the languages that come with vbench."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml")))


def missing_sentence(strings: Strings) -> str:
    """How many texts stay English; empty where all are translated."""
    n = len(strings.missing)
    if not n:
        return ""
    n_all = n + len(strings.texts) + len(strings.plurals)
    stay = "text has no translation and stays" if n == 1 else "texts have no translation and stay"
    return f"{n:,} of {n_all:,} {stay} English, the first: {strings.missing[0]}"


def _folder() -> Path:
    return template_folder() / "strings"


def _shipped(language: str) -> Path:
    path = _folder() / f"{language}.yaml"
    shipped = shipped_languages()
    if language not in shipped:
        raise ConfigError(
            f'no strings of the language "{language}"',
            where="language",
            hint=f"known: {', '.join(shipped)}; for any other give the path of a strings file",
        )
    return path


def _strings(file: StringsFile, catalogue: StringsFile) -> Strings:
    strings = Strings(
        language=file.language,
        direction=file.direction,
        decimal=file.numbers.decimal,
        thousands=file.numbers.thousands,
        texts=file.texts,
        plurals=file.plurals,
    )
    if file.language.partition("-")[0] == _CATALOGUE:
        # Other words for the same language: what is not reworded stays as it is.
        return strings
    missing = [key for key in catalogue.texts if key not in file.texts]
    missing += [key for key in catalogue.plurals if key not in file.plurals]
    return replace(strings, missing=tuple(missing))
