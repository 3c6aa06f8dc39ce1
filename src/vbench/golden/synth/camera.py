"""The pinhole camera of a rendered scene and the planes it looks at.

Camera coordinates, in metres: x to the right, y up from the ground, z away from the camera.
The image plane is vertical (a shifted lens), so verticals in the scene stay vertical.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vbench.types.arrays import F64

REFERENCE_WIDTH_PX = 640
"""The image width that `focal_px` and `horizon_px` are stated for."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Viewpoint and site of a fixed camera; two cameras with equal fields see the same site."""

    name: str
    height_m: float
    """Height of the lens above the ground."""
    focal_px: float
    """Focal length at an image width of 640 px."""
    horizon_px: float
    """Image row of the horizon at an image width of 640 px."""
    facade_distance_m: float
    """Distance to the building's facade along the viewing axis."""
    facade_angle_deg: float
    """Turn of the facade; 0 faces the camera, positive comes nearer on the left side."""
    back_distance_m: float
    """Distance to the fence or building behind the yard."""
    style_seed: int
    """Chooses materials, doors, markings and standing objects of the site."""

    def scale(self, width_px: int) -> float:
        """Return the factor from reference pixels to pixels of an image `width_px` wide."""
        return width_px / REFERENCE_WIDTH_PX

    def project(self, points: F64, width_px: int) -> F64:
        """Project `points` (..., 3) in metres to continuous image coordinates (..., 2) in px."""
        scale = self.scale(width_px)
        focal = scale * self.focal_px / np.maximum(points[..., 2], 0.2)
        found = np.empty((*points.shape[:-1], 2))
        found[..., 0] = width_px / 2 + focal * points[..., 0]
        found[..., 1] = scale * self.horizon_px + focal * (self.height_m - points[..., 1])
        return found

    def facade_axes(self) -> tuple[F64, F64, F64]:
        """Return the facade's point on the viewing axis, its direction along x, its normal.

        All are (3,) in metres; the normal points towards the camera side.
        """
        angle = math.radians(self.facade_angle_deg)
        point = np.array([0.0, 0.0, self.facade_distance_m])
        along = np.array([math.cos(angle), 0.0, math.sin(angle)])
        normal = np.array([math.sin(angle), 0.0, -math.cos(angle)])
        return point, along, normal

    def yard_clearance(self, x_m: F64, z_m: F64) -> F64:
        """Return how far ground points lie in front of the facade and fence, in metres."""
        point, _, normal = self.facade_axes()
        from_facade = (x_m - point[0]) * normal[0] + (z_m - point[2]) * normal[2]
        clearance: F64 = np.minimum(from_facade, self.back_distance_m - z_m)
        return clearance

    def half_width_m(self, z_m: float) -> float:
        """Return half the width in metres that the image spans at depth `z_m`."""
        return REFERENCE_WIDTH_PX / 2 * z_m / self.focal_px

    def nearest_ground_m(self, height_px: int, width_px: int) -> float:
        """Return the depth in metres of the ground at the bottom row of the image."""
        rows = height_px / self.scale(width_px) - self.horizon_px
        return self.focal_px * self.height_m / max(rows, 1.0)
