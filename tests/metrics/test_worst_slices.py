"""The ranking of slices by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.metrics.scenes import (
    FAR,
    A,
    B,
    Box,
    C,
    clip,
    detections,
    evaluate,
    golden_set,
    point,
    table,
    truth,
)
from vbench.metrics.worst_slices import WorstSlices, worst_slices
from vbench.types import Clip, Detections, Slice

DAY, NIGHT = ("daypart", "day"), ("daypart", "night")
DRY, RAIN = ("weather", "dry"), ("weather", "rain")


def site(
    name: str, n_truth: int, n_found: int, *tags: tuple[str, str], n_false: int = 0
) -> tuple[Clip, Detections]:
    """A clip with one object per frame, some of them found, and some false alarms."""
    one = clip(truth([(k, A) for k in range(n_truth)]), id=name, n_frames=20, tags=tags)
    rows: list[tuple[int, Box, float]] = [(k, A, 0.9) for k in range(n_found)]
    return one, detections([*rows, *((k, C, 0.8) for k in range(n_false))])


def rank(
    sites: Sequence[tuple[Clip, Detections]],
    metric: str = "recall",
    min_support: int = 1,
    class_name: str | None = None,
) -> WorstSlices:
    golden = golden_set(*(one for one, _ in sites))
    found = [part for _, part in sites]
    tables = [table(one, part) for one, part in sites]
    return worst_slices(
        golden,
        found,
        tables,
        point(0.3),
        metric=metric,
        min_support=min_support,
        class_name=class_name,
    )


FOUR = [
    site("a", 10, 10, DAY, DRY),
    site("b", 10, 9, DAY, RAIN, n_false=2),
    site("c", 10, 8, NIGHT, DRY),
    site("d", 10, 1, NIGHT, RAIN, n_false=1),
]


def by_slice(found: WorstSlices) -> dict[Slice, tuple[float, float, int, int]]:
    return {one.slice: (one.value, one.gap, one.n, one.n_lost) for one in found.slices}


def test_recall_by_hand() -> None:
    found = rank(FOUR)
    # Whole: 28 of 40; 0.3 of all are missed, so 10 boxes have 3 misses at the rate of the whole.
    assert found.value == pytest.approx(0.7)
    assert (found.n, found.n_lost) == (40, 12)
    slices = by_slice(found)
    assert slices[(NIGHT, RAIN)] == pytest.approx((0.1, 0.6, 10, 9))
    assert slices[(NIGHT,)] == pytest.approx((0.45, 0.25, 20, 11))
    assert slices[(RAIN,)] == pytest.approx((0.5, 0.2, 20, 10))
    assert [one.slice for one in found.slices] == [(NIGHT, RAIN), (NIGHT,), (RAIN,)]
    assert [one.excess for one in found.slices] == pytest.approx([6.0, 5.0, 4.0])
    assert [one.loss_share for one in found.slices] == pytest.approx([9 / 12, 11 / 12, 10 / 12])


def test_large_and_a_little_worse_may_come_before_small_and_all_wrong() -> None:
    sites = [
        site("a", 20, 18, ("store", "1")),
        site("b", 20, 18, ("store", "2")),
        site("c", 20, 11, ("store", "3")),
        site("d", 3, 0, ("store", "4")),
    ]
    # 47 of 63 found: at that rate store 3 has 5.08 misses and store 4 has 0.76.
    found = rank(sites)
    assert [one.slice[0][1] for one in found.slices] == ["3", "4"]
    assert [one.excess for one in found.slices] == pytest.approx([9 - 20 * 16 / 63, 3 - 48 / 63])


def test_minimum_support() -> None:
    found = rank(FOUR, min_support=11)
    assert [one.slice for one in found.slices] == [(NIGHT,), (RAIN,)]
    # Clips and their pairs of 10, and what has no boxes, are below; computed keys hold all 40.
    assert found.n_small == 4
    everything = rank(FOUR, min_support=41)
    assert (everything.slices, everything.n_slices) == ((), 0)


def test_values_agree_with_the_rows_of_the_evaluation() -> None:
    golden = golden_set(*(one for one, _ in FOUR))
    rows = evaluate(
        golden, [part for _, part in FOUR], point(0.3), ["daypart", ("daypart", "weather")]
    )
    for name in ("recall", "precision", "f1"):
        for one in rank(FOUR, name).slices:
            if {key for key, _ in one.slice} == {"daypart", "weather"}:
                row = rows.get(name, slice=one.slice)
                assert row.value is not None
                assert (one.value, one.n) == pytest.approx((row.value, row.n))


def test_precision_by_hand() -> None:
    found = rank(FOUR, "precision")
    # 28 found, 3 false. Rain: 10 found, 3 false. Day and rain: 9 and 2; night and rain: 1 and 1.
    assert found.value == pytest.approx(28 / 31)
    slices = by_slice(found)
    assert slices[(RAIN,)] == pytest.approx((10 / 13, 28 / 31 - 10 / 13, 13, 3))
    assert slices[(NIGHT, RAIN)][2:] == (2, 1)
    # 9 / 11 is better than rain alone: the pair says less than its part.
    assert (DAY, RAIN) not in slices
    # All false alarms are large and away from the border, and nothing else is.
    (one,) = (one for one in found.slices if one.slice == (("border", "false"),))
    assert one.same == ((("size", "large"),),)
    assert (one.value, one.n, one.n_lost, one.loss_share) == (0.0, 3, 3, 1.0)


def test_false_alarms_per_hour_divide_footage_only() -> None:
    found = rank(FOUR, "fp_per_camera_hour", min_support=1)
    # 3 in 80 s; rain 3 in 40 s, day 2 in 40 s, both 2 in 20 s. n counts frames.
    assert found.value == pytest.approx(135.0)
    slices = by_slice(found)
    assert slices.keys() == {(DAY,), (RAIN,), (DAY, RAIN)}
    assert slices[(DAY,)] == pytest.approx((180.0, 45.0, 40, 2))
    assert slices[(RAIN,)] == pytest.approx((270.0, 135.0, 40, 3))
    assert slices[(DAY, RAIN)] == pytest.approx((360.0, 225.0, 20, 2))


def test_slices_with_the_same_boxes_are_one() -> None:
    sites = [
        site("a", 10, 10, DAY, ("camera", "1"), ("store", "12")),
        site("b", 10, 4, NIGHT, ("camera", "2"), ("store", "7")),
    ]
    (one,) = rank(sites).slices
    assert one.slice == (("camera", "2"),)
    assert one.same == ((NIGHT,), (("store", "7"),))


def test_a_perfect_or_even_pipeline_has_no_worst_slice() -> None:
    assert rank([site("a", 5, 5, DAY), site("b", 5, 5, NIGHT)]).slices == ()
    assert rank([site("a", 10, 7, DAY), site("b", 20, 14, NIGHT)]).slices == ()


def test_an_undefined_whole_has_no_worst_slice() -> None:
    found = rank([site("a", 0, 0, DAY, n_false=3), site("b", 0, 0, NIGHT)])
    assert (found.value, found.n, found.slices) == (None, 0, ())


def test_one_class() -> None:
    boxes = truth([(0, A), (0, B), (1, A), (1, B)], class_id=[0, 1, 0, 1])
    classes = ("person", "forklift")
    both = [
        clip(boxes, id=name, tags=(tag,), exhaustive=(True, True))
        for name, tag in (("a", DAY), ("b", NIGHT))
    ]
    hits = detections([(0, A, 0.9), (1, A, 0.9), (0, B, 0.9)], class_id=[0, 0, 1])
    misses = detections([(0, A, 0.9), (0, B, 0.9), (1, FAR, 0.9)], class_id=[0, 1, 1])
    golden = golden_set(*both, classes=classes)
    tables = [table(both[0], hits), table(both[1], misses)]

    def of(name: str) -> list[Slice]:
        found = worst_slices(
            golden,
            [hits, misses],
            tables,
            point(0.3, 0.3, classes=classes),
            min_support=1,
            class_name=name,
        )
        assert found.class_name == name
        return [one.slice for one in found.slices]

    assert of("person") == [(NIGHT,)]
    assert of("forklift") == []


def test_what_cannot_be_ranked_by() -> None:
    with pytest.raises(KeyError):
        rank(FOUR, "hota")
    with pytest.raises(ValueError, match="not in"):
        rank(FOUR, class_name="cat")
