"""Gates from a benchmark file, checked against what the benchmark can measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbench.config.benchmark_file import BenchmarkFile, GateEntry
from vbench.config.model_file import ModelFile, closest
from vbench.errors import ConfigError
from vbench.types import Gate, GateForm

_FORMS: tuple[GateForm, ...] = ("min", "max", "max_drop", "max_rise")


@dataclass(frozen=True, slots=True)
class Measurable:
    """What gates of a benchmark may name."""

    metrics: tuple[str, ...]
    classes: tuple[str, ...]
    """Of all golden sets."""
    slices: Mapping[str, tuple[str, ...]]
    """Slice key -> its values; tags, per-box tags, ``size`` and ``stage``."""
    clips: tuple[str, ...]
    golden_sets: tuple[str, ...]
    pipelines: tuple[str, ...]


def gates_from(file: ModelFile[BenchmarkFile], known: Measurable) -> tuple[Gate, ...]:
    """Read the gates of a benchmark file.

    Raises:
        ConfigError: a gate names a metric, class, slice, clip, golden set or pipeline that does
            not exist, or compares with a baseline that is not given; with file, line and key.
    """
    return tuple(_gate(file, index, entry, known) for index, entry in enumerate(file.model.gates))


def _gate(file: ModelFile[BenchmarkFile], index: int, entry: GateEntry, known: Measurable) -> Gate:
    at = ("gates", index)
    _require(file, (*at, "metric"), "metric", entry.metric, known.metrics)
    if entry.class_ is not None:
        _require(file, (*at, "class"), "class", entry.class_, known.classes)
    for key, value in entry.slice.items():
        _require(file, (*at, "slice", key), "slice key", key, tuple(known.slices))
        _require(file, (*at, "slice", key), f"value of {key}", value, known.slices[key])
    if entry.clip is not None:
        _require(file, (*at, "clip"), "clip", entry.clip, known.clips)
    if entry.golden_set is not None:
        _require(file, (*at, "golden_set"), "golden set", entry.golden_set, known.golden_sets)
    for name in entry.pipelines or ():
        _require(file, (*at, "pipelines"), "pipeline", name, known.pipelines)
    form = next(form for form in _FORMS if getattr(entry, form) is not None)
    versus = _versus(file, at, entry, form, known)
    return Gate(
        metric=entry.metric,
        form=form,
        limit=float(getattr(entry, form)),
        class_name=entry.class_,
        slice=tuple(sorted(entry.slice.items())),
        clip=entry.clip,
        level=entry.level,
        pipelines=None if entry.pipelines is None else tuple(entry.pipelines),
        golden_set=entry.golden_set,
        versus=versus,
        source=f"{file.path.name}:{file.document.lines[at]}",
    )


def _versus(
    file: ModelFile[BenchmarkFile],
    at: tuple[str, int],
    entry: GateEntry,
    form: GateForm,
    known: Measurable,
) -> str | None:
    if form in ("min", "max"):
        return None
    if entry.versus not in (None, "baseline"):
        _require(file, (*at, "versus"), "pipeline", str(entry.versus), known.pipelines)
        return entry.versus
    if file.model.baseline is None:
        raise ConfigError(
            f"{form} compares with a baseline, and the benchmark names none",
            where=file.where(*at, form),
            hint="add `baseline: PIPELINE` to the file, or `versus: PIPELINE` to the gate",
        )
    return None


def _require(
    file: ModelFile[BenchmarkFile],
    at: tuple[str | int, ...],
    kind: str,
    word: str,
    names: Sequence[str],
) -> None:
    if word not in names:
        raise ConfigError(
            f'{kind} "{word}" is not known here', where=file.where(*at), hint=closest(word, names)
        )
