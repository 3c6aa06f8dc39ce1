"""Who walks or drives where and when: plans, and the smooth paths they turn into."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from vbench.golden.synth.actors import FORK_REACH_M
from vbench.golden.synth.camera import Camera
from vbench.golden.synth.site import Site
from vbench.types.arrays import F64, Bool

WALK_M_S = (1.0, 1.6)
DRIVE_M_S = (1.8, 3.2)
_CHECKS_PER_S = 10.0
_BELOW_IMAGE_M = 2.6  # so near the camera that a person is below the bottom of the image


@dataclass(frozen=True, slots=True)
class ActorPlan:
    """One actor's part in a scene."""

    kind: str
    """person, forklift or pallet."""
    seed: int
    """Chooses its look."""
    waypoints: tuple[tuple[float, float, float], ...]
    """(time s, x m, z m) in camera coordinates; one alone stands there all the time."""
    heading_rad: float = 0.0
    """Heading while standing; moving actors head where they go."""
    reverse_from_s: float = math.inf
    """From this time on a forklift drives backwards."""
    carrier: int = -1
    """For a pallet: index of the plan of the forklift that carries it, -1 for none."""
    carried_until_s: float = math.inf
    """When the carrier sets the pallet down."""


@dataclass(frozen=True, slots=True)
class Path:
    """Where one actor is in every frame; all columns have length F."""

    present: Bool
    x_m: F64
    z_m: F64
    heading_rad: F64
    speed_m_s: F64
    walked_m: F64
    lift_m: F64


def _smooth(values: F64, window: int) -> F64:
    if window < 2:
        return values
    kernel = np.ones(window) / window
    padded = np.pad(values, (window // 2, window - 1 - window // 2), mode="edge")
    return np.convolve(padded, kernel, mode="valid")


def follow(plan: ActorPlan, n_frames: int, fps: float) -> Path:
    """Turn a plan's waypoints into positions at frame times, with rounded corners."""
    lead = round(2.0 * fps)
    time = (np.arange(-lead, n_frames + lead)) / fps
    knots = np.array(plan.waypoints, dtype=np.float64)
    window = max(round(0.5 * fps), 1)
    x = _smooth(_smooth(np.interp(time, knots[:, 0], knots[:, 1]), window), window)
    z = _smooth(_smooth(np.interp(time, knots[:, 0], knots[:, 2]), window), window)
    dx, dz = np.gradient(x) * fps, np.gradient(z) * fps
    speed = np.hypot(dx, dz)
    heading = np.full(time.shape, plan.heading_rad)
    moving = np.flatnonzero(speed > 0.08)
    if len(moving):
        direction = np.arctan2(dz, dx) + np.where(time >= plan.reverse_from_s, np.pi, 0.0)
        nearest = np.clip(np.searchsorted(moving, np.arange(len(time))), 0, len(moving) - 1)
        before = np.clip(np.searchsorted(moving, np.arange(len(time)), "right") - 1, 0, None)
        held = np.where(np.arange(len(time)) < moving[0], moving[nearest], moving[before])
        heading = _smooth(np.unwrap(direction[held]), window)
    present = np.ones(len(time), bool)
    if len(knots) > 1:
        present = (time >= knots[0, 0]) & (time <= knots[-1, 0])
    cut = slice(lead, lead + n_frames)
    walked = np.cumsum(speed) / fps
    return Path(
        present=present[cut],
        x_m=x[cut],
        z_m=z[cut],
        heading_rad=heading[cut],
        speed_m_s=speed[cut],
        walked_m=walked[cut],
        lift_m=np.zeros(n_frames),
    )


def fork_height_m(time_s: F64, carried_until_s: float) -> F64:
    """Return the height of loaded forks over time: raised for the drive, lowered to set down."""
    return np.clip((carried_until_s - time_s) / 1.2, 0.0, 1.0) * 0.28


def follow_all(plans: tuple[ActorPlan, ...], n_frames: int, fps: float) -> list[Path]:
    """Return the path of every plan, carried pallets riding on their forklift's forks."""
    paths = [follow(plan, n_frames, fps) for plan in plans]
    time = np.arange(n_frames) / fps
    for index, plan in enumerate(plans):
        if plan.carrier < 0:
            continue
        truck = paths[plan.carrier]
        held = time < plan.carried_until_s
        last = int(np.clip(np.count_nonzero(held) - 1, 0, n_frames - 1))
        at = np.minimum(np.arange(n_frames), last)
        heading = truck.heading_rad[at]
        paths[index] = replace(
            paths[index],
            present=np.where(held, truck.present, truck.present[last]),
            x_m=truck.x_m[at] + FORK_REACH_M * np.cos(heading),
            z_m=truck.z_m[at] + FORK_REACH_M * np.sin(heading),
            heading_rad=heading,
            lift_m=fork_height_m(time, plan.carried_until_s),
        )
    return paths


@dataclass(slots=True)
class Planner:
    """Draws plans at random that keep clear of walls, standing objects and each other."""

    camera: Camera
    site: Site
    duration_s: float
    rng: np.random.Generator
    nearest_m: float
    farthest_m: float
    plans: list[ActorPlan] = field(default_factory=list)
    paths: dict[int, Path] = field(default_factory=dict)
    """Where the planned actors go, by index, for the checks against new ones."""

    def add_person(self, start_s: float, end_s: float) -> None:
        """Let somebody walk through the yard within a time window, if there is room."""
        for _ in range(200):
            speed = float(self.rng.uniform(*WALK_M_S))
            route = self._route(1.0, n_stops=int(self.rng.integers(0, 3)))
            if route is None:
                continue
            pause = float(self.rng.uniform(1.5, 6.0)) if self.rng.random() < 0.45 else 0.0
            plan = self._timed("person", route, speed, pause, start_s, end_s)
            if plan is not None and self._is_free(plan, 0.7):
                self.plans.append(plan)
                return

    def add_forklift(self, start_s: float, end_s: float) -> None:
        """Let a forklift cross, carry a pallet across, or set one down and back away."""
        for _ in range(200):
            deliver = self.rng.random() < 0.35
            route = self._route(1.7, n_stops=1)
            if route is None:
                continue
            if deliver:
                route = [route[0], route[1], route[0]]
            speed = float(self.rng.uniform(*DRIVE_M_S))
            plan = self._timed("forklift", route, speed, 1.6 if deliver else 0.0, start_s, end_s)
            if plan is None:
                continue
            leave = plan.waypoints[2][0] if deliver else math.inf
            plan = replace(plan, reverse_from_s=leave - 0.5)
            if not self._is_free(plan, 2.2):
                continue
            self.plans.append(plan)
            if deliver or self.rng.random() < 0.5:
                load = ActorPlan(
                    "pallet", self._seed(), plan.waypoints, carrier=len(self.plans) - 1,
                    carried_until_s=leave - 0.6,
                )  # fmt: skip
                self.plans.append(load)
            return

    def add_pallet(self) -> None:
        """Stand a loaded pallet in the yard for the whole clip, if there is room."""
        for _ in range(60):
            spot = self._spot(1.3)
            if spot is None:
                continue
            heading = self.site.pose.heading_rad + float(self.rng.normal(0, 0.12))
            plan = ActorPlan("pallet", self._seed(), ((0.0, *spot),), heading_rad=heading)
            if self._is_free(plan, 1.5):
                self.plans.append(plan)
                return

    def _seed(self) -> int:
        return int(self.rng.integers(1 << 30))

    def _spot(self, margin_m: float) -> tuple[float, float] | None:
        z = float(self.nearest_m + (self.farthest_m - self.nearest_m) * self.rng.beta(1.3, 1.5))
        x = self.camera.half_width_m(z) * float(self.rng.uniform(-0.92, 0.92))
        return (x, z) if self._is_open(np.array([x]), np.array([z]), margin_m) else None

    def _is_open(self, x_m: F64, z_m: F64, margin_m: float) -> bool:
        clear = self.camera.yard_clearance(x_m, z_m) > margin_m
        return bool((clear & ~self.site.blocked(x_m, z_m, margin_m * 0.6)).all())

    def _edge(self, z_m: float, beyond_m: float) -> tuple[float, float]:
        side = 1.0 if self.rng.random() < 0.5 else -1.0
        return side * (self.camera.half_width_m(z_m) + beyond_m), z_m

    def _end(self, margin_m: float) -> tuple[float, float] | None:
        """Choose where a route begins or ends: beside the image, or inside an open door."""
        doors = [d for d in self.site.doors if d.kind == "drive_in"]
        if doors and self.rng.random() < 0.3:
            x, z = self.site.from_site(doors[0].along_m, -2.5)
            if abs(x) < self.camera.half_width_m(max(z, 1.0)) and z < self.farthest_m + 6:
                return x, z
        if margin_m < 1.2 and self.rng.random() < 0.25:
            half = self.camera.half_width_m(self.nearest_m)
            return half * float(self.rng.uniform(-0.8, 0.8)), _BELOW_IMAGE_M
        z = float(self.rng.uniform(self.nearest_m, self.farthest_m))
        x, z = self._edge(z, 3.4 if margin_m > 1.2 else 1.0)
        return (x, z) if float(self.camera.yard_clearance(np.array(x), np.array(z))) > 0.5 else None

    def _route(self, margin_m: float, n_stops: int) -> list[tuple[float, float]] | None:
        ends = self._end(margin_m), self._end(margin_m)
        stops = [self._spot(margin_m) for _ in range(n_stops)]
        if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
            return None
        route = [ends[0], *(s for s in stops if s is not None), ends[1]]
        if len(route) < n_stops + 2:
            return None
        for (x0, z0), (x1, z1) in pairwise(route):
            share = np.linspace(0, 1, 40)
            x, z = x0 + share * (x1 - x0), z0 + share * (z1 - z0)
            in_yard = self.camera.yard_clearance(x, z) > 0.3
            if self.site.blocked(x, z, margin_m * 0.6).any():
                return None
            at_door = np.abs(self.camera.yard_clearance(x, z)) < 3.0
            if not (in_yard | at_door).all():
                return None
            if math.hypot(x1 - x0, z1 - z0) < 2.0:
                return None
        return route

    def _timed(
        self, kind: str, route: list[tuple[float, float]], speed_m_s: float, pause_s: float,
        start_s: float, end_s: float,
    ) -> ActorPlan | None:  # fmt: skip
        knots = [(0.0, *route[0])]
        for index, (x, z) in enumerate(route[1:], start=1):
            length = math.hypot(x - knots[-1][1], z - knots[-1][2])
            knots.append((knots[-1][0] + length / speed_m_s, x, z))
            if pause_s and index == 1 and len(route) > 2:
                knots.append((knots[-1][0] + pause_s, x, z))
        length_s = knots[-1][0]
        # At the clip's own ends somebody may already be, or still be, on the way.
        earliest = start_s if start_s > 0 else -0.7 * length_s
        latest = end_s - length_s if end_s < self.duration_s else self.duration_s - 0.3 * length_s
        if latest < earliest:
            return None
        begin = float(self.rng.uniform(earliest, latest))
        return ActorPlan(kind, self._seed(), tuple((t + begin, x, z) for t, x, z in knots))

    def _is_free(self, plan: ActorPlan, apart_m: float) -> bool:
        n_frames = math.ceil(self.duration_s * _CHECKS_PER_S)
        own = follow(plan, n_frames, _CHECKS_PER_S)
        for index, other in enumerate(self.plans):
            if other.carrier >= 0:
                continue
            if index not in self.paths:
                self.paths[index] = follow(other, n_frames, _CHECKS_PER_S)
            theirs = self.paths[index]
            both = own.present & theirs.present
            gap = np.hypot(own.x_m - theirs.x_m, own.z_m - theirs.z_m)
            need = max(apart_m, 2.2 if other.kind == "forklift" else 1.2)
            if plan.kind == other.kind == "person":
                need = 0.6
            if (gap[both] < need).any():
                return False
        return True
