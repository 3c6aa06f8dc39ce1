from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vbench.golden.synth.actors import CLASS_NAMES
from vbench.golden.synth.camera import Camera
from vbench.golden.synth.motion import ActorPlan
from vbench.golden.synth.render import SceneRenderer, SynthFrame, render
from vbench.golden.synth.scene import Crowd, SceneSpec, plan_activity

CAMERA = Camera("test", 4.2, 430.0, 92.0, 20.0, 8.0, 40.0, 101)
SIZE_WH = (320, 180)


def scene(*activity: ActorPlan, daypart: str = "day", seed: int = 1) -> SceneSpec:
    return SceneSpec(
        clip_id="test",
        store="1",
        camera=CAMERA,
        daypart=daypart,
        weather="dry",
        seed=seed,
        n_frames=12,
        fps=10,
        width_px=SIZE_WH[0],
        height_px=SIZE_WH[1],
        activity=activity,
    )


def standing(kind: str, x_m: float, z_m: float, seed: int = 5) -> ActorPlan:
    return ActorPlan(kind, seed, ((0.0, x_m, z_m),))


def crossing(kind: str, z_m: float, from_x: float, to_x: float) -> ActorPlan:
    return ActorPlan(kind, 5, ((-0.2, from_x, z_m), (1.4, to_x, z_m)))


def bytes_of(spec: SceneSpec, *indices: int) -> bytes:
    renderer = SceneRenderer(spec)
    return b"".join(renderer.frame(index).image.tobytes() for index in indices)


@pytest.mark.parametrize(("daypart", "weather"), [("day", "dry"), ("night", "rain")])
def test_equal_specs_give_equal_bytes(daypart: str, weather: str) -> None:
    activity = plan_activity(CAMERA, 3, 1.2, (Crowd(0, 1.2, 2, 1),), 1)
    spec = replace(scene(*activity, daypart=daypart), weather=weather)
    assert bytes_of(spec, 0, 5) == bytes_of(spec, 0, 5)
    assert bytes_of(spec, 0) != bytes_of(replace(spec, seed=2), 0)


def test_a_frame_does_not_depend_on_the_frames_before_it() -> None:
    spec = scene(crossing("person", 9.0, -2.0, 2.0))
    in_order = [frame.image for frame in render(spec)]
    assert len(in_order) == spec.n_frames
    np.testing.assert_array_equal(in_order[7], SceneRenderer(spec).frame(7).image)


@pytest.mark.parametrize("kind", CLASS_NAMES)
def test_box_is_tight_around_what_the_actor_changes(kind: str) -> None:
    """Where the frame differs from the empty scene, in silhouette, is where the box is."""
    spec = scene(standing(kind, 0.4, 10.0))
    renderer = SceneRenderer(spec)
    (box,) = renderer.frame(4).boxes_xyxy
    sprite = renderer._still_sprites[0]
    assert sprite is not None
    rows, columns = np.nonzero(sprite.mask > 0.5)
    seen = [
        columns.min() + sprite.left_px,
        rows.min() + sprite.top_px,
        columns.max() + 1 + sprite.left_px,
        rows.max() + 1 + sprite.top_px,
    ]
    np.testing.assert_allclose(box, seen, atol=1.0)
    assert renderer.frame(4).class_id.tolist() == [CLASS_NAMES.index(kind)]


def test_the_box_is_where_the_pixels_change() -> None:
    with_actor = SceneRenderer(scene(standing("forklift", 0.4, 10.0))).frame(4)
    without = SceneRenderer(scene()).frame(4)
    assert len(without.class_id) == 0
    changed = np.abs(with_actor.image.astype(int) - without.image).max(axis=2) > 40
    x1, y1, x2, y2 = np.round(with_actor.boxes_xyxy[0]).astype(int)
    # Its shadow changes the ground too, but nothing above the box.
    assert changed[y1:y2, x1:x2].mean() > 0.25
    assert changed[y1:y2, x1:x2].any(axis=1).mean() > 0.9
    assert not changed[: y1 - 1].any()


def test_nearer_objects_are_larger_and_lower() -> None:
    spec = scene(standing("person", -1.0, 8.0), standing("person", 1.0, 16.0))
    near, far = SceneRenderer(spec).frame(0).boxes_xyxy
    assert near[3] - near[1] == pytest.approx(2 * (far[3] - far[1]), rel=0.1)
    assert near[3] > far[3]


def test_occluded_by_what_stands_in_front() -> None:
    behind = standing("person", 0.0, 12.0)
    alone = SceneRenderer(scene(behind)).frame(0)
    partly = SceneRenderer(scene(behind, standing("forklift", 0.0, 10.6))).frame(0)
    in_front = SceneRenderer(scene(behind, standing("forklift", 0.0, 14.0))).frame(0)
    assert alone.occluded.tolist() == [False]
    assert partly.occluded.tolist() == [True, False]
    assert not in_front.occluded[0]
    np.testing.assert_array_equal(partly.boxes_xyxy[0], alone.boxes_xyxy[0])


def test_hidden_by_more_than_nine_tenths_is_ignored() -> None:
    wall = [standing("forklift", x, z) for x in (-1.0, 0.0, 1.0) for z in (10.4, 11.0)]
    frame = SceneRenderer(scene(standing("pallet", 0.0, 12.0, seed=3), *wall)).frame(0)
    first = frame.track_id.tolist().index(1)
    assert frame.ignore[first]
    assert frame.occluded[first]
    assert not frame.ignore[frame.track_id.tolist().index(2 + 0)]


def test_truncated_at_the_edge_and_ignored_when_hardly_in_view() -> None:
    edge_m = SIZE_WH[0] / 2 * 10.0 / (CAMERA.focal_px * CAMERA.scale(SIZE_WH[0]))
    renderer = SceneRenderer(
        scene(standing("person", edge_m, 10.0), standing("person", 0.0, 10.0, seed=6))
    )
    frame = renderer.frame(0)
    assert frame.truncated.tolist() == [True, False]
    assert frame.boxes_xyxy[0, 2] == SIZE_WH[0]
    barely = SceneRenderer(scene(standing("pallet", edge_m + 0.72, 10.0))).frame(0)
    assert barely.truncated.tolist() == [True]
    assert barely.ignore.tolist() == [True]


def test_track_ids_stay_with_their_actor() -> None:
    spec = scene(crossing("person", 9.0, -2.0, 2.0), crossing("forklift", 13.0, 3.0, -3.0))
    frames = list(render(spec))
    assert {tuple(frame.track_id) for frame in frames} == {(1, 2)}
    middle = np.array([frame.boxes_xyxy[:, [0, 2]].mean(axis=1) for frame in frames])
    assert (np.diff(middle[:, 0]) > 0).all()
    assert (np.diff(middle[:, 1]) < 0).all()


def test_night_is_darker_and_noisier_than_day() -> None:
    day, night = (SceneRenderer(scene(daypart=name)) for name in ("day", "night"))
    first, second = night.frame(0).image.astype(float), night.frame(1).image.astype(float)
    steady, next_one = day.frame(0).image.astype(float), day.frame(1).image.astype(float)
    assert first.mean() < 0.45 * steady.mean()
    assert (first - second).std() > 1.5 * (steady - next_one).std()


def test_carried_pallet_rides_on_the_forks() -> None:
    truck = crossing("forklift", 11.0, -2.5, 2.5)
    load = ActorPlan("pallet", 3, truck.waypoints, carrier=0)
    for frame in render(scene(truck, load)):
        boxes = dict(zip(frame.track_id.tolist(), frame.boxes_xyxy, strict=True))
        gap = boxes[2][0] - boxes[1][2]
        assert gap < 1.0, "the load touches the truck"
        assert boxes[2][2] > boxes[1][2], "the load is ahead of the truck"


def test_bad_index_and_bad_specs_are_refused() -> None:
    renderer = SceneRenderer(scene())
    with pytest.raises(IndexError):
        renderer.frame(12)
    with pytest.raises(ValueError, match="positive"):
        replace(scene(), n_frames=0)
    with pytest.raises(ValueError, match="unknown light"):
        replace(scene(), daypart="noon")


def test_synth_frame_checks_its_columns() -> None:
    frame = SceneRenderer(scene(standing("person", 0.0, 10.0))).frame(0)
    with pytest.raises(ValueError):
        replace(frame, ignore=np.zeros(3, bool))
    assert isinstance(frame.without_pixels(), SynthFrame)
    assert frame.without_pixels().image.size == 0
