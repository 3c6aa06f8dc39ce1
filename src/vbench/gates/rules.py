"""Gates from a benchmark file, checked against what the benchmark can measure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from vbench.config.benchmark_file import PROMOTED, BenchmarkFile, QuarantineEntry
from vbench.config.model_file import ModelFile, closest
from vbench.errors import ConfigError
from vbench.gates.contradictions import refuse_contradictions, refuse_idle_limit
from vbench.gates.measurable import Measurable, Reach
from vbench.gates.presets import WrittenGate, written_gates
from vbench.gates.require import required
from vbench.types import COMPARING, Gate, Quarantine

__all__ = ["MAX_SLICE_KEYS", "Measurable", "Reach", "gates_from"]

MAX_SLICE_KEYS = 2
"""So many keys may be combined in a slice."""


def gates_from(
    file: ModelFile[BenchmarkFile], known: Measurable, *, today: date | None = None
) -> tuple[Gate, ...]:
    """Read the gates of a benchmark file: what it requires, then its gates, presets expanded.

    Args:
        file: the benchmark.
        known: what it can measure.
        today: quarantines that are over by then are refused; None where a finished run is judged
            again by its own copy of the file: there the gate counts, see `judge`.

    Raises:
        ConfigError: a gate names a metric, class, slice, clip, golden set, pipeline or preset that
            does not exist, a part that its metric cannot be divided into, or a baseline that is
            not given; it would judge nothing, or always come to the same; two gates contradict
            each other; a quarantine is over. With file, line and key.
    """
    _check_promoted(file, known)
    found = [(written, _gate(written, known, today)) for written in written_gates(file)]
    requirements = required(file, known)
    refuse_contradictions(file, requirements, found, known)
    return (*requirements, *(gate for _, gate in found))


def _check_promoted(file: ModelFile[BenchmarkFile], known: Measurable) -> None:
    """Raise ConfigError where `baseline: promoted` could also mean a pipeline."""
    if file.model.baseline == PROMOTED and PROMOTED in known.pipelines:
        raise ConfigError(
            f'"{PROMOTED}" is the pipeline that was promoted last, and a pipeline of this benchmark'
            " has that name too",
            where=file.where("baseline"),
            hint="give the pipeline another name",
        )


def _gate(written: WrittenGate, known: Measurable, today: date | None) -> Gate:
    entry = written.entry
    _check_names(written, known)
    _require_measured(written, known)
    _require_occurring(written, known)
    versus = _versus(written, known)
    refuse_idle_limit(written, known.metrics[entry.metric])
    return Gate(
        metric=entry.metric,
        form=entry.form,
        limit=entry.limit,
        class_name=entry.class_,
        slice=tuple(sorted(entry.slice.items())),
        clip=entry.clip,
        level=entry.level or "error",
        pipelines=None if entry.pipelines is None else tuple(entry.pipelines),
        golden_set=_golden_set(written, known),
        versus=versus,
        source=f"{written.file.path.name}:{written.line}",
        confidence=entry.sureness,
        min_n=entry.min_n,
        quarantine=_quarantine(written, entry.quarantine, today),
        preset=written.preset,
    )


def _check_names(written: WrittenGate, known: Measurable) -> None:
    entry = written.entry
    _require(written, ("metric",), "metric", entry.metric, tuple(known.metrics))
    if entry.class_ is not None:
        _require(written, ("class",), "class", entry.class_, known.classes)
    for key, value in entry.slice.items():
        _require(written, ("slice", key), "slice key", key, tuple(known.slices))
        _require(written, ("slice", key), f"value of {key}", value, known.slices[key])
    if entry.clip is not None:
        _require(written, ("clip",), "clip", entry.clip, tuple(known.clips))
    if entry.golden_set is not None:
        _require(written, ("golden_set",), "golden set", entry.golden_set, known.golden_sets)
    for name in entry.pipelines or ():
        _require(written, ("pipelines",), "pipeline", name, known.pipelines)


def _require_measured(written: WrittenGate, known: Measurable) -> None:
    """Raise ConfigError for a part of the footage that the metric has no row for."""
    entry = written.entry
    reach = known.metrics[entry.metric]
    if entry.class_ is not None and not reach.per_class:
        raise ConfigError(
            f"{entry.metric} is not measured per class",
            where=written.where("class"),
            hint="leave `class` out",
        )
    if len(entry.slice) > MAX_SLICE_KEYS:
        raise ConfigError(
            f"{', '.join(entry.slice)} together are not measured: a slice has at most two keys",
            where=written.where("slice"),
            hint="leave a key out, or tag the clips with the combination",
        )
    for key in entry.slice:
        if key not in reach.slice_keys:
            raise ConfigError(
                f"{entry.metric} is not measured by {key}",
                where=written.where("slice", key),
                hint=f"it is measured by {', '.join(reach.slice_keys)}"
                if reach.slice_keys
                else "leave `slice` out",
            )
        if entry.clip is not None and reach.per_class:
            raise ConfigError(
                f"{key} within one clip is not measured",
                where=written.where("slice", key),
                hint="keep either `slice` or `clip`",
            )


def _require_occurring(written: WrittenGate, known: Measurable) -> None:
    """Raise ConfigError for two clip tags that no clip has together."""
    of_clips = {key for tags in known.clip_tags for key, _ in tags}
    wanted = {(key, value) for key, value in written.entry.slice.items() if key in of_clips}
    if len(wanted) > 1 and not any(wanted <= set(tags) for tags in known.clip_tags):
        raise ConfigError(
            f"no clip has {' and '.join(f'{key}={value}' for key, value in sorted(wanted))}",
            where=written.where("slice"),
            hint="name two tags that a clip has together",
        )


def _golden_set(written: WrittenGate, known: Measurable) -> str | None:
    """The golden set that the gate is limited to: the one named, or the one its clip is in."""
    entry = written.entry
    if entry.clip is None:
        return entry.golden_set
    owner = known.clips[entry.clip]
    if entry.golden_set not in (None, owner):
        raise ConfigError(
            f'clip "{entry.clip}" is in golden set "{owner}"',
            where=written.where("golden_set"),
            hint="leave `golden_set` out",
        )
    return owner


def _versus(written: WrittenGate, known: Measurable) -> str | None:
    """The pipeline of this run that a comparing gate names; None for the benchmark's baseline."""
    entry = written.entry
    if entry.form not in COMPARING:
        return None
    named = entry.versus if entry.versus != "baseline" else None
    if named is not None:
        _require(written, ("versus",), "pipeline", named, known.pipelines)
    against = named or written.file.model.baseline
    if against is None:
        raise ConfigError(
            f"{entry.form} compares with a baseline, and the benchmark names none",
            where=written.where(entry.form),
            hint="add `baseline: PIPELINE` to the file, or `versus: PIPELINE` to the gate",
        )
    if all(name == against for name in entry.pipelines or known.pipelines):
        raise ConfigError(
            f"{entry.form} compares {against} with itself, and no other pipeline is judged",
            where=written.where(entry.form),
            hint="add a pipeline, or compare with an earlier run:"
            " baseline: {run: FOLDER, pipeline: NAME}",
        )
    return named


def _quarantine(
    written: WrittenGate, entry: QuarantineEntry | None, today: date | None
) -> Quarantine | None:
    if entry is None:
        return None
    if today is not None and today > entry.expires:
        raise ConfigError(
            f"the quarantine of {written.entry.metric} ({entry.owner}: {entry.reason}) expired on"
            f" {entry.expires}",
            where=written.where("quarantine", "expires"),
            hint="repair what it waits for and take it out, or give a new day with a new reason",
        )
    return Quarantine(entry.owner, entry.reason, entry.expires)


def _require(
    written: WrittenGate, key_path: tuple[str, ...], kind: str, word: str, names: Sequence[str]
) -> None:
    if word not in names:
        raise ConfigError(
            f'{kind} "{word}" is not known here',
            where=written.where(*key_path),
            hint=closest(word, names),
        )
