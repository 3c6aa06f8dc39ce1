"""A MOTChallenge evaluation of plain files or arrays: no golden set, no video."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from vbench.errors import InputError, TruthError
from vbench.golden.formats.mot import CLASS
from vbench.golden.plain.mot import MotTable, mot_array, read_mot_file
from vbench.metrics.mot import (
    MOT_CLASSES,
    MOT_RULES,
    PEDESTRIAN,
    MotEvaluation,
    MotRules,
    evaluate_mot_boxes,
)
from vbench.types import F64, Bool


def evaluate_mot(
    truth: F64 | str | os.PathLike[str],
    results: F64 | str | os.PathLike[str],
    *,
    iou_threshold: float = 0.5,
    preprocess: MotRules | None = None,
) -> MotEvaluation:
    """Evaluate tracks against truth: CLEAR MOT, identity and HOTA.

    ``evaluate_mot("gt.txt", "results.txt")["HOTA"]``

    Args:
        truth: a MOTChallenge text file, or a (R, 6..10) array with its columns: frame (from 1),
            id, x, y, width, height in pixels, conf, class, visibility.
        results: the same of a tracker; its conf is not read.
        iou_threshold: of CLEAR and identity, above 0 and up to 1; HOTA has its own 19.
        preprocess: which boxes count, see `vbench.metrics.mot`. None is ``mot15``, but refuses
            truth of other classes than pedestrian, where the choice makes a difference.

    Raises:
        InputError: a setting, file or row that cannot be used, or truth in which nothing counts.
    """
    if not 0.0 < iou_threshold <= 1.0:
        what = f"the IoU threshold is {iou_threshold:g}"
        raise InputError(what, where="--iou", hint="give a number above 0, up to 1")
    if preprocess is not None and preprocess not in MOT_RULES:
        what = f'unknown preprocessing "{preprocess}"'
        raise InputError(what, where="--preprocess", hint=f"one of {', '.join(MOT_RULES)}")
    truth_table, results_table = _table(truth, "truth"), _table(results, "results")
    _check_classes(truth_table, results_table, preprocess)
    evaluation = evaluate_mot_boxes(
        truth_table.boxes, results_table.boxes, iou_threshold, preprocess or "mot15"
    )
    if evaluation.scores.n_truth == 0:
        n = len(truth_table.boxes.tracks)
        raise TruthError(
            f"none of the {n} truth boxes counts" if n else "there are no truth boxes",
            where="truth" if isinstance(truth, np.ndarray) else str(truth),
            hint="boxes with conf 0 (and, for mot17 and mot20, other classes than 1) never count;"
            " --preprocess none takes all",
        )
    return evaluation


def _table(source: F64 | str | os.PathLike[str], name: str) -> MotTable:
    if isinstance(source, np.ndarray):
        return mot_array(source, name)
    return read_mot_file(Path(source))


def _check_classes(truth: MotTable, results: MotTable, preprocess: MotRules | None) -> None:
    """Refuse classes that the rules say nothing about."""
    if preprocess == "none":
        return
    named = truth.boxes.class_number
    if preprocess in ("mot17", "mot20"):
        _refuse_class(truth, ~np.isin(named, MOT_CLASSES), f"{preprocess} has classes 1 to 13")
    elif preprocess is None:
        hint = "say which boxes count: --preprocess mot15, mot17, mot20 or none"
        _refuse_class(truth, (named != -1) & (named != PEDESTRIAN), hint)
    foreign = results.boxes.class_number > PEDESTRIAN
    _refuse_class(results, foreign, "give pedestrians only (class 1), or say --preprocess none")


def _refuse_class(table: MotTable, wrong: Bool, hint: str) -> None:
    boxes = np.flatnonzero(wrong)
    if len(boxes):
        box = int(boxes[np.argmin(table.row[boxes])])
        number = int(table.boxes.class_number[box])
        what = "the box names no class" if number == -1 else f"the box is of class {number}"
        more = f"; {len(boxes)} such rows" if len(boxes) > 1 else ""
        raise TruthError(what + more, where=table.where(box, CLASS), hint=hint)
