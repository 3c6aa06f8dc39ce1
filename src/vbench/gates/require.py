"""Footage that must exist, as gates on the number of its truth boxes."""

from __future__ import annotations

from collections.abc import Mapping

from vbench.config.benchmark_file import BenchmarkFile, RequireEntry
from vbench.config.model_file import ModelFile, closest
from vbench.errors import ConfigError
from vbench.gates.measurable import Measurable
from vbench.types import Gate

_METRIC = "recall"
"""Its support is the number of truth boxes, and it is measured by everything they have."""


def required(file: ModelFile[BenchmarkFile], known: Measurable) -> tuple[Gate, ...]:
    """The gates that `require` stands for.

    A tag or a value that no footage has is no error here: that is what the gate is to find.

    Raises:
        ConfigError: an unknown class or golden set; tags that no row can have.
    """
    return tuple(
        _gate(file, index, _long_form(entry), known)
        for index, entry in enumerate(file.model.require)
    )


def _long_form(entry: RequireEntry | Mapping[str, str]) -> RequireEntry:
    if isinstance(entry, RequireEntry):
        return entry
    return RequireEntry(slice=dict(entry))


def _gate(
    file: ModelFile[BenchmarkFile], index: int, entry: RequireEntry, known: Measurable
) -> Gate:
    at = ("require", index)
    names = (
        ("class", "class", entry.class_, known.classes),
        ("golden_set", "golden set", entry.golden_set, known.golden_sets),
    )
    for key, kind, word, words in names:
        if word is not None and word not in words:
            raise ConfigError(
                f'{kind} "{word}" is not known here',
                where=file.where(*at, key),
                hint=closest(word, words),
            )
    if len(entry.slice) > 2:
        raise ConfigError(
            f"{', '.join(entry.slice)} together are not measured: a slice has at most two keys",
            where=file.where(*at),
            hint="require them two by two",
        )
    measured = known.metrics[_METRIC].slice_keys
    for key in entry.slice:
        if key in known.slices and key not in measured:
            raise ConfigError(
                f"{key} is no property of footage",
                where=file.where(*at),
                hint=f"truth boxes are counted by {', '.join(measured)}",
            )
    return Gate(
        metric=_METRIC,
        form="require",
        limit=float(entry.min_n),
        class_name=entry.class_,
        slice=tuple(sorted(entry.slice.items())),
        clip=None,
        level="error",
        pipelines=None,
        golden_set=entry.golden_set,
        versus=None,
        source=f"{file.path.name}:{file.document.lines[at]}",
    )
