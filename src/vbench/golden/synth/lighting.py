"""Light, weather and sensor: what daypart and weather do to a scene."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vbench.types.arrays import F32, F64

DAYPARTS = ("day", "dusk", "night")
WEATHERS = ("dry", "rain")


@dataclass(frozen=True, slots=True)
class Lamp:
    """A lamp on a wall or pole, shining downwards; `color` is a BGR gain at its brightest."""

    position_m: F64
    color: F64
    reach_m: float


@dataclass(frozen=True, slots=True)
class Lighting:
    """The light of one clip; gains multiply a surface's reflectance, per BGR channel."""

    ambient: F64
    sun_direction: F64
    """(3,) unit vector towards the sun, camera coordinates."""
    sun: F64
    shadow: float
    """How much of the light a cast shadow takes away, 0 to 1."""
    lamp_level: float
    sky_top: F64
    sky_bottom: F64
    haze: F64
    haze_per_m: float
    emission: float
    noise_sigma: float
    shutter: float
    """Share of the frame interval during which the sensor is exposed."""
    wet: bool
    lamps: tuple[Lamp, ...] = field(default=())

    def gain(self, points_m: F64 | F32) -> F32:
        """Return the BGR gain (..., 3) of light at `points_m` (..., 3) in camera coordinates."""
        points = points_m.astype(np.float32)
        total = np.empty(points.shape, np.float32)
        total[...] = (self.ambient + self.sun).astype(np.float32)
        for lamp in self.lamps:
            away = points - lamp.position_m.astype(np.float32)
            squared = (away * away).sum(axis=-1)
            below = np.clip(0.5 - away[..., 1] / 1.2, 0.0, 1.0)
            fall = below / (1.0 + squared / np.float32(lamp.reach_m**2)) ** 1.5
            total += fall[..., None] * (lamp.color * self.lamp_level).astype(np.float32)
        return total

    def haze_share(self, depth_m: F32) -> F32:
        """Return the share of haze in front of something at `depth_m`, 0 to 1."""
        near = np.minimum(depth_m, np.float32(120.0))
        return np.asarray(1.0 - np.exp(-np.float32(self.haze_per_m) * near), np.float32)


def _bgr(blue: float, green: float, red: float) -> F64:
    return np.array([blue, green, red])


def lighting_for(
    daypart: str, weather: str, rng: np.random.Generator, lamps: tuple[Lamp, ...]
) -> Lighting:
    """Return the light for a daypart and weather; `rng` varies the sun and the exposure.

    Raises:
        ValueError: `daypart` or `weather` is not one of `DAYPARTS`, `WEATHERS`.
    """
    if daypart not in DAYPARTS or weather not in WEATHERS:
        raise ValueError(f"no light for daypart {daypart!r} and weather {weather!r}")
    rain = weather == "rain"
    azimuth = float(rng.uniform(-0.9, 0.9)) + (np.pi if rng.random() < 0.5 else 0.0)
    height = {"day": rng.uniform(0.7, 1.3), "dusk": 0.42, "night": 1.2}[daypart]
    sun = np.array([np.sin(azimuth + 1.2), height, np.cos(azimuth + 1.2)])
    sun /= np.linalg.norm(sun)
    exposure = float(rng.uniform(0.92, 1.08))
    build = {"day": _day, "dusk": _dusk, "night": _night}[daypart]
    return build(sun, exposure, rain, lamps)


def _day(sun: F64, exposure: float, rain: bool, lamps: tuple[Lamp, ...]) -> Lighting:
    return Lighting(
        ambient=_bgr(0.70, 0.68, 0.67) * exposure * (0.98 if rain else 0.86),
        sun_direction=sun,
        sun=_bgr(0.0, 0.0, 0.0) if rain else _bgr(0.36, 0.42, 0.47) * exposure,
        shadow=0.22 if rain else 0.46,
        lamp_level=0.0,
        sky_top=_bgr(172, 164, 160) if rain else _bgr(214, 172, 132),
        sky_bottom=_bgr(188, 184, 182) if rain else _bgr(236, 226, 216),
        haze=_bgr(176, 172, 170) if rain else _bgr(224, 214, 206),
        haze_per_m=0.011 if rain else 0.002,
        emission=0.35,
        noise_sigma=2.4 if rain else 1.8,
        shutter=0.22,
        wet=rain,
        lamps=lamps,
    )


def _dusk(sun: F64, exposure: float, rain: bool, lamps: tuple[Lamp, ...]) -> Lighting:
    return Lighting(
        ambient=_bgr(0.45, 0.35, 0.32) * exposure,
        sun_direction=sun,
        sun=_bgr(0.02, 0.05, 0.08) if rain else _bgr(0.05, 0.13, 0.23),
        shadow=0.24,
        lamp_level=0.55,
        sky_top=_bgr(118, 84, 66) if rain else _bgr(134, 88, 66),
        sky_bottom=_bgr(128, 116, 116) if rain else _bgr(118, 156, 222),
        haze=_bgr(110, 98, 98) if rain else _bgr(112, 112, 132),
        haze_per_m=0.011 if rain else 0.004,
        emission=0.7,
        noise_sigma=3.6,
        shutter=0.4,
        wet=rain,
        lamps=lamps,
    )


def _night(sun: F64, exposure: float, rain: bool, lamps: tuple[Lamp, ...]) -> Lighting:
    return Lighting(
        ambient=_bgr(0.150, 0.118, 0.100) * exposure,
        sun_direction=sun,
        sun=_bgr(0.0, 0.0, 0.0),
        shadow=0.34,
        lamp_level=0.95 * exposure,
        sky_top=_bgr(26, 18, 14),
        sky_bottom=_bgr(52, 40, 36),
        haze=_bgr(56, 48, 44) if rain else _bgr(40, 32, 28),
        haze_per_m=0.014 if rain else 0.004,
        emission=1.0,
        noise_sigma=5.6,
        shutter=0.62,
        wet=rain,
        lamps=lamps,
    )


def noise_bank(rng: np.random.Generator, height_px: int, width_px: int) -> F32:
    """Return sensor noise of standard deviation 1, half again as large as a frame each way.

    Neighbouring pixels correlate a little and channels partly share it, as after demosaicing.
    """
    shape = (height_px * 3 // 2, width_px * 3 // 2)
    shared = rng.standard_normal((*shape, 1), dtype=np.float32)
    own = rng.standard_normal((*shape, 3), dtype=np.float32)
    mixed = 0.8 * shared + 0.6 * own
    mixed = mixed + 0.45 * (np.roll(mixed, 1, axis=0) + np.roll(mixed, 1, axis=1))
    bank: F32 = (mixed / mixed.std()).astype(np.float32)
    return bank
