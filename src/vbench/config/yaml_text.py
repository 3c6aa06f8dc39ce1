"""YAML in and out; the only module that imports yaml.

Reading keeps the line of every key, so that each message can name ``file:line: key``, and refuses
what YAML would quietly get wrong: duplicate keys and several documents in a file. ``${NAME}`` in a
text value becomes the value of that environment variable.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from vbench.config.environment_values import ReferencedText, masked
from vbench.errors import ConfigError

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""What a YAML file may hold."""

KeyPath: TypeAlias = tuple[str | int, ...]

_MAX_DEPTH = 50

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_TEXT_TAG = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key stands."""

    path: Path
    line: int
    key_path: KeyPath

    def text(self) -> str:
        """``file:line: key``."""
        key = key_text(self.key_path)
        return f"{self.path}:{self.line}: {key}" if key else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """The data of a YAML file with the line of every key."""

    path: Path
    data: dict[str, Plain]
    lines: dict[KeyPath, int]
    text: str
    """Of the file, as it is."""
    moved: dict[KeyPath, Place] = field(default_factory=dict)
    """Keys that stand in another file (`extends`) or under another key (`sweep`)."""
    written: dict[KeyPath, str] = field(default_factory=dict)
    """Values that are other than written: what is written there, such as ``${NAME}``."""
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    """What was put in for each reference; not to be shown or stored."""
    derived: bool = False
    """Whether the data are not those of one file alone."""

    def sha256(self) -> str:
        """Digest of the document, of its bases and of what it takes from the environment."""
        digest = hashlib.sha256(self.resolved_text().encode("utf-8"))
        if self.environment:
            digest.update(json.dumps(self.environment, sort_keys=True).encode("utf-8"))
        return digest.hexdigest()

    def resolved_text(self) -> str:
        """The document as one file, without values of the environment: ``${NAME}`` stays."""
        if not self.derived:
            return self.text
        return dump_yaml(self._as_written(self.data, ()))

    def place(self, *key_path: str | int) -> Place:
        """Where a key stands, or its nearest parent that is in the file; `key_path` is whole."""
        known = key_path
        while known and known not in self.lines:
            known = known[:-1]
        place = self.moved.get(known) or Place(self.path, self.lines.get(known, 1), known)
        return Place(place.path, place.line, (*place.key_path, *key_path[len(known) :]))

    def where(self, *key_path: str | int) -> str:
        """``file:line: key`` of a key, or of its nearest parent that is in the file."""
        return self.place(*key_path).text()

    def masked(self, text: str) -> str:
        """A message without the values of the environment."""
        return masked(text, self.environment)

    def _as_written(self, value: Plain, key_path: KeyPath) -> Plain:
        if isinstance(value, dict):
            return {key: self._as_written(item, (*key_path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._as_written(item, (*key_path, k)) for k, item in enumerate(value)]
        return self.written.get(key_path, value)


def key_text(key_path: KeyPath) -> str:
    """``clips[2].media`` for ``("clips", 2, "media")``."""
    text = ""
    for part in key_path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def read_yaml(path: Path) -> YamlDocument:
    """Parse one YAML mapping.

    Raises:
        ConfigError: the file is missing, unreadable, not YAML, or not a mapping; a key is doubled.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("file not found", where=str(path), hint=_nearby_files(path)) from None
    except IsADirectoryError:
        raise ConfigError(
            "is a folder, expected a YAML file", where=str(path), hint=_nearby_files(path / "x")
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(
            "is not text (UTF-8)", where=str(path), hint="is this a YAML file?"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check its permissions"
        ) from None
    return _Reader(path, text).document()


def dump_yaml(value: object) -> str:
    """YAML text of plain data, keys in the given order, lists of scalars on one line."""
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2
    )


class _Dumper(yaml.SafeDumper):
    """Block style for mappings and records, flow style for lists of scalars."""

    def represent_sequence(
        self, tag: str, sequence: object, flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        node = super().represent_sequence(tag, sequence, flow_style)  # type: ignore[arg-type]
        node.flow_style = all(isinstance(child, yaml.ScalarNode) for child in node.value)
        return node


class _Reader:
    """Builds the data of one file, and notes the line of every key."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._referenced = ReferencedText.of(text)
        self._lines: dict[KeyPath, int] = {}
        self._written: dict[KeyPath, str] = {}
        self._scalars = yaml.SafeLoader("")

    def document(self) -> YamlDocument:
        """The whole file."""
        loader = _Loader(self._referenced.marked)
        try:
            node = loader.get_single_node()
        except yaml.YAMLError as error:
            raise _syntax_error(self._path, error) from None
        finally:
            loader.dispose()
        if not isinstance(node, yaml.MappingNode):
            raise _not_a_mapping(self._path)
        self._lines[()] = node.start_mark.line + 1
        data = self._mapping(node, ())
        return YamlDocument(
            path=self._path,
            data=data,
            lines=self._lines,
            text=self._text,
            written=self._written,
            environment=self._referenced.values,
        )

    def _value(self, node: yaml.Node, key_path: KeyPath) -> Plain:
        line = node.start_mark.line + 1
        if len(key_path) > _MAX_DEPTH:
            raise ConfigError(
                "is nested too deep",
                where=f"{self._path}:{line}",
                hint="does an anchor (&) hold an alias (*) of itself?",
            )
        self._lines.setdefault(key_path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key_path)
        if isinstance(node, yaml.SequenceNode):
            return [
                self._value(child, (*key_path, index)) for index, child in enumerate(node.value)
            ]
        return self._scalar(node, key_path)

    def _mapping(self, node: yaml.MappingNode, key_path: KeyPath) -> dict[str, Plain]:
        result: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(
                    "a key is not a plain word",
                    where=f"{self._path}:{line}",
                    hint="write `key: value`; a key is one word",
                )
            # Keys are always text: `on:` or `12:` as a key means those letters.
            key = self._referenced.as_written(str(key_node.value))
            if key == "<<":
                raise ConfigError(
                    "merge keys (<<) are not supported",
                    where=f"{self._path}:{line}",
                    hint="write the keys out",
                )
            if key in result:
                first = self._lines[(*key_path, key)]
                raise ConfigError(
                    f"key is given twice (first on line {first})",
                    where=f"{self._path}:{line}: {key_text((*key_path, key))}",
                    hint="keep one of them",
                )
            self._lines[(*key_path, key)] = line
            result[key] = self._value(value_node, (*key_path, key))
        return result

    def _scalar(self, node: yaml.Node, key_path: KeyPath) -> Plain:
        where = f"{self._path}:{node.start_mark.line + 1}: {key_text(key_path)}"
        written = None
        if isinstance(node, yaml.ScalarNode) and self._referenced.has_reference(node.value):
            written = self._written[key_path] = self._referenced.as_written(node.value)
            node = self._with_values(node, where)
        try:
            value: object = self._scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            why = f"{written} holds something else" if written is not None else str(error)
            raise ConfigError(
                f"value cannot be read: {why}", where=where, hint='put it in "quotes" if it is text'
            ) from None
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(
                f"{value if written is None else written} is not a finite number",
                where=where,
                hint="give a number",
            )
        if isinstance(value, str) and "\0" in value:
            raise ConfigError(
                "holds a zero character", where=where, hint="no name, path or argument can have one"
            )
        if value is None or isinstance(value, bool | int | float | str):
            return value
        # Dates and binary values: the text as written is what was meant.
        return str(node.value)

    def _with_values(self, node: yaml.ScalarNode, where: str) -> yaml.ScalarNode:
        """A scalar with its value; one without quotes may be a number then, as if written so."""
        value = self._referenced.with_values(node.value, where)
        tag = node.tag
        if not node.style and tag == _TEXT_TAG:
            tag = self._scalars.resolve(  # type: ignore[no-untyped-call]
                yaml.ScalarNode, value, (True, False)
            )
        return yaml.ScalarNode(tag, value, node.start_mark, node.end_mark)


def _syntax_error(path: Path, error: yaml.YAMLError) -> ConfigError:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 1
    problem = getattr(error, "problem", None) or str(error)
    return ConfigError(
        f"not valid YAML: {problem}",
        where=f"{path}:{line}",
        hint='check indentation and quotes; text with any of {}[]:#, in it goes in "quotes"',
    )


def _not_a_mapping(path: Path) -> ConfigError:
    return ConfigError(
        "is not a mapping of keys to values",
        where=f"{path}:1",
        hint="write `key: value` lines; the first is `schema: ...`, see docs/reference",
    )


def _nearby_files(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist"
    names = sorted(item.name for item in path.parent.iterdir() if item.suffix in (".yaml", ".yml"))
    if not names:
        return "check the path"
    return f"the folder holds {', '.join(names[:8])}"
