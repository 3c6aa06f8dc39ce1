"""Strict models of files: an unknown key is an error with file, line and "did you mean"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pydantic
from pydantic import BaseModel, ConfigDict
from pydantic_core import ErrorDetails

from vbench.config.yaml_text import KeyPath, Plain, YamlDocument, key_text, read_yaml
from vbench.errors import ConfigError


class FileModel(BaseModel):
    """Base of every model of a user's file: strict, frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


Model = TypeVar("Model", bound=FileModel)


@dataclass(frozen=True, slots=True)
class ModelFile(Generic[Model]):
    """A checked file: its model, and where each key stands for later messages."""

    model: Model
    document: YamlDocument

    @property
    def path(self) -> Path:
        """The file."""
        return self.document.path

    @property
    def folder(self) -> Path:
        """What relative paths in the file start from."""
        return self.document.path.parent

    def where(self, *key_path: str | int) -> str:
        """``file:line: key``."""
        return self.document.where(*key_path)


def read_model(path: Path, model: type[Model], schema: str) -> ModelFile[Model]:
    """Read and check a YAML file.

    Args:
        path: the file.
        model: what it must hold.
        schema: the value that its ``schema`` key must have, for example ``vbench.golden/v1``.

    Raises:
        ConfigError: with file, line, key and what to do; every problem of the file in one message.
    """
    document = read_yaml(path)
    _check_schema(document, schema)
    try:
        checked = model.model_validate(document.data)
    except pydantic.ValidationError as error:
        raise _config_error(document, model, error) from None
    return ModelFile(checked, document)


def closest(word: str, candidates: Iterable[str]) -> str:
    """``did you mean "x"?`` for the nearest candidate, else the list of candidates."""
    names = list(dict.fromkeys(candidates))
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{near[0]}"?'
    if not names:
        return "none is known here"
    shown = ", ".join(names[:20])
    return f"known: {shown}" + (", ..." if len(names) > 20 else "")


def _check_schema(document: YamlDocument, schema: str) -> None:
    found = document.data.get("schema")
    if found is None:
        raise ConfigError(
            "key is missing",
            where=f"{document.path}:1: schema",
            hint=f"start the file with `schema: {schema}`",
        )
    if found != schema:
        raise ConfigError(
            f'is "{found}", expected "{schema}"',
            where=document.where("schema"),
            hint="is this the right file for this place?",
        )


def _config_error(
    document: YamlDocument, model: type[BaseModel], error: pydantic.ValidationError
) -> ConfigError:
    problems = [_problem(document, model, item) for item in error.errors(include_url=False)]
    problems.sort(key=lambda item: item[0])
    _, where, what, hint = problems[0]
    rest = [
        f"\n{where}: {what}" + (f" ({hint})" if hint else "")
        for _, where, what, hint in problems[1:]
    ]
    if rest:
        first = f"{what} ({hint})" if hint else what
        return ConfigError(first + "".join(rest), where=where)
    return ConfigError(what, where=where, hint=hint)


def _problem(
    document: YamlDocument, model: type[BaseModel], item: ErrorDetails
) -> tuple[int, str, str, str]:
    path = _path_in_file(document.data, item["loc"])
    where = document.where(*path)
    line = int(where.removeprefix(f"{document.path}:").split(":", 1)[0])
    kind = item["type"]
    if kind == "extra_forbidden":
        parent = _keys_at(model, item["loc"][:-1])
        return line, where, "unknown key", closest(str(path[-1]), parent)
    if kind == "missing":
        return line, where, "key is missing", "add it; see the reference in docs/reference"
    if kind in ("union_tag_invalid", "union_tag_not_found", "literal_error", "enum"):
        context = item.get("ctx", {})
        expected = str(context.get("expected_tags") or context.get("expected") or "")
        words = [word.strip(" '\"") for word in expected.replace(" or ", ", ").split(",")]
        if kind == "union_tag_not_found":
            return line, where, "key `type` is missing", f"known: {', '.join(words)}"
        value = str(context.get("tag") or item["input"])
        if kind == "union_tag_invalid":
            where = document.where(*path, "type")
        return line, where, f'"{value}" is not known', closest(value, words)
    message = item["msg"].removeprefix("Value error, ")
    what = message[:1].lower() + message[1:]
    given = item["input"]
    if isinstance(given, str | int | float | bool) and kind != "value_error":
        what += f", got {given!r}"
    return line, where, what, ""


def _path_in_file(data: Plain, location: tuple[int | str, ...]) -> KeyPath:
    """Pydantic's location without the union tags that are not keys of the file."""
    path: list[str | int] = []
    here: Plain = data
    for position, part in enumerate(location):
        if isinstance(here, dict) and part in here:
            here = here[str(part)]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif position < len(location) - 1 or "[" in str(part) or "-" in str(part):
            continue
        path.append(part)
    return tuple(path)


def _keys_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Keys that the model knows at a location (union tags select their member)."""
    current: list[type[BaseModel]] = [model]
    for part in location:
        if isinstance(part, int):
            continue
        below: list[type[BaseModel]] = []
        for candidate in current:
            field = _field(candidate, part)
            if field is not None:
                below.extend(_models_in(field.annotation))
        tagged = [item for item in current if _tag_of(item) == part]
        current = below or tagged or current
    names: list[str] = []
    for candidate in current:
        names.extend(field.alias or name for name, field in candidate.model_fields.items())
    return names


def _field(model: type[BaseModel], key: str) -> pydantic.fields.FieldInfo | None:
    for name, field in model.model_fields.items():
        if key in (name, field.alias):
            return field
    return None


def _tag_of(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("type")
    if field is None:
        return None
    values: tuple[Any, ...] = getattr(field.annotation, "__args__", ())
    return str(values[0]) if values else None


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for argument in getattr(annotation, "__args__", ()):
        found.extend(_models_in(argument))
    return found


__all__ = ["FileModel", "ModelFile", "closest", "key_text", "read_model"]
