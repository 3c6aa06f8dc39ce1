"""MOTChallenge evaluation of plain tracks: which boxes count, and the numbers.

Preprocessing follows `preprocess_data` of TrackEval's MotChallenge2DBox (1.3.0; Milan et al. 2016,
"MOT16", sections 3.3 and 4.1):

- ``mot17`` (also MOT16): boxes of the tracker that the matching of the highest total IoU, from 0.5
  on, gives to a distractor (person on vehicle, static person, distractor, reflection) are removed,
  then truth that is zero-marked or no pedestrian.
- ``mot20``: the same, with non-motorised vehicles among the distractors.
- ``mot15``: zero-marked truth is removed; MOT15 has no classes.
- ``none``: everything is compared as it stands.

A truth box is zero-marked when its conf is 0; TrackEval also drops a conf between 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from vbench.kernels.overlap import overlapping_boxes
from vbench.kernels.tracking import best_matches
from vbench.metrics.track_counts import TrackScores
from vbench.metrics.track_scores import frame_starts, score_tracks
from vbench.types import Bool, MotBoxes, Tracks

MotRules = Literal["mot15", "mot17", "mot20", "none"]
MOT_RULES: tuple[MotRules, ...] = get_args(MotRules)
PEDESTRIAN = 1
MOT_CLASSES = range(1, 14)
"""Class numbers of MOT16, MOT17 and MOT20."""

_DISTRACTORS: dict[MotRules, tuple[int, ...]] = {"mot17": (2, 7, 8, 12), "mot20": (2, 6, 7, 8, 12)}
_DISTRACTOR_IOU = 0.5


@dataclass(frozen=True, slots=True)
class MotStat:
    """One of the summary numbers; counts are whole numbers."""

    name: str
    value: int | float | None
    reason: str
    """Why there is no value; empty where there is one."""


@dataclass(frozen=True, slots=True)
class MotEvaluation:
    """The comparison of one results file with its truth."""

    scores: TrackScores
    """Counts, ratios, and HOTA's numbers at each of its 19 thresholds."""
    iou_threshold: float
    rules: MotRules

    @property
    def stats(self) -> tuple[MotStat, ...]:
        """TP FP FN IDSW FM MT PT ML MOTA MOTP IDF1 IDP IDR HOTA DetA AssA LocA."""
        s = self.scores
        no_truth, no_results = "no truth boxes", "the results have no boxes"
        no_match = f"no box of the results matches the truth at IoU >= {self.iou_threshold:g}"
        return (
            MotStat("TP", s.tp, ""),
            MotStat("FP", s.fp, ""),
            MotStat("FN", s.fn, ""),
            MotStat("IDSW", s.identity_switches, ""),
            MotStat("FM", s.fragmentations, ""),
            MotStat("MT", s.mostly_tracked, ""),
            MotStat("PT", s.partially_tracked, ""),
            MotStat("ML", s.mostly_lost, ""),
            _stat("MOTA", s.mota, no_truth),
            _stat("MOTP", s.motp, no_match),
            _stat("IDF1", s.idf1, f"{no_truth}, and {no_results}"),
            _stat("IDP", s.idp, no_results),
            _stat("IDR", s.idr, no_truth),
            _stat("HOTA", s.hota, no_truth),
            _stat("DetA", s.deta, no_truth),
            _stat("AssA", s.assa, no_truth),
            _stat("LocA", s.loca, "no box of the results matches the truth at IoU >= 0.05"),
        )

    def __getitem__(self, name: str) -> int | float | None:
        """The value of one number; raises KeyError for a name that is not there."""
        return self.as_dict()[name]

    def as_dict(self) -> dict[str, int | float | None]:
        """Value by name, as the JSON output has them."""
        return {item.name: item.value for item in self.stats}


def evaluate_mot_boxes(
    truth: MotBoxes, results: MotBoxes, iou_threshold: float, rules: MotRules
) -> MotEvaluation:
    """Choose the boxes that count and compare them.

    Raises:
        ValueError: a track is twice in one frame.
    """
    counting, kept = counting_boxes(truth, results, rules)
    scores = score_tracks(_only(truth, counting), _only(results, kept), iou_threshold)
    return MotEvaluation(scores, iou_threshold, rules)


def counting_boxes(truth: MotBoxes, results: MotBoxes, rules: MotRules) -> tuple[Bool, Bool]:
    """(M,) truth and (N,) results that take part; see the module's docstring."""
    counting = np.ones(len(truth.tracks), np.bool_)
    kept = np.ones(len(results.tracks), np.bool_)
    if rules != "none":
        counting &= ~truth.zero_marked
    if rules in _DISTRACTORS:
        counting &= truth.class_number == PEDESTRIAN
        distracting = np.isin(truth.class_number, _DISTRACTORS[rules])
        kept = ~_matched_with(truth, results, distracting)
    return counting, kept


def _only(boxes: MotBoxes, rows: Bool) -> Tracks:
    return boxes.tracks if rows.all() else boxes.tracks.take(rows)


def _matched_with(truth: MotBoxes, results: MotBoxes, marked: Bool) -> Bool:
    """(N,) results that the best matching with all truth gives to a marked truth box."""
    matched = np.zeros(len(results.tracks), np.bool_)
    if not marked.any():
        return matched
    starts = frame_starts(truth.tracks, results.tracks)
    pair_start, pair_truth, pair_found, pair_iou = overlapping_boxes(
        starts[0], truth.tracks.boxes_xyxy, starts[1], results.tracks.boxes_xyxy
    )
    taken = best_matches(
        starts[0], starts[1], pair_start, pair_truth, pair_found, pair_iou, _DISTRACTOR_IOU
    )
    matched[pair_found[taken & marked[pair_truth]]] = True
    return matched


def _stat(name: str, value: float | None, reason: str) -> MotStat:
    return MotStat(name, value, reason if value is None else "")
