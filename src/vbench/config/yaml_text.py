"""YAML in and out; the only module that imports yaml.

Reading keeps the line of every key, so that each message can name ``file:line: key``, and refuses
what YAML would quietly get wrong: duplicate keys and several documents in a file.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

from vbench.errors import ConfigError

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""What a YAML file may hold."""

KeyPath: TypeAlias = tuple[str | int, ...]

_MAX_DEPTH = 50

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """The data of one YAML file with the line of every key."""

    path: Path
    data: dict[str, Plain]
    lines: dict[KeyPath, int]
    text: str

    def sha256(self) -> str:
        """Digest of the file's text."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def where(self, *key_path: str | int) -> str:
        """``file:line: key`` of a key, or of its nearest parent that is in the file."""
        known = key_path
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known, 1)
        key = key_text(key_path)
        return f"{self.path}:{line}: {key}" if key else f"{self.path}:{line}"


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
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise _syntax_error(path, error) from None
    finally:
        loader.dispose()
    lines: dict[KeyPath, int] = {}
    if not isinstance(node, yaml.MappingNode):
        raise _not_a_mapping(path)
    data = _construct(node, (), lines, path)
    if not isinstance(data, dict):
        raise _not_a_mapping(path)
    return YamlDocument(path=path, data=data, lines=lines, text=text)


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


def _construct(node: yaml.Node, key_path: KeyPath, lines: dict[KeyPath, int], path: Path) -> Plain:
    line = node.start_mark.line + 1
    if len(key_path) > _MAX_DEPTH:
        raise ConfigError(
            "is nested too deep",
            where=f"{path}:{line}",
            hint="does an anchor (&) hold an alias (*) of itself?",
        )
    lines.setdefault(key_path, line)
    if isinstance(node, yaml.MappingNode):
        return _construct_mapping(node, key_path, lines, path)
    if isinstance(node, yaml.SequenceNode):
        return [
            _construct(child, (*key_path, index), lines, path)
            for index, child in enumerate(node.value)
        ]
    return _construct_scalar(node, key_path, path)


def _construct_mapping(
    node: yaml.MappingNode, key_path: KeyPath, lines: dict[KeyPath, int], path: Path
) -> dict[str, Plain]:
    result: dict[str, Plain] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigError(
                "a key is not a plain word",
                where=f"{path}:{line}",
                hint="write `key: value`; a key is one word",
            )
        # Keys are always text: `on:` or `12:` as a key means those letters.
        key = str(key_node.value)
        if key == "<<":
            raise ConfigError(
                "merge keys (<<) are not supported",
                where=f"{path}:{line}",
                hint="write the keys out",
            )
        if key in result:
            first = lines[(*key_path, key)]
            raise ConfigError(
                f"key is given twice (first on line {first})",
                where=f"{path}:{line}: {key_text((*key_path, key))}",
                hint="keep one of them",
            )
        lines[(*key_path, key)] = line
        result[key] = _construct(value_node, (*key_path, key), lines, path)
    return result


def _construct_scalar(node: yaml.Node, key_path: KeyPath, path: Path) -> Plain:
    where = f"{path}:{node.start_mark.line + 1}: {key_text(key_path)}"
    constructor = yaml.SafeLoader("")
    try:
        value: object = constructor.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(
            f"value cannot be read: {error}", where=where, hint='put it in "quotes" if it is text'
        ) from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{value} is not a finite number", where=where, hint="give a number")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    # Dates and binary values: the text as written is what was meant.
    return str(node.value)


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
