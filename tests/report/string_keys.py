"""Every text that a report can translate, found in the code and in the templates.

    python -m tests.report.string_keys

writes the catalogue ``reports/templates/strings/en.yaml`` again and names what ``de.yaml`` lacks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import jinja2
import yaml
from jinja2 import nodes

import vbench.report
from vbench.metrics.definitions import METRICS
from vbench.report.glossary import WORDS
from vbench.report.numbers import ChangeWord
from vbench.report.template_folder import template_folder
from vbench.report.wording import english_metric_title
from vbench.types import Verdict

_CODE = Path(vbench.report.__file__).parent
_TEXT_CALLS = frozenset({"say", "noted", "t"})
_PLURAL_CALLS = frozenset({"say_n", "tn"})


@dataclass(slots=True)
class Keys:
    """English texts with the placeholders that their values fill, where a call gives values."""

    texts: dict[str, None] = field(default_factory=dict)
    plurals: dict[str, str] = field(default_factory=dict)
    """English plural -> English singular."""
    calls: list[tuple[str, str, frozenset[str] | None]] = field(default_factory=list)
    """(place, text, names given; None where they are not known)."""
    not_literal: list[str] = field(default_factory=list)
    """Places where a text is put together in the call."""

    def text(self, place: str, text: str, names: frozenset[str] | None) -> None:
        """Note a text."""
        self.texts[text] = None
        self.calls.append((place, text, names))

    def plural(self, place: str, one: str, other: str, names: frozenset[str]) -> None:
        """Note a plural."""
        self.plurals[other] = one
        self.calls.append((place, other, names))


def all_keys() -> Keys:
    """Those of the package, of the templates and of its tables, in this order."""
    keys = Keys()
    for path in sorted(_CODE.rglob("*.py")):
        _read_code(path, keys)
    for path in sorted(template_folder().rglob("*.j2")):
        _read_template(path, keys)
    for text in _table_texts():
        keys.text("tables", text, None)
    return keys


def _table_texts() -> Iterator[str]:
    """Texts of tables that are given to `say` one by one."""
    for word in WORDS:
        yield from (word.word, word.meaning)
    for definition in METRICS.values():
        yield from (english_metric_title(definition.name), definition.meaning)
    yield from get_args(ChangeWord)
    yield from (verdict.value for verdict in Verdict)


def _read_code(path: Path, keys: Keys) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        name, place = node.func.id, f"{path.name}:{node.lineno}"
        given = [item.arg for item in node.keywords]
        names = None if None in given else frozenset(str(item) for item in given)
        if name in _TEXT_CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                keys.text(place, first.value, None if name == "noted" else names)
            elif not isinstance(first, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
                keys.not_literal.append(place)
        elif name in _PLURAL_CALLS:
            forms = [item.value for item in node.args[1:] if isinstance(item, ast.Constant)]
            if len(forms) == 2:
                keys.plural(place, str(forms[0]), str(forms[1]), (names or frozenset()) | {"n"})
            else:
                keys.not_literal.append(place)


def _read_template(path: Path, keys: Keys) -> None:
    tree = jinja2.Environment().parse(path.read_text("utf-8"))
    for node in tree.find_all(nodes.Call):
        if not isinstance(node.node, nodes.Name):
            continue
        name, place = node.node.name, f"{path.name}:{node.lineno}"
        names = frozenset(item.key for item in node.kwargs)
        literals = [item.value for item in node.args if isinstance(item, nodes.Const)]
        if name in _TEXT_CALLS and literals:
            keys.text(place, str(literals[0]), names)
        elif name in _PLURAL_CALLS:
            if len(literals) >= 2:
                keys.plural(place, str(literals[-2]), str(literals[-1]), names | {"n"})
            else:
                keys.not_literal.append(place)


def catalogue_text(keys: Keys) -> str:
    """``en.yaml``: every text with itself as its translation, in alphabetical order."""
    head = (
        "# Every text of the PDF, in English: what a strings file may translate.\n"
        "# Written by `python -m tests.report.string_keys`; see docs/reference/languages.md.\n"
    )
    body = {
        "schema": "vbench.strings/v1",
        "language": "en",
        "direction": "ltr",
        "numbers": {"decimal": ".", "thousands": ","},
        "texts": {text: text for text in sorted(keys.texts, key=_order)},
        "plurals": {
            other: {"one": keys.plurals[other], "other": other}
            for other in sorted(keys.plurals, key=_order)
        },
    }
    return head + yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=1_000)


def _order(text: str) -> tuple[str, str]:
    return text.lower(), text


def catalogue_path() -> Path:
    """Where it is shipped."""
    return template_folder() / "strings" / "en.yaml"


def main() -> None:
    """Write the catalogue; print what the other languages lack or have too much."""
    keys = all_keys()
    catalogue_path().write_text(catalogue_text(keys), "utf-8")
    for path in sorted(catalogue_path().parent.glob("*.yaml")):
        if path == catalogue_path():
            continue
        file = yaml.safe_load(path.read_text("utf-8"))
        for section, wanted in (("texts", keys.texts), ("plurals", keys.plurals)):
            for key in sorted(set(wanted) - set(file[section]), key=_order):
                print(f"{path.name} lacks in {section}: {key}")
            for key in sorted(set(file[section]) - set(wanted), key=_order):
                print(f"{path.name} has too much in {section}: {key}")


if __name__ == "__main__":
    main()
