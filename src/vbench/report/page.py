"""Everything the HTML report shows, gathered before a template sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report import tables, verdicts
from vbench.report.cause_rows import FrameLinks
from vbench.report.charts import (
    BarPart,
    Strip,
    Tick,
    stacked_bar,
    strip,
    tallest_column,
    time_ticks,
)
from vbench.report.evidence import ClipEvidence, Evidence, read_evidence
from vbench.report.gallery import Picture, pictures
from vbench.report.gates_view import GateView, gate_counts, gate_views
from vbench.report.glossary import Term, glossary
from vbench.report.how_sure import HowSure, how_sure
from vbench.report.lookup import STAGE_KEY, MetricIndex
from vbench.report.numbers import duration_text, number_text, plural
from vbench.report.tables import Table
from vbench.report.tested import Tested, annotated_s, total_annotated_s, what_was_tested
from vbench.report.verdicts import GateStatus, PipelineVerdict
from vbench.report.wording import slice_title
from vbench.report.worst_frames import kept_worst_frames
from vbench.types import ClipResult, PipelineResult, Run

_HOVER_SPANS_IN_ALL = 12_000
_MIN_HOVER_SPANS = 60


@dataclass(frozen=True, slots=True)
class ClipTimeline:
    """The strips of all pipelines on one clip."""

    key: str
    """Anchor of the page."""
    golden_set: str
    clip: str
    tags: str
    duration: str
    n_frames: int
    n_boxes: int
    damaged: str | None
    ticks: tuple[Tick, ...]
    strips: tuple[Strip, ...]


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Latency per stage of one pipeline."""

    pipeline: str
    table: Table
    bar: tuple[BarPart, ...]
    """Median of each stage, decode left out, on a scale that all pipelines share."""
    sum_text: str


@dataclass(frozen=True, slots=True)
class GoldenSetPage:
    """What the report says on one golden set."""

    name: str
    tested: Tested
    headline: Table
    classes: Table
    slices: Table
    timelines: tuple[ClipTimeline, ...]
    stages: tuple[StageTimes, ...]


@dataclass(frozen=True, slots=True)
class Gallery:
    """The worst frames of one pipeline."""

    pipeline: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    run: Run
    sentence: str
    partial: str
    """Which part of the benchmark was run; empty for all of it."""
    notes: tuple[str, ...]
    """What a reader must know besides that."""
    sure: HowSure
    date: str
    facts: tuple[tuple[str, str], ...]
    verdicts: tuple[PipelineVerdict, ...]
    failed: tuple[PipelineVerdict, ...]
    """Pipelines that did not get through the golden sets; they have no numbers."""
    gate_counts: tuple[tuple[GateStatus, int], ...]
    gates: tuple[GateView, ...]
    golden_sets: tuple[GoldenSetPage, ...]
    galleries: tuple[Gallery, ...]
    glossary: tuple[Term, ...]


def read_page(folder: RunFolder) -> Page:
    """Gather the report of a finished run.

    Raises:
        RunFolderError: the run is not finished, or a part of it is missing or broken.
    """
    run = read_run(folder)
    index = MetricIndex.of(run)
    evidence = read_evidence(folder, run)
    golden_sets = _golden_set_pages(index, evidence)
    galleries = _galleries(folder, run, evidence)
    return Page(
        run=run,
        sentence=verdicts.run_sentence(run),
        partial=verdicts.partial_sentence(run),
        notes=verdicts.notes_of(run),
        sure=how_sure(run),
        date=date_text(run),
        facts=run_facts(run),
        verdicts=verdicts.pipeline_verdicts(run),
        failed=verdicts.failed_verdicts(run),
        gate_counts=gate_counts(run),
        gates=gate_views(index, _frame_links(golden_sets, galleries)),
        golden_sets=golden_sets,
        galleries=galleries,
        glossary=glossary(run),
    )


def date_text(run: Run) -> str:
    """When the run started: ``2026-11-20 18:04 UTC``."""
    return f"{run.manifest.started_at[:16].replace('T', ' ')} UTC"


def run_facts(run: Run) -> tuple[tuple[str, str], ...]:
    """What the header says about a run besides its verdicts."""
    n_frames = sum(clip.facts.n_frames for clip in run.clips)
    sets = [
        f"{item.name} {item.version} ({'locked' if item.locked else 'not locked'})"
        for item in run.golden_sets
    ]
    footage = (
        f"{duration_text(total_annotated_s(run))} in {plural(len(run.clips), 'clip')}, "
        f"{plural(n_frames, 'frame')}"
    )
    hardware = dict(run.manifest.hardware)
    known = [hardware.get(key, "") for key in ("cpu", "gpu", "memory")]
    machine = [text for text in known if text not in ("", "none", "unknown")]
    return (
        ("Golden set" if len(sets) == 1 else "Golden sets", "; ".join(sets)),
        ("Footage", footage),
        ("Date", date_text(run)),
        ("Machine", ", ".join(machine) or "unknown"),
        ("Baseline", run.baseline or "none"),
    )


def _golden_set_pages(index: MetricIndex, evidence: Evidence) -> tuple[GoldenSetPage, ...]:
    run = index.run
    made = []
    for number, golden_set in enumerate(run.golden_sets, start=1):
        data = what_was_tested(index, golden_set)
        made.append(
            GoldenSetPage(
                name=golden_set.name,
                tested=data,
                headline=tables.headline_table(index, golden_set.name),
                classes=tables.class_table(index, golden_set.name, golden_set.taxonomy.names),
                slices=tables.slice_table(index, golden_set.name),
                timelines=tuple(
                    _timeline(evidence, clip, run, f"clip-{number}-{k}")
                    for k, clip in enumerate(data.clips, start=1)
                ),
                stages=stage_times(index, golden_set.name),
            )
        )
    return tuple(made)


def _timeline(evidence: Evidence, clip: ClipResult, run: Run, key: str) -> ClipTimeline:
    items: Sequence[ClipEvidence] = [
        item
        for item in evidence.clips
        if item.clip == clip.id and item.golden_set == clip.golden_set
    ]
    tallest = max((tallest_column(item) for item in items), default=0)
    n_strips = max(1, len(run.clips) * len(run.pipelines))
    max_spans = max(_MIN_HOVER_SPANS, _HOVER_SPANS_IN_ALL // n_strips)
    return ClipTimeline(
        key=key,
        golden_set=clip.golden_set,
        clip=clip.id,
        tags=slice_title(clip.tags),
        duration=duration_text(annotated_s(clip)),
        n_frames=clip.facts.n_frames,
        n_boxes=clip.n_truth,
        damaged=clip.damaged,
        ticks=time_ticks(clip.facts.duration_s),
        strips=tuple(
            strip(
                item,
                clip.facts.fps,
                tallest=tallest,
                max_spans=max_spans,
                stretches=_stretches(run, item),
            )
            for item in items
        ),
    )


def _stretches(run: Run, item: ClipEvidence) -> tuple[tuple[int, int], ...]:
    """Frames of a clip that carry the loss of gates which the pipeline did not pass."""
    place = (item.pipeline, item.golden_set)
    found = [
        cause.frames
        for result in run.gates
        if (result.pipeline, result.golden_set) == place
        for cause in result.causes
        if cause.frames is not None and cause.name == item.clip
    ]
    return tuple(dict.fromkeys(found))


def stage_times(index: MetricIndex, golden_set: str) -> tuple[StageTimes, ...]:
    """Latency per stage of every pipeline that has stages."""
    medians = {
        pipeline.name: _medians(index, golden_set, pipeline)
        for pipeline in index.run.pipelines
        if index.stages.get(pipeline.name)
    }
    full = max((sum(value for _, value, _ in parts) for parts in medians.values()), default=0.0)
    return tuple(
        StageTimes(
            pipeline=name,
            table=tables.stage_table(index, golden_set, name),
            bar=stacked_bar(parts, full),
            sum_text=f"{number_text(sum(value for _, value, _ in parts), 'ms')} ms",
        )
        for name, parts in medians.items()
    )


def _medians(
    index: MetricIndex, golden_set: str, pipeline: PipelineResult
) -> tuple[tuple[str, float, str], ...]:
    parts = []
    for stage in index.stages.get(pipeline.name, ()):
        value = index.value(
            pipeline.name, golden_set, "latency_ms_p50", slice_=((STAGE_KEY, stage),)
        )
        if value is not None and stage != "decode":
            parts.append((stage, value, f"{number_text(value, 'ms')} ms"))
    return tuple(parts)


def _frame_links(golden_sets: Sequence[GoldenSetPage], galleries: Sequence[Gallery]) -> FrameLinks:
    kept: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for gallery in galleries:
        for one in gallery.pictures:
            place = (one.pipeline, one.golden_set, one.clip)
            kept.setdefault(place, []).append((one.frame_index, one.key))
    return FrameLinks(
        pictures={place: sorted(frames) for place, frames in kept.items()},
        timelines={
            (clip.golden_set, clip.clip): clip.key
            for item in golden_sets
            for clip in item.timelines
        },
    )


def _galleries(folder: RunFolder, run: Run, evidence: Evidence) -> tuple[Gallery, ...]:
    made = pictures(folder, run, evidence, kept_worst_frames(folder, run, evidence))
    return tuple(
        Gallery(item.name, tuple(one for one in made if one.pipeline == item.name))
        for item in run.pipelines
    )
