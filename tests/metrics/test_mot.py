"""Which boxes count in a MOTChallenge evaluation, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.metrics.mot import MotRules, counting_boxes, evaluate_mot_boxes
from vbench.types import MotBoxes, Tracks


def boxes(rows: list[tuple[int, int, float, int, bool]]) -> MotBoxes:
    """(frame, track, x, class, zero-marked) rows: boxes of 10 x 10 px."""
    x = np.array([row[2] for row in rows], np.float64)
    return MotBoxes(
        tracks=Tracks(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.column_stack([x, np.zeros_like(x), x + 10.0, np.full_like(x, 10.0)]),
        ),
        zero_marked=np.array([row[4] for row in rows], np.bool_),
        class_number=np.array([row[3] for row in rows], np.int64),
    )


TRUTH = boxes(
    [
        (0, 1, 0.0, 1, False),  # a pedestrian
        (0, 2, 100.0, 8, False),  # a distractor
        (0, 3, 200.0, 6, False),  # a non-motorised vehicle
        (0, 4, 300.0, 3, False),  # a car
        (1, 1, 0.0, 1, True),  # a pedestrian that does not count
    ]
)
RESULTS = boxes([(0, k, 100.0 * k + 2.0, -1, False) for k in range(4)] + [(1, 0, 0.0, -1, False)])


@pytest.mark.parametrize(
    ("rules", "truth", "results"),
    [
        ("none", [True] * 5, [True] * 5),
        ("mot15", [True] * 4 + [False], [True] * 5),
        ("mot17", [True] + [False] * 4, [True, False, True, True, True]),
        ("mot20", [True] + [False] * 4, [True, False, False, True, True]),
    ],
)
def test_rules(rules: MotRules, truth: list[bool], results: list[bool]) -> None:
    counting, kept = counting_boxes(TRUTH, RESULTS, rules)
    assert counting.tolist() == truth
    assert kept.tolist() == results


def test_a_distractor_takes_only_what_fits_it_best() -> None:
    """The pedestrian wins the box that overlaps both, and the distractor's other box stays."""
    truth = boxes([(0, 1, 0.0, 1, False), (0, 2, 4.0, 8, False)])
    near = boxes([(0, 9, 1.0, -1, False)])
    assert counting_boxes(truth, near, "mot17")[1].tolist() == [True]
    far = boxes([(0, 9, 8.0, -1, False)])  # IoU 6/14 with the distractor
    assert counting_boxes(truth, far, "mot17")[1].tolist() == [True]
    on_it = boxes([(0, 9, 5.0, -1, False)])
    assert counting_boxes(truth, on_it, "mot17")[1].tolist() == [False]


def test_stats_say_why_a_number_is_missing() -> None:
    nobody = evaluate_mot_boxes(TRUTH, boxes([]), 0.5, "mot15")
    reasons = {item.name: item.reason for item in nobody.stats if item.value is None}
    assert reasons == {
        "MOTP": "no box of the results matches the truth at IoU >= 0.5",
        "IDP": "the results have no boxes",
        "LocA": "no box of the results matches the truth at IoU >= 0.05",
    }
    assert (nobody["FN"], nobody["MOTA"]) == (4, 0.0)
    with pytest.raises(KeyError):
        nobody["mota"]
