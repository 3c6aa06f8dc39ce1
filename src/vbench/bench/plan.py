"""A benchmark file resolved: golden sets, pipelines and gates, checked against each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from vbench.bench.baseline import BaselineRun, baseline_of
from vbench.bench.measurable import STAGE_KEY, measurable, unique
from vbench.bench.media import measure_unlocked
from vbench.bench.progress import Progress
from vbench.config.benchmark_file import BenchmarkFile, read_benchmark_file
from vbench.config.model_file import ModelFile, closest
from vbench.config.pipeline_file import PipelineFile, read_pipeline_files
from vbench.errors import ConfigError
from vbench.gates.rules import Measurable, gates_from
from vbench.golden.digest import golden_set_digests
from vbench.golden.load import load_golden_set
from vbench.metrics.latency import DECODE_STAGE
from vbench.metrics.scopes import SliceKeys, check_slice_keys, combined_keys
from vbench.pipeline.load import stage_names
from vbench.types import Clip, Digest, Gate, GoldenSet


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run needs to know before it starts."""

    file: ModelFile[BenchmarkFile]
    golden_paths: tuple[Path, ...]
    """Where each golden set is."""
    golden_sets: tuple[GoldenSet, ...]
    pipelines: tuple[ModelFile[PipelineFile], ...]
    gates: tuple[Gate, ...]
    slice_keys: tuple[SliceKeys, ...]
    """Keys and combinations of the benchmark file and of its gates, each once."""
    baseline: str | BaselineRun | None
    """A pipeline of this run, or of an earlier one."""
    partial: str = ""
    """Which part of the benchmark it is, as a note; empty for the whole."""
    partial_options: tuple[str, ...] = ()
    """The options that make this part."""

    def footage(self) -> Iterable[tuple[Path, GoldenSet]]:
        """Every golden set with the place where it is."""
        return zip(self.golden_paths, self.golden_sets, strict=True)

    def golden_digests(self) -> tuple[Digest, ...]:
        """Every golden set, taxonomy, media and truth file that the run depends on."""
        found: list[Digest] = []
        for path, golden_set in self.footage():
            found.extend(golden_set_digests(path, golden_set))
        return tuple(found)

    @property
    def n_frames(self) -> int:
        """Frames of all clips."""
        return sum(clip.facts.n_frames for one in self.golden_sets for clip in one.clips)

    def clips(self) -> Iterable[tuple[GoldenSet, Clip]]:
        """Every clip with its golden set, in file order."""
        return ((one, clip) for one in self.golden_sets for clip in one.clips)


def make_plan(benchmark: Path, progress: Progress, *, allow_damaged: bool = False) -> Plan:
    """Resolve and check a benchmark file; nothing is run.

    Golden sets without a lock are measured by decoding them once.

    Raises:
        VbenchError: the first thing that is wrong, with file, line and key.
    """
    file = read_benchmark_file(benchmark)
    pipelines = _pipelines(file)
    golden_sets = _golden_sets(file, progress, allow_damaged)
    names = tuple(item.model.name for item in pipelines)
    stages = unique(stage for item in pipelines for stage in stage_names(item))
    if stages:
        stages = (DECODE_STAGE, *stages)
    gates, slice_keys = rules_of(file, golden_sets, names, stages, today=today())
    return Plan(
        file=file,
        golden_paths=tuple(file.folder / written for written in file.model.golden_sets),
        golden_sets=golden_sets,
        pipelines=pipelines,
        gates=gates,
        slice_keys=slice_keys,
        baseline=baseline_of(file, names),
    )


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


def _pipelines(file: ModelFile[BenchmarkFile]) -> tuple[ModelFile[PipelineFile], ...]:
    found: dict[str, ModelFile[PipelineFile]] = {}
    for index, written in enumerate(file.model.pipelines):
        path = file.folder / written
        if not path.is_file():
            raise ConfigError(
                f'pipeline file "{written}" does not exist',
                where=file.where("pipelines", index),
                hint=f"paths start from {file.folder}",
            )
        for pipeline in read_pipeline_files(path):
            name = pipeline.model.name
            if name in found:
                raise ConfigError(
                    f'two pipelines are named "{name}" ({found[name].path.name} and {path.name})',
                    where=pipeline.where("name"),
                    hint="give each pipeline its own name",
                )
            found[name] = pipeline
    return tuple(found.values())


def _golden_sets(
    file: ModelFile[BenchmarkFile], progress: Progress, allow_damaged: bool
) -> tuple[GoldenSet, ...]:
    golden_sets: list[GoldenSet] = []
    clip_ids: list[str] = []
    for index, written in enumerate(file.model.golden_sets):
        where = file.where("golden_sets", index)
        path = file.folder / written
        if not path.exists():
            raise ConfigError(
                f'golden set "{written}" does not exist',
                where=where,
                hint=f"paths start from {file.folder}",
            )
        facts = measure_unlocked(path, progress, allow_damaged=allow_damaged)
        golden_set = load_golden_set(path, facts)
        taken = [one.name for one in golden_sets]
        _refuse_doubled("golden set", golden_set.name, taken, where)
        for clip in golden_set.clips:
            _refuse_doubled("clip", clip.id, clip_ids, where)
        clip_ids += [clip.id for clip in golden_set.clips]
        golden_sets.append(golden_set)
    return tuple(golden_sets)


def _refuse_doubled(kind: str, name: str, taken: list[str], where: str) -> None:
    if name in taken:
        raise ConfigError(
            f'another golden set of this benchmark already has the {kind} "{name}"',
            where=where,
            hint=f"give each {kind} of a benchmark its own name",
        )
