"""What carries the loss of a gate: small scenes computed by hand."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.causes_scenes import gate, scored
from tests.metrics.drawn import Drawn, drawn
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
    truth,
)
from vbench.metrics.cause_boxes import ScoredBoxes
from vbench.metrics.causes import gate_causes
from vbench.metrics.definitions import METRICS
from vbench.metrics.resampled import Blocks, RowSample
from vbench.types import Cause, CauseKind, Clip, Detections, Gate

SMALL: Box = (300.0, 50.0, 310.0, 60.0)


def _of(kind: CauseKind, causes: tuple[Cause, ...]) -> list[Cause]:
    return [cause for cause in causes if cause.kind == kind]


def _summary(causes: list[Cause]) -> list[tuple[str, int | None, float | None, float | None]]:
    return [
        (
            one.name,
            one.n_errors,
            one.share if one.share is None else round(one.share, 6),
            one.recovered if one.recovered is None else round(one.recovered, 6),
        )
        for one in causes
    ]


def _clip(name: str, boxes: list[Box], daypart: str, n_frames: int = 4) -> Clip:
    rows = [(frame, box) for frame in range(n_frames) for box in boxes]
    return clip(truth(rows), id=name, n_frames=n_frames, tags=(("daypart", daypart),))


def _found(boxes: list[Box], frames: list[int]) -> Detections:
    return detections([(frame, box, 0.9) for frame in frames for box in boxes])


@pytest.fixture
def dock() -> ScoredBoxes:
    """Three clips of 8 truth boxes: day finds all; dusk misses 1 large; night 3 large, 4 small."""
    clips = [_clip("day", [A, C], "day"), _clip("dusk", [A, C], "day")]
    clips += [_clip("night", [C, SMALL], "night")]
    found = [
        _found([A, C], [0, 1, 2, 3]),
        detections([(f, box, 0.9) for f in range(4) for box in (A, C) if (f, box) != (3, C)]),
        _found([C], [0]),
    ]
    return scored(golden_set(*clips), found, point(0.5))


def test_clips_by_what_is_recovered(dock: ScoredBoxes) -> None:
    causes = gate_causes(dock, gate("recall"), 16 / 24)
    assert _summary(_of("clip", causes)) == [("night", 7, 0.875, 0.9375)]
    causes = gate_causes(dock, gate("fn", form="max"), 8.0)
    assert _summary(_of("clip", causes)) == [("night", 7, 0.875, 1.0), ("dusk", 1, 0.125, 7.0)]


def test_slices_that_are_worse_than_the_rest(dock: ScoredBoxes) -> None:
    # At the rate of the whole, the 8 boxes of the night would have 2.67 misses. The 16 boxes away
    # from the border (C and SMALL) would have 5.33; without them A is left, which is always found.
    causes = gate_causes(dock, gate("recall"), 16 / 24)
    assert _summary(_of("slice", causes)) == [
        ("daypart=night", 7, 0.875, 0.9375),
        ("border=false", 8, 1.0, 1.0),
    ]


def test_pairs_of_keys_where_they_are_asked_for() -> None:
    """Small objects by day and large ones by night are found; only small ones by night are not."""
    clips = [_clip(part, [C, SMALL], part, 10) for part in ("day", "night")]
    found = [_found([C, SMALL], list(range(10))), _found([C], list(range(10)))]
    boxes = scored(golden_set(*clips), found, point(0.5))
    causes = gate_causes(boxes, gate("recall"), 0.75, [("daypart", "size"), "weather"])
    assert _summary(_of("slice", causes)) == [
        ("daypart=night, size=small", 10, 1.0, 1.0),
        ("daypart=night", 10, 1.0, 1.0),
    ]
    causes = gate_causes(boxes, gate("recall"), 0.75, ["daypart"])
    assert [one.name for one in _of("slice", causes)] == ["daypart=night"]


def test_a_pair_that_says_no_more_than_one_of_its_values(dock: ScoredBoxes) -> None:
    """The night is as bad for large as for small objects."""
    causes = gate_causes(dock, gate("recall"), 16 / 24, [("daypart", "size")])
    assert [one.name for one in _of("slice", causes)] == ["daypart=night", "border=false"]


def test_sizes_and_kinds_are_corrected(dock: ScoredBoxes) -> None:
    causes = gate_causes(dock, gate("recall"), 16 / 24)
    assert _summary(_of("size", causes)) == [
        ("size=small", 4, 0.5, round(20 / 24, 6)),
        ("size=large", 4, 0.5, round(20 / 24, 6)),
    ]
    assert _summary(_of("error", causes)) == [("missed", 8, 1.0, 1.0)]


def test_kinds_of_both_sides() -> None:
    """A loose box is a miss and a false alarm; to correct it is to put both right."""
    loose: Box = (0.0, 20.0, 40.0, 60.0)
    one = clip(truth([(0, A), (1, A), (2, A), (2, B)]))
    found = detections([(0, A, 0.9), (1, loose, 0.9), (2, A, 0.9), (2, A, 0.8), (3, FAR, 0.9)])
    boxes = scored(golden_set(one), [found], point(0.5))
    # 2 found, 3 false, 2 missed.
    assert _summary(_of("error", gate_causes(boxes, gate("f1"), 4 / 9))) == [
        ("localisation", 2, 0.4, 0.666667),  # 3 found, 2 false, 1 missed
        ("duplicate", 1, 0.2, 0.5),
        ("background", 1, 0.2, 0.5),
        ("missed", 1, 0.2, 0.6),  # 3 found, 3 false, 1 missed
    ]
    assert _summary(_of("error", gate_causes(boxes, gate("precision"), 0.4))) == [
        ("localisation", 1, round(1 / 3, 6), 0.5),
        ("duplicate", 1, round(1 / 3, 6), 0.5),
        ("background", 1, round(1 / 3, 6), 0.5),
    ]
    assert _summary(_of("error", gate_causes(boxes, gate("ap"), 0.4))) == [
        ("localisation", 2, 0.4, None),
        ("duplicate", 1, 0.2, None),
        ("background", 1, 0.2, None),
        ("missed", 1, 0.2, None),
    ]


def test_false_alarms_per_hour_by_footage() -> None:
    """Both clips have the same precision; one has its alarms in a tenth of the time."""
    busy, calm = _clip("busy", [A], "day", 4), _clip("calm", [A], "night", 40)
    alarms = detections([(0, A, 0.9), (0, FAR, 0.9), (1, FAR, 0.9)])
    boxes = scored(golden_set(busy, calm), [alarms, alarms], point(0.5))
    causes = gate_causes(boxes, gate("fp_per_camera_hour", form="max"), 4 / (44 / 3600))
    assert _summary(_of("clip", causes)) == [("busy", 2, 0.5, 180.0)]
    # All 4 alarms, but only 4 of 6 reports, are away from the border: too few to tell.
    assert _summary(_of("slice", causes)) == [("daypart=day", 2, 0.5, 180.0)]


def test_stretch_with_the_value_without_it() -> None:
    n = 100
    one = clip(truth([(f, A) for f in range(n)]), id="dock3", n_frames=n, fps=10.0)
    missed = {*range(30, 50), 80}
    found = detections([(f, A, 0.9) for f in range(n) if f not in missed])
    boxes = scored(golden_set(one), [found], point(0.5))
    for metric in ("recall", "frame_recall", "frame_accuracy"):
        (stretch,) = _of("stretch", gate_causes(boxes, gate(metric), 0.79))
        assert (stretch.name, stretch.frames, stretch.n_errors) == ("dock3", (30, 49), 20)
        assert stretch.share == pytest.approx(20 / 21)
        assert stretch.recovered == pytest.approx(79 / 80)
    (stretch,) = _of("stretch", gate_causes(boxes, gate("hota"), 0.79))
    assert (stretch.frames, stretch.recovered) == ((30, 49), None)


def test_false_alarms_in_a_stretch() -> None:
    n = 100
    one = clip(truth([(f, A) for f in range(n)]), n_frames=n, fps=10.0)
    rows = [(f, A, 0.9) for f in range(n)] + [(f, FAR, 0.9) for f in range(60, 80)]
    boxes = scored(golden_set(one), [detections(rows)], point(0.5))
    expected = {"precision": 1.0, "fp_per_camera_hour": 0.0, "f1": 1.0}
    for metric, recovered in expected.items():
        form = "max" if metric.startswith("fp") else "min"
        value = 20 / (10 / 3600) if metric.startswith("fp") else 0.8
        (stretch,) = _of("stretch", gate_causes(boxes, gate(metric, form=form), value))  # type: ignore[arg-type]
        assert (stretch.frames, stretch.n_errors, stretch.recovered) == ((60, 79), 20, recovered)


def test_only_what_the_gate_is_about(dock: ScoredBoxes) -> None:
    night = gate("recall", slice=(("daypart", "night"),))
    causes = gate_causes(dock, night, 1 / 8)
    assert _of("clip", causes) == []  # There is one such clip only.
    assert {one.n_errors for one in _of("error", causes)} == {7}
    assert "daypart=night" not in {one.name for one in _of("slice", causes)}
    small = gate("recall", slice=(("size", "small"),))
    assert _of("size", gate_causes(dock, small, 0.0)) == []
    dusk = gate("recall", clip="dusk")
    assert _summary(_of("error", gate_causes(dock, dusk, 7 / 8))) == [("missed", 1, 1.0, 1.0)]


def test_no_errors_no_causes(dock: ScoredBoxes) -> None:
    assert gate_causes(dock, gate("precision"), 1.0) == ()
    assert gate_causes(dock, gate("recall", clip="day"), 1.0) == ()
    assert gate_causes(dock, gate("recall"), None) == ()
    assert gate_causes(dock, replace(gate("recall"), form="require"), 16 / 24) == ()
    assert gate_causes(dock, gate("latency_ms_p95", form="max"), 16.0) == ()
    assert gate_causes(dock, gate("no_such_metric"), 0.5) == ()


def test_a_count_that_should_be_high_has_clips_above_their_share(dock: ScoredBoxes) -> None:
    """Leaving out footage cannot raise it: the value without is not told."""
    causes = gate_causes(dock, gate("tp"), 16.0)
    assert _summary(_of("clip", causes)) == [("night", 7, 0.875, None)]
    assert _summary(_of("error", causes)) == [("missed", 8, 1.0, 24.0)]


def test_metrics_without_counts_take_the_value_without_a_clip(dock: ScoredBoxes) -> None:
    none = np.zeros(0)
    sample = RowSample(none, none, "blocks", np.array([0.4, 0.45, 0.9]), none)
    causes = gate_causes(dock, gate("ap"), 0.5, sample=sample)
    assert _summary(_of("clip", causes)) == [("night", 7, 0.875, 0.9)]
    assert ("daypart=night", 7, 0.875, 0.9) in _summary(_of("slice", causes))
    causes = gate_causes(dock, gate("ap"), 0.5)
    assert _summary(_of("clip", causes)) == [("night", 7, 0.875, None)]


def test_slow_clips_and_stretches(dock: ScoredBoxes) -> None:
    """Latency has no errors: what is slow is what it is better without."""
    blocks = Blocks(
        of_frame=(np.array([0, 0, 1, 1], np.int32),) * 3,
        clip=np.array([0, 0, 1, 1, 2, 2]),
        first_frame=np.array([0, 2] * 3),
        last_frame=np.array([1, 3] * 3),
        length=2,
    )
    sample = RowSample(
        replicates=np.zeros(0),
        support=np.zeros(0),
        units="blocks",
        without_clip=np.array([31.0, 29.0, 20.0]),
        without_block=np.array([30.0, 30.5, 29.9, np.nan, 25.0, 22.0]),
    )
    found = gate_causes(
        dock, gate("latency_ms_p95", form="max"), 30.0, sample=sample, blocks=blocks
    )
    assert found == (
        Cause("clip", "night", None, None, None, 20.0),
        Cause("clip", "dusk", None, None, None, 29.0),
        Cause("stretch", "night", (2, 3), None, None, 22.0),
        Cause("stretch", "night", (0, 1), None, None, 25.0),
    )


def test_clips_and_slices_are_the_metric_of_what_is_left() -> None:
    """The same numbers come from an evaluation without them."""
    rng = np.random.default_rng(3)
    clips, found = [], []
    for number in range(6):
        rows = [(frame, box) for frame in range(40) for box in (A, B, C, SMALL)]
        hit = rng.random(len(rows)) < 0.5 + 0.08 * number
        alarms = [(int(f), FAR, 0.7) for f in np.flatnonzero(rng.random(40) < 0.3)]
        clips.append(
            clip(
                truth(rows), id=f"c{number}", n_frames=40, fps=10.0,
                tags=(("daypart", "night" if number < 3 else "day"),),
            )
        )  # fmt: skip
        found.append(
            detections([(*row, 0.9) for row, seen in zip(rows, hit, strict=True) if seen] + alarms)
        )
    golden, at = golden_set(*clips), point(0.5)
    boxes, rows_ = scored(golden, found, at), evaluate(golden, found, at)
    for metric in ("recall", "precision", "f1", "fp_per_camera_hour", "frame_accuracy"):
        causes = gate_causes(boxes, gate(metric), rows_.value(metric))
        left_out = _of("clip", causes) + [c for c in _of("slice", causes) if "daypart" in c.name]
        assert left_out, metric
        for cause in left_out:
            kept = [
                k for k, one in enumerate(clips)
                if cause.name not in (one.id, f"daypart={one.tag('daypart')}")
            ]  # fmt: skip
            rest = golden_set(*[clips[k] for k in kept])
            expected = evaluate(rest, [found[k] for k in kept], at).value(metric)
            assert cause.recovered == pytest.approx(expected, rel=1e-12), (metric, cause)
        recovered = [c.recovered for c in _of("clip", causes)]
        assert recovered == sorted(recovered, reverse=metric != "fp_per_camera_hour")  # type: ignore[type-var]


def test_against_a_baseline_only_new_errors_are_causes(dock: ScoredBoxes) -> None:
    """The night is as bad in the baseline; what got worse is one large object at dusk."""
    found = [_found([A, C], [0, 1, 2, 3]), _found([A, C], [0, 1, 2, 3]), _found([C], [0])]
    baseline = scored(dock.golden_set, found, point(0.5))
    drop = gate("recall", form="max_drop")
    causes = gate_causes(dock, drop, 16 / 24, baseline=baseline)
    corrected = round(17 / 24, 6)
    assert _summary(_of("clip", causes)) == [("dusk", 1, 1.0, corrected)]
    assert _of("slice", causes) == []  # One error is too few to tell slices apart.
    assert _summary(_of("error", causes)) == [("missed", 1, 1.0, corrected)]
    frames = gate_causes(dock, gate("frame_recall"), 0.75, baseline=baseline)
    assert frames == ()  # In every frame at dusk something is still found.
    assert gate_causes(dock, drop, 16 / 24, baseline=dock) == ()


def test_frames_that_the_baseline_has_right() -> None:
    n = 100
    one = clip(truth([(f, A) for f in range(n)]), n_frames=n, fps=10.0)

    def without(missed: set[int]) -> ScoredBoxes:
        found = detections([(f, A, 0.9) for f in range(n) if f not in missed])
        return scored(golden_set(one), [found], point(0.5))

    boxes = without({*range(30, 50), *range(70, 80)})
    causes = gate_causes(boxes, gate("frame_recall"), 0.7, baseline=without(set(range(30, 50))))
    assert [(one.kind, one.frames, one.n_errors, one.recovered) for one in causes] == [
        ("stretch", (70, 79), 10, 0.8)
    ]


@settings(deadline=None, max_examples=30)
@given(drawn(), st.sampled_from([None, "a"]), st.booleans())
def test_any_gate_on_any_scene(scene: Drawn, class_name: str | None, compared: bool) -> None:
    golden, found, _, at = scene.arguments
    boxes = scored(golden, found, at)
    fewer = [part.take(np.arange(len(part)) % 2 == 0) for part in found]
    baseline = scored(golden, fewer, at) if compared else None
    for metric in METRICS:
        one_gate = gate(metric, class_name=class_name)
        causes = gate_causes(boxes, one_gate, 0.5, [("size", "border")], baseline=baseline)
        assert all(one.n_errors for one in causes), metric
        assert all(0 < (one.share or 0) <= 1 for one in causes), metric
        kinds = _of("error", causes)
        assert not kinds or sum(one.share or 0 for one in kinds) == pytest.approx(1), metric
        assert len(_of("slice", causes)) <= 6


def test_a_long_clip_takes_well_under_a_second() -> None:
    n = 100_000
    rng = np.random.default_rng(0)
    boxes_of = truth([(f, box) for f in range(n) for box in (A, C)])
    one = clip(boxes_of, n_frames=n, fps=25.0)
    seen = rng.random(len(boxes_of)) < 0.9
    found = Detections(
        frame_index=boxes_of.frame_index[seen],
        boxes_xyxy=boxes_of.boxes_xyxy[seen],
        scores=np.full(int(seen.sum()), 0.9),
        class_id=boxes_of.class_id[seen],
        track_id=boxes_of.track_id[seen],
    )
    boxes = scored(golden_set(one), [found], point(0.5))
    asked: list[Gate] = [gate("recall"), gate("f1"), gate("frame_recall")]
    started = time.perf_counter()
    for one_gate in asked:
        gate_causes(boxes, one_gate, 0.9)
    assert time.perf_counter() - started < 3.0
