"""One frame with everything that is stored of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.metrics.score_counts import threshold_reached
from vbench.record.folder import RunFolder
from vbench.record.shards import read_matched_blocks
from vbench.report.evidence import StoredAnswers, point_for, rows_of_frame, stored_answers
from vbench.report.page_data.contract import AnswerRow, FrameData
from vbench.types import F64, Bool, Clip, GoldenSet, OperatingPoint, Run

MAX_ANSWERS = 200
"""Of one pipeline in one frame: those of the highest scores."""
_DECIMALS = 1
_SCORE_STEPS = 10_000


def frame_record(
    folder: RunFolder, run: Run, golden_set: GoldenSet, clip: Clip, number: int, frame: int
) -> FrameData:
    """One frame of a run, read from its shards.

    Args:
        folder: the run folder.
        run: its run.
        golden_set: as the run stored it.
        clip: one of its clips.
        number: of the clip on the page.
        frame: 0-based.

    Raises:
        RunFolderError: a shard is missing or broken.
    """
    counts: Bool = np.zeros(len(clip.truth), np.bool_)
    stored = []
    for pipeline in run.pipelines:
        shards = (
            folder.detections(pipeline.name, clip.id),
            folder.matches(pipeline.name, clip.id),
        )
        iou = pipeline.operating_point.iou
        blocks = list(read_matched_blocks(*shards, iou, range(frame, frame + 1)))
        counts = blocks[0][1].truth_counts
        stored.append(stored_answers(blocks))
    points = [point_for(pipeline.operating_point, golden_set) for pipeline in run.pipelines]
    return frame_data(clip, number, frame, counts, stored, points)


def frame_data(
    clip: Clip,
    number: int,
    frame: int,
    truth_counts: Bool,
    stored: Sequence[StoredAnswers],
    points: Sequence[OperatingPoint],
) -> FrameData:
    """One frame from what is in memory; without a picture.

    Args:
        clip: with its truth of M boxes.
        number: of the clip on the page.
        frame: 0-based.
        truth_counts: (M,) truth that can be found or missed.
        stored: per pipeline at least all that it answered in the frame.
        points: per pipeline its operating point.
    """
    truth = clip.truth
    rows = rows_of_frame(truth.frame_index, frame)
    first = int(rows[0]) if len(rows) else 0
    answers, left_out = [], []
    for of_pipeline, point in zip(stored, points, strict=True):
        made = _answer_rows(of_pipeline, frame, first, point)
        answers.append(made[:MAX_ANSWERS])
        left_out.append(max(0, len(made) - MAX_ANSWERS))
    return {
        "clip": number,
        "frame": frame,
        "image": None,
        "problem": "",
        "truth": [
            (*box, class_id, int(counts), track)
            for box, class_id, counts, track in zip(
                _boxes(truth.boxes_xyxy[rows]),
                truth.class_id[rows].tolist(),
                truth_counts[rows].tolist(),
                truth.track_id[rows].tolist(),
                strict=True,
            )
        ],
        "answers": answers,
        "left_out": left_out,
    }


def _answer_rows(
    stored: StoredAnswers, frame: int, first: int, point: OperatingPoint
) -> list[AnswerRow]:
    found = stored.detections
    rows = rows_of_frame(found.frame_index, frame)
    of_truth = stored.truth_index[rows]
    class_id = found.class_id[rows]
    operating = np.array([score for _, score in point.scores], np.float64)[class_id]
    return [
        (*box, class_, score, row)
        for box, class_, score, row in zip(
            _boxes(found.boxes_xyxy[rows]),
            class_id.tolist(),
            short_scores(found.scores[rows], operating).tolist(),
            np.where(of_truth >= 0, of_truth - first, of_truth).tolist(),
            strict=True,
        )
    ]


def _boxes(boxes_xyxy: F64) -> list[tuple[float, float, float, float]]:
    rounded: list[tuple[float, float, float, float]] = np.round(boxes_xyxy, _DECIMALS).tolist()
    return rounded


def short_scores(scores: F64, operating: F64) -> F64:
    """Scores rounded down to four decimals, but for those that would then count at less scores.

    Those are the hundredths and the operating score (N,) of each.
    """
    short = np.floor(scores * _SCORE_STEPS) / _SCORE_STEPS
    same = threshold_reached(short) == threshold_reached(scores)
    same &= (short >= operating) == (scores >= operating)
    return np.where(same, short, scores)
