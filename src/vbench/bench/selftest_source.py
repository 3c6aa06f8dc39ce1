"""What a self-test plants regressions into: answers of a finished run, or made-up ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vbench.bench.gate_rules import rules_of
from vbench.bench.made_up import made_up_alerts, made_up_detections, with_appearances
from vbench.bench.regressions import NIGHT, is_night
from vbench.bench.results import as_decoded
from vbench.bench.shipped import demo_benchmark
from vbench.config.benchmark_file import IntervalsEntry, read_benchmark_file
from vbench.config.model_file import closest
from vbench.config.pipeline_file import read_pipeline_file
from vbench.errors import InputError
from vbench.golden.load import load_golden_set
from vbench.metrics.definitions import METRICS
from vbench.metrics.scopes import SliceKeys, combined_keys
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder, write_whole
from vbench.record.golden_copy import read_golden_copy
from vbench.record.run_json import read_run
from vbench.record.shards import write_detections
from vbench.types import Gate, GoldenSet, OperatingPoint, PipelineResult, Run

REFERENCE = "reference"
"""Name of the version that regressions are planted into, in the scratch folder."""

PRESET = "no-regression"

_FILE = """\
schema: vbench.benchmark/v1
name: selftest
golden_sets: [golden]
pipelines: [pipeline.yaml]
baseline: {reference}
gates:
"""
_PRESET_GATE = f"  - {{preset: {PRESET}}}\n"

_MADE_UP_SEED = 7
_MADE_UP_SCORE = 0.3
_MADE_UP_RESAMPLES = 200
"""Enough for regressions as plain as these."""
_EXTRA_GATES = """\
  - {metric: recall, slice: {daypart: night}, not_worse: {margin: 0.01}}
  - {metric: mean_iou, not_worse: {margin: 0.01}}
  - {metric: ece, not_worse: {margin: 0.01}}
  - {metric: idf1, not_worse: {margin: 0.01}}
  - {metric: alert_precision, not_worse: {margin: 0.01}}
  - {metric: event_recall, not_worse: {margin: 0.01}}
"""
"""What the shipped benchmark has no gates for: its pipelines have neither tracker nor rules."""


@dataclass(frozen=True, slots=True)
class GateGroup:
    """Gates that are judged together."""

    name: str
    gates: tuple[Gate, ...]
    counts: bool
    """Whether a regression that only these gates notice is a caught one."""


@dataclass(frozen=True, slots=True)
class Source:
    """Answers to plant regressions into, and the gates that should notice."""

    of: str
    """What they are, for readers."""
    golden_sets: tuple[GoldenSet, ...]
    """As decoded."""
    point: OperatingPoint
    score_floor: float
    slice_keys: tuple[SliceKeys, ...]
    """Only those that gates look at."""
    intervals: IntervalsEntry
    groups: tuple[GateGroup, ...]
    notes: tuple[str, ...]


def stored_source(run_folder: Path, pipeline: str | None, scratch: RunFolder) -> Source:
    """The stored answers of a pipeline of a finished run.

    Args:
        run_folder: the run; it is not changed.
        pipeline: its name; None: the only one, else the baseline, else the first.
        scratch: receives a link to the answers.

    Raises:
        VbenchError: not a finished run, or a part of one; no such pipeline.
    """
    folder = RunFolder(run_folder)
    run = read_run(folder)
    if run.manifest.partial:
        raise InputError(
            f"regressions cannot be planted: {run.manifest.partial}",
            where=str(folder.path),
            hint="give a run of the whole benchmark",
        )
    item = _pick(run, pipeline)
    golden_sets = tuple(
        as_decoded(folder, read_golden_copy(folder, one.name)) for one in run.golden_sets
    )
    file = read_benchmark_file(folder.benchmark_yaml)
    names = tuple(one.name for one in run.pipelines)
    stages = tuple(
        dict.fromkeys(value for row in run.metrics for key, value in row.slice if key == "stage")
    )
    gates, _ = rules_of(file, golden_sets, names, stages, None)
    own, notes = _adapted(gates, item.name)
    preset = _gates_of(scratch, _PRESET_GATE, golden_sets)
    _link(folder, item.name, scratch)
    return Source(
        of=f"{item.name} {item.version} of {folder.path}",
        golden_sets=golden_sets,
        point=OperatingPoint(file.model.matching.iou, item.operating_point.scores),
        score_floor=item.score_floor,
        slice_keys=_slice_keys((*own, *preset), golden_sets),
        intervals=file.model.intervals,
        groups=(
            GateGroup("the benchmark's gates", own, counts=True),
            GateGroup(f"preset {PRESET}", preset, counts=False),
        ),
        notes=notes,
    )


def made_up_source(scratch: RunFolder) -> Source:
    """A made-up detector's answers on the shipped golden set; no video is read.

    Args:
        scratch: receives the answers.
    """
    file = read_benchmark_file(demo_benchmark())
    golden_sets = tuple(
        _with_made_up_answers(load_golden_set(file.folder / written), scratch)
        for written in file.model.golden_sets
    )
    pipelines = [read_pipeline_file(file.folder / written) for written in file.model.pipelines]
    names = tuple(one.model.name for one in pipelines)
    own, notes = _adapted(rules_of(file, golden_sets, names, (), None)[0], None)
    preset = _gates_of(scratch, _PRESET_GATE, golden_sets)
    extra = _gates_of(scratch, _EXTRA_GATES, golden_sets)
    classes = dict.fromkeys(name for one in golden_sets for name in one.taxonomy.names)
    return Source(
        of="a made-up detector on the shipped golden set",
        golden_sets=golden_sets,
        point=OperatingPoint(
            file.model.matching.iou, tuple((name, _MADE_UP_SCORE) for name in classes)
        ),
        score_floor=0.0,
        slice_keys=_slice_keys((*own, *preset, *extra), golden_sets),
        intervals=IntervalsEntry(resamples=_MADE_UP_RESAMPLES),
        groups=(
            GateGroup("the shipped benchmark's gates", own, counts=True),
            GateGroup(f"preset {PRESET}", preset, counts=True),
            GateGroup("gates on night, boxes, scores, tracks and alerts", extra, counts=True),
        ),
        notes=notes,
    )


def _with_made_up_answers(golden_set: GoldenSet, scratch: RunFolder) -> GoldenSet:
    """The set with events; what the made-up detector answers goes into the scratch folder."""
    names = golden_set.taxonomy.names
    clips = tuple(with_appearances(clip, names) for clip in golden_set.clips)
    for k, clip in enumerate(clips):
        rng = np.random.default_rng([_MADE_UP_SEED, k])
        found = made_up_detections(clip, rng)
        write_detections(scratch.detections(REFERENCE, clip.id), found, names)
        write_alerts(scratch.alerts(REFERENCE, clip.id), made_up_alerts(clip, names, rng))
    return replace(golden_set, clips=clips)


def _pick(run: Run, name: str | None) -> PipelineResult:
    names = [item.name for item in run.pipelines]
    if name is None:
        name = run.baseline if run.baseline in names else names[0]
    if name not in names:
        raise InputError(
            f'the run has no pipeline "{name}"', where="--pipeline", hint=closest(name, names)
        )
    return run.pipelines[names.index(name)]


def _link(folder: RunFolder, pipeline: str, scratch: RunFolder) -> None:
    for part in ("detections", "alerts"):
        stored = folder.path / part / pipeline
        if stored.is_dir():
            (scratch.path / part).mkdir(parents=True)
            (scratch.path / part / REFERENCE).symlink_to(stored.resolve(), target_is_directory=True)


def _adapted(
    gates: Sequence[Gate], pipeline: str | None
) -> tuple[tuple[Gate, ...], tuple[str, ...]]:
    """The gates that judge a pipeline, comparing with the unplanted version; and what is left out.

    `pipeline` is None where gates for any pipeline are taken.
    """
    others = [
        gate
        for gate in gates
        if None not in (gate.pipelines, pipeline) and pipeline not in (gate.pipelines or ())
    ]
    timed = [gate for gate in gates if METRICS[gate.metric].family in ("latency", "throughput")]
    notes = []
    if timed:
        notes.append(f"left out, since times are not changed: {_titles(timed)}")
    if others:
        notes.append(f"left out, since they judge other pipelines: {_titles(others)}")
    return tuple(
        replace(gate, pipelines=None, versus=None)
        for gate in gates
        if gate not in timed and gate not in others
    ), tuple(notes)


def _titles(gates: Sequence[Gate]) -> str:
    return ", ".join(dict.fromkeys(gate.title() for gate in gates))


def _gates_of(
    scratch: RunFolder, lines: str, golden_sets: tuple[GoldenSet, ...]
) -> tuple[Gate, ...]:
    """Gates written as in a benchmark file, compared with the unplanted version."""
    path = scratch.path / "gates.yaml"
    write_whole(path, _FILE.format(reference=REFERENCE) + lines)
    file = read_benchmark_file(path)
    gates, _ = rules_of(file, golden_sets, (REFERENCE, "planted"), (), None)
    return gates


def _slice_keys(gates: Sequence[Gate], golden_sets: Sequence[GoldenSet]) -> tuple[SliceKeys, ...]:
    """Of the gates, and the daypart where a clip is at night."""
    keys = [tuple(key for key, _ in gate.slice) for gate in gates if gate.slice]
    if any(is_night(clip) for one in golden_sets for clip in one.clips):
        keys.append((NIGHT[0],))
    return combined_keys(keys)
