"""Errors: what, where, what to do; and every place that raises one says what to do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from vbench import errors
from vbench.errors import ConfigError, ExitCode, VbenchError

WITHOUT_ADVICE = {
    # Every problem of a file in one message, each with its own advice.
    "config/model_file.py: ConfigError(first + ''.join(rest), where=place.text())",
    "golden/formats/rows.py: TruthError(what, where=first.where)",
    # A programmer's mistake, not a user's.
    "metrics/coco/stats.py: InputError(f'category {category_id} was not evaluated', "
    "where='category_id')",
}
"""Raised without a hint on purpose."""


def kinds() -> list[type[VbenchError]]:
    found = [item for item in vars(errors).values() if isinstance(item, type)]
    return [item for item in found if issubclass(item, VbenchError)]


def test_exit_codes_are_those_of_the_docstring() -> None:
    codes = {kind.__name__: int(kind.exit_code) for kind in kinds()}
    for line in (errors.__doc__ or "").splitlines():
        bare = line.translate(str.maketrans("", "", "├└─│"))
        name, *rest = bare.split()[:2] or [""]
        if rest and rest[0].isdigit():
            assert codes.pop(name) == int(rest[0])
    assert all(
        code == ExitCode.INPUT or name in ("DamagedMediaError", "ModelError")
        for name, code in codes.items()
    )


def test_text_names_place_and_advice() -> None:
    error = ConfigError("is wrong", where="a.yaml:3: key", hint="right it")
    assert str(error) == "a.yaml:3: key: is wrong (right it)"
    assert str(ConfigError("is wrong")) == "is wrong"


def raised_without_hint(repository: Path) -> Iterator[str]:
    names = {kind.__name__ for kind in kinds()} - {"VbenchError", "Interrupted"}
    source = repository / "src" / "vbench"
    for path in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in names
                and all(keyword.arg != "hint" for keyword in node.keywords)
            ):
                yield f"{path.relative_to(source).as_posix()}: {ast.unparse(node)}"


def test_every_error_says_what_to_do(repository: Path) -> None:
    assert set(raised_without_hint(repository)) - WITHOUT_ADVICE == set()


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_error_is_documented(kind: type[VbenchError]) -> None:
    assert kind.__doc__
    assert kind.__name__ in str(errors.__doc__)
