"""Frames and their exact truth: actors drawn into the still background, far to near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from vbench.golden.synth.actors import (
    CLASS_NAMES,
    PersonLook,
    coarse_parts,
    forklift_parts,
    pallet_parts,
    person_parts,
)  # fmt: skip
from vbench.golden.synth.background import paint_background
from vbench.golden.synth.effects import Atmosphere, light_truck, shade_ground
from vbench.golden.synth.lighting import lighting_for
from vbench.golden.synth.motion import Path, follow_all, fork_height_m
from vbench.golden.synth.scene import SceneSpec
from vbench.golden.synth.shapes import Part, Pose, visible_faces
from vbench.golden.synth.site import build_site
from vbench.golden.synth.sprites import Sprite, draw_sprite
from vbench.types.arrays import F32, F64, I64, U8, Bool, check_column

OCCLUDED_BELOW = 0.6
"""A box is tagged occluded when less than this share of its pixels is visible."""
IGNORE_BELOW = 0.1
"""A box is ignored when less than this share of the whole object is visible."""
_MIN_AREA_PX = 9.0


@dataclass(frozen=True, slots=True)
class SynthFrame:
    """One rendered frame and its truth; the columns have one row per object in view."""

    index: int
    """0-based, presentation order."""
    image: U8
    """(H, W, 3) BGR."""
    boxes_xyxy: F64
    """(n, 4) px, tight around what would be visible unoccluded, clipped to the frame."""
    class_id: I64
    """(n,) index into `CLASS_NAMES`."""
    track_id: I64
    """(n,) from 1."""
    ignore: Bool
    """(n,) less than `IGNORE_BELOW` of the object is visible."""
    occluded: Bool
    """(n,) less than `OCCLUDED_BELOW` of the pixels inside the frame are visible."""
    truncated: Bool
    """(n,) part of the object lies outside the frame."""

    def __post_init__(self) -> None:
        """Check shapes and dtypes."""
        n = len(self.class_id)
        check_column("SynthFrame", "image", self.image, np.uint8, (-1, -1, 3))
        check_column("SynthFrame", "boxes_xyxy", self.boxes_xyxy, np.float64, (n, 4))
        for name in ("class_id", "track_id"):
            check_column("SynthFrame", name, getattr(self, name), np.int64, (n,))
        for name in ("ignore", "occluded", "truncated"):
            check_column("SynthFrame", name, getattr(self, name), np.bool_, (n,))

    def without_pixels(self) -> SynthFrame:
        """Return the truth alone; the image is left out to save memory."""
        return replace(self, image=np.zeros((0, 0, 3), np.uint8))


class SceneRenderer:
    """Renders any frame of a scene on its own; the still background is painted once."""

    def __init__(self, spec: SceneSpec) -> None:
        self.spec = spec
        self._site = build_site(spec.camera)
        rng = np.random.default_rng([spec.seed, 51])
        self._light = lighting_for(spec.daypart, spec.weather, rng, self._site.lamps)
        self._background = paint_background(
            spec.camera, self._site, self._light, spec.width_px, spec.height_px
        )
        self._atmosphere = Atmosphere.prepare(self._light, spec, rng)
        self._paths = follow_all(spec.activity, spec.n_frames, float(spec.fps))
        self._static_parts: dict[int, list[Part]] = {}
        self._still_sprites: dict[int, Sprite | None] = {}

    def frame(self, index: int) -> SynthFrame:
        """Render frame `index`, 0-based.

        Raises:
            IndexError: the scene has no such frame.
        """
        if not 0 <= index < self.spec.n_frames:
            raise IndexError(f"{self.spec.clip_id}: no frame {index} of {self.spec.n_frames}")
        drawn = [
            (actor, sprite)
            for actor, path in enumerate(self._paths)
            if path.present[index] and (sprite := self._sprite(actor, path, index)) is not None
        ]
        drawn.sort(key=lambda item: -item[1].depth_m)
        image = self._background.image.copy()
        for actor, _ in drawn:
            self._shade(image, actor, index)
        for actor, sprite in drawn:
            sprite.paint(image, self._background, self._light)
            if self.spec.activity[actor].kind == "forklift":
                pose = self._pose(self._paths[actor], index)
                light_truck(image, pose, self.spec, self._light, index)
        finished = self._atmosphere.finish(image, index)
        return self._truth(index, finished, drawn)

    def _pose(self, path: Path, index: int) -> Pose:
        return Pose(
            float(path.x_m[index]),
            float(path.z_m[index]),
            float(path.heading_rad[index]),
            float(path.lift_m[index]),
        )

    def _parts(self, actor: int, path: Path, index: int) -> list[Part]:
        plan = self.spec.activity[actor]
        if plan.kind == "person":
            look = PersonLook.draw(plan.seed)
            walked, speed = float(path.walked_m[index]), float(path.speed_m_s[index])
            return person_parts(look, walked, speed, index / self.spec.fps)
        if plan.kind == "forklift":
            loads = [p for p in self.spec.activity if p.carrier == actor]
            until = loads[0].carried_until_s if loads else 0.0
            height = float(fork_height_m(np.array(index / self.spec.fps), until))
            return forklift_parts(plan.seed, height if loads else 0.12)
        if actor not in self._static_parts:
            self._static_parts[actor] = pallet_parts(plan.seed)
        return self._static_parts[actor]

    def _sprite(self, actor: int, path: Path, index: int) -> Sprite | None:
        still = len(self.spec.activity[actor].waypoints) == 1
        if still and actor in self._still_sprites:
            return self._still_sprites[actor]
        pose = self._pose(path, index)
        if pose.z_m < 2.0:
            return None
        velocity = np.zeros(2)
        if not still and 0 < index < self.spec.n_frames - 1:
            before, after = self._pose(path, index - 1), self._pose(path, index + 1)
            ends = np.array([[before.x_m, 0.9, before.z_m], [after.x_m, 0.9, after.z_m]])
            at = self.spec.camera.project(ends, self.spec.width_px)
            velocity = (at[1] - at[0]) / 2
        parts = self._parts(actor, path, index)
        sprite = draw_sprite(parts, pose, self.spec, self._light, velocity)
        if still:
            self._still_sprites[actor] = sprite
        return sprite

    def _shade(self, image: F32, actor: int, index: int) -> None:
        path = self._paths[actor]
        pose = self._pose(path, index)
        parts = coarse_parts(self.spec.activity[actor].kind, self._parts(actor, path, index))
        sun = self._light.sun_direction
        faces = visible_faces(parts, pose, self.spec.camera.height_m, sun)
        shade_ground(image, faces, self.spec, self._light, self._background)

    def _truth(self, index: int, image: U8, drawn: list[tuple[int, Sprite]]) -> SynthFrame:
        clear = np.ones(image.shape[:2], np.float32)
        rows: list[tuple[int, F64, bool, bool, bool]] = []
        for actor, sprite in reversed(drawn):
            inside, seen = sprite.count_pixels(clear, self._background)
            sprite.cover(clear, self._background)
            if inside < _MIN_AREA_PX:
                continue
            rows.append(
                (
                    actor,
                    sprite.box_xyxy,
                    bool(seen < IGNORE_BELOW * sprite.whole_px),
                    bool(seen < OCCLUDED_BELOW * inside),
                    sprite.truncated,
                )
            )
        rows.sort(key=lambda row: row[0])
        kinds = [CLASS_NAMES.index(self.spec.activity[row[0]].kind) for row in rows]
        return SynthFrame(
            index=index,
            image=image,
            boxes_xyxy=np.array([row[1] for row in rows], np.float64).reshape(-1, 4),
            class_id=np.array(kinds, np.int64),
            track_id=np.array([row[0] + 1 for row in rows], np.int64),
            ignore=np.array([row[2] for row in rows], bool),
            occluded=np.array([row[3] for row in rows], bool),
            truncated=np.array([row[4] for row in rows], bool),
        )


def render(spec: SceneSpec) -> Iterator[SynthFrame]:
    """Yield every frame of a scene in order; equal specs give equal bytes."""
    renderer = SceneRenderer(spec)
    for index in range(spec.n_frames):
        yield renderer.frame(index)
