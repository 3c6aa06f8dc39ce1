"""The numbers of a run from other people's programs: pycocotools and motmetrics.

The only module that imports them. Neither knows everything that a golden set can say, so what is
handed to them is prepared: unannotated frames are left out; truth that does not count and is no
crowd gets an area outside of COCO's range, which makes pycocotools ignore it; a detection that is
never a false positive (ignore region, class not annotated exhaustively) is ignored where it
matches nothing. Ids start at 1, because pycocotools takes 0 for "unmatched". motmetrics gets
distances of our own: its helper calls a function that NumPy 2 removed.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import motmetrics
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from vbench.bench.stored import StoredAnswers
from vbench.matching import never_false
from vbench.metrics.pool import operating_scores
from vbench.types import COCO_IOU_THRESHOLDS, F64, I64, Bool, Clip, Detections, Matches, Truth

ReferenceKey = tuple[str, str | None]
"""Metric and class; None: all classes together."""

DETECTION_METRICS = ("tp", "fp", "fn", "ap", "ap50", "ap75")
TRACK_METRICS = (
    "mota",
    "motp",
    "idf1",
    "idp",
    "idr",
    "idsw",
    "fragmentations",
    "mostly_tracked",
    "partially_tracked",
    "mostly_lost",
)
_COUNTS = (
    "num_objects",
    "num_predictions",
    "num_misses",
    "num_false_positives",
    "num_detections",
    "num_switches",
    "num_fragmentations",
    "mostly_tracked",
    "partially_tracked",
    "mostly_lost",
    "idtp",
    "idfp",
    "idfn",
    "motp",
)
_IGNORED_AREA_PX2 = 1e11
"""Beyond COCO's largest area range, which ends at 1e10."""
_EPS = np.finfo(np.float64).eps


class CocoRow(TypedDict):
    """One annotation or result of a COCO file."""

    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    iscrowd: int
    score: NotRequired[float]


@dataclass(frozen=True, slots=True)
class TrackReference:
    """What motmetrics says, and where its definitions part from those of TrackEval."""

    values: Mapping[ReferenceKey, float | None]
    n_resumed: int
    """Pairs that came back after a gap: motmetrics prefers them, TrackEval does not."""
    n_one_sided_frames: int
    """Frames with truth and no detection or the other way round, which TrackEval passes over."""
    n_at_limit: int
    """Tracks found in exactly 80 % of their frames: mostly tracked for motmetrics alone."""


def pycocotools_values(answers: StoredAnswers) -> dict[ReferenceKey, float | None]:
    """TP, FP, FN at the operating point and AP, AP50, AP75 over all stored detections."""
    names = answers.golden_set.taxonomy.names
    exhaustive = np.array([clip.exhaustive for clip in answers.golden_set.clips])
    has_frames = np.array([[clip.annotated.any()] for clip in answers.golden_set.clips])
    known = np.asarray((exhaustive & has_frames).any(axis=0), np.bool_)
    everything = np.ones_like(exhaustive)
    values: dict[ReferenceKey, float | None] = {}
    tp, fp, fn = _coco_counts(answers, everything)
    for c, name in enumerate(names):
        values["tp", name], values["fn", name] = float(tp[c]), float(fn[c])
        values["fp", name] = float(fp[c]) if known[c] else None
    values["tp", None], values["fn", None] = float(tp.sum()), float(fn.sum())
    values["fp", None] = float(fp[known].sum()) if known.any() else None
    evaluation = _evaluated(answers, COCO_IOU_THRESHOLDS, exhaustive, np.zeros(len(names)) - np.inf)
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.accumulate()
    # (thresholds, recalls, classes, one area range, one maximum of detections)
    precision = evaluation.eval["precision"][:, :, :, 0, 0]
    for metric, rows in (("ap", slice(None)), ("ap50", slice(0, 1)), ("ap75", slice(5, 6))):
        for c, name in enumerate(names):
            values[metric, name] = _mean_of_defined(precision[rows, :, c])
        values[metric, None] = _mean_of_defined(precision[rows])
    return values


def _coco_counts(answers: StoredAnswers, cells: Bool) -> tuple[I64, I64, I64]:
    """(C,) true positives, false positives and misses at the operating point."""
    n_classes = cells.shape[1]
    evaluation = _evaluated(
        answers, np.array([answers.point.iou]), cells, operating_scores(answers.point)
    )
    tp, fp, fn = (np.zeros(n_classes, np.int64) for _ in range(3))
    for image in evaluation.evalImgs:
        if image is None:
            continue
        c = image["category_id"] - 1
        matched, ignored = image["dtMatches"][0] > 0, image["dtIgnore"][0].astype(bool)
        n_found = int((matched & ~ignored).sum())
        tp[c] += n_found
        fp[c] += int((~matched & ~ignored).sum())
        fn[c] += int((np.asarray(image["gtIgnore"]) == 0).sum()) - n_found
    return tp, fp, fn


def _evaluated(answers: StoredAnswers, iou: F64, cells: Bool, scores: F64) -> COCOeval:
    """Match the cells (clips, C) marked by pycocotools, detections from `scores` (C,) up."""
    n_classes = len(answers.golden_set.taxonomy.names)
    truth_rows: list[CocoRow] = []
    found_rows: list[CocoRow] = []
    never: list[Bool] = []
    first_image = 1
    for g, clip in enumerate(answers.golden_set.clips):
        truth, found = clip.truth, answers.detections[g]
        area = _area(truth.boxes_xyxy)
        area[~answers.matches[g].truth_counts & ~truth.crowd] = _IGNORED_AREA_PX2
        take = clip.annotated[truth.frame_index] & cells[g, truth.class_id]
        truth_rows += _coco_rows(truth.take(take), first_image, area[take], truth.crowd[take], None)
        take = clip.annotated[found.frame_index] & cells[g, found.class_id]
        take &= found.scores >= scores[found.class_id]
        area, no_crowd = _area(found.boxes_xyxy)[take], np.zeros(int(take.sum()), np.bool_)
        kept = found.take(take)
        found_rows += _coco_rows(kept, first_image, area, no_crowd, kept.scores)
        never.append(never_false(clip, found)[take])
        first_image += clip.facts.n_frames
    return _matched(truth_rows, found_rows, np.concatenate(never), n_classes, iou)


def _area(boxes_xyxy: F64) -> F64:
    area: F64 = np.prod(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], axis=1)
    return area


def _coco_rows(
    boxes: Truth | Detections, first_image: int, area: F64, crowd: Bool, scores: F64 | None
) -> list[CocoRow]:
    """Annotations without ids, as in a COCO file."""
    xyxy = boxes.boxes_xyxy
    xywh = np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1).tolist()
    rows: list[CocoRow] = []
    for k, box in enumerate(xywh):
        row: CocoRow = {
            "image_id": first_image + int(boxes.frame_index[k]),
            "category_id": int(boxes.class_id[k]) + 1,
            "bbox": box,
            "area": float(area[k]),
            "iscrowd": int(crowd[k]),
        }
        if scores is not None:
            row["score"] = float(scores[k])
        rows.append(row)
    return rows


def _matched(
    truth_rows: list[CocoRow],
    found_rows: list[CocoRow],
    never: Bool,
    n_classes: int,
    iou: F64,
) -> COCOeval:
    """A COCOeval after `evaluate`, with detections that are never false ignored if unmatched."""
    images = sorted({row["image_id"] for row in (*truth_rows, *found_rows)}) or [1]
    sides = []
    with contextlib.redirect_stdout(io.StringIO()):
        for rows in (truth_rows, found_rows):
            side = COCO()
            side.dataset = {
                "info": {},
                "images": [{"id": image} for image in images],
                "categories": [{"id": c + 1, "name": str(c)} for c in range(n_classes)],
                "annotations": [{**row, "id": k + 1} for k, row in enumerate(rows)],
            }
            side.createIndex()
            sides.append(side)
        evaluation = COCOeval(*sides, "bbox")
        evaluation.params.iouThrs = iou
        evaluation.params.areaRng = [[0.0, 1e10]]
        evaluation.params.areaRngLbl = ["all"]
        evaluation.params.maxDets = [max(1, len(found_rows))]
        evaluation.evaluate()
    for image in evaluation.evalImgs:
        if image is not None and image["dtIds"]:
            of_image = never[np.array(image["dtIds"], np.int64) - 1]
            unmatched = image["dtMatches"] == 0
            image["dtIgnore"] = np.logical_or(image["dtIgnore"], unmatched & of_image)
    return evaluation


def motmetrics_values(answers: StoredAnswers) -> TrackReference:
    """CLEAR and identity numbers of all clips and classes, tracks never changing class."""
    clips = answers.golden_set.clips
    names = answers.golden_set.taxonomy.names
    totals: dict[str, F64] = {name: np.zeros((2, len(names))) for name in (*_COUNTS, "distance")}
    facts = np.zeros(3, np.int64)
    for g, clip in enumerate(clips):
        truth_rows, found_rows = _tracked(clip, answers.detections[g], answers.matches[g], answers)
        for c in range(len(names)):
            of_truth = truth_rows[clip.truth.class_id[truth_rows] == c]
            of_found = found_rows[answers.detections[g].class_id[found_rows] == c]
            if not len(of_truth) and not len(of_found):
                continue
            counts = _accumulated(
                clip, of_truth, answers.detections[g], of_found, answers.point.iou, facts
            )
            for name, value in counts.items():
                totals[name][0, c] += value
                totals[name][1, c] += value * clip.exhaustive[c]
    values: dict[ReferenceKey, float | None] = {}
    for c, class_name in enumerate((*names, None)):
        of_class = slice(c, c + 1) if class_name is not None else slice(None)
        every = {name: float(total[0, of_class].sum()) for name, total in totals.items()}
        known = {name: float(total[1, of_class].sum()) for name, total in totals.items()}
        for metric, result in _track_values(every, known).items():
            values[metric, class_name] = result
    return TrackReference(values, *(int(fact) for fact in facts))


def _tracked(
    clip: Clip, detections: Detections, matches: Matches, answers: StoredAnswers
) -> tuple[I64, I64]:
    """Rows of truth and detections that a tracker is judged by."""
    row = matches.row(answers.point.iou)
    truth_rows = np.flatnonzero(matches.truth_counts & (clip.truth.track_id >= 0))
    without_track = np.append(matches.truth_counts & (clip.truth.track_id < 0), False)
    selected = detections.scores >= operating_scores(answers.point)[detections.class_id]
    found_rows = np.flatnonzero(
        selected
        & ~matches.ignored[row]
        & ~without_track[matches.truth_index[row]]
        & (detections.track_id >= 0)
    )
    return truth_rows, found_rows


def _accumulated(
    clip: Clip, of_truth: I64, found: Detections, of_found: I64, iou: float, facts: I64
) -> dict[str, float]:
    """Count one clip and class by motmetrics; adds to the `facts` of `TrackReference`."""
    truth = clip.truth
    accumulator = motmetrics.MOTAccumulator(auto_id=False)
    frames = np.union1d(truth.frame_index[of_truth], found.frame_index[of_found])
    matched_before: set[tuple[int, int]] = set()
    for frame in frames.tolist():
        left = of_truth[truth.frame_index[of_truth] == frame]
        right = of_found[found.frame_index[of_found] == frame]
        overlap = _iou(truth.boxes_xyxy[left], found.boxes_xyxy[right])
        distance = np.where(overlap >= iou - _EPS, 1.0 - overlap, np.nan)
        truth_ids, found_ids = truth.track_id[left].tolist(), found.track_id[right].tolist()
        known_pairs = dict(accumulator.m)
        for i, j in np.argwhere(np.isfinite(distance)).tolist():
            pair = (truth_ids[i], found_ids[j])
            if known_pairs.get(pair[0]) == pair[1] and pair not in matched_before:
                facts[0] += 1
        accumulator.update(truth_ids, found_ids, distance, frameid=frame)
        if len(left) and len(right):
            matched_before = {
                (track, accumulator.m[track])
                for track in truth_ids
                if accumulator.last_match.get(track) == frame
            }
        else:
            facts[1] += 1
    computed = motmetrics.metrics.create().compute(
        accumulator, metrics=[*_COUNTS, "track_ratios"], return_dataframe=False
    )
    counts = {name: float(computed[name]) for name in _COUNTS}
    facts[2] += int((np.abs(computed["track_ratios"] - 0.8) < 1e-12).sum())
    n_matches = counts["num_detections"]
    counts["distance"] = counts["motp"] * n_matches if n_matches else 0.0
    return {name: 0.0 if np.isnan(value) else value for name, value in counts.items()}


def _track_values(every: dict[str, float], known: dict[str, float]) -> dict[str, float | None]:
    """Ratios from counts; `known` is the footage where false positives can be known."""
    errors = known["num_misses"] + known["num_false_positives"] + known["num_switches"]
    lost = _ratio(errors, known["num_objects"])
    return {
        "mota": None if lost is None else 1.0 - lost,
        "motp": _ratio(every["distance"], every["num_detections"]),
        "idf1": _ratio(2 * known["idtp"], known["num_objects"] + known["num_predictions"]),
        "idp": _ratio(known["idtp"], known["idtp"] + known["idfp"]),
        "idr": _ratio(every["idtp"], every["idtp"] + every["idfn"]),
        "idsw": every["num_switches"],
        "fragmentations": every["num_fragmentations"],
        "mostly_tracked": every["mostly_tracked"],
        "partially_tracked": every["partially_tracked"],
        "mostly_lost": every["mostly_lost"],
    }


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None


def _iou(truth_xyxy: F64, detections_xyxy: F64) -> F64:
    """(M, N) IoU of xyxy boxes."""
    a, b = truth_xyxy[:, None], detections_xyxy[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    inter = np.prod(np.maximum(sides, 0.0), axis=-1)
    union = np.prod(a[..., 2:] - a[..., :2], axis=-1) + np.prod(b[..., 2:] - b[..., :2], axis=-1)
    overlap: F64 = np.divide(inter, union - inter, out=np.zeros_like(inter), where=inter > 0)
    return overlap


def _mean_of_defined(precision: Sequence[float] | F64) -> float | None:
    values = np.asarray(precision)
    defined = values[values > -1]
    return float(defined.mean()) if len(defined) else None
