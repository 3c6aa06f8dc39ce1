"""Errors of pipelines whose answers are written as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vbench.matching import iou_thresholds_with, match_clip
from vbench.metrics.frames import counting_detections
from vbench.metrics.score_counts import ScoreBins, ScoreCounts
from vbench.report.errors.clip_errors import SetErrors, clip_errors
from vbench.report.evidence import ClipEvidence, StoredAnswers
from vbench.types import Clip, Detections, GoldenSet, Matches, OperatingPoint

Box = tuple[float, float, float, float]


def shifted(box: Box, x: float = 0.0, y: float = 0.0) -> Box:
    return (box[0] + x, box[1] + y, box[2] + x, box[3] + y)


def made_evidence(
    golden: GoldenSet,
    clip: Clip,
    pipeline: str,
    found: Detections,
    point: OperatingPoint,
    matches: Matches | None = None,
) -> ClipEvidence:
    """Evidence of one pipeline on one clip, without what the errors section does not read."""
    table = matches or match_clip(clip, found, iou_thresholds_with(point.iou))
    counting = counting_detections(found, table, point)
    truth_index = table.truth_index[table.row(point.iou)][counting].astype(np.int64)
    kept = found.take(counting)
    hit = truth_index >= 0
    missed = table.truth_counts.copy()
    missed[truth_index[hit]] = False

    def per_frame(frame_index: np.ndarray) -> np.ndarray:
        return np.bincount(frame_index, minlength=clip.facts.n_frames).astype(np.int64)

    n_classes = len(golden.taxonomy.classes)
    return ClipEvidence(
        pipeline=pipeline,
        golden_set=golden.name,
        clip=clip.id,
        tp=per_frame(kept.frame_index[hit]),
        fp=per_frame(kept.frame_index[~hit]),
        fn=per_frame(clip.truth.frame_index[missed]),
        focus=np.zeros(clip.facts.n_frames, np.int64),
        detections=kept,
        truth_index=truth_index,
        missed=missed,
        truth_counts=table.truth_counts,
        scores=ScoreCounts.empty(n_classes),
        bins=ScoreBins.empty(n_classes),
        pictured=StoredAnswers(Detections.empty(), np.zeros(0, np.int64)),
    )


def made_errors(
    golden: GoldenSet,
    answers: Mapping[str, Sequence[Detections]],
    score: float = 0.3,
    iou: float = 0.5,
) -> SetErrors:
    """Errors of pipelines (name -> detections per clip) on a golden set."""
    point = OperatingPoint(iou, tuple((name, score) for name in golden.taxonomy.names))
    return SetErrors(
        golden,
        tuple(answers),
        tuple(
            tuple(
                clip_errors(clip, made_evidence(golden, clip, name, found, point), iou)
                for clip, found in zip(golden.clips, of_clips, strict=True)
            )
            for name, of_clips in answers.items()
        ),
    )
