"""What slices can be made of, alone and in pairs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.scenes import FAR, A, B, C, clip, detections, evaluate, golden_set, point, truth
from vbench.errors import InputError
from vbench.metrics.definitions import METRICS
from vbench.metrics.scopes import SliceKeys, combined_keys, ordered_values, slice_keys
from vbench.types import BoxTag, Detections

NIGHT, DAY = ("daypart", "night"), ("daypart", "day")
SMALL, MEDIUM, LARGE = (("size", name) for name in ("small", "medium", "large"))


def test_keys_of_clips_boxes_and_their_properties() -> None:
    tagged = truth([(0, A)], tags=(BoxTag("occluded", np.array(["true"])),))
    golden = golden_set(
        clip(tagged, id="a", tags=(("store", "12"),)),
        clip(truth([]), id="b", tags=(("rain", "1"),)),
    )
    expected = ("border", "crowding", "occluded", "rain", "size", "speed", "store")
    assert slice_keys(golden) == expected


def test_combinations_come_once_and_in_one_order() -> None:
    keys: list[str | SliceKeys] = [
        "size",
        ("size", "daypart"),
        ("daypart", "size"),
        ("size",),
        "daypart",
    ]
    assert combined_keys(keys) == (("size",), ("daypart", "size"), ("daypart",))


def test_values_are_in_reading_order() -> None:
    values = ["store 12", "store 2", "10", "9", "night", "day", "9", "2.5", "007", "7"]
    expected = ("2.5", "007", "7", "9", "10", "day", "night", "store 2", "store 12")
    assert ordered_values(values) == expected


def test_clip_tags_are_sliced_in_reading_order() -> None:
    clips = [clip(truth([]), id=k, tags=(("store", k),)) for k in ("12", "2", "1")]
    rows = evaluate(golden_set(*clips), [Detections.empty()] * 3, point(0.3), ["store"])
    found = dict.fromkeys(m.slice[0][1] for m in rows.metrics if m.slice)
    assert list(found) == ["1", "2", "12"]


def test_two_clip_tags_have_the_pairs_that_clips_have() -> None:
    clips = [
        clip(truth([(0, A)]), id="a", tags=(DAY, ("rain", "yes"))),
        clip(truth([(0, A), (1, A)]), id="b", tags=(("rain", "no"), NIGHT)),
        clip(truth([(0, B)]), id="c", tags=(NIGHT,)),
    ]
    found = [detections([(0, A, 0.9)]), detections([(1, A, 0.9), (2, A, 0.9)]), detections([])]
    rows = evaluate(golden_set(*clips), found, point(0.3), [("rain", "daypart")])
    dry_night = (NIGHT, ("rain", "no"))
    assert {m.slice for m in rows.metrics} == {(), dry_night, (DAY, ("rain", "yes"))}
    assert rows.value("recall", slice=dry_night) == 1 / 2
    assert rows.get("recall", slice=dry_night).n == 2
    assert rows.value("fp", slice=dry_night) == 1
    # Whole clips: frames are divided too.
    assert rows.value("frame_fpr", slice=dry_night) == 1 / 2


def test_a_clip_tag_and_a_property_divide_false_positives_too() -> None:
    day = clip(truth([(0, A)]), id="day", tags=(DAY,))
    night = clip(truth([(0, A), (0, C)]), id="night", tags=(NIGHT,))
    plain = clip(truth([(0, C)]), id="plain")
    # A is 40 x 40 (medium), C 100 x 100 (large), FAR 20 x 20 (small).
    found = [detections([(1, FAR, 0.8)]), detections([(0, C, 0.9), (1, FAR, 0.9)]), detections([])]
    rows = evaluate(golden_set(day, night, plain), found, point(0.3), [("daypart", "size")])
    pairs = {(daypart, size) for daypart in (DAY, NIGHT) for size in (SMALL, MEDIUM, LARGE)}
    assert {m.slice for m in rows.metrics} == {(), *pairs}
    assert rows.value("recall", slice=(NIGHT, LARGE)) == 1.0
    assert rows.value("recall", slice=(NIGHT, MEDIUM)) == 0.0
    assert rows.value("fp", slice=(NIGHT, SMALL)) == 1
    assert rows.value("precision", slice=(NIGHT, LARGE)) == 1.0
    assert rows.value("ap50", slice=(NIGHT, LARGE)) == 1.0
    # 4 frames of 1 s each in the only clip by night.
    assert rows.value("fp_per_camera_hour", slice=(NIGHT, SMALL)) == pytest.approx(900.0)
    assert rows.value("fp_per_frame", slice=(DAY, SMALL)) == 1 / 4
    reason = "no truth boxes in daypart=night and size=small"
    assert rows.reason("recall", slice=(NIGHT, SMALL)) == reason
    reason = "a slice by daypart and size divides boxes, not frames"
    assert rows.reason("frame_recall", slice=(DAY, SMALL)) == reason
    assert not any(m.slice in pairs and METRICS[m.name].family == "clear" for m in rows.metrics)


def test_pairs_with_a_tag_of_truth_have_the_values_that_boxes_have() -> None:
    tag = BoxTag("occluded", np.array(["true", "false", "true", ""]))
    one = clip(truth([(0, A), (0, C), (1, A), (2, C)], tags=(tag,)), tags=(DAY,))
    found = [detections([(0, A, 0.9), (1, FAR, 0.9)])]
    hidden, visible = ("occluded", "true"), ("occluded", "false")
    rows = evaluate(golden_set(one), found, point(0.3), [("occluded", "size")])
    assert {m.slice for m in rows.metrics} == {(), (hidden, MEDIUM), (visible, LARGE)}
    assert rows.value("recall", slice=(hidden, MEDIUM)) == 1 / 2
    assert rows.get("recall", slice=(visible, LARGE)).n == 1
    reason = "detections carry no tag occluded: false positives cannot be told by it"
    assert rows.reason("precision", slice=(hidden, MEDIUM)) == reason
    rows = evaluate(golden_set(one), found, point(0.3), [("occluded", "daypart")])
    assert {m.slice for m in rows.metrics} == {(), (DAY, hidden), (DAY, visible)}
    assert rows.value("fn", slice=(DAY, hidden)) == 1


def test_speed_divides_no_false_positives() -> None:
    one = clip(truth([(0, A), (1, B)], track_id=[1, 1]), n_frames=2)
    rows = evaluate(golden_set(one), [detections([(0, A, 0.9)])], point(0.3), ["speed"])
    assert rows.value("recall", slice=(("speed", "fast"),)) == 1 / 2
    reason = "detections have no speed: false positives cannot be told by it"
    assert rows.reason("precision", slice=(("speed", "fast"),)) == reason
    assert rows.reason("recall", slice=(("speed", "still"),)) == "no truth boxes in speed=still"


def test_pairs_add_up_to_their_parts() -> None:
    boxes = [(0, A), (0, (30.0, 0.0, 70.0, 40.0)), (1, C), (1, (0.0, 0.0, 10.0, 10.0)), (2, A)]
    one = clip(truth(boxes, track_id=[1, 2, 3, 4, 1]), tags=(DAY,))
    found = [detections([(0, A, 0.9), (1, C, 0.9), (2, FAR, 0.9), (3, C, 0.8), (3, A, 0.7)])]
    pairs = [("border", "size"), ("crowding", "size"), ("crowding", "daypart")]
    keys: list[SliceKeys] = [*pairs, ("size",), ("crowding",), ("border",)]
    rows = evaluate(golden_set(one), found, point(0.3), keys)
    for name in ("tp", "fn", "fp"):
        total = rows.value(name)
        for one_keys in keys:
            parts = [
                m.value
                for m in rows.metrics
                if m.name == name and m.class_name is None
                if tuple(key for key, _ in m.slice) == one_keys
            ]
            assert sum(value or 0.0 for value in parts) == total, (name, one_keys)


def test_a_key_that_nothing_carries_gives_no_rows() -> None:
    empty = BoxTag("pose", np.array([""]))
    one = clip(truth([(0, A)], tags=(empty,)), tags=(DAY,))
    keys: list[str | SliceKeys] = ["nonsense", "pose", ("daypart", "nonsense"), ("pose", "size")]
    rows = evaluate(golden_set(one), [Detections.empty()], point(0.3), keys)
    assert {m.slice for m in rows.metrics} == {()}


@pytest.mark.parametrize("key", ["size", "border", "crowding", "speed"])
def test_a_tag_with_the_name_of_a_property_is_refused(key: str) -> None:
    one = clip(truth([]), tags=((key, "big"), DAY))
    with pytest.raises(InputError, match="more than one meaning"):
        evaluate(golden_set(one), [Detections.empty()], point(0.3), [("daypart", key)])
    evaluate(golden_set(one), [Detections.empty()], point(0.3), ["daypart"])
