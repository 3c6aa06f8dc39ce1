"""One actor drawn on its own: lit, blurred along its motion, with its exact mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vbench.golden.synth.background import Background
from vbench.golden.synth.lighting import Lighting
from vbench.golden.synth.scene import SceneSpec
from vbench.golden.synth.shapes import Part, Pose, draw_faces, extent_px, visible_faces
from vbench.types.arrays import F32, F64, U8

_MARGIN_PX = 6
_OUTSIDE_PX = 240
_DEPTH_SLACK_M = 0.35


@dataclass(frozen=True, slots=True)
class Sprite:
    """An actor's pixels around `left_px`, `top_px` (which may lie outside the frame)."""

    left_px: int
    top_px: int
    color: F32
    """(h, w, 3) BGR, lit and motion-blurred, times its coverage."""
    alpha: F32
    """(h, w) motion-blurred coverage, 0 to 1."""
    mask: F32
    """(h, w) sharp coverage at mid-exposure: what truth is computed from."""
    box_xyxy: F64
    """(4,) px, tight around the part of the mask inside the frame."""
    whole_px: float
    """Area of the mask, inside the frame or not."""
    truncated: bool
    depth_m: float
    ground_row_px: float
    """Image row where the actor meets the ground."""

    def windows(
        self, height_px: int, width_px: int
    ) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
        """Return the overlap as slices of the frame and of the sprite; None when outside."""
        h, w = self.mask.shape
        top, left = max(self.top_px, 0), max(self.left_px, 0)
        bottom, right = min(self.top_px + h, height_px), min(self.left_px + w, width_px)
        if bottom <= top or right <= left:
            return None
        own = (
            slice(top - self.top_px, bottom - self.top_px),
            slice(left - self.left_px, right - self.left_px),
        )
        return (slice(top, bottom), slice(left, right)), own

    def _unhidden(self, background: Background, window: tuple[slice, slice]) -> F32:
        """Return 1 where nothing that stands still is nearer than the actor, softened."""
        open_view = (background.depth_m[window] > self.depth_m - _DEPTH_SLACK_M).astype(np.float32)
        if open_view.all():
            return open_view
        return np.minimum(np.asarray(cv2.blur(open_view, (3, 3)), np.float32), open_view)

    def paint(self, image: F32, background: Background, light: Lighting) -> None:
        """Composite onto the frame, mirrored in wet ground first."""
        if light.wet:
            self._paint_mirrored(image, background)
        overlap = self.windows(image.shape[0], image.shape[1])
        if overlap is None:
            return
        window, own = overlap
        share = self._unhidden(background, window)[..., None]
        patch = image[window]
        patch *= 1 - self.alpha[own][..., None] * share
        patch += self.color[own] * share

    def _paint_mirrored(self, image: F32, background: Background) -> None:
        h = self.mask.shape[0]
        top = round(2 * self.ground_row_px) - self.top_px - h
        both = np.dstack([self.color, self.alpha])[::-1]
        soft = np.asarray(cv2.blur(np.ascontiguousarray(both), (3, 9)), np.float32)
        flipped = Sprite(
            self.left_px, top, soft[..., :3], soft[..., 3], self.mask, self.box_xyxy,
            self.whole_px, self.truncated, self.depth_m, self.ground_row_px,
        )  # fmt: skip
        overlap = flipped.windows(image.shape[0], image.shape[1])
        if overlap is None:
            return
        window, own = overlap
        below = np.linspace(0.42, 0.12, h, dtype=np.float32)[own[0]][:, None]
        share = (background.ground[window] * below)[..., None]
        share = share * self._unhidden(background, window)[..., None]
        patch = image[window]
        patch *= 1 - flipped.alpha[own][..., None] * share
        patch += flipped.color[own] * share

    def count_pixels(self, clear: F32, background: Background) -> tuple[float, float]:
        """Return the mask's area inside the frame and the visible share of it, in px.

        `clear` (H, W) is 1 where no nearer actor covers the frame.
        """
        overlap = self.windows(clear.shape[0], clear.shape[1])
        if overlap is None:
            return 0.0, 0.0
        window, own = overlap
        mask = self.mask[own]
        seen = mask * clear[window] * self._unhidden(background, window)
        return float(mask.sum()), float(seen.sum())

    def cover(self, clear: F32, background: Background) -> None:
        """Mark in `clear` what this actor hides from everything farther away."""
        overlap = self.windows(clear.shape[0], clear.shape[1])
        if overlap is not None:
            window, own = overlap
            clear[window] *= 1 - self.mask[own] * self._unhidden(background, window)


def draw_sprite(
    parts: list[Part], pose: Pose, spec: SceneSpec, light: Lighting, velocity_px: F64
) -> Sprite | None:
    """Draw an actor; None when no pixel of it can fall into the frame.

    `velocity_px` (2,) is its motion in px per frame, for the motion blur.
    """
    camera, width = spec.camera, spec.width_px
    faces = visible_faces(parts, pose, camera.height_m, light.sun_direction)
    x1, y1, x2, y2 = extent_px(faces, camera, width)
    if x2 < 0 or y2 < 0 or x1 > spec.width_px or y1 > spec.height_px:
        return None
    blur = velocity_px * light.shutter
    margin = _MARGIN_PX + int(np.abs(blur).max())
    left, top = int(max(x1, -_OUTSIDE_PX)) - margin, int(max(y1, -_OUTSIDE_PX)) - margin
    right = int(min(x2, spec.width_px + _OUTSIDE_PX)) + margin
    bottom = int(min(y2, spec.height_px + _OUTSIDE_PX)) + margin
    h, w = bottom - top, right - left
    oversample = 4 if max(h, w) < 90 else 2
    canvas: U8 = np.zeros((h * oversample, w * oversample, 4), np.uint8)
    draw_faces(canvas, faces, camera, width, np.array([left, top], float), oversample)
    box, truncated = _tight_box(canvas[..., 3], left, top, oversample, spec)
    small = np.asarray(cv2.resize(canvas, (w, h), interpolation=cv2.INTER_AREA), np.float32)
    mask = small[..., 3] / 255
    _apply_light(small, pose, light, top, bottom)
    small[..., 3] = mask
    length = float(np.hypot(*blur))
    if length > 1.0:
        kernel = _motion_kernel(blur)
        blurred = cv2.filter2D(small, -1, kernel, borderType=cv2.BORDER_CONSTANT)
        small = np.asarray(blurred, np.float32)
    ground = camera.project(np.array([pose.x_m, 0.0, pose.z_m]), width)
    return Sprite(
        left_px=left,
        top_px=top,
        color=np.ascontiguousarray(small[..., :3]),
        alpha=np.ascontiguousarray(small[..., 3]),
        mask=np.ascontiguousarray(mask),
        box_xyxy=box,
        whole_px=float(mask.sum()),
        truncated=truncated,
        depth_m=pose.z_m,
        ground_row_px=float(ground[1]),
    )


def _tight_box(mask: U8, left: int, top: int, oversample: int, spec: SceneSpec) -> tuple[F64, bool]:
    """Return the tight box of the mask inside the frame and whether any of it lies outside."""
    columns = np.flatnonzero(mask.any(axis=0)) / oversample + left
    rows = np.flatnonzero(mask.any(axis=1)) / oversample + top
    if not len(columns):
        return np.zeros(4), False
    step = 1 / oversample
    inside = mask[
        max(-top, 0) * oversample : (spec.height_px - top) * oversample,
        max(-left, 0) * oversample : (spec.width_px - left) * oversample,
    ]
    truncated = bool(
        columns[0] < 0
        or rows[0] < 0
        or columns[-1] + step > spec.width_px
        or rows[-1] + step > spec.height_px
    )
    columns = np.flatnonzero(inside.any(axis=0)) / oversample + max(left, 0)
    rows = np.flatnonzero(inside.any(axis=1)) / oversample + max(top, 0)
    if not len(columns):
        return np.zeros(4), truncated
    return np.array([columns[0], rows[0], columns[-1] + step, rows[-1] + step]), truncated


def _apply_light(color: F32, pose: Pose, light: Lighting, top: int, bottom: int) -> None:
    """Light the premultiplied `color` (h, w, 4) in place, then veil it with haze."""
    gain = light.gain(np.array([pose.x_m, 0.9 + pose.lift_m, pose.z_m]))
    rise = np.linspace(1.06, 0.84, bottom - top, dtype=np.float32)[:, None, None]
    share = np.float32(light.haze_share(np.array(pose.z_m, np.float32)))
    veil = light.haze.astype(np.float32) * share * (color[..., 3:] / 255)
    color[..., :3] = color[..., :3] * gain * rise * (1 - share) + veil


def _motion_kernel(blur_px: F64) -> F32:
    """Return a normalised line kernel along `blur_px` (2,), centred on mid-exposure."""
    half = int(np.ceil(np.abs(blur_px).max() / 2)) + 1
    kernel: F32 = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    n_steps = 8 * half
    for share in np.linspace(-0.5, 0.5, n_steps):
        x, y = half + share * blur_px[0], half + share * blur_px[1]
        column, row = int(np.floor(x)), int(np.floor(y))
        fx, fy = x - column, y - row
        kernel[row, column] += (1 - fx) * (1 - fy)
        kernel[row, column + 1] += fx * (1 - fy)
        kernel[row + 1, column] += (1 - fx) * fy
        kernel[row + 1, column + 1] += fx * fy
    return np.asarray(kernel / kernel.sum(), np.float32)
