"""What moves in a scene: people on foot, forklifts and loaded pallets, built of solid shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vbench.golden.synth.shapes import Bgr, Block, Hull, Part

CLASS_NAMES = ("person", "forklift", "pallet")
"""Classes of every synthetic set; the index is the class_id."""

STRIDE_M = 1.45
FORK_REACH_M = 1.72
"""Forward distance from a forklift's middle to the middle of a pallet on its forks."""

_SKIN: tuple[Bgr, ...] = ((150, 178, 222), (120, 152, 205), (84, 112, 160), (52, 72, 108))
_HAIR: tuple[Bgr, ...] = ((30, 34, 40), (42, 66, 96), (70, 110, 150), (120, 122, 126))
_TOPS: tuple[Bgr, ...] = (
    (92, 62, 40), (60, 60, 64), (48, 52, 132), (86, 104, 58), (150, 146, 140), (38, 40, 44),
    (128, 92, 52), (70, 96, 128), (180, 182, 186),
)  # fmt: skip
_TROUSERS: tuple[Bgr, ...] = (
    (78, 58, 44), (44, 44, 48), (104, 112, 120), (52, 72, 88), (110, 84, 60),
)  # fmt: skip
_VESTS: tuple[Bgr, ...] = ((40, 236, 214), (30, 122, 246))
_SILVER: Bgr = (216, 218, 220)
_HELMETS: tuple[Bgr, ...] = ((232, 234, 236), (36, 190, 240), (160, 96, 40), (52, 60, 210))
_TRUCKS: tuple[Bgr, ...] = (
    (24, 168, 232), (30, 104, 224), (48, 56, 178), (84, 138, 60), (150, 104, 40), (176, 178, 180),
)  # fmt: skip
_STEEL: Bgr = (52, 54, 58)
_RUBBER: Bgr = (34, 34, 36)
_WOOD: tuple[Bgr, ...] = ((104, 144, 178), (120, 154, 180), (80, 120, 156))
_CARTON: tuple[Bgr, ...] = ((104, 146, 186), (92, 132, 172), (118, 158, 194), (128, 160, 184))
_LOADS: tuple[Bgr, ...] = ((184, 182, 176), (170, 116, 60), (74, 128, 84), (60, 66, 72))


@dataclass(frozen=True, slots=True)
class PersonLook:
    """How one person looks, fixed for a whole clip."""

    height_m: float
    width: float
    skin: Bgr
    hair: Bgr
    top: Bgr
    trousers: Bgr
    vest: Bgr | None
    helmet: Bgr | None
    phase: float

    @classmethod
    def draw(cls, seed: int) -> PersonLook:
        """Choose a look from `seed`."""
        rng = np.random.default_rng([seed, 11])
        vest = _pick(rng, _VESTS) if rng.random() < 0.55 else None
        return cls(
            height_m=float(rng.uniform(1.58, 1.92)),
            width=float(rng.uniform(0.9, 1.2)),
            skin=_pick(rng, _SKIN),
            hair=_pick(rng, _HAIR),
            top=_vary(rng, _pick(rng, _TOPS), 0.25),
            trousers=_vary(rng, _pick(rng, _TROUSERS), 0.25),
            vest=vest,
            helmet=_pick(rng, _HELMETS) if rng.random() < (0.6 if vest else 0.2) else None,
            phase=float(rng.uniform(0, 2 * np.pi)),
        )


def _pick(rng: np.random.Generator, options: tuple[Bgr, ...]) -> Bgr:
    return options[int(rng.integers(len(options)))]


def _vary(rng: np.random.Generator, color: Bgr, amount: float) -> Bgr:
    gain = float(rng.uniform(1 - amount, 1 + amount))
    return (min(color[0] * gain, 250), min(color[1] * gain, 250), min(color[2] * gain, 250))


def person_parts(look: PersonLook, walked_m: float, speed_m_s: float, time_s: float) -> list[Part]:
    """Return a walking or standing person; forward is the walking direction."""
    k = look.height_m / 1.75
    amp = min(speed_m_s / 1.3, 1.25)
    phase = look.phase + 2 * np.pi * walked_m / (STRIDE_M * k)
    sway = 0.03 * (1 - min(amp, 1.0)) * math.sin(1.1 * time_s + look.phase)
    bob = 0.03 * amp * abs(math.cos(phase))
    lean = 0.05 * amp + sway
    hip_u, shoulder_u = 0.92 * k + bob, 1.42 * k + bob
    parts: list[Part] = []
    for side in (-1.0, 1.0):
        parts += _leg(look, k, side, phase, amp, hip_u)
        parts += _arm(look, k, side, phase, amp, shoulder_u, lean)
    parts += _trunk(look, k, hip_u, shoulder_u, lean)
    parts += _head(look, k, shoulder_u, lean)
    return parts


def _leg(
    look: PersonLook, k: float, side: float, phase: float, amp: float, hip_u: float
) -> list[Part]:
    swing = 0.48 * amp * math.sin(phase + (0 if side > 0 else np.pi))
    flex = amp * (0.12 + 0.75 * max(0.0, math.cos(phase + (0 if side > 0 else np.pi))))
    r = side * 0.095 * k * look.width
    thigh, shin = 0.43 * k, 0.43 * k
    knee = (thigh * math.sin(swing), r, hip_u - thigh * math.cos(swing))
    below = swing - flex
    ankle_u = max(knee[2] - shin * math.cos(below), 0.06)
    ankle = (knee[0] + shin * math.sin(below), r, ankle_u)
    toe = (ankle[0] + 0.19 * k, r, max(ankle_u - 0.03, 0.04))
    w = k * look.width
    return [
        Hull((ankle, toe), (0.05 * k, 0.04 * k), (36, 38, 42), bias_m=0.02),
        Hull((knee, ankle), (0.068 * w, 0.048 * w), look.trousers),
        Hull(((0.0, r * 0.9, hip_u), knee), (0.098 * w, 0.07 * w), look.trousers),
    ]


def _arm(
    look: PersonLook,
    k: float,
    side: float,
    phase: float,
    amp: float,
    shoulder_u: float,
    lean: float,
) -> list[Part]:
    swing = -0.5 * amp * math.sin(phase + (0 if side > 0 else np.pi)) + 0.06
    r = side * 0.225 * k * look.width
    elbow = (lean + 0.29 * k * math.sin(swing), r * 1.08, shoulder_u - 0.29 * k * math.cos(swing))
    bend = swing + 0.35 + 0.25 * amp
    hand = (elbow[0] + 0.26 * k * math.sin(bend), r, elbow[2] - 0.26 * k * math.cos(bend))
    w = k * look.width
    return [
        Hull(((lean, r, shoulder_u - 0.01), elbow), (0.062 * w, 0.05 * w), look.top),
        Hull((elbow, hand), (0.048 * w, 0.036 * w), look.top),
        Hull((hand,), (0.045 * k,), look.skin, bias_m=-0.01),
    ]


def _trunk(look: PersonLook, k: float, hip_u: float, shoulder_u: float, lean: float) -> list[Part]:
    w = k * look.width
    shoulders = ((lean, -0.15 * w, shoulder_u), (lean, 0.15 * w, shoulder_u))
    hips = ((0.0, -0.09 * w, hip_u), (0.0, 0.09 * w, hip_u))
    parts: list[Part] = [
        Hull(hips + shoulders, (0.105 * w, 0.105 * w, 0.1 * w, 0.1 * w), look.top),
    ]
    if look.vest is not None:
        low = ((0.0, -0.1 * w, hip_u + 0.1 * k), (0.0, 0.1 * w, hip_u + 0.1 * k))
        parts.append(Hull(low + shoulders, (0.12 * w,) * 4, look.vest, bias_m=-0.12))
        for share in (0.3, 0.62):
            u = hip_u + share * (shoulder_u - hip_u)
            band = ((lean * share, -0.13 * w, u), (lean * share, 0.13 * w, u))
            parts.append(Hull(band, (0.024 * k,) * 2, _SILVER, bias_m=-0.24, rounded=False))
    return parts


def _head(look: PersonLook, k: float, shoulder_u: float, lean: float) -> list[Part]:
    neck = (lean + 0.01, 0.0, shoulder_u + 0.06 * k)
    head = (lean + 0.03, 0.0, shoulder_u + 0.205 * k)
    chin = (lean + 0.05, 0.0, shoulder_u + 0.15 * k)
    crown = (lean + 0.0, 0.0, shoulder_u + 0.245 * k)
    parts: list[Part] = [
        Hull((neck, head), (0.055 * k, 0.05 * k), look.skin),
        Hull((head, chin), (0.098 * k, 0.075 * k), look.skin, bias_m=-0.02),
    ]
    if look.helmet is None:
        parts.append(Hull((crown,), (0.097 * k,), look.hair, bias_m=-0.03))
    else:
        brim = (lean + 0.09, 0.0, crown[2] - 0.015)
        parts.append(Hull((crown,), (0.115 * k,), look.helmet, bias_m=-0.04))
        parts.append(Hull((brim, crown), (0.06 * k, 0.09 * k), look.helmet, bias_m=-0.05))
    return parts


def forklift_parts(seed: int, fork_height_m: float) -> list[Part]:
    """Return a counterbalance forklift with its driver; forward is where the forks point."""
    rng = np.random.default_rng([seed, 12])
    paint = _vary(rng, _pick(rng, _TRUCKS), 0.15)
    dark = (paint[0] * 0.35 + 20, paint[1] * 0.35 + 20, paint[2] * 0.35 + 20)
    parts: list[Part] = [
        Block((-0.05, 0.0, 0.58), (1.75, 1.08, 0.52), paint),
        Block((-0.82, 0.0, 0.72), (0.5, 1.1, 0.74), dark),
        Block((-0.45, 0.0, 0.96), (0.62, 0.86, 0.26), paint),
        Block((-0.62, 0.0, 1.26), (0.14, 0.5, 0.42), _RUBBER),
        Block((0.5, 0.0, 0.98), (0.22, 0.9, 0.34), paint),
        Block((-0.12, 0.0, 2.14), (1.16, 1.02, 0.07), _STEEL, bias_m=-0.3),
    ]
    for side in (-1.0, 1.0):
        r = side * 0.46
        parts += [
            Hull(((0.52, r, 1.0), (0.36, r, 2.12)), (0.04, 0.04), _STEEL, rounded=False),
            Hull(((-0.72, r, 1.0), (-0.62, r, 2.12)), (0.04, 0.04), _STEEL, rounded=False),
            Block((0.98, side * 0.32, 1.12), (0.13, 0.11, 2.12), _STEEL),
            Block((1.7, side * 0.27, fork_height_m + 0.04), (1.15, 0.12, 0.05), _STEEL),
        ]
        parts += _wheel(0.52, side, 0.32)
        parts += _wheel(-0.78, side, 0.26)
    parts += [
        Block((0.98, 0.0, 2.06), (0.1, 0.66, 0.12), _STEEL),
        Block((0.98, 0.0, 1.2), (0.08, 0.6, 0.1), _STEEL),
        Block((1.1, 0.0, fork_height_m + 0.14), (0.07, 0.94, 0.12), _STEEL),
        Block((1.1, 0.0, fork_height_m + 0.52), (0.06, 0.94, 0.1), _STEEL),
    ]
    parts += [
        Block((1.1, r, fork_height_m + 0.33), (0.05, 0.06, 0.4), _STEEL)
        for r in (-0.44, -0.15, 0.15, 0.44)
    ]
    return parts + _driver(seed)


def _wheel(forward: float, side: float, radius: float) -> list[Part]:
    angles = np.linspace(0, 2 * np.pi, 15)[:-1]
    ring = [(forward + radius * math.cos(a), radius + radius * math.sin(a)) for a in angles]
    inner = tuple((f, side * 0.34, u) for f, u in ring)
    outer = tuple((f, side * 0.57, u) for f, u in ring)
    rim = tuple(
        (forward + (f - forward) * 0.5, side * 0.575, radius + (u - radius) * 0.5) for f, u in ring
    )
    flat = (0.0,) * 14
    return [
        Hull(inner + outer, flat * 2, _RUBBER, bias_m=-0.35, rounded=False),
        Hull(rim, flat, (138, 142, 146), bias_m=-0.42, rounded=False),
    ]


def _driver(seed: int) -> list[Part]:
    look = PersonLook.draw(seed + 7919)
    body = look.vest or look.top
    hips, neck = (-0.42, 0.0, 1.12), (-0.36, 0.0, 1.56)
    shoulders = ((-0.37, -0.16, 1.52), (-0.37, 0.16, 1.52))
    parts: list[Part] = [
        Hull((hips, *shoulders), (0.15, 0.09, 0.09), body, bias_m=-0.1),
        Hull((neck, (-0.33, 0.0, 1.72)), (0.06, 0.1), look.skin, bias_m=-0.15),
        Hull(((-0.35, 0.0, 1.77),), (0.112,), look.helmet or look.hair, bias_m=-0.18),
    ]
    for side in (-1.0, 1.0):
        elbow = (-0.12, side * 0.25, 1.25)
        hip, knee = (-0.3, side * 0.13, 1.08), (0.15, side * 0.15, 1.06)
        parts += [
            Hull(((-0.36, side * 0.2, 1.5), elbow), (0.06, 0.05), look.top, bias_m=-0.12),
            Hull((elbow, (0.14, side * 0.12, 1.3)), (0.05, 0.04), look.top, bias_m=-0.12),
            Hull((hip, knee), (0.09, 0.07), look.trousers),
        ]
    return parts


def pallet_parts(seed: int) -> list[Part]:
    """Return a wooden pallet with a load of cartons, drums or wrapped goods."""
    rng = np.random.default_rng([seed, 13])
    wood = _vary(rng, _pick(rng, _WOOD), 0.12)
    shadow = (wood[0] * 0.4, wood[1] * 0.4, wood[2] * 0.4)
    parts: list[Part] = [
        Block((0.0, 0.0, 0.07), (1.18, 0.98, 0.1), shadow, outline=False),
        Block((0.0, 0.0, 0.13), (1.2, 1.0, 0.03), wood),
        Block((0.0, 0.0, 0.015), (1.2, 1.0, 0.03), wood),
    ]
    parts += [
        Block((f, r, 0.07), (0.12, 0.12, 0.09), wood, bias_m=-0.05)
        for f in (-0.54, 0.0, 0.54)
        for r in (-0.44, 0.0, 0.44)
    ]
    kind = rng.random()
    if kind < 0.62:
        return parts + _cartons(rng)
    if kind < 0.8:
        return parts + _drums(rng)
    return parts + _wrapped(rng)


def _cartons(rng: np.random.Generator) -> list[Part]:
    n_forward, n_right = int(rng.integers(2, 4)), 2
    size = (1.14 / n_forward, 0.94 / n_right, float(rng.uniform(0.28, 0.42)))
    base = _pick(rng, _CARTON)
    parts: list[Part] = []
    n_layers = int(rng.integers(1, 5))
    for layer in range(n_layers):
        for i in range(n_forward):
            for j in range(n_right):
                if layer == n_layers - 1 and layer > 0 and rng.random() < 0.25:
                    continue
                f = (i - (n_forward - 1) / 2) * size[0] + float(rng.uniform(-0.012, 0.012))
                r = (j - (n_right - 1) / 2) * size[1] + float(rng.uniform(-0.012, 0.012))
                u = 0.15 + (layer + 0.5) * size[2]
                parts += _carton((f, r, u), size, _vary(rng, base, 0.09))
    return parts


def _carton(
    centre: tuple[float, float, float], size: tuple[float, float, float], color: Bgr
) -> list[Part]:
    f, r, u = centre
    tape = (color[0] * 0.8 + 40, color[1] * 0.8 + 44, color[2] * 0.8 + 46)
    label: Bgr = (226, 228, 230)
    outer = 0.012
    inner_size = (size[0] - 0.015, size[1] - 0.015, size[2] - 0.01)
    band = (size[0] * 0.14, size[1] - 0.006, size[2] - 0.006)
    tag_u = u - size[2] * 0.12
    return [
        Block(centre, inner_size, color),
        Block((f, r, u), band, tape, bias_m=-outer, outline=False),
        Block((f, r + size[1] * 0.2, tag_u), (size[0] + 0.002, 0.13, 0.1), label, bias_m=-0.014),
    ]


def _drums(rng: np.random.Generator) -> list[Part]:
    color = _vary(rng, _pick(rng, _LOADS), 0.15)
    lid = (color[0] * 0.7, color[1] * 0.7, color[2] * 0.7)
    parts: list[Part] = []
    for f in (-0.29, 0.29):
        for r in (-0.24, 0.24):
            side = _vary(rng, color, 0.16)
            ring = [
                (f + 0.27 * math.cos(a), r + 0.225 * math.sin(a))
                for a in np.linspace(0, 2 * np.pi, 13)[:-1]
            ]
            wall = tuple((x, y, u) for u in (0.15, 1.0) for x, y in ring)
            top = tuple((x, y, 1.0) for x, y in ring)
            parts.append(Hull(wall, (0.0,) * 24, side, rounded=False))
            parts.append(Hull(top, (0.0,) * 12, lid, bias_m=-0.05, rounded=False))
    return parts


def _wrapped(rng: np.random.Generator) -> list[Part]:
    color = _vary(rng, _pick(rng, _LOADS), 0.1)
    height = float(rng.uniform(0.7, 1.5))
    sheen = (color[0] * 0.78 + 50, color[1] * 0.78 + 50, color[2] * 0.78 + 48)
    n_layers = int(height / 0.12)
    return [
        Block(
            (0.0, 0.0, 0.21 + 0.12 * i),
            (1.12, 0.94, 0.12),
            sheen if i % 3 == 1 else color,
            bias_m=-0.02 * i,
            outline=False,
        )
        for i in range(n_layers)
    ]


def coarse_parts(kind: str, parts: list[Part]) -> list[Part]:
    """Return fewer parts with about the same shadow as `parts`."""
    if kind == "person":
        return [part for part in parts if part.bias_m > -0.1]
    blocks = [part for part in parts if isinstance(part, Block)]
    if kind == "forklift":
        return [block for block in blocks if max(block.size_m) > 0.9]
    low = np.min([np.array(b.centre_m) - np.array(b.size_m) / 2 for b in blocks], axis=0)
    high = np.max([np.array(b.centre_m) + np.array(b.size_m) / 2 for b in blocks], axis=0)
    centre, size = (low + high) / 2, high - low
    return [Block((centre[0], centre[1], centre[2]), (size[0], size[1], size[2]), (0.0, 0.0, 0.0))]
