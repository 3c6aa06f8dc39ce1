"""Everything the HTML report shows, gathered before a template sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from vbench.metrics.latency import DECODE_STAGE
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report import tables, verdicts
from vbench.report.cause_rows import FrameLinks
from vbench.report.decision import Decision, decision
from vbench.report.errors.places import page_places
from vbench.report.errors.section import ErrorsSection, errors_section
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.gates_view import GateView, gate_counts, gate_views
from vbench.report.glossary import Term, glossary
from vbench.report.how_sure import HowSure, how_sure
from vbench.report.language.strings import say, say_n
from vbench.report.lookup import STAGE_KEY, MetricIndex
from vbench.report.numbers import duration_text, number_text
from vbench.report.page_data import json_text, page_data
from vbench.report.page_data.contract import ClipData
from vbench.report.tables import Table
from vbench.report.tested import Tested, total_annotated_s, what_was_tested
from vbench.report.vega.drawing import warm_up
from vbench.report.vega.page_charts import Charts, charts_of
from vbench.report.verdicts import GateStatus, PipelineVerdict
from vbench.report.web.gallery import Picture, pictures
from vbench.report.web.heat_map import HeatMaps, class_heat_maps, slice_heat_maps
from vbench.report.web.kept_pictures import KeptPicture, kept_pictures
from vbench.report.web.slice_numbers import numbered_slices
from vbench.report.web.timelines import ClipTimeline, clip_timelines
from vbench.report.worst_frames import kept_worst_frames
from vbench.types import PipelineResult, Run


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Latency per stage of one pipeline."""

    pipeline: str
    table: Table
    sum_text: str
    """Medians of its stages added up, decode left out."""


@dataclass(frozen=True, slots=True)
class GoldenSetPage:
    """What the report says on one golden set."""

    name: str
    tested: Tested
    headline: Table
    classes: HeatMaps
    tracking: Table
    events: Table
    slices: HeatMaps
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
    decision: Decision
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
    more_pictures: tuple[KeptPicture, ...]
    """Frames with pictures that no gallery shows."""
    n_pictures_left_out: int
    clip_slices: tuple[tuple[int, ...], ...]
    """Numbers of the slices that each clip has a part in, by the number of the clip."""
    errors: ErrorsSection
    glossary: tuple[Term, ...]
    data: Markup
    """JSON for the page's scripts."""
    charts: Charts


def read_page(folder: RunFolder, *, served: str | None = None) -> Page:
    """Gather the report of a finished run.

    Args:
        folder: of the run.
        served: where `vbench view` serves frames; None for a page that is a file.

    Raises:
        RunFolderError: the run is not finished, or a part of it is missing or broken.
    """
    warm_up()
    run = read_run(folder)
    index = MetricIndex.of(run)
    evidence = read_evidence(folder, run)
    worst = kept_worst_frames(folder, run, evidence)
    kept = kept_pictures(folder, run, evidence, worst)
    galleries = _galleries(run, pictures(folder, run, evidence, worst, kept))
    data = page_data(folder, index, evidence, images=kept.keys, server=served)
    golden_sets = _golden_set_pages(index, evidence, data["clips"])
    return Page(
        run=run,
        decision=decision(run),
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
        more_pictures=kept.without(
            one.image_key for gallery in galleries for one in gallery.pictures
        ),
        n_pictures_left_out=kept.n_left_out,
        clip_slices=tuple(tuple(clip["slices"]) for clip in data["clips"]),
        errors=errors_section(
            index,
            evidence,
            page_places(run, {place: one.key for place, one in kept.by_frame.items()}),
        ),
        glossary=glossary(run),
        data=json_text(data),
        charts=charts_of(folder, index, evidence),
    )


def date_text(run: Run) -> str:
    """When the run started: ``2026-11-20 18:04 UTC``."""
    at = run.manifest.started_at
    return say(
        "{year}-{month}-{day} {time} UTC",
        year=at[:4],
        month=at[5:7],
        day=at[8:10],
        time=at[11:16],
    )


def run_facts(run: Run) -> tuple[tuple[str, str], ...]:
    """What the header says about a run besides its verdicts."""
    n_frames = sum(clip.facts.n_frames for clip in run.clips)
    sets = [
        f"{item.name} {item.version} ({say('locked') if item.locked else say('not locked')})"
        for item in run.golden_sets
    ]
    footage = say(
        "{time} in {clips}, {frames}",
        time=duration_text(total_annotated_s(run)),
        clips=say_n(len(run.clips), "{n} clip", "{n} clips"),
        frames=say_n(n_frames, "{n} frame", "{n} frames"),
    )
    hardware = dict(run.manifest.hardware)
    known = [hardware.get(key, "") for key in ("cpu", "gpu", "memory")]
    machine = [text for text in known if text not in ("", "none", "unknown")]
    return (
        (say("Golden set") if len(sets) == 1 else say("Golden sets"), "; ".join(sets)),
        (say("Footage"), footage),
        (say("Date"), date_text(run)),
        (say("Machine"), ", ".join(machine) or say("unknown")),
        (say("Baseline"), run.baseline or say("none")),
    )


def _golden_set_pages(
    index: MetricIndex, evidence: Evidence, clips: Sequence[ClipData]
) -> tuple[GoldenSetPage, ...]:
    run = index.run
    numbers = numbered_slices(index)
    timelines = clip_timelines(run, evidence, clips)
    made = []
    for golden_set in run.golden_sets:
        data = what_was_tested(index, golden_set)
        made.append(
            GoldenSetPage(
                name=golden_set.name,
                tested=data,
                headline=tables.headline_table(index, golden_set.name),
                classes=class_heat_maps(index, golden_set.name, golden_set.taxonomy.names),
                tracking=tables.metric_table(index, golden_set.name, tables.ALL_TRACKING),
                events=tables.metric_table(index, golden_set.name, tables.ALL_EVENTS),
                slices=slice_heat_maps(index, golden_set.name, numbers),
                timelines=tuple(one for one in timelines if one.golden_set == golden_set.name),
                stages=stage_times(index, golden_set.name),
            )
        )
    return tuple(made)


def stage_times(index: MetricIndex, golden_set: str) -> tuple[StageTimes, ...]:
    """Latency per stage of every pipeline that has stages."""
    return tuple(
        StageTimes(
            pipeline=pipeline.name,
            table=tables.stage_table(index, golden_set, pipeline.name),
            sum_text=f"{number_text(_sum_of_medians(index, golden_set, pipeline), 'ms')} ms",
        )
        for pipeline in index.run.pipelines
        if index.stages.get(pipeline.name)
    )


def _sum_of_medians(index: MetricIndex, golden_set: str, pipeline: PipelineResult) -> float:
    return sum(
        index.value(pipeline.name, golden_set, "latency_ms_p50", slice_=((STAGE_KEY, stage),))
        or 0.0
        for stage in index.stages[pipeline.name]
        if stage != DECODE_STAGE
    )


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


def _galleries(run: Run, made: Sequence[Picture]) -> tuple[Gallery, ...]:
    return tuple(
        Gallery(item.name, tuple(one for one in made if one.pipeline == item.name))
        for item in run.pipelines
    )
