"""What a clip shows: camera, light, and everybody's plans; and the shipped set of clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.golden.synth.camera import Camera
from vbench.golden.synth.lighting import DAYPARTS, WEATHERS
from vbench.golden.synth.motion import ActorPlan, Planner
from vbench.golden.synth.site import build_site

DEFAULT_SEED = 0
"""The seed of the golden set that ships with vbench."""

DOCK1 = Camera("dock1", 4.2, 430.0, 92.0, 20.0, 8.0, 40.0, 101)
DOCK3 = Camera("dock3", 3.6, 470.0, 84.0, 24.0, 48.0, 46.0, 303)


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """Everything that decides a clip's frames, byte for byte."""

    clip_id: str
    store: str
    camera: Camera
    daypart: str
    weather: str
    seed: int
    """Seed of the light's variation and of the sensor noise."""
    n_frames: int
    fps: int
    width_px: int
    height_px: int
    activity: tuple[ActorPlan, ...]

    def __post_init__(self) -> None:
        """Refuse a spec that cannot be rendered.

        Raises:
            ValueError: a size or count is not positive, or daypart or weather is unknown.
        """
        if min(self.n_frames, self.fps, self.width_px, self.height_px) < 1:
            raise ValueError(f"{self.clip_id}: frames, rate and size must be positive")
        if self.daypart not in DAYPARTS or self.weather not in WEATHERS:
            raise ValueError(f"{self.clip_id}: unknown light {self.daypart!r}, {self.weather!r}")


@dataclass(frozen=True, slots=True)
class Crowd:
    """How much happens between `start_s` and `end_s` of a clip."""

    start_s: float
    end_s: float
    n_person: int
    n_forklift: int


def plan_activity(
    camera: Camera,
    seed: int,
    duration_s: float,
    crowds: tuple[Crowd, ...],
    n_pallet: int,
    height_px: int = 360,
    width_px: int = 640,
) -> tuple[ActorPlan, ...]:
    """Draw plans for a clip; between the crowds, and without pallets, the yard is empty."""
    nearest = camera.nearest_ground_m(height_px, width_px) + 0.6
    planner = Planner(
        camera=camera,
        site=build_site(camera),
        duration_s=duration_s,
        rng=np.random.default_rng([seed, 41]),
        nearest_m=nearest,
        farthest_m=min(camera.facade_distance_m, 22.0),
    )
    for crowd in crowds:
        for _ in range(crowd.n_forklift):
            planner.add_forklift(crowd.start_s, crowd.end_s)
    for _ in range(n_pallet):
        planner.add_pallet()
    for crowd in crowds:
        for _ in range(crowd.n_person):
            planner.add_person(crowd.start_s, crowd.end_s)
    return tuple(planner.plans)


@dataclass(frozen=True, slots=True)
class _Clip:
    clip_id: str
    store: str
    camera: Camera
    daypart: str
    weather: str
    duration_s: float
    crowds: tuple[Crowd, ...]
    n_pallet: int


_CLIPS = (
    _Clip("dock1-day", "12", DOCK1, "day", "dry", 10, (Crowd(0, 10, 6, 1),), 2),
    _Clip("dock1-day-quiet", "12", DOCK1, "day", "dry", 9, (Crowd(4, 9, 2, 1),), 0),
    _Clip("dock1-day-rain", "12", DOCK1, "day", "rain", 8, (Crowd(0, 8, 5, 1),), 1),
    _Clip("dock1-dusk", "12", DOCK1, "dusk", "dry", 8, (Crowd(0, 8, 5, 1),), 2),
    _Clip("dock1-night", "12", DOCK1, "night", "dry", 9, (Crowd(0, 9, 6, 1),), 1),
    _Clip("dock1-night-quiet", "12", DOCK1, "night", "dry", 8, (Crowd(0, 4.5, 2, 0),), 0),
    _Clip("dock3-day", "31", DOCK3, "day", "dry", 10, (Crowd(0, 10, 6, 2),), 2),
    _Clip("dock3-dusk", "31", DOCK3, "dusk", "dry", 8, (Crowd(0, 8, 5, 1),), 1),
    _Clip("dock3-dusk-rain", "31", DOCK3, "dusk", "rain", 8, (Crowd(0, 8, 5, 1),), 1),
    _Clip("dock3-night", "31", DOCK3, "night", "dry", 9, (Crowd(0, 9, 6, 1),), 2),
    _Clip("dock3-night-rain", "31", DOCK3, "night", "rain", 8, (Crowd(0, 8, 5, 1),), 1),
)


def default_specs(seed: int = DEFAULT_SEED) -> tuple[SceneSpec, ...]:
    """Return the clips of the loading-dock set: two cameras, three dayparts, dry and rain."""
    fps = 20
    return tuple(
        SceneSpec(
            clip_id=clip.clip_id,
            store=clip.store,
            camera=clip.camera,
            daypart=clip.daypart,
            weather=clip.weather,
            seed=seed * 1000 + index,
            n_frames=round(clip.duration_s * fps),
            fps=fps,
            width_px=640,
            height_px=360,
            activity=plan_activity(
                clip.camera, seed * 1000 + index, clip.duration_s, clip.crowds, clip.n_pallet
            ),
        )
        for index, clip in enumerate(_CLIPS)
    )
