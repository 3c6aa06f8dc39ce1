from __future__ import annotations

import numpy as np
import pytest

from vbench.golden.synth.motion import follow_all
from vbench.golden.synth.scene import DOCK1, DOCK3, Crowd, SceneSpec, default_specs, plan_activity
from vbench.golden.synth.site import build_site


@pytest.fixture(scope="module")
def shipped() -> tuple[SceneSpec, ...]:
    return default_specs()


def test_shipped_set_covers_what_it_promises(shipped: tuple[SceneSpec, ...]) -> None:
    assert len(shipped) >= 10
    assert sum(spec.n_frames / spec.fps for spec in shipped) >= 80
    assert {spec.daypart for spec in shipped} == {"day", "dusk", "night"}
    assert {spec.weather for spec in shipped} == {"dry", "rain"}
    assert len({spec.camera.name for spec in shipped}) == 2
    assert len({spec.store for spec in shipped}) == 2
    assert len({spec.clip_id for spec in shipped}) == len(shipped)


def test_the_seed_decides_the_plans(shipped: tuple[SceneSpec, ...]) -> None:
    assert default_specs() == shipped
    assert default_specs(1)[0].activity != shipped[0].activity


def test_every_class_appears_in_the_shipped_set(shipped: tuple[SceneSpec, ...]) -> None:
    kinds = [plan.kind for spec in shipped for plan in spec.activity]
    for kind, at_least in (("person", 30), ("forklift", 6), ("pallet", 10)):
        assert kinds.count(kind) >= at_least


def test_quiet_clips_are_empty_for_seconds(shipped: tuple[SceneSpec, ...]) -> None:
    quiet = [spec for spec in shipped if spec.clip_id.endswith("quiet")]
    assert len(quiet) >= 2
    for spec in quiet:
        paths = follow_all(spec.activity, spec.n_frames, spec.fps)
        nobody = ~np.any([path.present for path in paths], axis=0)
        assert nobody.sum() >= 3 * spec.fps
        assert not nobody.all()


def test_nobody_walks_through_walls_or_standing_things(shipped: tuple[SceneSpec, ...]) -> None:
    for spec in shipped:
        site = build_site(spec.camera)
        for plan, path in zip(
            spec.activity, follow_all(spec.activity, spec.n_frames, spec.fps), strict=True
        ):
            there = path.present & (plan.kind != "pallet")
            assert not (site.blocked(path.x_m, path.z_m, 0.0) & there).any()
            clearance = spec.camera.yard_clearance(path.x_m, path.z_m)
            # Only an open door lets anybody in.
            assert clearance[there].min(initial=9.0) > -3.0


def test_people_keep_apart(shipped: tuple[SceneSpec, ...]) -> None:
    for spec in shipped:
        paths = follow_all(spec.activity, spec.n_frames, spec.fps)
        people = [
            path for plan, path in zip(spec.activity, paths, strict=True) if plan.kind == "person"
        ]
        for i, one in enumerate(people):
            for other in people[:i]:
                both = one.present & other.present
                gap = np.hypot(one.x_m - other.x_m, one.z_m - other.z_m)[both]
                assert gap.min(initial=9.0) > 0.3


@pytest.mark.parametrize("camera", [DOCK1, DOCK3])
def test_the_yard_is_empty_between_crowds(camera: object) -> None:
    assert camera in (DOCK1, DOCK3)
    picked = DOCK1 if camera is DOCK1 else DOCK3
    crowds = (Crowd(6.0, 20.0, 3, 1),)
    plans = plan_activity(picked, 4, 20.0, crowds, n_pallet=0)
    assert plans
    assert min(plan.waypoints[0][0] for plan in plans) >= 6.0
