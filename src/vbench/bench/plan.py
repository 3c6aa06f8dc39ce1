"""A benchmark file resolved: golden sets, pipelines and gates, checked against each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vbench.bench.baseline import BaselineRun, baseline_of
from vbench.bench.gate_rules import rules_of, today
from vbench.bench.measurable import unique
from vbench.bench.media import measure_unlocked
from vbench.bench.progress import Progress
from vbench.bench.report_style import PLAIN, ReportStyle, style_of_brand
from vbench.config.benchmark_file import BenchmarkFile, read_benchmark_file
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile, read_pipeline_files
from vbench.errors import ConfigError
from vbench.golden.digest import golden_set_digests
from vbench.golden.load import load_golden_set
from vbench.metrics.latency import DECODE_STAGE
from vbench.metrics.scopes import SliceKeys
from vbench.pipeline.stage_names import stage_names
from vbench.report.brand import read_brand
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
    style: ReportStyle = PLAIN
    """Of the reports."""
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
        style=_style(file),
    )


def _style(file: ModelFile[BenchmarkFile]) -> ReportStyle:
    written = file.model.brand
    if written is None:
        return PLAIN
    if not (file.folder / written).exists():
        raise ConfigError(
            f'the brand "{written}" does not exist',
            where=file.where("brand"),
            hint=f"paths start from {file.folder}",
        )
    return style_of_brand(read_brand(file.folder / written))


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
