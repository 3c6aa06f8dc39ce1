"""Gates and slices of a benchmark file, checked against what can be measured."""

from __future__ import annotations

from datetime import UTC, date, datetime

from vbench.bench.measurable import STAGE_KEY, measurable
from vbench.config.benchmark_file import BenchmarkFile
from vbench.config.model_file import ModelFile, closest
from vbench.errors import ConfigError
from vbench.gates.rules import Measurable, gates_from
from vbench.metrics.scopes import SliceKeys, check_slice_keys, combined_keys
from vbench.types import Gate, GoldenSet


def rules_of(
    file: ModelFile[BenchmarkFile],
    golden_sets: tuple[GoldenSet, ...],
    pipelines: tuple[str, ...],
    stages: tuple[str, ...],
    today: date | None,
) -> tuple[tuple[Gate, ...], tuple[SliceKeys, ...]]:
    """Gates and slice keys of a benchmark file, checked against what can be measured.

    `today` is as in `gates_from`.
    """
    known = measurable(golden_sets, pipelines, stages)
    _check_slices(file, known)
    gates = gates_from(file, known, today=today)
    of_gates = [tuple(key for key, _ in gate.slice if key != STAGE_KEY) for gate in gates]
    of_file = [one if isinstance(one, str) else tuple(one) for one in file.model.slices]
    slice_keys = combined_keys([*of_file, *(keys for keys in of_gates if keys)])
    for golden_set in golden_sets:
        check_slice_keys(golden_set, slice_keys)
    return gates, slice_keys


def today() -> date:
    """The day that quarantines are held against."""
    return datetime.now(UTC).date()


def _check_slices(file: ModelFile[BenchmarkFile], known: Measurable) -> None:
    """Raise ConfigError for a key that nothing carries, or two that no clip has together."""
    footage_keys = tuple(key for key in known.slices if key != STAGE_KEY)
    clip_keys = [{key for key, _ in tags} for tags in known.clip_tags]
    for index, entry in enumerate(file.model.slices):
        keys = [entry] if isinstance(entry, str) else entry
        for position, key in enumerate(keys):
            if key not in footage_keys:
                at = (index,) if isinstance(entry, str) else (index, position)
                raise ConfigError(
                    f'no clip or box has the tag "{key}"',
                    where=file.where("slices", *at),
                    hint=closest(key, footage_keys),
                )
        of_clips = {key for key in keys if any(key in having for having in clip_keys)}
        if not any(of_clips <= having for having in clip_keys):
            raise ConfigError(
                f"no clip has both {' and '.join(keys)}",
                where=file.where("slices", index),
                hint="combine keys that a clip has together",
            )
