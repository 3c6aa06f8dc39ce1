"""Average precision of a finished run as Pascal VOC states it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vbench.bench.stored import stored_answers
from vbench.matching import MatchRule, iou_thresholds_with, match_clip
from vbench.metrics.voc import VocAveragePrecision, voc_average_precision
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run

PixelConvention = Literal["inclusive", "continuous"]
"""``inclusive`` is VOC's own: corners are pixels of the box, so a side is x2 - x1 + 1 long."""


@dataclass(frozen=True, slots=True)
class VocTable:
    """One pipeline on one golden set, at the run's IoU threshold."""

    pipeline: str
    golden_set: str
    all_points: VocAveragePrecision
    eleven_points: VocAveragePrecision


@dataclass(frozen=True, slots=True)
class VocAnswer:
    """The answer of `vbench score RUN --voc`."""

    run: Path
    pixels: PixelConvention
    tables: tuple[VocTable, ...]


def voc_of_run(run_folder: Path, pixels: PixelConvention) -> VocAnswer:
    """Match a finished run's stored detections by VOC's rule, and average their precision.

    Args:
        run_folder: the finished run; it is not changed.
        pixels: how long the side of a box is.

    Raises:
        VbenchError: not a finished run, or a part of it is broken.
    """
    folder = RunFolder(run_folder)
    rule: MatchRule = "voc_inclusive" if pixels == "inclusive" else "voc"
    tables = []
    for answers in stored_answers(folder, read_run(folder)):
        golden_set, found, point = answers.golden_set, answers.detections, answers.point
        thresholds = iou_thresholds_with(point.iou)
        matches = [
            match_clip(clip, of_clip, thresholds, rule)
            for clip, of_clip in zip(golden_set.clips, found, strict=True)
        ]
        tables.append(
            VocTable(
                answers.pipeline.name,
                golden_set.name,
                voc_average_precision(golden_set, found, matches, point, "all"),
                voc_average_precision(golden_set, found, matches, point, "eleven"),
            )
        )
    return VocAnswer(run_folder, pixels, tuple(tables))
