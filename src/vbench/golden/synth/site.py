"""What stands still in a yard: doors, trailers, containers, posts and lamps.

Site coordinates are those of `shapes.Pose` placed on the facade: forward runs along the facade,
right away from it into the yard, up from the ground.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vbench.golden.synth.camera import Camera
from vbench.golden.synth.lighting import Lamp
from vbench.golden.synth.shapes import Bgr, Block, Hull, Part, Pose
from vbench.golden.synth.textures import Door, lay_out_doors
from vbench.types.arrays import F64, Bool

_Place = Callable[[list[Part], tuple[float, float, float, float]], None]

_PAINTS: tuple[Bgr, ...] = (
    (222, 224, 222), (196, 198, 200), (150, 92, 44), (60, 64, 168), (74, 112, 62), (118, 112, 104),
)  # fmt: skip
_DARK: Bgr = (38, 38, 40)
_CONCRETE: Bgr = (156, 160, 162)
_YELLOW: Bgr = (44, 176, 224)


@dataclass(frozen=True, slots=True)
class Site:
    """The fixed things in front of one camera."""

    pose: Pose
    """Places site coordinates in camera coordinates."""
    doors: tuple[Door, ...]
    solids: tuple[tuple[Part, ...], ...]
    """Standing objects in site coordinates."""
    footprints_m: F64
    """(k, 4) rectangles (along min, out min, along max, out max) that actors walk around."""
    lamps: tuple[Lamp, ...]

    def to_site(self, x_m: F64, z_m: F64) -> tuple[F64, F64]:
        """Return (along, out) in metres of ground points given in camera coordinates."""
        cos, sin = math.cos(self.pose.heading_rad), math.sin(self.pose.heading_rad)
        dx, dz = x_m - self.pose.x_m, z_m - self.pose.z_m
        return dx * cos + dz * sin, dx * sin - dz * cos

    def from_site(self, along_m: float, out_m: float) -> tuple[float, float]:
        """Return (x, z) in camera coordinates of a point given along and out of the facade."""
        point = self.pose.to_camera(np.array([along_m, out_m, 0.0]))
        return float(point[0]), float(point[2])

    def blocked(self, x_m: F64, z_m: F64, margin_m: float) -> Bool:
        """Return which ground points lie within `margin_m` of a standing object."""
        along, out = self.to_site(x_m, z_m)
        hit = np.zeros(np.shape(x_m), bool)
        for left, near, right, far in self.footprints_m:
            hit |= (
                (along > left - margin_m)
                & (along < right + margin_m)
                & (out > near - margin_m)
                & (out < far + margin_m)
            )
        return hit


def build_site(camera: Camera) -> Site:
    """Furnish the yard in front of `camera`; the same camera gives the same site."""
    rng = np.random.default_rng([camera.style_seed, 21])
    point, _, _ = camera.facade_axes()
    pose = Pose(0.0, float(point[2]), math.radians(camera.facade_angle_deg))
    doors = lay_out_doors(rng)
    solids: list[tuple[Part, ...]] = []
    footprints: list[tuple[float, float, float, float]] = []

    def place(parts: list[Part], footprint: tuple[float, float, float, float]) -> None:
        solids.append(tuple(parts))
        footprints.append(footprint)

    docks = [d for d in doors if d.kind in ("closed", "dock_open") and abs(d.along_m) < 13]
    n_trailers = int(rng.integers(1, 3)) if len(docks) > 2 else 0
    for index in rng.permutation(len(docks))[:n_trailers]:
        _place_trailer(place, docks[int(index)].along_m, rng)
    for door in doors:
        if door.kind == "drive_in":
            for side in (-1, 1):
                at = door.along_m + side * 2.5
                place(_bollard(at, 0.9), (at - 0.1, 0.8, at + 0.1, 1.0))
    post_lamps = _place_near(place, camera, pose, rng)
    return Site(
        pose=pose,
        doors=doors,
        solids=tuple(solids),
        footprints_m=np.array(footprints, dtype=np.float64).reshape(-1, 4),
        lamps=_lamps(pose, doors, rng) + tuple(post_lamps),
    )


def _place_trailer(place: _Place, along_m: float, rng: np.random.Generator) -> None:
    length = float(rng.uniform(5.5, 8.0))
    paint = _PAINTS[int(rng.integers(len(_PAINTS)))]
    stripe = _PAINTS[int(rng.integers(2, len(_PAINTS)))]
    middle = 0.35 + length / 2
    parts: list[Part] = [
        Block((along_m, middle, 1.65), (2.5, length, 0.9), paint, outline=False),
        Block((along_m, middle, 2.35), (2.5, length, 0.5), stripe, bias_m=-0.1, outline=False),
        Block((along_m, middle, 3.25), (2.5, length, 1.3), paint, bias_m=-0.2),
        Block((along_m, middle, 1.05), (2.3, length - 0.1, 0.22), _DARK, bias_m=0.3),
        Block((along_m, 0.35 + length - 1.6, 0.5), (0.9, 0.14, 0.9), _DARK, bias_m=0.2),
    ]
    for out in (1.6, 2.9):
        for side in (-1.0, 1.0):
            parts += _tyre(along_m + side * 1.0, out)
    place(parts, (along_m - 1.25, 0.0, along_m + 1.25, 0.35 + length))


def _tyre(along_m: float, out_m: float) -> list[Part]:
    angles = np.linspace(0, 2 * np.pi, 17)[:-1]
    ring = [(out_m + 0.5 * math.cos(a), 0.5 + 0.5 * math.sin(a)) for a in angles]
    tyre = tuple((along_m + w, o, u) for w in (-0.2, 0.2) for o, u in ring)
    return [Hull(tyre, (0.0,) * 32, (30, 30, 32), bias_m=0.25, rounded=False)]


def _bollard(along_m: float, out_m: float) -> list[Part]:
    foot, top = (along_m, out_m, 0.0), (along_m, out_m, 1.0)
    low, high = (along_m, out_m, 0.42), (along_m, out_m, 0.58)
    return [
        Hull((foot, top), (0.09, 0.09), _YELLOW),
        Hull((low, high), (0.092, 0.092), _DARK, bias_m=-0.1),
    ]


def _lamp_post(along_m: float, out_m: float) -> list[Part]:
    base = (along_m, out_m, 0.3)
    return [
        Block(base, (0.62, 0.62, 0.6), _CONCRETE),
        Block((along_m, out_m, 0.52), (0.63, 0.63, 0.12), _YELLOW, bias_m=-0.02),
        Hull(((along_m, out_m, 0.6), (along_m, out_m, 8.0)), (0.13, 0.1), (120, 122, 124)),
    ]


def _barrier(along_m: float, out_m: float) -> list[Part]:
    return [
        Block((along_m, out_m, 0.14), (2.4, 0.6, 0.28), _CONCRETE),
        Block((along_m, out_m, 0.52), (2.4, 0.28, 0.5), _CONCRETE, bias_m=-0.05),
        Block((along_m, out_m, 0.6), (2.41, 0.29, 0.1), _YELLOW, bias_m=-0.1, outline=False),
    ]


def _skip(along_m: float, out_m: float, paint: Bgr) -> list[Part]:
    lid = (paint[0] * 0.6, paint[1] * 0.6, paint[2] * 0.6)
    return [
        Block((along_m, out_m, 0.65), (1.3, 1.0, 1.1), paint),
        Block((along_m, out_m, 1.24), (1.36, 1.06, 0.1), lid, bias_m=-0.1),
        Block((along_m, out_m, 0.06), (1.1, 0.8, 0.12), _DARK, bias_m=0.1),
    ]


def _container(along_m: float, out_m: float, paint: Bgr) -> list[Part]:
    parts: list[Part] = [Block((along_m, out_m, 1.3), (6.0, 2.4, 2.6), paint)]
    rib = (paint[0] * 0.8, paint[1] * 0.8, paint[2] * 0.8)
    parts += [
        Block((along_m + s, out_m, 1.3), (0.14, 2.42, 2.3), rib, bias_m=-0.02, outline=False)
        for s in np.arange(-2.7, 2.8, 0.45)
    ]
    return parts


def _place_near(place: _Place, camera: Camera, pose: Pose, rng: np.random.Generator) -> list[Lamp]:
    """Stand posts, barriers, bins and a container in view; return the lamps on the posts."""
    site = Site(pose, (), (), np.zeros((0, 4)), ())
    kinds = ["post", "barrier", "bin", "bin", "container"]
    taken: list[tuple[float, float]] = []
    lamps: list[Lamp] = []
    for kind in kinds:
        for _ in range(40):
            near, far = {"post": (6.5, 9.5), "container": (17.0, 26.0)}.get(kind, (9.0, 18.0))
            z = float(rng.uniform(near, far))
            side = 1.0 if rng.random() < 0.5 else -1.0
            x = side * camera.half_width_m(z) * float(rng.uniform(0.3, 0.95))
            clearance = float(camera.yard_clearance(np.array(x), np.array(z)))
            along, out = (float(v) for v in site.to_site(np.array(x), np.array(z)))
            room = {"container": 3.5, "post": 2.0}.get(kind, 0.9)
            apart = all(math.hypot(x - a, z - b) > 3.2 for a, b in taken)
            if clearance < room or not apart or abs(along) > 27:
                continue
            taken.append((x, z))
            paint = _PAINTS[int(rng.integers(2, len(_PAINTS)))]
            if kind == "post":
                place(_lamp_post(along, out), (along - 0.3, out - 0.3, along + 0.3, out + 0.3))
                top = pose.to_camera(np.array([along, out, 8.2]))
                lamps.append(Lamp(top, np.array([0.50, 0.66, 0.74]), 7.0))
            elif kind == "barrier":
                place(_barrier(along, out), (along - 1.2, out - 0.3, along + 1.2, out + 0.3))
            elif kind == "bin":
                place(_skip(along, out, paint), (along - 0.7, out - 0.5, along + 0.7, out + 0.5))
            else:
                box = (along - 3.0, out - 1.2, along + 3.0, out + 1.2)
                place(_container(along, out, paint), box)
            break
    return lamps


def _lamps(pose: Pose, doors: tuple[Door, ...], rng: np.random.Generator) -> tuple[Lamp, ...]:
    warm = np.array([0.52, 0.80, 0.98]) if rng.random() < 0.5 else np.array([0.90, 0.95, 0.92])
    lamps = []
    for index, door in enumerate(d for d in doors if d.kind != "staff"):
        if index % 2:
            continue
        at = pose.to_camera(np.array([door.along_m, 0.9, 5.1]))
        lamps.append(Lamp(at, warm * float(rng.uniform(0.8, 1.1)), float(rng.uniform(3.4, 4.4))))
    for door in doors:
        if door.kind == "drive_in":
            at = pose.to_camera(np.array([door.along_m, 1.4, 3.6]))
            lamps.append(Lamp(at, np.array([0.42, 0.56, 0.62]), 3.0))
    return tuple(lamps)
