"""Solid shapes in metres and how they are drawn: blocks and rounded hulls, far to near."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vbench.golden.synth.camera import Camera
from vbench.types.arrays import F32, F64, U8

Bgr = tuple[float, float, float]

_SHIFT = 4  # cv2 takes polygon corners in 1/16 px
_CIRCLE: F64 = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 14)[:-1]), np.sin(np.linspace(0, 2 * np.pi, 14)[:-1])],
    axis=-1,
)
# Corner order: bit 0 forward, bit 1 right, bit 2 up. Faces wind so that normals point outwards.
_CORNERS: F64 = np.array(
    [[f, r, u] for u in (-0.5, 0.5) for r in (-0.5, 0.5) for f in (-0.5, 0.5)], dtype=np.float64
)
_FACES = np.array(
    [[1, 3, 7, 5], [0, 4, 6, 2], [2, 6, 7, 3], [0, 1, 5, 4], [4, 5, 7, 6], [0, 2, 3, 1]]
)


@dataclass(frozen=True, slots=True)
class Block:
    """A cuboid: `centre_m` and `size_m` are (forward, right, up) in the actor's own frame."""

    centre_m: tuple[float, float, float]
    size_m: tuple[float, float, float]
    color: Bgr
    bias_m: float = 0.0
    """Added to the depth used for drawing order; negative draws later."""
    outline: bool = True


@dataclass(frozen=True, slots=True)
class Hull:
    """The convex hull of balls: limbs, torsos, wheels, flat panels (radius 0)."""

    points_m: tuple[tuple[float, float, float], ...]
    radii_m: tuple[float, ...]
    color: Bgr
    bias_m: float = 0.0
    rounded: bool = True
    """Shade a lighter core, as on a cylinder."""


Part = Block | Hull


@dataclass(frozen=True, slots=True)
class Pose:
    """Where an actor stands: ground point in metres, heading in radians from the x axis."""

    x_m: float
    z_m: float
    heading_rad: float
    lift_m: float = 0.0

    def to_camera(self, local: F64) -> F64:
        """Turn (..., 3) forward/right/up points of the actor into camera coordinates."""
        cos, sin = np.cos(self.heading_rad), np.sin(self.heading_rad)
        forward, right, up = local[..., 0], local[..., 1], local[..., 2]
        found = np.empty(local.shape)
        found[..., 0] = self.x_m + forward * cos + right * sin
        found[..., 1] = up + self.lift_m
        found[..., 2] = self.z_m + forward * sin - right * cos
        return found


@dataclass(frozen=True, slots=True)
class Face:
    """One filled polygon in camera space, ready to draw; `corners_m` is (k, 3)."""

    corners_m: F64
    radii_m: F64
    color: Bgr
    order_m: float
    outline: bool
    rounded: bool


def _block_faces(blocks: list[Block], pose: Pose, eye_m: F64, sun: F64) -> list[Face]:
    if not blocks:
        return []
    centre = np.array([b.centre_m for b in blocks])[:, None]
    size = np.array([b.size_m for b in blocks])[:, None]
    corners = pose.to_camera(centre + _CORNERS[None] * size)
    quads = corners[:, _FACES]
    normal = np.cross(quads[:, :, 1] - quads[:, :, 0], quads[:, :, 3] - quads[:, :, 0])
    outward = quads.mean(axis=2) - corners.mean(axis=1)[:, None]
    normal *= np.sign((normal * outward).sum(axis=-1, keepdims=True))
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-12
    seen = (normal * (quads.mean(axis=2) - eye_m)).sum(axis=-1) < 0
    shade = 0.66 + 0.22 * np.clip(normal @ sun, 0, 1) + 0.14 * normal[..., 1]
    order = np.linalg.norm(corners.mean(axis=1) - eye_m, axis=-1)
    faces = []
    for i, block in enumerate(blocks):
        for j in np.flatnonzero(seen[i]):
            light = float(shade[i, j])
            color = (block.color[0] * light, block.color[1] * light, block.color[2] * light)
            depth = float(order[i]) + block.bias_m
            faces.append(Face(quads[i, j], np.zeros(4), color, depth, block.outline, False))
    return faces


def _hull_faces(hulls: list[Hull], pose: Pose, eye_m: F64) -> list[Face]:
    faces = []
    for hull in hulls:
        points = pose.to_camera(np.array(hull.points_m))
        order = float(np.linalg.norm(points.mean(axis=0) - eye_m)) + hull.bias_m
        faces.append(Face(points, np.array(hull.radii_m), hull.color, order, False, hull.rounded))
    return faces


def visible_faces(parts: list[Part], pose: Pose, eye_height_m: float, sun: F64) -> list[Face]:
    """Return the faces of `parts` that an eye above the origin sees, farthest first.

    `sun` (3,) is the unit vector towards the light that shades the faces.
    """
    eye = np.array([0.0, eye_height_m, 0.0])
    faces = _block_faces([p for p in parts if isinstance(p, Block)], pose, eye, sun)
    faces += _hull_faces([p for p in parts if isinstance(p, Hull)], pose, eye)
    return sorted(faces, key=lambda face: -face.order_m)


def outline_px(face: Face, camera: Camera, width_px: int, radius_scale: float = 1.0) -> F64:
    """Return the corners (k, 2) in px of the polygon that `face` covers in the image."""
    centre = camera.project(face.corners_m, width_px)
    if not face.radii_m.any():
        if len(centre) == 4:
            return centre
        flat: F64 = cv2.convexHull(centre.astype(np.float32))[:, 0].astype(np.float64)
        return flat
    focal = camera.focal_px * camera.scale(width_px)
    radii = face.radii_m * radius_scale * focal / np.maximum(face.corners_m[:, 2], 0.2)
    around = centre[:, None] + _CIRCLE[None] * radii[:, None, None]
    hull: F64 = cv2.convexHull(around.reshape(-1, 2).astype(np.float32))[:, 0].astype(np.float64)
    return hull


def fill(canvas: U8, polygon_px: F64, color: tuple[float, ...]) -> None:
    """Fill a convex polygon given in canvas pixels (continuous, pixel centres at .5)."""
    fixed = np.round((polygon_px - 0.5) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillConvexPoly(canvas, fixed, color, lineType=cv2.LINE_8, shift=_SHIFT)


def draw_faces(
    canvas: U8, faces: list[Face], camera: Camera, width_px: int, origin_px: F64, scale: int
) -> None:
    """Paint `faces` on a BGRA canvas that shows the image from `origin_px` on, `scale` times."""
    for face in faces:
        polygon = (outline_px(face, camera, width_px) - origin_px) * scale
        b, g, r = face.color
        if face.rounded:
            fill(canvas, polygon, (b * 0.8, g * 0.8, r * 0.8, 255))
            core = (outline_px(face, camera, width_px, 0.62) - origin_px) * scale
            nudge = 0.12 * np.sqrt(np.ptp(polygon[:, 0]) * np.ptp(polygon[:, 1])) * 0.25
            fill(canvas, core - np.array([nudge, nudge]), (b, g, r, 255))
            continue
        fill(canvas, polygon, (b, g, r, 255))
        if face.outline:
            fixed = np.round((polygon - 0.5) * (1 << _SHIFT)).astype(np.int32)
            edge = (b * 0.72, g * 0.72, r * 0.72, 255)
            cv2.polylines(canvas, [fixed], True, edge, 1, cv2.LINE_8, _SHIFT)


def ground_shadow(faces: list[Face], towards_light: F64) -> list[F64]:
    """Return the ground polygons (k, 3) that `faces` shade when lit from `towards_light` (3,)."""
    slope = towards_light / max(float(towards_light[1]), 0.15)
    polygons = []
    for face in faces:
        spread = face.radii_m[:, None] * np.array([[1.0, 0, 0], [-1.0, 0, 0]])[:, None]
        points = (face.corners_m[None] + spread).reshape(-1, 3)
        flat = points - np.maximum(points[:, 1:2], 0.0) * slope
        hull = cv2.convexHull(flat[:, [0, 2]].astype(np.float32))[:, 0].astype(np.float64)
        polygons.append(np.stack([hull[:, 0], np.zeros(len(hull)), hull[:, 1]], axis=-1))
    return polygons


def extent_px(faces: list[Face], camera: Camera, width_px: int) -> F64:
    """Return x1, y1, x2, y2 in px around all `faces`, not clipped to the image."""
    corners = np.concatenate([outline_px(face, camera, width_px) for face in faces])
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def face_depth(face: Face, rays: F32) -> F32:
    """Return the depth in metres of the face's plane along `rays` (H, W, 3) with z of 1."""
    a, b, c = face.corners_m[0], face.corners_m[1], face.corners_m[2]
    normal = np.cross(b - a, c - a)
    slant = rays @ normal.astype(np.float32)
    reach = np.float32(a @ normal)
    safe = np.where(np.abs(slant) < 1e-9, np.float32(1e-9), slant)
    depth: F32 = (reach / safe).astype(np.float32)
    return depth
