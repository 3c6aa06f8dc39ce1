"""Gates from a benchmark file, checked against what the benchmark can measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbench.config.benchmark_file import BenchmarkFile, GateEntry
from vbench.config.model_file import ModelFile, closest
from vbench.errors import ConfigError
from vbench.types import Gate, GateForm, Tags

MAX_SLICE_KEYS = 2
"""So many keys may be combined in a slice."""
_FORMS: tuple[GateForm, ...] = ("min", "max", "max_drop", "max_rise")


@dataclass(frozen=True, slots=True)
class Reach:
    """Into what parts a metric can be divided."""

    per_class: bool
    slice_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measurable:
    """What gates of a benchmark may name."""

    metrics: Mapping[str, Reach]
    """Metric -> how far it can be divided."""
    classes: tuple[str, ...]
    """Of all golden sets."""
    slices: Mapping[str, tuple[str, ...]]
    """Slice key -> its values; tags, per-box tags, properties of boxes, and ``stage``."""
    clip_tags: tuple[Tags, ...]
    """The tags of every clip."""
    clips: Mapping[str, str]
    """Clip -> the golden set it is in."""
    golden_sets: tuple[str, ...]
    pipelines: tuple[str, ...]


def gates_from(file: ModelFile[BenchmarkFile], known: Measurable) -> tuple[Gate, ...]:
    """Read the gates of a benchmark file.

    Raises:
        ConfigError: a gate names a metric, class, slice, clip, golden set or pipeline that does
            not exist, a part that its metric cannot be divided into, or a baseline that is not
            given; or it would judge nothing. With file, line and key.
    """
    return tuple(_gate(file, index, entry, known) for index, entry in enumerate(file.model.gates))


def _gate(file: ModelFile[BenchmarkFile], index: int, entry: GateEntry, known: Measurable) -> Gate:
    at = ("gates", index)
    _require(file, (*at, "metric"), "metric", entry.metric, tuple(known.metrics))
    if entry.class_ is not None:
        _require(file, (*at, "class"), "class", entry.class_, known.classes)
    for key, value in entry.slice.items():
        _require(file, (*at, "slice", key), "slice key", key, tuple(known.slices))
        _require(file, (*at, "slice", key), f"value of {key}", value, known.slices[key])
    if entry.clip is not None:
        _require(file, (*at, "clip"), "clip", entry.clip, tuple(known.clips))
    if entry.golden_set is not None:
        _require(file, (*at, "golden_set"), "golden set", entry.golden_set, known.golden_sets)
    for name in entry.pipelines or ():
        _require(file, (*at, "pipelines"), "pipeline", name, known.pipelines)
    _require_measured(file, at, entry, known)
    _require_occurring(file, at, entry, known)
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
        golden_set=_golden_set(file, at, entry, known),
        versus=versus,
        source=f"{file.path.name}:{file.document.lines[at]}",
    )


def _require_measured(
    file: ModelFile[BenchmarkFile], at: tuple[str, int], entry: GateEntry, known: Measurable
) -> None:
    """Raise ConfigError for a part of the footage that the metric has no row for."""
    reach = known.metrics[entry.metric]
    if entry.class_ is not None and not reach.per_class:
        raise ConfigError(
            f"{entry.metric} is not measured per class",
            where=file.where(*at, "class"),
            hint="leave `class` out",
        )
    if len(entry.slice) > 2:
        raise ConfigError(
            f"{', '.join(entry.slice)} together are not measured: a slice has at most two keys",
            where=file.where(*at, "slice"),
            hint="leave a key out, or tag the clips with the combination",
        )
    for key in entry.slice:
        if key not in reach.slice_keys:
            raise ConfigError(
                f"{entry.metric} is not measured by {key}",
                where=file.where(*at, "slice", key),
                hint=f"it is measured by {', '.join(reach.slice_keys)}"
                if reach.slice_keys
                else "leave `slice` out",
            )
        if entry.clip is not None and reach.per_class:
            raise ConfigError(
                f"{key} within one clip is not measured",
                where=file.where(*at, "slice", key),
                hint="keep either `slice` or `clip`",
            )


def _require_occurring(
    file: ModelFile[BenchmarkFile], at: tuple[str, int], entry: GateEntry, known: Measurable
) -> None:
    """Raise ConfigError for two clip tags that no clip has together."""
    of_clips = {key for tags in known.clip_tags for key, _ in tags}
    wanted = {(key, value) for key, value in entry.slice.items() if key in of_clips}
    if len(wanted) > 1 and not any(wanted <= set(tags) for tags in known.clip_tags):
        raise ConfigError(
            f"no clip has {' and '.join(f'{key}={value}' for key, value in sorted(wanted))}",
            where=file.where(*at, "slice"),
            hint="name two tags that a clip has together",
        )


def _golden_set(
    file: ModelFile[BenchmarkFile], at: tuple[str, int], entry: GateEntry, known: Measurable
) -> str | None:
    """The golden set that the gate is limited to: the one named, or the one its clip is in."""
    if entry.clip is None:
        return entry.golden_set
    owner = known.clips[entry.clip]
    if entry.golden_set not in (None, owner):
        raise ConfigError(
            f'clip "{entry.clip}" is in golden set "{owner}"',
            where=file.where(*at, "golden_set"),
            hint="leave `golden_set` out",
        )
    return owner


def _versus(
    file: ModelFile[BenchmarkFile],
    at: tuple[str, int],
    entry: GateEntry,
    form: GateForm,
    known: Measurable,
) -> str | None:
    """The pipeline of this run that a comparing gate names; None for the benchmark's baseline."""
    if form in ("min", "max"):
        return None
    named = entry.versus if entry.versus != "baseline" else None
    if named is not None:
        _require(file, (*at, "versus"), "pipeline", named, known.pipelines)
    against = named or file.model.baseline
    if against is None:
        raise ConfigError(
            f"{form} compares with a baseline, and the benchmark names none",
            where=file.where(*at, form),
            hint="add `baseline: PIPELINE` to the file, or `versus: PIPELINE` to the gate",
        )
    if all(name == against for name in entry.pipelines or known.pipelines):
        raise ConfigError(
            f"{form} compares {against} with itself, and no other pipeline is judged",
            where=file.where(*at, form),
            hint="add a pipeline, or compare with an earlier run:"
            " baseline: {run: FOLDER, pipeline: NAME}",
        )
    return named


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
