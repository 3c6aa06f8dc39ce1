"""Which settings of two pipeline files differ: supporting evidence, never the reason by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vbench.config.model_file import FileModel, ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.config.yaml_text import KeyPath, key_text

ABSENT = "not there"


@dataclass(frozen=True, slots=True)
class KeyDifference:
    """A key whose effective values differ; defaults count as written."""

    key: str
    """For example ``stages[0].input.color``."""
    value_a: str
    value_b: str
    where_a: str
    """``file:line: key``, of the nearest parent where the key is not written."""
    where_b: str


def key_differences(
    a: ModelFile[PipelineFile], b: ModelFile[PipelineFile]
) -> tuple[KeyDifference, ...]:
    """Every differing key of what parity compares: decoding, classes, detectors, classifiers."""
    of_a, of_b = dict(_values(a.model)), dict(_values(b.model))
    paths = dict.fromkeys((*of_a, *of_b))
    other_kind = {path[:-1] for path in paths if path[-1] == "type" and _differ(path, of_a, of_b)}
    return tuple(
        KeyDifference(
            key_text(path),
            of_a.get(path, ABSENT),
            of_b.get(path, ABSENT),
            a.where(*path),
            b.where(*path),
        )
        for path in paths
        if _differ(path, of_a, of_b)
        and (path[:-1] not in other_kind or path[-1] == "type")
        and not _name_one_file(a, b, path, of_a, of_b)
    )


def _name_one_file(
    a: ModelFile[PipelineFile],
    b: ModelFile[PipelineFile],
    path: KeyPath,
    of_a: Mapping[KeyPath, str],
    of_b: Mapping[KeyPath, str],
) -> bool:
    """Whether both values are paths of the same file, written in two ways."""
    if path not in of_a or path not in of_b:
        return False
    files = [a.folder_of(*path) / of_a[path], b.folder_of(*path) / of_b[path]]
    return files[0].is_file() and files[0].resolve() == files[1].resolve()


def _differ(path: KeyPath, a: Mapping[KeyPath, str], b: Mapping[KeyPath, str]) -> bool:
    """Whether both have the key, or a part of what both have, with other values."""
    if path in a and path in b:
        return a[path] != b[path]
    there = b if path in a else a
    return any(other[: len(path) - 1] == path[:-1] for other in there)


def _values(model: PipelineFile) -> Iterator[tuple[KeyPath, str]]:
    if model.classes is not None:
        yield from _leaves(model.classes, ("classes",))
    yield from _leaves(model.decode, ("decode",))
    for position, stage in enumerate(model.stages):
        if stage.kind in ("detector", "classifier"):
            for path, text in _leaves(stage, ("stages", position)):
                if path[2:] not in (("id",), ("kind",)):
                    yield path, text


def _leaves(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Single values with their paths; a list is one value, and what is null has none."""
    if isinstance(value, FileModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if inner is not None or name not in ("input", "output"):
                yield from _leaves(inner, (*path, name.rstrip("_")))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield path, yaml_text(value)


def yaml_text(value: object) -> str:
    """A value as YAML would have it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(yaml_text(one) for one in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
