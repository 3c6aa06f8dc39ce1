"""``sweep:``, one pipeline file that stands for several: every combination of the values listed."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import product

from vbench.config.document_draft import DocumentDraft
from vbench.config.model_file import closest
from vbench.config.yaml_text import KeyPath, Plain, YamlDocument
from vbench.errors import ConfigError

MAX_VARIANTS = 64
_SWEEP = "sweep"
_LABEL = re.compile(r"""[^\s/\\:*?"<>|,=@]+""")


@dataclass(frozen=True, slots=True)
class _Choice:
    """One value of a key that is swept."""

    label: str
    value: Plain
    at: KeyPath
    """Where it stands in the file."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """A key that is swept."""

    key: str
    """As in the names of variants."""
    target: KeyPath
    choices: tuple[_Choice, ...]


def variants(document: YamlDocument) -> tuple[YamlDocument, ...]:
    """One document for each combination of what its `sweep` lists, the last key changing fastest.

    Each is named ``<name>@<key>=<value>,...``. A document without `sweep` is its own only variant.

    Raises:
        ConfigError: a key is of no stage; values are missing, cannot be named, or are named alike;
            there are more than 64 combinations.
    """
    written = document.data.get(_SWEEP)
    if written is None:
        return (document,)
    if not isinstance(written, dict) or not written:
        raise ConfigError(
            "is not a mapping of keys to values",
            where=document.where(_SWEEP),
            hint="write sweep: {STAGE.post.score: [0.3, 0.5]}",
        )
    axes = _axes(document, written)
    count = math.prod(len(axis.choices) for axis in axes)
    if count > MAX_VARIANTS:
        raise ConfigError(
            f"makes {count} pipelines, more than {MAX_VARIANTS}",
            where=document.where(_SWEEP),
            hint="list fewer values",
        )
    return tuple(
        _variant(document, axes, choices) for choices in product(*(axis.choices for axis in axes))
    )


def _axes(document: YamlDocument, written: dict[str, Plain]) -> tuple[_Axis, ...]:
    last_parts = Counter(key.rpartition(".")[2] for key in written)
    axes = []
    for key, values in written.items():
        last = key.rpartition(".")[2]
        target = _target(document, key)
        choices = _choices(document, key, values)
        axes.append(_Axis(last if last_parts[last] == 1 else key, target, choices))
    return tuple(axes)


def _target(document: YamlDocument, key: str) -> KeyPath:
    """``("stages", 0, "post", "score")`` for ``detect.post.score``."""
    stages = document.data.get("stages")
    ids = [
        (str(stage["id"]), k)
        for k, stage in enumerate(stages if isinstance(stages, list) else [])
        if isinstance(stage, dict) and "id" in stage
    ]
    # An id may hold dots itself: the longest one counts.
    fitting = sorted((len(name), k) for name, k in ids if key.startswith(f"{name}."))
    if not fitting:
        raise ConfigError(
            "does not begin with the id of a stage",
            where=document.where(_SWEEP, key),
            hint="write STAGE.KEY; "
            + closest(key.partition(".")[0], [name for name, _ in ids] or ["detect"]),
        )
    length, index = fitting[-1]
    parts = key[length + 1 :].split(".")
    if "" in parts or parts[0] in ("id", "kind"):
        raise ConfigError(
            "names no setting of the stage",
            where=document.where(_SWEEP, key),
            hint="write STAGE.KEY, such as detect.post.score",
        )
    return ("stages", index, *parts)


def _choices(document: YamlDocument, key: str, values: Plain) -> tuple[_Choice, ...]:
    if isinstance(values, dict):
        listed = [_Choice(name, value, (_SWEEP, key, name)) for name, value in values.items()]
    elif isinstance(values, list):
        listed = [
            _Choice(_label(document, key, k, value), value, (_SWEEP, key, k))
            for k, value in enumerate(values)
        ]
    else:
        listed = []
    if not listed:
        raise ConfigError(
            "lists no values",
            where=document.where(_SWEEP, key),
            hint="write [0.3, 0.5], or {low: 0.3, high: 0.5} to name them",
        )
    for k, choice in enumerate(listed):
        if _LABEL.fullmatch(choice.label) is None:
            raise ConfigError(
                f'"{choice.label}" cannot be part of a file name',
                where=document.where(*choice.at),
                hint="name the values: write {NAME: value} in place of [value]",
            )
        if choice.label in [other.label for other in listed[:k]]:
            raise ConfigError(
                f"{choice.label} is listed twice",
                where=document.where(*choice.at),
                hint="keep one of them",
            )
    return tuple(listed)


def _label(document: YamlDocument, key: str, index: int, value: Plain) -> str:
    """``0.3``, ``320x320``: a value in the name of a variant."""
    at = (_SWEEP, key, index)
    parts = value if isinstance(value, list) else [value]
    problem = None
    if any(key_path[: len(at)] == at for key_path in document.written):
        problem = "a value of the environment is not to be seen in a name"
    elif any(isinstance(part, dict | list) for part in parts):
        problem = "a mapping cannot be part of a name"
    if problem is not None:
        raise ConfigError(
            problem,
            where=document.where(*at),
            hint="name the values: write {NAME: value, NAME: value} in place of [value, value]",
        )
    return "x".join(_word(part) for part in parts)


def _word(value: Plain) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _variant(
    document: YamlDocument, axes: tuple[_Axis, ...], choices: tuple[_Choice, ...]
) -> YamlDocument:
    """The document with one value for each key."""
    draft = DocumentDraft(document)
    draft.note(document, (), ())
    data = {
        key: draft.take(document, value, (key,), (key,))
        for key, value in document.data.items()
        if key != _SWEEP
    }
    chosen = list(zip(axes, choices, strict=True))
    # What holds another swept key is put in before it.
    for axis, choice in sorted(chosen, key=lambda item: len(item[0].target)):
        _put(document, draft, data, axis, choice)
    labels = ",".join(f"{axis.key}={choice.label}" for axis, choice in chosen)
    variant = draft.finished(data, document.environment)
    if isinstance(variant.data.get("name"), str):
        variant.data["name"] = f"{variant.data['name']}@{labels}"
    if ("name",) in variant.written:
        variant.written[("name",)] += f"@{labels}"
    return variant


def _put(
    document: YamlDocument,
    draft: DocumentDraft,
    data: dict[str, Plain],
    axis: _Axis,
    choice: _Choice,
) -> None:
    """Put a value at its key; mappings on the way that the file leaves out are made."""
    *way, last = axis.target
    here: Plain = data
    for position, part in enumerate(way):
        if isinstance(here, list) and isinstance(part, int):
            here = here[part]
        elif isinstance(here, dict):
            if here.get(str(part)) is None:
                here[str(part)] = {}
                draft.note(document, choice.at, axis.target[: position + 1])
            here = here[str(part)]
    if not isinstance(here, dict):
        raise ConfigError(
            f"{way[-1]} holds no keys",
            where=document.where(_SWEEP, choice.at[1]),
            hint="write the key of a mapping",
        )
    draft.forget(axis.target)
    here[str(last)] = draft.take(document, choice.value, choice.at, axis.target)
