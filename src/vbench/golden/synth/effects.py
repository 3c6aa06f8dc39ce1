"""What happens between actors and lens: shadows, headlights, rain, noise, the camera's text."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vbench.golden.synth.background import Background
from vbench.golden.synth.lighting import Lighting, noise_bank
from vbench.golden.synth.scene import SceneSpec
from vbench.golden.synth.shapes import Face, Pose, fill, ground_shadow
from vbench.types.arrays import F32, F64, U8

_N_RAIN_LAYERS = 5
_CLOCK_START_S = {"day": 11 * 3600 + 742, "dusk": 19 * 3600 + 1631, "night": 23 * 3600 + 305}


_TruckLamp = tuple[tuple[float, float, float], tuple[int, int, int], float]
_HEADLIGHTS: tuple[_TruckLamp, ...] = (
    ((1.02, -0.36, 1.75), (215, 235, 245), 0.10),
    ((1.02, 0.36, 1.75), (215, 235, 245), 0.10),
)
_BEACON: _TruckLamp = ((-0.4, 0.0, 2.3), (30, 150, 250), 0.12)


def _towards_light(light: Lighting, at_m: F64) -> F64:
    """Return the unit vector to what lights the ground at `at_m`: the sun or the best lamp."""
    if light.lamp_level < 0.9 or not light.lamps:
        return light.sun_direction
    away = [lamp.position_m - at_m for lamp in light.lamps]
    reach = [
        float(lamp.reach_m / np.linalg.norm(a)) for lamp, a in zip(light.lamps, away, strict=True)
    ]
    best = away[int(np.argmax(reach))]
    unit: F64 = best / np.linalg.norm(best)
    return unit


def shade_ground(
    image: F32, faces: list[Face], spec: SceneSpec, light: Lighting, background: Background
) -> None:
    """Darken the ground under and behind an actor: a contact shadow and a cast one."""
    foot = np.mean([face.corners_m.mean(axis=0) for face in faces], axis=0) * [1, 0, 1]
    cast = ground_shadow(faces, _towards_light(light, foot))
    under = ground_shadow(faces, np.array([0.0, 1.0, 0.0]))
    outlines = [spec.camera.project(p, spec.width_px) for p in cast + under]
    corners = np.concatenate(outlines)
    pad = 8
    x1, y1 = np.maximum(corners.min(axis=0).astype(int) - pad, 0)
    x2 = min(int(corners[:, 0].max()) + pad, spec.width_px)
    y2 = min(int(corners[:, 1].max()) + pad, spec.height_px)
    if x2 - x1 < 2 or y2 - y1 < 2:
        return
    masks = []
    for polygons, sigma, strength in (
        (outlines[: len(cast)], 1.6, light.shadow),
        (outlines[len(cast) :], 2.6, 0.42),
    ):
        mask: U8 = np.zeros((y2 - y1, x2 - x1), np.uint8)
        for polygon in polygons:
            fill(mask, polygon - np.array([x1, y1]), (255,))
        masks.append(cv2.GaussianBlur(mask, (0, 0), sigma).astype(np.float32) * (strength / 255))
    window = (slice(y1, y2), slice(x1, x2))
    dark = 1 - (1 - masks[0]) * (1 - masks[1])
    dark *= background.ground[window]
    image[window] *= (1 - dark)[..., None]


def light_truck(image: F32, pose: Pose, spec: SceneSpec, light: Lighting, index: int) -> None:
    """Switch on a forklift's headlights and its flashing beacon when it is dark."""
    if light.lamp_level == 0:
        return
    camera, width = spec.camera, spec.width_px
    beam = pose.to_camera(np.array([[2.2, -0.6, 0], [7.0, -2.0, 0], [7.0, 2.0, 0], [2.2, 0.6, 0]]))
    if beam[:, 2].min() > 1.5:
        _brighten(image, camera.project(beam, width), 1.1 * light.lamp_level)
    scale = camera.scale(width) * camera.focal_px
    lamps: list[_TruckLamp] = []
    if np.cos(pose.heading_rad - np.arctan2(-pose.z_m, -pose.x_m)) > -0.2:
        lamps += _HEADLIGHTS
    if (index % spec.fps) < spec.fps // 3:
        lamps.append(_BEACON)
    for place, color, radius_m in lamps:
        at = pose.to_camera(np.array(place))
        x, y = camera.project(at, width)
        _glow(image, float(x), float(y), scale * radius_m / float(at[2]), color)


def _brighten(image: F32, polygon_px: F64, amount: float) -> None:
    x1, y1 = np.maximum(polygon_px.min(axis=0).astype(int) - 24, 0)
    x2 = min(int(polygon_px[:, 0].max()) + 24, image.shape[1])
    y2 = min(int(polygon_px[:, 1].max()) + 24, image.shape[0])
    if x2 - x1 < 2 or y2 - y1 < 2:
        return
    mask: U8 = np.zeros((y2 - y1, x2 - x1), np.uint8)
    fill(mask, polygon_px - np.array([x1, y1]), (255,))
    soft = cv2.blur(cv2.blur(mask, (21, 9)), (21, 9)).astype(np.float32) / 255
    image[y1:y2, x1:x2] *= (1 + amount * soft)[..., None]


def _glow(image: F32, x: float, y: float, size_px: float, color: tuple[int, int, int]) -> None:
    reach = int(size_px * 7) + 3
    x1, y1 = max(int(x) - reach, 0), max(int(y) - reach, 0)
    x2, y2 = min(int(x) + reach, image.shape[1]), min(int(y) + reach, image.shape[0])
    if x2 <= x1 or y2 <= y1:
        return
    columns = np.arange(x1, x2, dtype=np.float32) + 0.5 - np.float32(x)
    rows = np.arange(y1, y2, dtype=np.float32) + 0.5 - np.float32(y)
    squared = (columns[None] ** 2 + rows[:, None] ** 2) / np.float32(size_px**2)
    light = 0.9 * np.exp(-squared) + 0.22 * np.exp(-squared / 10)
    image[y1:y2, x1:x2] += light[..., None] * np.array(color, np.float32)


@dataclass(frozen=True, slots=True)
class Atmosphere:
    """Rain, lens shading, sensor noise and the burnt-in text of one clip."""

    spec: SceneSpec
    noise: F32
    vignette: F32
    rain: tuple[F32, ...]

    @classmethod
    def prepare(cls, light: Lighting, spec: SceneSpec, rng: np.random.Generator) -> Atmosphere:
        """Draw the noise and rain that every frame takes windows of."""
        height, width = spec.height_px, spec.width_px
        rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        columns = np.linspace(-1, 1, width, dtype=np.float32)[None]
        vignette = 1 - 0.17 * (0.6 * rows**2 + columns**2) ** 1.2
        brightness = float(light.ambient.mean()) * 46 + 9
        layers = _N_RAIN_LAYERS if light.wet else 0
        return cls(
            spec=spec,
            noise=noise_bank(rng, height, width) * np.float32(light.noise_sigma),
            vignette=np.repeat(vignette[..., None], 3, axis=2),
            rain=tuple(_rain_layer(rng, height, width, brightness) for _ in range(layers)),
        )

    def finish(self, image: F32, index: int) -> U8:
        """Return the frame as the sensor delivers it; `index` seeds its noise."""
        rng = np.random.default_rng([self.spec.seed, 61, index])
        height, width = image.shape[:2]
        if self.rain:
            layer = self.rain[int(rng.integers(len(self.rain)))]
            image = image + np.roll(layer, int(rng.integers(width)), axis=1)[..., None]
        image = image * self.vignette
        top = int(rng.integers(self.noise.shape[0] - height))
        left = int(rng.integers(self.noise.shape[1] - width))
        window = self.noise[top : top + height, left : left + width]
        finished = np.asarray(cv2.add(image, window, dtype=cv2.CV_8U), np.uint8)
        self._stamp(finished, index)
        return finished

    def _stamp(self, image: U8, index: int) -> None:
        seconds = _CLOCK_START_S[self.spec.daypart] + index // self.spec.fps
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        text = f"{self.spec.camera.name.upper()}  {clock}"
        scale = 0.42 * self.spec.camera.scale(self.spec.width_px)
        at = (int(10 * scale / 0.42), int(18 * scale / 0.42))
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(image, text, at, font, scale, (20, 20, 20), 2, cv2.LINE_AA)
        cv2.putText(image, text, at, font, scale, (236, 236, 236), 1, cv2.LINE_AA)


def _rain_layer(rng: np.random.Generator, height: int, width: int, brightness: float) -> F32:
    layer: U8 = np.zeros((height, width), np.uint8)
    slope = float(rng.uniform(-0.12, 0.12))
    for near, count in ((1.0, 60), (0.5, 220)):
        for _ in range(count):
            x, y = float(rng.uniform(0, width)), float(rng.uniform(-30, height))
            length = near * float(rng.uniform(16, 42)) * width / 640
            tone = int(255 * near * rng.uniform(0.4, 0.9))
            end = (int(x + slope * length), int(y + length))
            cv2.line(layer, (int(x), int(y)), end, tone, 1, cv2.LINE_AA)
    soft = np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.6), np.float32)
    return soft * np.float32(brightness / 255)
