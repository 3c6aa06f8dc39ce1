"""The made-up detector is plausible, and the same every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vbench.bench.made_up import made_up_alerts, made_up_detections, with_appearances
from vbench.types import Clip, Detections, MediaFacts, Truth, TruthEvent

N_FRAMES, FPS = 2000, 20.0


def clip(size_px: float = 100.0, *, daypart: str = "day") -> Clip:
    """Track 7 of class 0 all the time, track 8 of class 1 in the second half."""
    first, second = np.arange(N_FRAMES), np.arange(N_FRAMES // 2, N_FRAMES)
    frame_index = np.concatenate([first, second])
    order = np.argsort(frame_index, kind="stable")
    n = len(frame_index)
    track_id = np.repeat([7, 8], [len(first), len(second)])[order]
    corner = np.where(track_id == 7, 10.0, 400.0)
    return Clip(
        id="a",
        media=Path("a.mp4"),
        stream=None,
        facts=MediaFacts("", N_FRAMES, FPS, N_FRAMES / FPS, 640, 360, ""),
        tags=(("daypart", daypart),),
        truth=Truth(
            frame_index=frame_index[order],
            boxes_xyxy=np.column_stack([corner, corner, corner + size_px, corner + size_px]),
            class_id=track_id - 7,
            track_id=track_id,
            ignore=np.zeros(n, np.bool_),
            crowd=np.zeros(n, np.bool_),
        ),
        annotated=np.ones(N_FRAMES, np.bool_),
        exhaustive=np.ones(2, np.bool_),
        ignore_regions=(),
        events=(),
    )


def found(one: Clip, seed: int = 1) -> Detections:
    return made_up_detections(one, np.random.default_rng(seed))


def n_near(one: Clip) -> int:
    """Detections of a person at the person's place."""
    boxes = found(one)
    near = np.abs(boxes.boxes_xyxy - one.truth.boxes_xyxy[0]).max(axis=1) < 15.0
    return int(near.sum())


def test_it_overlooks_small_objects_and_the_night_more_often() -> None:
    by_day, by_night, small = n_near(clip()), n_near(clip(daypart="night")), n_near(clip(20.0))
    assert 0.9 * N_FRAMES < by_day < N_FRAMES
    assert by_night < by_day
    assert small < by_day


def test_misses_come_in_stretches() -> None:
    one = clip()
    boxes = found(one)
    near = np.abs(boxes.boxes_xyxy - one.truth.boxes_xyxy[0]).max(axis=1) < 15.0
    missed = np.setdiff1d(np.arange(N_FRAMES), boxes.frame_index[near])
    assert len(missed) % 8 == 0
    assert set(np.unique(missed // 8, return_counts=True)[1].tolist()) == {8}


def test_tracks_break_and_never_mix_two_objects() -> None:
    boxes = found(clip())
    left = np.abs(boxes.boxes_xyxy[:, 0] - 10.0) < 15.0
    right = np.abs(boxes.boxes_xyxy[:, 0] - 400.0) < 15.0
    of_left = set(boxes.track_id[left & (boxes.class_id == 0)].tolist())
    of_right = set(boxes.track_id[right & (boxes.class_id == 1)].tolist())
    assert len(of_left) > 1
    assert (boxes.track_id >= 0).all()
    assert len(of_left & of_right) == 0


def test_false_alarms_have_tracks_of_their_own() -> None:
    empty = replace(clip(), truth=Truth.empty())
    boxes = found(empty)
    assert 0.05 * N_FRAMES < len(boxes) < 0.2 * N_FRAMES
    assert len(np.unique(boxes.track_id)) == len(boxes)


def test_ignored_truth_is_not_found() -> None:
    one = clip()
    ignored = replace(one.truth, ignore=np.ones(len(one.truth), np.bool_))
    assert len(found(replace(one, truth=ignored))) == len(found(replace(one, truth=Truth.empty())))


def test_people_who_appear_are_events() -> None:
    (event,) = with_appearances(clip(), ["person", "forklift"]).events
    assert event == TruthEvent("appears", 0.0, 100.0, "person", None)


def test_short_appearances_are_no_events() -> None:
    one = clip()
    short = one.truth.take(one.truth.frame_index < 19)
    assert with_appearances(replace(one, truth=short), ["person"]).events == ()


def test_events_of_the_set_are_kept() -> None:
    own = (TruthEvent("intrusion", 1.0, 2.0, None, "gate"),)
    assert with_appearances(replace(clip(), events=own), ["person"]).events == own


def test_alerts_follow_events() -> None:
    events = tuple(TruthEvent("intrusion", float(k), k + 0.9, None, "gate") for k in range(90))
    one = replace(clip(), events=events)
    alerts = made_up_alerts(one, ["person"], np.random.default_rng(2))
    of_events = alerts.zone == 0
    assert 75 < of_events.sum() < 90
    after_s = alerts.time_s[of_events] % 1.0
    assert after_s.min() == pytest.approx(0.2, abs=0.05)
    assert after_s.max() <= 0.9 + 1e-9
    assert alerts.zones == ("gate",)


def test_same_answers_every_time() -> None:
    one, other = found(clip()), found(clip())
    for name in Detections.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert len(found(clip(), seed=2)) != len(one)
