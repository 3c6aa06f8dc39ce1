"""The MOT evaluation of files and arrays: settings, classes, nothing that counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vbench
from vbench import evaluate_mot
from vbench.errors import InputError, TruthError
from vbench.types import F64


def rows(*boxes: tuple[float, ...]) -> F64:
    return np.array(boxes, np.float64)


TRUTH = rows((1, 1, 0, 0, 10, 10, 1, 1, 1), (2, 1, 0, 0, 10, 10, 1, 1, 1))
RESULTS = rows((1, 8, 0, 0, 10, 10, 1, -1, -1, -1), (2, 9, 0, 0, 10, 10, 1, -1, -1, -1))


def test_arrays_and_files_give_the_same(tmp_path: Path) -> None:
    for name, array in (("gt.txt", TRUTH), ("results.txt", RESULTS)):
        np.savetxt(tmp_path / name, array, fmt="%g", delimiter=",")
    of_arrays = evaluate_mot(TRUTH, RESULTS)
    assert of_arrays["IDSW"] == 1
    assert of_arrays["MOTA"] == 0.5
    of_files = evaluate_mot(tmp_path / "gt.txt", str(tmp_path / "results.txt"))
    assert of_files.as_dict() == of_arrays.as_dict()
    assert of_files.scores.hota_per_alpha.shape == (19,)


def test_the_package_offers_it() -> None:
    assert vbench.evaluate_mot is evaluate_mot
    assert isinstance(evaluate_mot(TRUTH, RESULTS), vbench.MotEvaluation)


@pytest.mark.parametrize("iou", [0.0, -0.5, 1.1, float("nan")])
def test_iou_thresholds(iou: float) -> None:
    with pytest.raises(InputError, match="IoU threshold"):
        evaluate_mot(TRUTH, RESULTS, iou_threshold=iou)


def test_unknown_preprocessing() -> None:
    with pytest.raises(InputError, match="mot16"):
        evaluate_mot(TRUTH, RESULTS, preprocess="mot16")  # type: ignore[arg-type]


def test_other_classes_need_a_decision() -> None:
    truth = TRUTH.copy()
    truth[1, 7] = 7
    with pytest.raises(TruthError, match="the box is of class 7") as caught:
        evaluate_mot(truth, RESULTS)
    assert caught.value.where == "truth: row 1: column 8"
    assert "mot17" in caught.value.hint
    assert evaluate_mot(truth, RESULTS, preprocess="mot15").scores.n_truth == 2
    assert evaluate_mot(truth, RESULTS, preprocess="mot17").scores.n_truth == 1


def test_mot17_needs_classes() -> None:
    with pytest.raises(TruthError, match="names no class"):
        evaluate_mot(TRUTH[:, :7], RESULTS, preprocess="mot17")
    truth = TRUTH.copy()
    truth[0, 7] = 14
    with pytest.raises(TruthError, match="class 14"):
        evaluate_mot(truth, RESULTS, preprocess="mot17")


def test_results_of_other_classes() -> None:
    results = np.column_stack([RESULTS[:, :7], [3, 1], [1, 1]])
    with pytest.raises(TruthError, match="class 3") as caught:
        evaluate_mot(TRUTH, results)
    assert caught.value.where == "results: row 0: column 8"
    assert evaluate_mot(TRUTH, results, preprocess="none")["TP"] == 2


def test_truth_in_which_nothing_counts() -> None:
    marked = TRUTH.copy()
    marked[:, 6] = 0
    with pytest.raises(TruthError, match="none of the 2 truth boxes counts"):
        evaluate_mot(marked, RESULTS)
    assert evaluate_mot(marked, RESULTS, preprocess="none")["TP"] == 2
    with pytest.raises(TruthError, match="there are no truth boxes"):
        evaluate_mot(TRUTH[:0], RESULTS)


def test_results_may_be_empty() -> None:
    assert evaluate_mot(TRUTH, RESULTS[:0])["FN"] == 2
