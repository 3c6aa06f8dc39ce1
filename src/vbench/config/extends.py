"""``extends:``, a file that says only what it has otherwise than another one.

Mappings are merged key by key; null takes a key away; any other value replaces the base's. A
mapping that says another `type`, `adapter` or `kind` than the base's is another thing, and replaces
it whole. Of `stages`, those with the same `id` are merged, and new ones are put after the last of
their kind or of a kind before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from vbench.config.document_draft import DocumentDraft
from vbench.config.model_file import check_schema, closest
from vbench.config.yaml_text import KeyPath, Plain, YamlDocument, read_yaml
from vbench.errors import ConfigError

_NOT_INHERITED = ("extends", "name")
_SAY_WHAT_IT_IS = ("kind", "type", "adapter")
ENGINE_PATHS = ("model", "plan", "path", "alerts")
ENGINE_PATH_LISTS = ("files", "plugins")
"""Keys of an engine that hold paths. Programs and modules are looked for in a folder instead: see
`ModelFile.folder_of`."""
_NO_FILES = ("kserve",)
"""Engines whose `model` is a name on a server."""


def read_extended(path: Path, schema: str, kinds: Sequence[str]) -> YamlDocument:
    """Read a file merged with the one that it extends, and with that one's own base.

    Args:
        path: the file.
        schema: of the file and of each of its bases.
        kinds: kinds of stages in the order in which a file must have them.

    Raises:
        ConfigError: a file is missing or cannot be read, is of another schema, or extends itself;
            a stage cannot be removed.
    """
    chain = _chain(path, schema)
    merged = chain[-1]
    for own in reversed(chain[:-1]):
        merged = _Merge(merged, own, kinds).document()
    return merged


def with_paths_of_bases(document: YamlDocument) -> YamlDocument:
    """The document with absolute paths where a file of another folder writes them.

    Relative paths start from the folder of the file that writes them.
    """
    home = document.path.parent.absolute()
    data, written = deepcopy(document.data), dict(document.written)
    for key_path in _keys_of_paths(data):
        folder = document.place(*key_path).path.parent.absolute()
        holder: Plain = data
        for part in key_path[:-1]:
            holder = _item(holder, part)
        value = _item(holder, key_path[-1])
        if not isinstance(value, str) or Path(value).is_absolute():
            continue
        if folder.resolve() != home.resolve():
            way = Path(os.path.relpath(folder, home)).as_posix()
            written[key_path] = f"{way}/{written.get(key_path, value)}"
            _set_item(holder, key_path[-1], str(folder / value))
    return replace(document, data=data, written=written)


def _keys_of_paths(data: dict[str, Plain]) -> Iterator[KeyPath]:
    """Keys of a pipeline file that hold paths."""
    stages = data.get("stages")
    owners: list[tuple[Plain, KeyPath]] = [(data, ())]
    if isinstance(stages, list):
        owners += [(stage, ("stages", k)) for k, stage in enumerate(stages)]
    for owner, at in owners:
        if _item(_item(owner, "classes"), "file") is not None:
            yield (*at, "classes", "file")
        engine = _item(owner, "engine")
        if not isinstance(engine, dict) or engine.get("type") in _NO_FILES:
            continue
        yield from ((*at, "engine", key) for key in ENGINE_PATHS if key in engine)
        for key in ENGINE_PATH_LISTS:
            paths = engine.get(key)
            if isinstance(paths, list):
                yield from ((*at, "engine", key, k) for k in range(len(paths)))


def _item(holder: Plain, key: str | int) -> Plain:
    if isinstance(holder, dict):
        return holder.get(str(key))
    return holder[key] if isinstance(holder, list) and isinstance(key, int) else None


def _set_item(holder: Plain, key: str | int, value: Plain) -> None:
    if isinstance(holder, dict):
        holder[str(key)] = value
    elif isinstance(holder, list) and isinstance(key, int):
        holder[key] = value


def _chain(path: Path, schema: str) -> list[YamlDocument]:
    """The file, its base, the base's base and so on."""
    chain = [read_yaml(path)]
    check_schema(chain[0], schema)
    while (written := chain[-1].data.get("extends")) is not None:
        where = chain[-1].where("extends")
        if not isinstance(written, str):
            raise ConfigError(
                "is not the path of a file", where=where, hint="write `extends: base.yaml`"
            )
        base = chain[-1].path.parent / written
        seen = [one.path.resolve() for one in chain]
        if base.resolve() in seen:
            circle = [one.path.name for one in chain[seen.index(base.resolve()) :]]
            raise ConfigError(
                f"the file extends itself: {' > '.join([*circle, circle[0]])}",
                where=where,
                hint="take out one `extends`",
            )
        if not base.is_file():
            beside = sorted(item.name for item in base.parent.glob("*.y*ml"))
            raise ConfigError(
                f"{chain[-1].written.get(('extends',), str(base))} does not exist",
                where=where,
                hint=f"paths start from {chain[-1].path.parent}"
                + (f"; {closest(base.name, beside)}" if beside else ""),
            )
        chain.append(read_yaml(base))
        check_schema(chain[-1], schema)
    return chain


_Pair: TypeAlias = tuple[int | None, int | None]
"""Index of a stage in the base, and in the file."""


class _Merge:
    """A file laid over its base."""

    def __init__(self, base: YamlDocument, own: YamlDocument, kinds: Sequence[str]) -> None:
        self._base = base
        self._own = own
        self._kinds = kinds
        self._draft = DocumentDraft(own)

    def document(self) -> YamlDocument:
        """The merged document."""
        base = {key: item for key, item in self._base.data.items() if key not in _NOT_INHERITED}
        own = {key: item for key, item in self._own.data.items() if key != "extends"}
        merged = self._mapping(base, own, (), (), ())
        ordered = {key: merged[key] for key in ("schema", "name", *merged) if key in merged}
        return self._draft.finished(ordered, {**self._base.environment, **self._own.environment})

    def _mapping(
        self,
        base: dict[str, Plain],
        own: dict[str, Plain],
        base_at: KeyPath,
        own_at: KeyPath,
        at: KeyPath,
    ) -> dict[str, Plain]:
        self._draft.note(self._own, own_at, at)
        merged: dict[str, Plain] = {}
        for key in dict.fromkeys((*base, *own)):
            there, here, place = (*base_at, key), (*own_at, key), (*at, key)
            if key not in own:
                merged[key] = self._draft.take(self._base, base[key], there, place)
                continue
            value, below = own[key], base.get(key)
            if value is None and key in base:
                continue
            if place == ("stages",) and isinstance(value, list) and isinstance(below, list):
                merged[key] = self._stages(below, value)
            elif isinstance(below, dict) and isinstance(value, dict) and _alike(below, value):
                merged[key] = self._mapping(below, value, there, here, place)
            else:
                merged[key] = self._draft.take(self._own, value, here, place)
        return merged

    def _stages(self, base: list[Plain], own: list[Plain]) -> list[Plain]:
        self._draft.note(self._own, ("stages",), ("stages",))
        merged: list[Plain] = []
        for base_index, own_index in self._pairs(base, own):
            at: KeyPath = ("stages", len(merged))
            base_at: KeyPath = ("stages", -1 if base_index is None else base_index)
            below = None if base_index is None else base[base_index]
            if own_index is None:
                merged.append(self._draft.take(self._base, below, base_at, at))
                continue
            own_at: KeyPath = ("stages", own_index)
            stage = own[own_index]
            if isinstance(below, dict) and isinstance(stage, dict) and _alike(below, stage):
                merged.append(self._mapping(below, stage, base_at, own_at, at))
            else:
                merged.append(self._draft.take(self._own, stage, own_at, at))
        return merged

    def _pairs(self, base: list[Plain], own: list[Plain]) -> list[_Pair]:
        """Which stage of the base and which of the file make each stage, in order."""
        pairs: list[_Pair] = [(k, None) for k in range(len(base))]
        stages = list(base)
        ids = [_id(stage) for stage in base]
        for index, stage in enumerate(own):
            pair: _Pair = (ids.index(_id(stage)) if _id(stage) in ids else None, None)
            at = pairs.index(pair) if _id(stage) is not None and pair in pairs else None
            if isinstance(stage, dict) and "remove" in stage:
                self._check_removal(stage, index, ids, at is not None)
            if at is None:
                self._check_kind(stage, index, ids)
                at = self._position(stage, stages)
                pairs.insert(at, (None, index))
                stages.insert(at, stage)
            elif isinstance(stage, dict) and "remove" in stage:
                del pairs[at], stages[at]
            else:
                pairs[at] = (pair[0], index)
        return pairs

    def _position(self, stage: Plain, stages: list[Plain]) -> int:
        """Where a new stage goes: after the last one of its kind or of a kind before it."""
        rank = self._rank(stage)
        before = [k for k, other in enumerate(stages) if self._rank(other) <= rank]
        return before[-1] + 1 if before else 0

    def _rank(self, stage: Plain) -> int:
        kind = stage.get("kind") if isinstance(stage, dict) else None
        return self._kinds.index(kind) if kind in self._kinds else len(self._kinds)

    def _check_kind(self, stage: Plain, index: int, ids: list[str | None]) -> None:
        """Raise ConfigError for a stage that says too little to be new: its id is mistyped."""
        if not isinstance(stage, dict) or _id(stage) is None or "kind" in stage:
            return
        raise ConfigError(
            f'{self._base.path.name} has no stage "{_id(stage)}" to change',
            where=self._own.where("stages", index, "id"),
            hint=closest(str(_id(stage)), [name for name in ids if name is not None])
            + "; a new stage says its `kind`",
        )

    def _check_removal(
        self, stage: dict[str, Plain], index: int, ids: list[str | None], known: bool
    ) -> None:
        if stage.keys() != {"id", "remove"} or stage["remove"] is not True:
            raise ConfigError(
                "a stage is removed by its id alone",
                where=self._own.where("stages", index, "remove"),
                hint="write {id: NAME, remove: true}",
            )
        if not known:
            raise ConfigError(
                f'{self._base.path.name} has no stage "{_id(stage)}" to remove',
                where=self._own.where("stages", index, "id"),
                hint=closest(str(_id(stage)), [name for name in ids if name is not None]),
            )


def _id(stage: Plain) -> str | None:
    found = stage.get("id") if isinstance(stage, dict) else None
    return found if isinstance(found, str) else None


def _alike(base: dict[str, Plain], own: dict[str, Plain]) -> bool:
    """Whether neither says that it is of another `kind`, `type` or `adapter` than the other."""
    return all(own[key] == base[key] for key in _SAY_WHAT_IT_IS if key in own and key in base)
