"""Properties of boxes that slices are made of and that nobody has to annotate.

``size``: small below 32^2 px, medium below 96^2 px, else large (COCO's area ranges).

``border``: true where a box comes within 1 px of an edge of the frame.

``crowding``: the largest share of a truth box that one other truth box of its frame covers, of
whatever class: alone below 10 %, some below 50 %, else crowded. Truth marked ignore or crowd
covers nothing. A detection has the crowding of the truth box that it overlaps most, and is alone
where it overlaps none: a miss and the misplaced box beside it are in the same slice.

``speed``: how fast the centre of a truth box moves, in sizes of the box (square root of its area)
per second: still below 0.1, slow below 1, else fast. It is the straight way between the first and
the last box of the track within 0.25 s before and after, or, where there is none, between the
neighbours in the track, divided by the time between them at the clip's mean frame rate. Truth
without a track, or with a track of one box, has no speed; nor has a detection.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from vbench.types import F64, I64, Bool, Clip, Detections, Truth

BOX_PROPERTIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "size": ("small", "medium", "large"),
        "border": ("false", "true"),
        "crowding": ("alone", "some", "crowded"),
        "speed": ("still", "slow", "fast"),
    }
)
"""Slice key -> its values, in the order of the tables."""
OF_TRUTH_ALONE: tuple[str, ...] = ("speed",)
"""Properties that no detection has."""

_SIZE_LIMITS_PX2 = np.array([32.0**2, 96.0**2])
_BORDER_PX = 1.0
_CROWDING_LIMITS = np.array([0.1, 0.5])
_SPEED_LIMITS = np.array([0.1, 1.0])
_SPEED_WINDOW_S = 0.25


def truth_groups(key: str, clip: Clip) -> I64:
    """(M,) value of one of `BOX_PROPERTIES` of each truth box, -1 for none.

    Raises KeyError for another key.
    """
    truth = clip.truth
    if key == "size":
        return _size(truth.boxes_xyxy)
    if key == "border":
        return _border(clip, truth.boxes_xyxy)
    if key == "crowding":
        return _crowding(truth)
    if key == "speed":
        return _speed(truth, clip.facts.fps)
    raise KeyError(key)


def detection_groups(key: str, clip: Clip, detections: Detections) -> I64:
    """(N,) value of one of `BOX_PROPERTIES` of each detection of whole frames of a clip.

    Raises KeyError for another key, and for one that detections do not have.
    """
    if key == "size":
        return _size(detections.boxes_xyxy)
    if key == "border":
        return _border(clip, detections.boxes_xyxy)
    if key == "crowding":
        return _crowding_of_detections(_of_frames(clip.truth, detections), detections)
    raise KeyError(key)


def _of_frames(truth: Truth, detections: Detections) -> Truth:
    """The truth of the frames that a block of detections covers."""
    if not len(detections):
        return truth.take(np.zeros(0, np.int64))
    first = np.searchsorted(truth.frame_index, detections.frame_index[0])
    end = np.searchsorted(truth.frame_index, detections.frame_index[-1], side="right")
    return truth.take(np.arange(first, end))


def _size(boxes_xyxy: F64) -> I64:
    return _group(np.prod(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], axis=1), _SIZE_LIMITS_PX2)


def _border(clip: Clip, boxes_xyxy: F64) -> I64:
    size_px = np.array([clip.facts.width_px, clip.facts.height_px])
    gap_px = np.hstack([boxes_xyxy[:, :2], size_px - boxes_xyxy[:, 2:]]).min(axis=1)
    touches: Bool = gap_px <= _BORDER_PX
    return touches.astype(np.int64)


def _crowding(truth: Truth) -> I64:
    # Kernels are imported where they are called: to read what is known takes no compiler.
    from vbench.kernels.crowding import covered_share

    # Copies, so that read-only arrays do not make numba compile once more.
    share = covered_share(truth.frame_index.copy(), truth.boxes_xyxy.copy(), _covering(truth))
    return _group(share, _CROWDING_LIMITS)


def _crowding_of_detections(truth: Truth, detections: Detections) -> I64:
    from vbench.kernels.crowding import nearest_truth

    nearest = nearest_truth(
        detections.frame_index.copy(),
        detections.boxes_xyxy.copy(),
        truth.frame_index.copy(),
        truth.boxes_xyxy.copy(),
        _covering(truth),
    )
    # Detections near no truth look up the appended value: alone.
    groups: I64 = np.append(_crowding(truth), 0)[nearest]
    return groups


def _covering(truth: Truth) -> Bool:
    covering: Bool = ~truth.ignore & ~truth.crowd
    return covering


def _speed(truth: Truth, fps: float) -> I64:
    group = np.full(len(truth), -1, np.int64)
    tracked = np.flatnonzero(truth.track_id >= 0)
    if not len(tracked) or fps <= 0:
        return group
    columns = np.stack([truth.class_id[tracked], truth.track_id[tracked]])
    track = np.unique(columns, axis=1, return_inverse=True)[1].ravel()
    order = np.lexsort((truth.frame_index[tracked], track))
    rows, track = tracked[order], track[order]
    frame = truth.frame_index[rows]
    first, last = _window(track, frame, int(_SPEED_WINDOW_S * fps))
    boxes_xyxy = truth.boxes_xyxy[rows]
    centre = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2
    size_px = np.sqrt(np.prod(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], axis=1))
    way_px = np.linalg.norm(centre[last] - centre[first], axis=1)
    time_s = (frame[last] - frame[first]) / fps
    known = (time_s > 0) & (size_px > 0)
    group[rows[known]] = _group(way_px[known] / time_s[known] / size_px[known], _SPEED_LIMITS)
    return group


def _window(track: I64, frame: I64, reach: int) -> tuple[I64, I64]:
    """First and last row of the same track within `reach` frames, or the neighbours if none is.

    Rows come track after track, by frame.
    """
    # Tracks further apart than any window: one sorted column finds the ends of all of them.
    position = track * (int(frame.max()) + reach + 1) + frame
    first = np.searchsorted(position, position - reach)
    last = np.searchsorted(position, position + reach, side="right") - 1
    lonely = first == last
    same = np.diff(track) == 0
    first -= lonely & np.append(False, same)
    last += lonely & np.append(same, False)
    return first, last


def _group(values: F64, limits: F64) -> I64:
    """How many of the limits each value reaches."""
    return np.digitize(values, limits).astype(np.int64)
