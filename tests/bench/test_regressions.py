"""Planted regressions, each checked by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vbench.bench import regressions as r
from vbench.types import Alerts, Clip, Detections, MediaFacts, Truth

N_FRAMES = 10


def clip(*, daypart: str = "day") -> Clip:
    return Clip(
        id="a",
        media=Path("a.mp4"),
        stream=None,
        facts=MediaFacts("", N_FRAMES, 5.0, N_FRAMES / 5.0, 100, 80, ""),
        tags=(("daypart", daypart),),
        truth=Truth.empty(),
        annotated=np.ones(N_FRAMES, np.bool_),
        exhaustive=np.ones(2, np.bool_),
        ignore_regions=(),
        events=(),
    )


def detections(n: int = N_FRAMES, *, class_id: int = 0, track_id: int = -1) -> Detections:
    """One box of 20 x 10 in each of the first n frames, scores falling from 0.95."""
    return Detections(
        frame_index=np.arange(n),
        boxes_xyxy=np.tile([10.0, 20.0, 30.0, 30.0], (n, 1)),
        scores=np.linspace(0.95, 0.95 - 0.05 * (n - 1), n),
        class_id=np.full(n, class_id),
        track_id=np.full(n, track_id),
    )


def two_tracks() -> Detections:
    """Tracks 1 (left) and 2 (right) in every frame."""
    left = detections(track_id=1)
    right = replace(
        detections(track_id=2), boxes_xyxy=left.boxes_xyxy + 40.0, scores=left.scores - 0.1
    )
    columns = (
        np.concatenate([getattr(left, name), getattr(right, name)])
        for name in ("frame_index", "boxes_xyxy", "scores", "class_id", "track_id")
    )
    return Detections.sorted_from(*columns)


def alerts(*time_s: float) -> Alerts:
    n = len(time_s)
    none = np.full(n, -1, np.int64)
    return Alerts(np.array(time_s), np.zeros(n, np.int64), none, none, ("intrusion",), ())


def answers(
    found: Detections, *, daypart: str = "day", raised: Alerts | None = None, least: float = 0.0
) -> r.Answers:
    return r.Answers(clip(daypart=daypart), found, raised, found.scores >= least)


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def planted(name: str, *all_answers: r.Answers, score_floor: float = 0.0) -> list[r.Answers]:
    known = r.reference_of(all_answers, score_floor)
    (found,) = (one for one in r.regressions(known) if one.name == name)
    assert not found.obstacle, found.obstacle
    return [found.plant(one, rng()) for one in all_answers]


def obstacle(name: str, *all_answers: r.Answers) -> str:
    known = r.reference_of(all_answers, 0.0)
    return next(one.obstacle for one in r.regressions(known) if one.name == name)


def test_dropped_loses_the_share_and_keeps_the_rest_as_it_is() -> None:
    before = detections()
    after = r.dropped(before, 0.2, rng())
    assert len(after) == 8
    assert set(after.frame_index.tolist()) < set(before.frame_index.tolist())
    np.testing.assert_array_equal(after.scores, before.scores[after.frame_index])


def test_only_night_clips_lose_boxes() -> None:
    day, night = planted("drop-20", answers(detections()), answers(detections(), daypart="night"))
    assert (len(day.detections), len(night.detections)) == (10, 8)


def test_without_night_every_clip_loses_boxes_and_the_title_says_so() -> None:
    known = r.reference_of([answers(detections())], 0.0)
    one = next(one for one in r.regressions(known) if one.name == "drop-20")
    assert one.title == "drop 20 % of boxes (no clip is at night)"
    assert one.aims == (("recall", ()),)
    assert len(one.plant(answers(detections()), rng()).detections) == 8


def test_shifted_by_a_tenth_of_width_and_height() -> None:
    after = r.shifted(detections(1), 0.1)
    np.testing.assert_allclose(after.boxes_xyxy, [[12.0, 21.0, 32.0, 31.0]])


def test_repeated_alerts_come_later_but_not_after_the_end() -> None:
    after = r.repeated(alerts(0.2, 1.8), after_s=0.5, end_s=2.0)
    assert after.time_s.tolist() == [0.2, 0.7, 1.8, 2.0]
    assert after.kind.tolist() == [0, 0, 0, 0]


def test_repeated_alerts_keep_what_they_are_about() -> None:
    two = replace(alerts(0.2, 0.4), kind=np.array([1, 0]), kinds=("a", "b"))
    after = r.repeated(two, after_s=0.5, end_s=2.0)
    assert after.time_s.tolist() == [0.2, 0.4, 0.7, 0.9]
    assert after.kind.tolist() == [1, 0, 1, 0]


def test_classes_are_swapped_in_the_share_of_the_rows_given() -> None:
    before = replace(detections(), class_id=np.array([0, 2] * 5))
    after = r.swapped_classes(before, (0, 2), np.arange(5), 0.4, rng())
    changed = np.flatnonzero(after.class_id != before.class_id)
    assert len(changed) == 2
    assert (changed < 5).all()
    np.testing.assert_array_equal(after.class_id[changed], 2 - before.class_id[changed])


def test_other_classes_are_not_swapped() -> None:
    before = detections(class_id=1)
    after = r.swapped_classes(before, (0, 2), np.arange(10), 1.0, rng())
    np.testing.assert_array_equal(after.class_id, before.class_id)


def test_the_two_most_frequent_classes_at_the_operating_point_are_swapped() -> None:
    mixed = replace(detections(), class_id=np.array([1, 1, 1, 0, 0, 2, 2, 2, 2, 2]))
    known = r.reference_of([answers(mixed, least=0.65)], 0.0)  # the first seven rows count
    assert known.classes == (1, 0, 2)


def test_delayed_answers_come_a_frame_late_and_the_last_is_lost() -> None:
    (after,) = planted("delay", answers(detections(), raised=alerts(0.2, 1.95)))
    assert after.detections.frame_index.tolist() == list(range(1, 10))
    np.testing.assert_array_equal(after.detections.scores, detections().scores[:9])
    assert after.alerts is not None
    assert after.alerts.time_s.tolist() == pytest.approx([0.4, 2.0])


def test_an_alert_after_the_end_is_not_moved_forward() -> None:
    assert r.delayed_alerts(alerts(1.9, 2.5), 0.2, end_s=2.0).time_s.tolist() == [2.0, 2.5]


def test_false_alarms_look_like_the_rows_given_and_stay_in_the_picture() -> None:
    before = two_tracks()
    after = r.with_false_alarms(before, np.array([0]), 3, clip(), rng())
    extra = np.flatnonzero(after.track_id > 2)
    assert len(after) == len(before) + 3
    assert sorted(after.track_id[extra].tolist()) == [3, 4, 5]
    assert after.scores[extra].tolist() == [before.scores[0]] * 3
    size = after.boxes_xyxy[extra, 2:] - after.boxes_xyxy[extra, :2]
    np.testing.assert_allclose(size, [[20.0, 10.0]] * 3)
    assert (after.boxes_xyxy[extra] >= 0).all()
    assert (after.boxes_xyxy[extra, 2:] <= [100.0, 80.0]).all()


def test_false_alarms_are_in_annotated_frames_only() -> None:
    annotated = np.zeros(N_FRAMES, np.bool_)
    annotated[4] = True
    before = detections(2)
    after = r.with_false_alarms(
        before, np.arange(2), 3, replace(clip(), annotated=annotated), rng()
    )
    assert after.frame_index.tolist() == [0, 1, 4, 4, 4]
    assert after.track_id.tolist() == [-1] * 5


def test_five_percent_false_alarms_of_what_counts() -> None:
    many = Detections.concatenate(
        [replace(detections(1), frame_index=np.array([k // 10])) for k in range(100)]
    )
    counting = replace(answers(many), counts=np.arange(100) < 60)
    (after,) = planted("false-alarms", counting)
    assert len(after.detections) == 103


def test_lowered_scores_and_what_falls_below_the_floor() -> None:
    after = r.lowered(detections(), by=0.1, floor=0.6)
    np.testing.assert_allclose(after.scores, [0.85, 0.8, 0.75, 0.7, 0.65, 0.6], atol=1e-12)
    (none_lost,) = planted("lower-scores", answers(detections()))
    assert len(none_lost.detections) == 10


def test_tracks_exchange_their_ids_from_a_frame_on() -> None:
    before = two_tracks()
    after = r.swapped_tracks(before, 4, rng())
    left = before.track_id == 1
    assert after.track_id[left].tolist() == [1] * 4 + [2] * 4 + [1] * 2
    assert after.track_id[~left].tolist() == [2] * 4 + [1] * 4 + [2] * 2


def test_frames_where_tracks_meet() -> None:
    assert r.meeting_frames(two_tracks()).tolist() == list(range(10))
    assert r.meeting_frames(detections(track_id=1)).tolist() == []
    assert r.meeting_frames(detections()).tolist() == []


def test_what_cannot_be_planted_says_why() -> None:
    plain = answers(detections())
    assert obstacle("duplicate-alerts", plain) == "the pipeline raises no alerts"
    assert obstacle("swap-classes", plain) == "the pipeline finds fewer than two classes"
    assert obstacle("swap-tracks", plain) == "the pipeline gives no track ids"
    alone = answers(detections(track_id=1), raised=alerts())
    assert obstacle("swap-tracks", alone) == "no two tracks are ever in one frame"
    assert obstacle("duplicate-alerts", alone) == "the pipeline raises no alerts"


def test_planting_is_the_same_every_time_and_leaves_the_reference_alone() -> None:
    mixed = replace(two_tracks(), class_id=np.arange(20) % 2)
    before = answers(mixed, raised=alerts(0.5))
    kept = {name: getattr(mixed, name).copy() for name in Detections.__slots__}
    known = r.reference_of([before], 0.0)
    for one in r.regressions(known):
        assert not one.obstacle
        first, second = (one.plant(before, rng()).detections for _ in range(2))
        for name in Detections.__slots__:
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
            np.testing.assert_array_equal(getattr(mixed, name), kept[name])
