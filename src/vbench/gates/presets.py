"""Presets: gates under a name, taken over by a benchmark and changed for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from vbench.config.benchmark_file import (
    BenchmarkFile,
    GateEntry,
    NotWorseEntry,
    PresetDefinition,
    PresetEntry,
    read_presets_file,
)
from vbench.config.model_file import ModelFile, closest
from vbench.config.yaml_text import KeyPath
from vbench.errors import ConfigError
from vbench.types import COMPARING

_SHIPPED = Path(__file__).with_name("shipped_presets.yaml")

_SHARED = ("pipelines", "level", "min_n", "quarantine", "class_", "clip", "golden_set")
"""What a preset's gates take over from the entry as it is."""


@dataclass(frozen=True, slots=True)
class WrittenGate:
    """A gate entry, and where in the benchmark file each part of it stands."""

    file: ModelFile[BenchmarkFile]
    entry: GateEntry
    preset: str | None
    at: KeyPath
    """The entry among the benchmark's `gates`: the gate itself, or the preset that brings it."""
    written_at: KeyPath | None
    """The gate where it is written; None for a shipped preset, which is in another file."""

    def where(self, *key_path: str | int) -> str:
        """``file:line: key`` of a part: in the entry, or else in the preset's own gate."""
        if (*self.at, *key_path) in self.file.document.lines:
            return self.file.where(*self.at, *key_path)
        if self.written_at is None:
            return self.file.where(*self.at, "preset")
        return self.file.where(*self.written_at, *key_path)

    @property
    def line(self) -> int:
        """Line of the entry among the benchmark's `gates`."""
        return self.file.document.lines[self.at]


@lru_cache(maxsize=1)
def shipped_presets() -> Mapping[str, PresetDefinition]:
    """The presets that come with vbench, by name."""
    return read_presets_file(_SHIPPED).model.presets


def written_gates(file: ModelFile[BenchmarkFile]) -> tuple[WrittenGate, ...]:
    """The gates of a benchmark file, those of its presets in the place of the preset's entry.

    Raises:
        ConfigError: a preset is not known, extends itself, or has the name of a shipped one; an
            entry gives what no gate of its preset takes. With file, line and key.
    """
    presets = {name: tuple(_preset_gates(file, name)) for name in _names(file)}
    found: list[WrittenGate] = []
    for index, entry in enumerate(file.model.gates):
        at: KeyPath = ("gates", index)
        if isinstance(entry, GateEntry):
            found.append(WrittenGate(file, entry, None, at, at))
            continue
        _require_known(file, (*at, "preset"), entry.preset)
        gates = presets[entry.preset]
        _refuse_idle(file, at, entry, [gate for _, gate in gates])
        for written_at, gate in gates:
            _refuse_two_quarantines(file, at, entry, gate, written_at)
            changed = _changed(gate, entry)
            found.append(WrittenGate(file, changed, entry.preset, at, written_at))
    return tuple(found)


def _names(file: ModelFile[BenchmarkFile]) -> tuple[str, ...]:
    """Every preset, shipped ones first."""
    shipped = shipped_presets()
    for name in file.model.presets:
        if name in shipped:
            raise ConfigError(
                f'"{name}" is a preset that comes with vbench',
                where=file.where("presets", name),
                hint=f"choose another name, and write `extends: {name}` below it",
            )
    return (*shipped, *file.model.presets)


def _require_known(file: ModelFile[BenchmarkFile], at: KeyPath, name: str) -> None:
    names = (*file.model.presets, *shipped_presets())
    if name not in names:
        raise ConfigError(
            f'preset "{name}" is not known', where=file.where(*at), hint=closest(name, names)
        )


def _preset_gates(
    file: ModelFile[BenchmarkFile], name: str
) -> Iterator[tuple[KeyPath | None, GateEntry]]:
    """Gates of a preset with their places: what it extends first, without what it replaces."""
    gates: list[tuple[KeyPath | None, GateEntry]] = []
    for link in _lineage(file, name):
        own = file.model.presets.get(link)
        if own is None:
            added: list[tuple[KeyPath | None, GateEntry]] = [
                (None, gate) for gate in shipped_presets()[link].gates
            ]
        else:
            added = [
                (("presets", link, "gates", index), gate) for index, gate in enumerate(own.gates)
            ]
        replaced = {_part(gate) for _, gate in added}
        gates = [item for item in gates if _part(item[1]) not in replaced] + added
    yield from gates


def _lineage(file: ModelFile[BenchmarkFile], name: str) -> tuple[str, ...]:
    """The preset and all that it extends, the first ancestor first."""
    line = [name]
    while (own := file.model.presets.get(line[-1])) is not None and own.extends is not None:
        at = ("presets", line[-1], "extends")
        _require_known(file, at, own.extends)
        if own.extends in line:
            circle = " > ".join([*line[line.index(own.extends) :], own.extends])
            raise ConfigError(
                f'preset "{own.extends}" extends itself: {circle}',
                where=file.where(*at),
                hint="take out one `extends`",
            )
        line.append(own.extends)
    return tuple(reversed(line))


def _part(gate: GateEntry) -> tuple[object, ...]:
    """What a gate is about; of two gates of the same part, the later preset's holds."""
    return gate.metric, gate.class_, tuple(sorted(gate.slice.items())), gate.clip


def _changed(gate: GateEntry, entry: PresetEntry) -> GateEntry:
    """A preset's gate with what the entry says."""
    changes: dict[str, object] = {
        key: getattr(entry, key) for key in _SHARED if getattr(entry, key) is not None
    }
    changes["slice"] = {**gate.slice, **entry.slice}
    if gate.form in COMPARING and entry.versus is not None:
        changes["versus"] = entry.versus
    if gate.not_worse is not None:
        changes["not_worse"] = NotWorseEntry(
            margin=gate.not_worse.margin if entry.margin is None else entry.margin,
            confidence=gate.not_worse.confidence if entry.confidence is None else entry.confidence,
        )
    elif entry.confidence is not None:
        changes["confidence"] = entry.confidence
    return gate.model_copy(update=changes)


def _refuse_idle(
    file: ModelFile[BenchmarkFile], at: KeyPath, entry: PresetEntry, gates: Sequence[GateEntry]
) -> None:
    """Raise ConfigError for what no gate of the preset takes."""
    if entry.versus is not None and not any(gate.form in COMPARING for gate in gates):
        raise ConfigError(
            f"no gate of preset {entry.preset} compares with a baseline",
            where=file.where(*at, "versus"),
            hint="leave `versus` out",
        )
    if entry.margin is not None and all(gate.not_worse is None for gate in gates):
        raise ConfigError(
            f"no gate of preset {entry.preset} has a margin",
            where=file.where(*at, "margin"),
            hint="leave `margin` out; a preset of your own that extends it can have other limits",
        )


def _refuse_two_quarantines(
    file: ModelFile[BenchmarkFile],
    at: KeyPath,
    entry: PresetEntry,
    gate: GateEntry,
    written_at: KeyPath | None,
) -> None:
    if entry.quarantine is None or gate.quarantine is None or written_at is None:
        return
    line = file.document.lines[(*written_at, "quarantine")]
    raise ConfigError(
        f"{gate.metric} of preset {entry.preset} is in quarantine already, since line {line}",
        where=file.where(*at, "quarantine"),
        hint="keep one of the two",
    )
