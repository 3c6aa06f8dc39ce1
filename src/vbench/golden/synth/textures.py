"""Procedural surfaces in facade coordinates: the yard's ground and the building's wall.

Both textures span `SPAN_M` metres along the facade, centred on the viewing axis. Rows of the
ground run away from the facade; rows of the wall run down from its top.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vbench.types.arrays import F32, U8

SPAN_M = 60.0
GROUND_DEPTH_M = 44.0
WALL_HEIGHT_M = 7.5
GROUND_PX_PER_M = 30
WALL_PX_PER_M = 40

_WALLS = (
    (182, 180, 172), (168, 158, 146), (146, 162, 176), (122, 128, 132), (110, 122, 158),
    (160, 172, 168),
)  # fmt: skip
_TRIMS = ((128, 70, 32), (48, 52, 150), (70, 110, 52), (62, 62, 66), (30, 128, 206))
_DOORS = ((206, 206, 202), (178, 176, 168), (150, 108, 70), (120, 128, 136), (196, 204, 208))
_YELLOW = (58, 186, 226)


@dataclass(frozen=True, slots=True)
class Door:
    """A door in the facade: its middle along the facade and what it is."""

    along_m: float
    kind: str
    """closed, dock_open (raised, lit inside), drive_in (ground level, open) or staff."""
    number: int

    @property
    def width_m(self) -> float:
        """Width of the opening."""
        return {"staff": 1.1, "drive_in": 4.0}.get(self.kind, 2.8)

    @property
    def bottom_m(self) -> float:
        """Height of the sill above the ground."""
        return 0.0 if self.kind in ("staff", "drive_in") else 1.15

    @property
    def top_m(self) -> float:
        """Height of the lintel above the ground."""
        return {"staff": 2.15, "drive_in": 4.1}.get(self.kind, 4.0)


def fractal_noise(
    rng: np.random.Generator, shape: tuple[int, int], cell_px: float, octaves: int = 4
) -> F32:
    """Return smooth noise of `shape` with standard deviation 1 and features of `cell_px`."""
    total = np.zeros(shape, np.float32)
    weight = 1.0
    for _ in range(octaves):
        rows = max(int(shape[0] / cell_px) + 2, 2)
        columns = max(int(shape[1] / cell_px) + 2, 2)
        grid = rng.standard_normal((rows, columns), dtype=np.float32)
        smooth = cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
        total += np.float32(weight) * np.asarray(smooth, np.float32)
        weight *= 0.6
        cell_px = max(cell_px / 2.2, 1.0)
    result: F32 = (total - total.mean()) / (total.std() + 1e-6)
    return result


def lay_out_doors(rng: np.random.Generator) -> tuple[Door, ...]:
    """Choose the doors of a facade, about 4.6 m apart, one of them at ground level."""
    spacing = float(rng.uniform(4.4, 5.2))
    shift = float(rng.uniform(-1.5, 1.5))
    n_side = int(SPAN_M / 2 / spacing) - 1
    drive_in = int(rng.integers(-2, 3))
    doors = []
    for i in range(-n_side, n_side + 1):
        kind = "closed" if rng.random() < 0.72 else "dock_open"
        if i == drive_in:
            kind = "drive_in"
        doors.append(Door(shift + i * spacing, kind, i + n_side + 1))
    staff = shift + (drive_in + (1 if rng.random() < 0.5 else -1)) * spacing + spacing / 2
    doors.append(Door(staff, "staff", 0))
    return tuple(doors)


def ground_texture(rng: np.random.Generator, doors: tuple[Door, ...]) -> F32:
    """Return the yard's surface (rows, columns, 3) as BGR reflectance of 0 to 255."""
    shape = (int(GROUND_DEPTH_M * GROUND_PX_PER_M), int(SPAN_M * GROUND_PX_PER_M))
    asphalt = rng.random() < 0.5
    base = rng.uniform(88, 116) if asphalt else rng.uniform(138, 168)
    tint = np.array([1.0, 1.0, 1.0]) + rng.uniform(-0.03, 0.03, 3)
    tone = base + 7.0 * fractal_noise(rng, shape, 160) + 4.0 * fractal_noise(rng, shape, 14, 2)
    tone += (9.0 if asphalt else 5.0) * rng.standard_normal(shape, dtype=np.float32)
    if not asphalt:
        _slab_joints(rng, tone)
    tone *= 1 - 0.30 * _stains(rng, shape) - 0.22 * _tyre_marks(rng, shape)
    surface: F32 = (tone[..., None] * tint.astype(np.float32)).astype(np.float32)
    paint, cover = _markings(rng, shape, doors)
    worn = np.clip(0.85 - 0.28 * np.abs(fractal_noise(rng, shape, 10, 2)), 0, 1)
    cover *= worn
    surface += cover[..., None] * (paint - surface)
    return surface


def _slab_joints(rng: np.random.Generator, tone: F32) -> None:
    step = int(rng.uniform(4.0, 6.0) * GROUND_PX_PER_M)
    slab = rng.normal(0, 4.5, (tone.shape[0] // step + 1, tone.shape[1] // step + 1))
    large = cv2.resize(
        slab.astype(np.float32), None, fx=step, fy=step, interpolation=cv2.INTER_NEAREST
    )
    tone += large[: tone.shape[0], : tone.shape[1]]
    tone[::step] *= 0.66
    tone[:, ::step] *= 0.66


def _stains(rng: np.random.Generator, shape: tuple[int, int]) -> F32:
    mask = np.zeros(shape, np.float32)
    for _ in range(46):
        centre = (int(rng.integers(shape[1])), int(rng.integers(shape[0])))
        axes = (int(rng.uniform(4, 34)), int(rng.uniform(4, 26)))
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(mask, centre, axes, angle, 0, 360, float(rng.uniform(0.3, 1.0)), -1)
    ragged = 0.6 + 0.4 * np.clip(fractal_noise(rng, shape, 18, 3), -1, 1)
    blurred = np.asarray(cv2.GaussianBlur(mask, (0, 0), 3.5), np.float32)
    stains: F32 = blurred * ragged
    return stains


def _tyre_marks(rng: np.random.Generator, shape: tuple[int, int]) -> F32:
    mask = np.zeros(shape, np.float32)
    for _ in range(26):
        start = rng.uniform(0, 1, 2) * np.array([shape[1], shape[0]])
        heading, turn = rng.uniform(0, 2 * np.pi), rng.uniform(-0.05, 0.05)
        steps = np.arange(60)
        angle = heading + turn * steps
        path = start + 12 * np.cumsum(np.stack([np.cos(angle), np.sin(angle)], -1), axis=0)
        side = 0.45 * GROUND_PX_PER_M * np.stack([-np.sin(angle), np.cos(angle)], -1)
        strength = float(rng.uniform(0.2, 0.8))
        for track in (path - side, path + side):
            points = [np.round(track).astype(np.int32)]
            cv2.polylines(mask, points, False, strength, int(rng.integers(3, 7)))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.6), np.float32)


def _markings(
    rng: np.random.Generator, shape: tuple[int, int], doors: tuple[Door, ...]
) -> tuple[F32, F32]:
    """Return painted colours (rows, columns, 3) and the share of the ground they cover."""
    paint = np.full((*shape, 3), (214, 216, 218), np.float32)
    cover = np.zeros(shape, np.float32)
    ppm = GROUND_PX_PER_M
    line = int(0.13 * ppm)
    length = int(rng.uniform(6, 11) * ppm)
    for door in doors:
        if door.kind == "staff":
            continue
        for side in (-1.0, 1.0):
            column = int((door.along_m + side * 2.0 + SPAN_M / 2) * ppm)
            cv2.line(cover, (column, int(0.6 * ppm)), (column, length), 0.9, line)
    walkway = int(rng.uniform(11.5, 14.0) * ppm)
    if rng.random() < 0.75:
        for edge in (walkway, walkway + int(1.5 * ppm)):
            cv2.line(cover, (0, edge), (shape[1], edge), 0.95, line)
            paint[edge - line : edge + line + 1] = _YELLOW
    hatch = next((d for d in doors if d.kind == "drive_in"), doors[0])
    left = int((hatch.along_m - 2.2 + SPAN_M / 2) * ppm)
    right, deep = left + int(4.4 * ppm), int(3.2 * ppm)
    box = np.zeros(shape, np.float32)
    for offset in range(-deep, right - left, int(0.7 * ppm)):
        cv2.line(box, (left + offset, deep), (left + offset + deep, 0), 0.95, line)
    box[:, :left], box[:, right:] = 0, 0
    cover = np.maximum(cover, box)
    paint[:deep, left:right] = _YELLOW
    return paint, np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.7), np.float32)


def wall_texture(rng: np.random.Generator, doors: tuple[Door, ...]) -> tuple[F32, F32]:
    """Return the facade's BGR reflectance (rows, columns, 3) and the light it emits by night."""
    shape = (int(WALL_HEIGHT_M * WALL_PX_PER_M), int(SPAN_M * WALL_PX_PER_M))
    base = np.array(_WALLS[int(rng.integers(len(_WALLS)))], np.float32)
    trim = np.array(_TRIMS[int(rng.integers(len(_TRIMS)))], np.float32)
    wall = np.broadcast_to(base, (*shape, 3)).copy()
    rib = 0.5 + 0.5 * np.sin(np.arange(shape[1]) * 2 * np.pi / (0.28 * WALL_PX_PER_M))
    wall *= (0.9 + 0.1 * rib)[None, :, None].astype(np.float32)
    wall *= (1 + 0.045 * fractal_noise(rng, shape, 120))[..., None]
    streaks = cv2.resize(fractal_noise(rng, (8, shape[1]), 9, 2), (shape[1], shape[0]))
    wall *= (1 - 0.05 * np.clip(streaks, 0, 2))[..., None]
    wall[: int(1.1 * WALL_PX_PER_M)] = trim * (0.9 + 0.1 * rib)[None, :, None]
    plinth = int((WALL_HEIGHT_M - 1.15) * WALL_PX_PER_M)
    noise = fractal_noise(rng, (shape[0] - plinth, shape[1]), 16, 3)
    wall[plinth:] = (134 + 7 * noise)[..., None]
    emission = np.zeros_like(wall)
    for column in range(0, shape[1], int(6.5 * WALL_PX_PER_M)):
        _window(wall, emission, column, rng)
    style = _DOORS[int(rng.integers(len(_DOORS)))]
    for door in doors:
        _paint_door(wall, emission, door, style, rng)
    return wall, emission


def _window(wall: F32, emission: F32, column: int, rng: np.random.Generator) -> None:
    top, bottom = int(1.4 * WALL_PX_PER_M), int(2.1 * WALL_PX_PER_M)
    right = column + int(2.6 * WALL_PX_PER_M)
    wall[top:bottom, column:right] = (96, 88, 78)
    wall[top : top + 8, column:right] += 40
    wall[top:bottom, column : right : int(0.65 * WALL_PX_PER_M)] = 60
    if rng.random() < 0.3:
        emission[top + 2 : bottom - 2, column + 2 : right - 2] = (96, 150, 176)


def _paint_door(
    wall: F32, emission: F32, door: Door, style: tuple[int, int, int], rng: np.random.Generator
) -> None:
    ppm = WALL_PX_PER_M

    def rows(height_m: float) -> int:
        return int((WALL_HEIGHT_M - height_m) * ppm)

    left = int((door.along_m - door.width_m / 2 + SPAN_M / 2) * ppm)
    right = left + int(door.width_m * ppm)
    top, bottom = rows(door.top_m), rows(door.bottom_m)
    seal = int((0.08 if door.kind == "staff" else 0.4) * ppm)
    frame = (70, 90, 60) if door.kind == "staff" else (40, 40, 42)
    wall[max(top - seal, 0) : bottom, max(left - seal, 0) : right + seal] = frame
    if door.kind == "closed":
        for k, edge in enumerate(range(top, bottom, int(0.55 * ppm))):
            wall[edge : min(edge + int(0.55 * ppm), bottom), left:right] = np.array(style) * (
                1.0 if k % 2 else 0.95
            )
            wall[edge : edge + 2, left:right] *= 0.6
        middle = (top + bottom) // 2 - int(0.5 * ppm)
        for x in range(left + int(0.4 * ppm), right - int(0.6 * ppm), int(0.8 * ppm)):
            wall[middle : middle + int(0.3 * ppm), x : x + int(0.45 * ppm)] = (60, 56, 50)
    elif door.kind == "staff":
        wall[top:bottom, left:right] = (104, 128, 86)
        emission[top - 14 : top - 6, left:right] = (60, 150, 60)
    else:
        _interior(wall[top:bottom, left:right], emission[top:bottom, left:right], rng)
    if door.bottom_m > 0:
        _bumpers(wall, left, right, bottom)
    if door.number:
        _number_plate(wall, door, left, right, top)


def _interior(wall: F32, emission: F32, rng: np.random.Generator) -> None:
    """Paint the view into a hall: dark, with lit shelves, brighter towards the ceiling lamps."""
    height, width = wall.shape[:2]
    fade = np.linspace(1.0, 0.55, height, dtype=np.float32)[:, None, None]
    wall[:] = np.array((46, 50, 54), np.float32) * fade
    for row in range(int(height * 0.2), int(height * 0.85), max(height // 5, 1)):
        for column in range(0, width, max(width // 7, 1)):
            tone = np.array((60, 82, 104), np.float32) * float(rng.uniform(0.5, 1.2))
            wall[row : row + height // 8, column : column + width // 9] = tone
        wall[row + height // 8 : row + height // 8 + 2] = (40, 64, 120)
    emission[:] = wall * 1.1 + np.array((26, 40, 48), np.float32) * fade
    cv2.line(emission, (width // 4, 5), (3 * width // 4, 5), (200, 236, 250), 3)


def _bumpers(wall: F32, left: int, right: int, bottom: int) -> None:
    ppm = WALL_PX_PER_M
    for x in (left - int(0.1 * ppm), right - int(0.25 * ppm)):
        wall[bottom + 3 : bottom + int(0.6 * ppm), x : x + int(0.35 * ppm)] = (30, 30, 32)
    for k, x in enumerate(range(left, right, int(0.2 * ppm))):
        wall[bottom : bottom + int(0.12 * ppm), x : x + int(0.2 * ppm)] = (
            _YELLOW if k % 2 else (34, 34, 34)
        )


def _number_plate(wall: F32, door: Door, left: int, right: int, top: int) -> None:
    ppm = WALL_PX_PER_M
    x, y = (left + right) // 2 - int(0.4 * ppm), top - int(1.15 * ppm)
    plate: U8 = np.full((int(0.6 * ppm), int(0.8 * ppm), 3), 232, np.uint8)
    text = f"{door.number:02d}"
    cv2.putText(plate, text, (2, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.72, (40, 40, 40), 2, cv2.LINE_AA)
    if y > 0 and x > 0 and x + plate.shape[1] < wall.shape[1]:
        wall[y : y + plate.shape[0], x : x + plate.shape[1]] = plate
