"""Strict models of files: an unknown key is an error with file, line and "did you mean"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, get_args

import pydantic
from pydantic import BaseModel, ConfigDict
from pydantic_core import ErrorDetails

from vbench.config.yaml_text import (
    KeyPath,
    Place,
    Plain,
    YamlDocument,
    key_text,
    read_yaml,
)
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

    def folder_of(self, *key_path: str | int) -> Path:
        """The folder of the file that a key stands in: this one, or one that it extends."""
        return self.document.place(*key_path).path.parent

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
    check_schema(document, schema)
    return check_model(document, model)


def check_model(document: YamlDocument, model: type[Model]) -> ModelFile[Model]:
    """Check what a document holds; its schema has been looked at. Raises as `read_model`."""
    try:
        checked = model.model_validate(document.data)
    except pydantic.ValidationError as error:
        raise _config_error(document, model, error) from None
    return ModelFile(checked, document)


_NUMBER = ("a number", "give a number")
_WHOLE_NUMBER = ("a whole number", "give a whole number")
_TEXT = ("text", 'put it in "quotes"')
_LIST = ("a list", "write [one, two], also for a single value")
_MAPPING = ("a mapping", "write {key: value}")
_KINDS: Mapping[str, tuple[str, str]] = {
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "string_type": _TEXT,
    "bool_type": ("true or false", "write true or false"),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
}
"""Pydantic's error type -> what the value should have been, and what to do."""


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


def check_schema(document: YamlDocument, schema: str) -> None:
    """Raise ConfigError unless a document says that it is of this schema."""
    found = document.data.get("schema")
    if found is None:
        raise ConfigError(
            "key is missing",
            where=f"{document.path}:1: schema",
            hint=f"start the file with `schema: {schema}`",
        )
    if found != schema:
        raise ConfigError(
            f'is "{document.written.get(("schema",), found)}", expected "{schema}"',
            where=document.where("schema"),
            hint="is this the right file for this place?",
        )


def _config_error(
    document: YamlDocument, model: type[BaseModel], error: pydantic.ValidationError
) -> ConfigError:
    items = _without_other_members(document.data, error.errors(include_url=False))
    meant = [_meant_location(model, item) for item in items]
    problems = [
        _problem(document, model, item)
        for item in items
        if item["type"] != "missing" or item["loc"] not in meant
    ]
    # The file itself before those that it extends, and each from top to bottom.
    problems.sort(key=lambda item: (item[0].path != document.path, str(item[0].path), item[0].line))
    place, what, hint = problems[0]
    rest = [
        f"\n{place.text()}: {what}" + (f" ({hint})" if hint else "")
        for place, what, hint in problems[1:]
    ]
    if rest:
        first = f"{what} ({hint})" if hint else what
        return ConfigError(first + "".join(rest), where=place.text())
    return ConfigError(what, where=place.text(), hint=hint)


def _without_other_members(data: Plain, items: list[ErrorDetails]) -> list[ErrorDetails]:
    """Of a value that fits no member of a union, only what is wrong with the likeliest one.

    Pydantic complains once per member; that the value is not even of a member's kind matters only
    where no member's kind fits.
    """
    paths = [_path_in_file(data, item) for item in items]
    fitting = [path for path, item in zip(paths, items, strict=True) if not _is_wrong_kind(item)]
    kept: list[ErrorDetails] = []
    kept_paths: list[KeyPath] = []
    for path, item in zip(paths, items, strict=True):
        if _is_wrong_kind(item):
            below = [other for other in paths if other != path]
            explained = any(other[: len(path)] == path for other in (*fitting, *below))
            if explained or path in kept_paths:
                continue
        kept.append(item)
        kept_paths.append(path)
    return kept


def _is_wrong_kind(item: ErrorDetails) -> bool:
    if item["type"] == "literal_error":
        return not isinstance(item["input"], str | int | float)
    return item["type"] in ("string_type", "list_type", "dict_type", "model_type")


def _meant_location(model: type[BaseModel], item: ErrorDetails) -> tuple[int | str, ...] | None:
    """Where a mistyped key was probably meant to be: not to be reported as missing as well."""
    if item["type"] != "extra_forbidden":
        return None
    *parent, key = item["loc"]
    near = difflib.get_close_matches(str(key), _keys_at(model, tuple(parent)), n=1, cutoff=0.6)
    return (*parent, *near)


def _problem(
    document: YamlDocument, model: type[BaseModel], item: ErrorDetails
) -> tuple[Place, str, str]:
    """Where, what, and what to do."""
    path = _path_in_file(document.data, item)
    place = document.place(*path)
    kind = item["type"]
    if kind == "extra_forbidden":
        parent = _keys_at(model, item["loc"][:-1])
        return place, "unknown key", closest(str(path[-1]), parent)
    if kind == "missing":
        return place, "key is missing", "add it; see the reference in docs/reference"
    context = item.get("ctx", {})
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag_key = str(context["discriminator"]).strip("'")
        members = _models_at(model, item["loc"])
        tags = list(dict.fromkeys(tag for one in members for tag in _tags_of(one, tag_key)))
        if kind == "union_tag_not_found":
            return place, f"key `{tag_key}` is missing", f"known: {', '.join(tags)}"
        value = str(context["tag"])
        shown = document.written.get((*path, tag_key), value)
        place = document.place(*path, tag_key)
        return place, f'"{shown}" is not known', closest(value, tags)
    given = document.written.get(path, item["input"])
    if kind in ("literal_error", "enum"):
        expected = str(context["expected"]).replace(" or ", ", ").split(",")
        words = [word.strip(" '\"") for word in expected]
        return place, f'"{given}" is not known', closest(str(item["input"]), words)
    if kind in _KINDS:
        noun, advice = _KINDS[kind]
        if path in document.written and isinstance(item["input"], str):
            advice += "; a reference in quotes is always text"
        return place, f"{_shown(given)} is not {noun}", advice
    if kind == "too_short":
        n, n_wanted = context["actual_length"], context["min_length"]
        return place, f"has {n} of at least {n_wanted} items", "see the reference in docs/reference"
    message = item["msg"].removeprefix("Value error, ").removeprefix("Input ")
    what = document.masked(message[:1].lower() + message[1:])
    if isinstance(given, str | int | float | bool) and kind != "value_error":
        what += f", got {_shown(given)}"
    return place, what, "see the reference in docs/reference"


def _shown(value: object) -> str:
    """A value of the file, short."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _path_in_file(data: Plain, item: ErrorDetails) -> KeyPath:
    """Pydantic's location without the union tags that are not keys of the file."""
    path: list[str | int] = []
    here: Plain = data
    location = item["loc"]
    for position, part in enumerate(location):
        if isinstance(here, dict) and part in here:
            here = here[str(part)]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif position < len(location) - 1 or item["type"] != "missing":
            continue
        path.append(part)
    return tuple(path)


def _keys_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Keys that the model knows at a location."""
    return [
        field.alias or name
        for candidate in _models_at(model, location)
        for name, field in candidate.model_fields.items()
    ]


def _models_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[type[BaseModel]]:
    """Models that may stand at a location (union tags select their member)."""
    current: list[type[BaseModel]] = [model]
    for part in location:
        if isinstance(part, int):
            continue
        below: list[type[BaseModel]] = []
        for candidate in current:
            field = _field(candidate, part)
            if field is not None:
                below.extend(_models_in(field.annotation))
        tagged = [item for item in current if part in _tags_of(item)]
        current = below or tagged or current
    return current


def _field(model: type[BaseModel], key: str) -> pydantic.fields.FieldInfo | None:
    for name, field in model.model_fields.items():
        if key in (name, field.alias):
            return field
    return None


def _tags_of(model: type[BaseModel], key: str | None = None) -> list[str]:
    """What tells a member of a union from the others: its fields with only one possible value.

    `key` names the only field that counts.
    """
    fields = [field for name, field in model.model_fields.items() if key in (None, name)]
    allowed = [get_args(field.annotation) for field in fields]
    return [values[0] for values in allowed if len(values) == 1 and isinstance(values[0], str)]


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for argument in getattr(annotation, "__args__", ()):
        found.extend(_models_in(argument))
    return found


__all__ = [
    "FileModel",
    "ModelFile",
    "check_model",
    "check_schema",
    "closest",
    "key_text",
    "read_model",
]
