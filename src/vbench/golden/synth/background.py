"""The still picture behind the actors: one ray per pixel into the yard, then standing objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from vbench.golden.synth.camera import Camera
from vbench.golden.synth.lighting import Lighting
from vbench.golden.synth.shapes import (
    Face,
    draw_faces,
    face_depth,
    fill,
    ground_shadow,
    outline_px,
    visible_faces,
)  # fmt: skip
from vbench.golden.synth.site import Site
from vbench.golden.synth.textures import (
    GROUND_PX_PER_M,
    SPAN_M,
    WALL_HEIGHT_M,
    WALL_PX_PER_M,
    Door,
    fractal_noise,
    ground_texture,
    wall_texture,
)  # fmt: skip
from vbench.types.arrays import F32, F64, U8, Bool

_OVERSAMPLE = 2
_FAR_M = 200.0
_FOOT_SHADE = 0.34  # darkening at the foot of the facade


@dataclass(frozen=True, slots=True)
class Background:
    """A lit, empty scene and what is needed to put actors into it."""

    image: F32
    """(H, W, 3) BGR, 0 to 255, before sensor noise."""
    depth_m: F32
    """(H, W) distance along the viewing axis to the nearest standing thing."""
    ground: F32
    """(H, W) share of each pixel that is open ground, 0 to 1."""


@dataclass(frozen=True, slots=True)
class _Rays:
    """Per-pixel hits: depth, world point, and which surface was hit."""

    directions: F32
    depth_m: F32
    points_m: F32
    is_ground: Bool
    is_wall: Bool
    is_back: Bool


def _cast(camera: Camera, eye_height_m: float, directions: F32) -> _Rays:
    """Intersect rays from `eye_height_m` above the origin with ground, facade and fence."""
    point, _, normal = camera.facade_axes()
    eye = np.array([0.0, eye_height_m, 0.0], np.float32)
    down = directions[..., 1]
    slant = directions @ normal.astype(np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_ground = np.where(down < -1e-6, -eye_height_m / down, np.inf)
        to_wall = np.float32(point @ normal) / slant
    wall_y = eye_height_m + down * to_wall
    to_wall = np.where((to_wall > 0) & (wall_y < WALL_HEIGHT_M), to_wall, np.inf)
    back_y = eye_height_m + down * camera.back_distance_m
    to_back = np.where(back_y < 3.4, np.float32(camera.back_distance_m), np.inf)
    depth = np.minimum(np.minimum(to_ground, to_wall), to_back).astype(np.float32)
    finite = np.minimum(depth, _FAR_M)
    return _Rays(
        directions=directions,
        depth_m=finite,
        points_m=eye + directions * finite[..., None],
        is_ground=(depth == to_ground) & np.isfinite(depth),
        is_wall=(depth == to_wall) & np.isfinite(depth),
        is_back=(depth == to_back) & np.isfinite(depth),
    )


@dataclass(frozen=True, slots=True)
class _Surfaces:
    """The textures of a site and how world points find their place in them."""

    ground: F32
    wall: F32
    glow: F32
    trees: F32

    def sample(self, rays: _Rays, site: Site, light: Lighting) -> tuple[F32, F32]:
        """Return reflectance and emitted light (..., 3) where `rays` hit."""
        x = rays.points_m[..., 0].astype(np.float64)
        z = rays.points_m[..., 2].astype(np.float64)
        along, out = (a.astype(np.float32) for a in site.to_site(x, z))
        column = (along + SPAN_M / 2) * GROUND_PX_PER_M
        albedo = _look_up(self.ground, column, out * GROUND_PX_PER_M)
        wall_column = (along + SPAN_M / 2) * WALL_PX_PER_M
        wall_row = (WALL_HEIGHT_M - rays.points_m[..., 1]) * WALL_PX_PER_M
        wall = rays.is_wall[..., None]
        albedo = np.where(wall, _look_up(self.wall, wall_column, wall_row), albedo)
        back_row = (3.4 - rays.points_m[..., 1]) * 30
        back = _look_up(self.trees, (rays.points_m[..., 0] + 40) * 12, back_row)
        albedo = np.where(rays.is_back[..., None], back, albedo)
        emitted = np.where(wall, _look_up(self.glow, wall_column, wall_row), np.float32(0))
        return albedo, emitted * np.float32(light.emission)


@lru_cache(maxsize=1)
def _paint_surfaces(style_seed: int, doors: tuple[Door, ...]) -> _Surfaces:
    """Paint a site's textures; kept, since clips of one camera mostly follow each other."""
    rng = np.random.default_rng([style_seed, 31])
    ground = ground_texture(rng, doors)
    wall, glow = wall_texture(rng, doors)
    return _Surfaces(ground, wall, glow, _back_texture(rng))


def _look_up(texture: F32, column: F32, row: F32) -> F32:
    limit = np.float32(30000)
    column = np.clip(column - 0.5, -limit, limit)
    row = np.clip(row - 0.5, -limit, limit)
    found = cv2.remap(texture, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(found, np.float32)


def _back_texture(rng: np.random.Generator) -> F32:
    """Paint a fence with a hedge and distant walls behind it."""
    shape = (104, 960)
    hedge = 62 + 16 * fractal_noise(rng, shape, 22, 4)
    texture = hedge[..., None] * np.array((0.72, 1.05, 0.82), np.float32)
    heights = 30 + 18 * fractal_noise(rng, (1, shape[1]), 60, 4)[0]
    wall = np.arange(shape[0])[:, None] < heights[None]
    texture[wall] = (128, 132, 136)
    texture[18:22] = 92
    texture[:, ::30] = 84
    mesh = 0.94 + 0.06 * np.sin(np.arange(shape[1]) * 1.9)
    return np.asarray(texture * mesh[None, :, None], np.float32)


def _sky(rng: np.random.Generator, directions: F32, light: Lighting) -> F32:
    rise = np.clip(directions[..., 1:2] * 2.6, 0, 1)
    sky = light.sky_bottom.astype(np.float32) * (1 - rise) + light.sky_top.astype(np.float32) * rise
    clouds = fractal_noise(rng, directions.shape[:2], 130, 5)
    stretched = cv2.resize(clouds[:, : clouds.shape[1] // 3], clouds.shape[::-1])
    return np.asarray(sky * (1 + 0.07 * stretched[..., None]), np.float32)


def _solid_layers(
    camera: Camera, site: Site, light: Lighting, rays: _Rays, width_px: int
) -> tuple[U8, F32, list[Face]]:
    """Draw the standing objects; return BGRA, their depth (inf where none), their faces."""
    height, width = rays.depth_m.shape
    canvas: U8 = np.zeros((height, width, 4), np.uint8)
    depth = np.full((height, width), np.inf, np.float32)
    eye = np.array([0.0, camera.height_m, 0.0])
    groups = [
        visible_faces(list(parts), site.pose, camera.height_m, light.sun_direction)
        for parts in site.solids
    ]
    groups.sort(key=lambda faces: -max(face.order_m for face in faces))
    for faces in groups:
        front = [f for f in faces if f.corners_m[:, 2].min() > 0.5]
        draw_faces(canvas, front, camera, width_px, np.zeros(2), _OVERSAMPLE)
        for face in front:
            mask: U8 = np.zeros((height, width), np.uint8)
            fill(mask, outline_px(face, camera, width_px) * _OVERSAMPLE, (255,))
            if len(face.corners_m) == 4 and not face.radii_m.any():
                seen = Face(face.corners_m - eye, face.radii_m, face.color, 0, False, False)
                here = face_depth(seen, rays.directions)
            else:
                here = np.full(depth.shape, face.corners_m[:, 2].mean(), np.float32)
            inside = (mask > 0) & (here > 0)
            depth[inside] = np.minimum(depth[inside], here[inside])
    return canvas, depth, [face for faces in groups for face in faces]


def _cast_shadow(
    faces: list[Face], camera: Camera, light: Lighting, shape: tuple[int, int], width_px: int
) -> F32:
    mask: U8 = np.zeros(shape, np.uint8)
    for polygon in ground_shadow(faces, light.sun_direction):
        if polygon[:, 2].min() > 1.0:
            fill(mask, camera.project(polygon, width_px) * _OVERSAMPLE, (255,))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 3.0), np.float32) / np.float32(255)


def _add_lamp_glow(image: F32, camera: Camera, light: Lighting, width_px: int) -> None:
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    for lamp in light.lamps:
        if lamp.position_m[2] < 1 or light.lamp_level == 0 or lamp.position_m[1] < 4:
            continue
        x, y = camera.project(lamp.position_m, width_px) * _OVERSAMPLE
        size = _OVERSAMPLE * camera.scale(width_px) * camera.focal_px * 0.16 / lamp.position_m[2]
        squared = (columns - x) ** 2 + (rows - y) ** 2
        core = np.exp(-squared / (2 * size**2)) * 235
        halo = (70 if light.wet else 46) / (1 + squared / (size * 5) ** 2) ** 1.3
        image += (core + halo)[..., None] * (lamp.color * light.lamp_level).astype(np.float32)


def paint_background(
    camera: Camera, site: Site, light: Lighting, width_px: int, height_px: int
) -> Background:
    """Render the empty scene at twice the resolution and average down.

    The same camera, site and light give the same picture.
    """
    surfaces = _paint_surfaces(camera.style_seed, site.doors)
    rng = np.random.default_rng([camera.style_seed, 32])
    rays = _cast(camera, camera.height_m, _view(camera, width_px, height_px))
    layer, solid_depth, faces = _solid_layers(camera, site, light, rays, width_px)
    solid = solid_depth < rays.depth_m
    depth = np.where(solid, solid_depth, rays.depth_m)
    points = np.array([0, camera.height_m, 0], np.float32) + rays.directions * depth[..., None]
    open_ground = rays.is_ground & ~solid
    albedo, emitted = surfaces.sample(rays, site, light)
    cover = ((layer[..., 3:] > 0) & solid[..., None]).astype(np.float32)
    albedo = albedo * (1 - cover) + layer[..., :3] * cover
    shade = _cast_shadow(faces, camera, light, rays.depth_m.shape, width_px) * light.shadow
    out = site.to_site(points[..., 0].astype(np.float64), points[..., 2].astype(np.float64))[1]
    shade = np.maximum(shade, _FOOT_SHADE * np.exp(-np.maximum(out, 0) / 0.7).astype(np.float32))
    gain = light.gain(points) * np.where(open_ground, 1 - shade, np.float32(1))[..., None]
    lit = albedo * gain + emitted * (1 - cover)
    is_sky = ~(rays.is_ground | rays.is_wall | rays.is_back | solid)
    lit = np.where(is_sky[..., None], _sky(rng, rays.directions, light), lit)
    if light.wet:
        wetness = _wetness(rng, points, open_ground)
        mirror = _reflect(camera, site, light, surfaces, rays)
        lit = lit * (1 - 0.35 * wetness) + mirror * wetness * 0.62
    haze = np.where(is_sky, 0, light.haze_share(depth))[..., None]
    image = (lit * (1 - haze) + light.haze.astype(np.float32) * haze).astype(np.float32)
    _add_lamp_glow(image, camera, light, width_px)
    return Background(
        image=np.clip(_shrink(image), 0, 255),
        depth_m=np.ascontiguousarray(depth[::_OVERSAMPLE, ::_OVERSAMPLE]),
        ground=_shrink(open_ground.astype(np.float32)),
    )


def _view(camera: Camera, width_px: int, height_px: int) -> F32:
    """Return the viewing directions (2 H, 2 W, 3) of an oversampled image, with z of 1."""
    width, height = width_px * _OVERSAMPLE, height_px * _OVERSAMPLE
    focal = camera.focal_px * camera.scale(width_px) * _OVERSAMPLE
    horizon = camera.horizon_px * camera.scale(width_px) * _OVERSAMPLE
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    directions = [(columns - width / 2) / focal, (horizon - rows) / focal, np.ones_like(rows)]
    return np.stack(directions, axis=-1).astype(np.float32)


def _shrink(image: F32) -> F32:
    size = (image.shape[1] // _OVERSAMPLE, image.shape[0] // _OVERSAMPLE)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)


def _reflect(camera: Camera, site: Site, light: Lighting, surfaces: _Surfaces, rays: _Rays) -> F32:
    """Return what a mirror-flat ground would show: the yard seen from below, upside down."""
    upward = rays.directions * np.array([1, -1, 1], np.float32)
    below = _cast(camera, -camera.height_m, upward)
    albedo, emitted = surfaces.sample(below, site, light)
    seen = albedo * light.gain(below.points_m) + emitted
    hit = (below.is_wall | below.is_back)[..., None]
    mirror = np.where(hit, seen, light.sky_bottom.astype(np.float32))
    blurred = cv2.GaussianBlur(mirror.astype(np.float32), (0, 0), sigmaX=2.0, sigmaY=9.0)
    return np.asarray(blurred, np.float32)


def _wetness(rng: np.random.Generator, points: F32, ground: Bool) -> F32:
    """Return how mirror-like each pixel is (H, W, 1): damp everywhere, puddles in hollows."""
    hollow = fractal_noise(rng, (900, 900), 60, 4)
    found = _look_up(hollow, (points[..., 0] + 30) * 15, points[..., 2] * 15)
    slope: F64 = 1 / (1 + np.exp(-(found.astype(np.float64) - 0.7) * 5))
    wet = (0.28 + 0.5 * slope) * ground
    return wet.astype(np.float32)[..., None]
