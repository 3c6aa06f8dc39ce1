"""Every metric by hand on small golden sets."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.metrics.scenes import (
    FAR,
    A,
    B,
    C,
    Rows,
    clip,
    detections,
    evaluate,
    golden_set,
    point,
    table,
    truth,
)
from vbench.errors import InputError
from vbench.metrics.definitions import METRICS
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.types import BoxTag, Detections, whole_answers

TWO = ("person", "forklift")


def test_counts_and_ratios_of_one_class() -> None:
    one = clip(truth([(0, A), (0, B), (1, A)]), n_frames=4, fps=2.0)
    found = detections([(0, A, 0.9), (0, FAR, 0.8), (1, A, 0.2), (3, B, 0.7)])
    rows = evaluate(golden_set(one), [found], point(0.3))
    assert rows.value("tp") == 1
    assert rows.value("fp") == 2
    assert rows.value("fn") == 2
    assert rows.value("precision") == pytest.approx(1 / 3)
    assert rows.value("recall") == pytest.approx(1 / 3)
    assert rows.value("f1") == pytest.approx(2 / 6)
    assert rows.value("fp_per_frame") == pytest.approx(2 / 4)
    assert rows.value("fp_per_camera_hour") == pytest.approx(2 / (2.0 / 3600))
    assert [rows.get(name).n for name in ("recall", "precision", "fp_per_frame", "ap")] == [
        3,
        3,
        4,
        3,
    ]


def test_a_score_at_the_threshold_counts() -> None:
    one = clip(truth([(0, A)]))
    rows = evaluate(golden_set(one), [detections([(0, A, 0.3)])], point(0.3))
    assert rows.value("tp") == 1


def test_a_set_of_empty_frames_counts_false_positives() -> None:
    rows = evaluate(
        golden_set(clip(truth([]))), [detections([(0, A, 0.9), (1, A, 0.9)])], point(0.3)
    )
    assert rows.value("fp", "person") == 2
    assert rows.value("precision", "person") == 0.0
    assert rows.reason("recall", "person") == "no truth boxes of class person"
    assert rows.reason("ap", "person") == "no truth boxes of class person"
    assert rows.reason("ap") == "no truth boxes"
    assert rows.value("frame_fpr") == pytest.approx(2 / 4)
    assert rows.value("frame_accuracy") == pytest.approx(2 / 4)


def test_a_silent_pipeline_has_no_precision() -> None:
    rows = evaluate(golden_set(clip(truth([(0, A)]))), [Detections.empty()], point(0.3))
    assert rows.value("recall") == 0.0
    assert rows.value("f1") == 0.0
    assert rows.value("ap") == 0.0
    expected = "no detections of class person at score >= 0.3: precision is undefined"
    assert rows.reason("precision", "person") == expected
    assert rows.reason("frame_precision", "person") == (
        "no frame with a detection of class person at score >= 0.3"
    )


def test_frame_level_by_hand() -> None:
    # Frames: 0 truth and misplaced detection, 1 truth only, 2 detection only, 3 neither.
    one = clip(truth([(0, A), (1, A)]))
    found = detections([(0, FAR, 0.9), (2, A, 0.9), (2, B, 0.9), (3, A, 0.1)])
    rows = evaluate(golden_set(one), [found], point(0.3))
    assert rows.value("frame_accuracy") == pytest.approx(2 / 4)
    assert rows.value("frame_precision") == pytest.approx(1 / 2)
    assert rows.value("frame_recall") == pytest.approx(1 / 2)
    assert rows.value("frame_fpr") == pytest.approx(1 / 2)
    assert rows.get("frame_fpr").n == 4


def test_frames_with_ignored_truth_only_are_negative() -> None:
    one = clip(truth([(0, A)], ignore=[0]), n_frames=2)
    rows = evaluate(golden_set(one), [detections([(0, A, 0.9), (1, A, 0.9)])], point(0.3))
    assert rows.value("fp") == 1
    assert rows.value("frame_fpr") == pytest.approx(1 / 2)
    assert rows.reason("frame_recall") == "no frame with a truth box"


def test_unannotated_frames_are_no_footage() -> None:
    annotated = np.array([True, False, False, True])
    one = clip(truth([(0, A), (1, A)]), annotated=annotated)
    found = detections([(0, B, 0.9), (1, A, 0.9), (2, A, 0.9)])
    rows = evaluate(golden_set(one), [found], point(0.3))
    assert [rows.value(name) for name in ("tp", "fp", "fn")] == [0, 1, 1]
    assert rows.value("fp_per_frame") == pytest.approx(1 / 2)
    assert rows.value("fp_per_camera_hour") == pytest.approx(1 / (2.0 / 3600))
    assert rows.value("frame_accuracy") == pytest.approx(2 / 2)


def test_no_annotated_frames_leaves_everything_undefined() -> None:
    one = clip(truth([(0, A)]), annotated=np.zeros(4, np.bool_))
    rows = evaluate(golden_set(one), [detections([(0, A, 0.9)])], point(0.3), ["size"])
    assert all(m.value is None for m in rows.metrics)
    assert rows.reason("tp") == "no annotated frames"
    assert rows.reason("hota", clip="clip") == "no annotated frames in clip clip"


def test_all_classes_micro_for_counts_and_macro_for_ap() -> None:
    one = clip(
        truth([(0, A), (0, B), (1, A)], class_id=[0, 0, 1]), n_frames=2, exhaustive=(True, True)
    )
    found = detections([(0, A, 0.9), (1, A, 0.8), (1, B, 0.7)], class_id=[0, 1, 1])
    rows = evaluate(golden_set(one, classes=TWO), [found], point(0.3, 0.75, classes=TWO))
    assert [rows.value(name) for name in ("tp", "fp", "fn")] == [2, 0, 1]
    assert rows.value("precision") == 1.0
    assert rows.value("recall") == pytest.approx(2 / 3)
    assert rows.value("ap50", "person") == pytest.approx(51 / 101)
    assert rows.value("ap50", "forklift") == 1.0
    assert rows.value("ap50") == pytest.approx((51 / 101 + 1.0) / 2)
    # Frames are summed over classes: person TP, TN; forklift TN, TP.
    assert rows.value("frame_accuracy") == 1.0
    assert rows.get("frame_accuracy").n == 2
    assert rows.get("precision").signature == "match:coco|iou:0.5|score:per class|classes:micro"
    assert rows.get("ap50", "person").signature == (
        "ap:coco101|iou:0.5|score:all stored|max_dets:all"
    )


def test_a_class_nobody_saw_has_rows_and_leaves_the_mean_alone() -> None:
    one = clip(truth([(0, A)]), exhaustive=(True, True))
    rows = evaluate(
        golden_set(one, classes=TWO), [detections([(0, A, 0.9)])], point(0.3, 0.3, classes=TWO)
    )
    assert rows.value("ap") == 1.0
    assert rows.value("fp", "forklift") == 0
    assert rows.reason("recall", "forklift") == "no truth boxes of class forklift"
    assert rows.reason("f1", "forklift") == (
        "no truth boxes of class forklift, and no detections at score >= 0.3"
    )


def test_class_that_is_not_exhaustive_has_no_false_positives() -> None:
    one = clip(truth([(0, A), (0, B)], class_id=[0, 1]), exhaustive=(True, False))
    found = detections([(0, A, 0.9), (0, B, 0.9), (1, FAR, 0.9)], class_id=[0, 1, 1])
    rows = evaluate(golden_set(one, classes=TWO), [found], point(0.3, 0.3, classes=TWO))
    expected = "class forklift is not annotated exhaustively: false positives cannot be known"
    for name in ("fp", "precision", "f1", "fp_per_frame", "fp_per_camera_hour", "frame_fpr", "ap"):
        assert rows.reason(name, "forklift") == expected
    assert rows.value("recall", "forklift") == 1.0
    assert rows.value("tp") == 2
    assert rows.value("fp") == 0
    assert rows.get("precision").n == 1
    assert rows.get("precision").signature.endswith("exhaustive:in part")


def test_clips_where_a_class_is_not_exhaustive_are_left_out_of_its_precision() -> None:
    full = clip(truth([(0, A)]), id="full")
    part = clip(truth([(0, A), (1, A)]), id="part", exhaustive=(False,))
    found = [
        detections([(0, A, 0.8), (1, B, 0.9)]),
        detections([(0, A, 0.95), (1, A, 0.95), (2, B, 0.95)]),
    ]
    rows = evaluate(golden_set(full, part), found, point(0.3))
    assert rows.value("tp") == 3
    assert rows.value("precision") == pytest.approx(1 / 2)
    assert rows.value("fp_per_frame") == pytest.approx(1 / 4)
    assert rows.value("ap50") == pytest.approx(1 / 2)
    assert rows.get("ap50").n == 1
    assert rows.value("frame_accuracy") == pytest.approx(3 / 4)
    assert "in clip part" in rows.reason("precision", clip="part")


def test_no_exhaustive_class_at_all() -> None:
    one = clip(truth([(0, A)]), exhaustive=(False,))
    rows = evaluate(golden_set(one), [detections([(0, A, 0.9)])], point(0.3))
    assert rows.reason("precision") == (
        "no class is annotated exhaustively: false positives cannot be known"
    )


def test_clips_and_clip_tag_slices_add_up() -> None:
    day = clip(truth([(0, A)]), id="day", tags=(("daypart", "day"), ("store", "1")))
    night = clip(truth([(0, A), (1, A)]), id="night", tags=(("daypart", "night"),))
    found = [detections([(0, A, 0.9)]), detections([(0, A, 0.9), (2, A, 0.9)])]
    rows = evaluate(golden_set(day, night), found, point(0.3), ["daypart", "store", "nonsense"])
    assert rows.value("recall") == pytest.approx(2 / 3)
    assert rows.value("recall", clip="night") == pytest.approx(1 / 2)
    assert rows.value("recall", slice=(("daypart", "night"),)) == pytest.approx(1 / 2)
    assert rows.value("fp", slice=(("daypart", "night"),)) == 1
    assert rows.value("recall", "person", slice=(("store", "1"),)) == 1.0
    slices = {m.slice for m in rows.metrics}
    assert slices == {(), (("daypart", "day"),), (("daypart", "night"),), (("store", "1"),)}


def test_reason_names_class_and_slice() -> None:
    night = clip(truth([]), id="n", tags=(("daypart", "night"),))
    rows = evaluate(golden_set(night), [Detections.empty()], point(0.3), ["daypart"])
    reason = rows.reason("recall", "person", slice=(("daypart", "night"),))
    assert reason == "no truth boxes of class person in daypart=night"


SMALL, MEDIUM, LARGE = ((("size", name),) for name in ("small", "medium", "large"))
S31 = (400.0, 0.0, 431.0, 31.0)
S32 = (400.0, 100.0, 432.0, 132.0)


def test_size_slices_follow_the_truth_of_matches_and_the_own_size_of_alarms() -> None:
    one = clip(truth([(0, A), (0, C), (0, S31)]))
    # A (40 x 40) found by a box of 31 x 40: its own area is below 32^2, but A is medium.
    found = detections([(0, (0.0, 0.0, 25.0, 40.0), 0.9), (0, S31, 0.8), (1, S32, 0.7)])
    rows = evaluate(golden_set(one), [found], point(0.3), ["size"])
    assert rows.value("tp", slice=MEDIUM) == 1
    assert rows.value("fp", slice=MEDIUM) == 1
    assert rows.value("tp", slice=SMALL) == 1
    assert rows.value("fp", slice=SMALL) == 0
    assert rows.value("precision", slice=SMALL) == 1.0
    assert rows.value("fn", slice=LARGE) == 1
    assert rows.value("ap50", slice=SMALL) == 1.0
    assert rows.value("ap50", slice=MEDIUM) == 1.0
    assert rows.value("ap50", slice=LARGE) == 0.0
    assert rows.value("fp_per_frame", slice=MEDIUM) == pytest.approx(1 / 4)
    assert rows.reason("frame_recall", slice=SMALL) == ("a slice by size divides boxes, not frames")
    assert not any(m.slice == SMALL and METRICS[m.name].family == "clear" for m in rows.metrics)


def test_per_box_tags_slice_recall_only() -> None:
    tag = BoxTag("occluded", np.array(["true", "false", ""]))
    one = clip(truth([(0, A), (0, B), (1, A)], tags=(tag,)), id="tagged")
    plain = clip(truth([(0, A)]), id="plain")
    found = [detections([(0, A, 0.9), (1, FAR, 0.9)]), Detections.empty()]
    rows = evaluate(golden_set(one, plain), found, point(0.3), ["occluded"])
    hidden, visible = (("occluded", "true"),), (("occluded", "false"),)
    assert rows.value("recall", slice=hidden) == 1.0
    assert rows.get("recall", slice=hidden).n == 1
    assert rows.value("fn", slice=visible) == 1
    for name in ("fp", "precision", "f1", "ap", "fp_per_frame"):
        assert rows.reason(name, slice=hidden) == (
            "detections carry no tag occluded: false positives cannot be told by it"
        )
    assert "divides boxes" in rows.reason("frame_recall", slice=hidden)


def test_a_key_with_two_meanings_is_refused() -> None:
    one = clip(truth([]), tags=(("size", "big"),))
    with pytest.raises(InputError, match="more than one meaning"):
        evaluate(golden_set(one), [Detections.empty()], point(0.3), ["size"])


def test_operating_iou_off_the_coco_grid() -> None:
    one = clip(truth([(0, A)]))
    third = detections([(0, (0.0, 0.0, 40.0, 14.0), 0.9)])
    assert evaluate(golden_set(one), [third], point(0.3, iou=0.3)).value("tp") == 1
    rows = evaluate(golden_set(one), [third], point(0.3))
    assert rows.value("tp") == 0
    assert rows.get("tp").operating_point == point(0.3)


def test_crowd_and_ignored_truth_neither_reward_nor_punish() -> None:
    one = clip(truth([(0, A), (0, B), (0, C)], ignore=[1], crowd=[2]))
    found = detections([(0, A, 0.9), (0, B, 0.9), (0, (210.0, 210.0, 230.0, 230.0), 0.9)])
    rows = evaluate(golden_set(one), [found], point(0.3))
    assert [rows.value(name) for name in ("tp", "fp", "fn")] == [1, 0, 0]
    assert rows.get("precision").n == 1


def test_every_row_says_what_it_means() -> None:
    one = clip(truth([(0, A)]), tags=(("daypart", "day"),))
    rows = evaluate(
        golden_set(one), [detections([(0, A, 0.9)])], point(0.3), ["daypart", "size"], [None]
    )
    for metric in rows.metrics:
        assert metric.signature
        assert metric.operating_point == point(0.3)
        assert (metric.unit, metric.better) == (
            METRICS[metric.name].unit,
            METRICS[metric.name].better,
        )
        assert metric.value is None or type(metric.value) is float
    without_rules = {name for name in METRICS if METRICS[name].family != "events"}
    assert {m.name for m in rows.metrics} == without_rules


def test_rows_come_in_a_fixed_order() -> None:
    one = clip(truth([(0, A)]))
    rows = evaluate(golden_set(one), [detections([(0, A, 0.9)])], point(0.3))
    whole = [m.name for m in rows.metrics if m.class_name == "person" and m.clip is None]
    assert whole == [name for name in METRICS if METRICS[name].family not in OTHERS]
    again = evaluate(golden_set(one), [detections([(0, A, 0.9)])], point(0.3))
    assert again.metrics == rows.metrics


OTHERS = ("latency", "throughput", "events")


def test_refuses_inputs_that_do_not_belong_together() -> None:
    one = clip(truth([(0, A)]))
    golden, found = golden_set(one), detections([(0, A, 0.9)])
    matches = table(one, found)
    with pytest.raises(ValueError, match="other detections"):
        evaluate_pipeline(golden, "p", whole_answers([Detections.empty()], [matches]), point(0.3))
    with pytest.raises(ValueError, match="taxonomy"):
        evaluate_pipeline(
            golden, "p", whole_answers([found], [matches]), point(0.3, classes=("cat",))
        )
    with pytest.raises(ValueError, match="no clips"):
        evaluate_pipeline(golden_set(), "p", [], point(0.3))
    few = dataclasses.replace(
        matches,
        iou_thresholds=matches.iou_thresholds[:1],
        truth_index=matches.truth_index[:1],
        iou=matches.iou[:1],
        ignored=matches.ignored[:1],
    )
    with pytest.raises(KeyError):
        evaluate_pipeline(golden, "p", whole_answers([found], [few]), point(0.3))
    other = table(one, found, iou=0.3)
    with pytest.raises(ValueError, match="other IoU thresholds"):
        evaluate_pipeline(
            golden_set(one, one), "p", whole_answers([found] * 2, [matches, other]), point(0.3)
        )


def test_ties_in_score_keep_clip_order() -> None:
    # Equal scores: the clip that comes first decides whether the hit precedes the alarm.
    hit = clip(truth([(0, A)]), id="hit")
    alarm = clip(truth([]), id="alarm")
    found = detections([(0, A, 0.5)])
    first: Rows = evaluate(golden_set(hit, alarm), [found, found], point(0.3))
    last: Rows = evaluate(golden_set(alarm, hit), [found, found], point(0.3))
    assert first.value("ap") == 1.0
    assert last.value("ap") == pytest.approx(0.5)
