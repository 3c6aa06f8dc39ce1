"""All that the page's scripts know of a run, from its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vbench.record.folder import RunFolder
from vbench.report.evidence import ClipEvidence, Evidence, point_for
from vbench.report.lookup import MetricIndex
from vbench.report.page_data.boxes import boxes_within, truth_that_counts
from vbench.report.page_data.clips import clip_data
from vbench.report.page_data.contract import (
    SCHEMA,
    ClipData,
    CurveData,
    FrameData,
    PageData,
    SetData,
    SliceData,
)
from vbench.report.page_data.frame_records import frame_data
from vbench.report.page_data.packing import packed
from vbench.report.page_data.slices import slices_of_clips
from vbench.report.web.slice_numbers import numbered_slices
from vbench.report.wording import slice_title
from vbench.types import I64, Clip, GoldenSet, Run


def page_data(
    folder: RunFolder,
    index: MetricIndex,
    evidence: Evidence,
    *,
    images: Mapping[tuple[str, int], str],
    server: str | None = None,
) -> PageData:
    """Gather the data of the page.

    Args:
        folder: the run folder.
        index: of its run.
        evidence: of its run.
        images: (clip, frame) -> id of the element of the page that holds the picture.
        server: where `vbench view` serves frames; None for a file.

    Raises:
        RunFolderError: timings or alerts are broken.
    """
    run = index.run
    return {
        "schema": SCHEMA,
        "server": server,
        "pipelines": [
            {"name": item.name, "is_baseline": item.name == run.baseline} for item in run.pipelines
        ],
        "sets": [_set(run, golden_set) for golden_set in evidence.golden_sets],
        "slices": _slices(index, evidence),
        "clips": _clips(folder, index, evidence),
        "frames": _frames(run, evidence, images),
        "curves": [
            [_curve(evidence, golden_set, pipeline.name) for pipeline in run.pipelines]
            for golden_set in evidence.golden_sets
        ],
    }


def _set(run: Run, golden_set: GoldenSet) -> SetData:
    points = [point_for(item.operating_point, golden_set) for item in run.pipelines]
    return {
        "name": golden_set.name,
        "classes": list(golden_set.taxonomy.names),
        "scores": [[score for _, score in point.scores] for point in points],
        "floors": [item.score_floor for item in run.pipelines],
        "iou": points[0].iou if points else 0.5,
    }


def _slices(index: MetricIndex, evidence: Evidence) -> list[SliceData]:
    set_numbers = {item.name: number for number, item in enumerate(evidence.golden_sets)}
    return [
        {"set": set_numbers[golden_set], "title": slice_title(slice_)}
        for golden_set, slice_ in numbered_slices(index)
    ]


def _clips(folder: RunFolder, index: MetricIndex, evidence: Evidence) -> list[ClipData]:
    places = _places(evidence)
    slices = slices_of_clips(index, evidence)
    boxes = boxes_within([(clip, items) for _, _, clip, items in places])
    return [
        clip_data(
            folder,
            index.run,
            evidence.golden_sets[set_number],
            clip,
            items,
            set_number=set_number,
            key=key,
            slices=slices[evidence.golden_sets[set_number].name, clip.id],
            boxes=of_clip,
        )
        for (set_number, key, clip, items), of_clip in zip(places, boxes, strict=True)
    ]


_Place = tuple[int, str, Clip, Sequence[ClipEvidence]]
"""Number of the golden set, anchor of the page, the clip, what each pipeline did on it."""


def _places(evidence: Evidence) -> list[_Place]:
    """Clips in the order of the page."""
    items: dict[tuple[str, str], list[ClipEvidence]] = {}
    for item in evidence.clips:
        items.setdefault((item.golden_set, item.clip), []).append(item)
    return [
        (set_number, f"clip-{set_number + 1}-{k}", clip, items.get((golden_set.name, clip.id), []))
        for set_number, golden_set in enumerate(evidence.golden_sets)
        for k, clip in enumerate(golden_set.clips, start=1)
    ]


def _frames(
    run: Run,
    evidence: Evidence,
    images: Mapping[tuple[str, int], str],
) -> list[FrameData]:
    """Frames that the page holds as pictures."""
    made = []
    for number, (set_number, _, clip, items) in enumerate(_places(evidence)):
        golden_set = evidence.golden_sets[set_number]
        points = [point_for(item.operating_point, golden_set) for item in run.pipelines]
        counts = truth_that_counts(clip, items)
        stored = [item.pictured for item in items]
        for name, frame in images:
            if name != clip.id:
                continue
            one = frame_data(clip, number, frame, counts, stored, points)
            one["image"] = images[name, frame]
            made.append(one)
    return made


def _curve(evidence: Evidence, golden_set: GoldenSet, pipeline: str) -> CurveData:
    scores = evidence.scores(pipeline, golden_set.name)
    return {
        "tp": packed(scores.tp),
        "fp": packed(scores.fp),
        "n_truth": scores.n_truth.tolist(),
        "known": (scores.known_frames > 0).tolist(),
        "at_point": _at_point(evidence, golden_set, pipeline).tolist(),
    }


def _at_point(evidence: Evidence, golden_set: GoldenSet, pipeline: str) -> I64:
    """(3, C + 1) found, false alarms and missed; first all classes together."""
    n_classes = len(golden_set.taxonomy.classes)
    counts = np.zeros((3, n_classes), np.int64)
    for item in evidence.of_set(pipeline, golden_set.name):
        truth_class = evidence.clip(golden_set.name, item.clip).truth.class_id
        hit = item.truth_index >= 0
        for row, class_id in enumerate(
            (
                item.detections.class_id[hit],
                item.detections.class_id[~hit],
                truth_class[item.missed],
            )
        ):
            counts[row] += np.bincount(class_id, minlength=n_classes)
    return np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
