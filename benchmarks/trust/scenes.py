"""Synthetic footage whose true recall and precision are known exactly.

Every truth box is found where a latent number lies below a threshold. The latent number is the sum
of a part of the clip (some scenes are hard) and a part that drifts slowly along the clip (an object
that is missed stays missed for a while), both normal, so that the share that is found over all
possible clips is exactly the recall asked for. False alarms come and go in the same way. A
candidate shares most of both parts with its baseline: what is hard for one is hard for the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from vbench.stats import normal_cdf, normal_quantile
from vbench.types import F64, I64

FRAMES_PER_S = 5.0
MAX_OBJECTS = 4
"""Objects in view at once: 1 to 4, fixed within a clip, each equally likely."""
MEAN_OBJECTS = (1 + MAX_OBJECTS) / 2
CLUTTER = 2
"""Places of a clip where false alarms can come up."""


@dataclass(frozen=True, slots=True)
class Scenes:
    """What footage is drawn from."""

    n_clips: int
    recall: float
    precision: float = 0.9
    shortest_min: float = 0.5
    longest_min: float = 3.0
    """Clip lengths lie in between, in minutes, spread evenly on the log scale."""
    between_clips: float = 0.15
    """Share of the latent variance that the clip explains."""
    memory: float = 0.93
    """Correlation of the drifting part from frame to frame: 14 frames, 3 s, to 1 / e."""
    shared_clip: float = 0.95
    """Correlation of the clip's part between candidate and baseline."""
    shared_drift: float = 0.8
    """The same of the drifting part."""

    def false_alarm_rate(self) -> float:
        """Share of frames in which each place of clutter gives a false alarm."""
        found = MEAN_OBJECTS * self.recall
        return found * (1 - self.precision) / self.precision / CLUTTER

    def f1(self) -> float:
        """True F1: of the expected counts."""
        found = MEAN_OBJECTS * self.recall
        return 2 * found / (MEAN_OBJECTS + found / self.precision)


@dataclass(frozen=True, slots=True)
class Footage:
    """Counts per frame, clip after clip."""

    clip: I64
    """(F,)"""
    truth: F64
    """(F,) truth boxes."""
    found: F64
    """(F,) of them found."""
    false: F64
    """(F,) false alarms."""
    recall_here: float
    """True recall of exactly these scenes: over all footage of the same clips."""


def draw_footage(rng: np.random.Generator, scenes: Scenes) -> Footage:
    """One golden set with the detections of one pipeline."""
    objects, clip, n_objects = _layout(rng, scenes)
    latent, of_clip = _latent(rng, scenes, objects)
    found = _per_frame(latent < normal_quantile(scenes.recall), objects)
    clutter = _Places(np.repeat(np.arange(scenes.n_clips), CLUTTER), objects.n_frames)
    alarms, _ = _latent(rng, scenes, clutter)
    false = _per_frame(alarms < normal_quantile(scenes.false_alarm_rate()), clutter)
    threshold = normal_quantile(scenes.recall)
    share = math.sqrt(scenes.between_clips)
    rest = math.sqrt(1 - scenes.between_clips)
    recalls = np.array([normal_cdf((threshold - share * part) / rest) for part in of_clip])
    boxes = n_objects * objects.n_frames
    return Footage(
        clip,
        n_objects[clip].astype(np.float64),
        found,
        false,
        float((recalls * boxes).sum() / boxes.sum()),
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """The same footage seen by two pipelines; counts per frame, clip after clip."""

    clip: I64
    truth: F64
    found: F64
    """(F,) by the candidate."""
    found_before: F64
    """(F,) by the baseline."""


def draw_pair(rng: np.random.Generator, scenes: Scenes, recall_before: float) -> Pair:
    """One golden set with a candidate of recall `scenes.recall` and its baseline."""
    objects, clip, n_objects = _layout(rng, scenes)
    before, of_clip = _latent(rng, scenes, objects)
    now, _ = _latent(rng, scenes, objects, like=(before, of_clip))
    return Pair(
        clip,
        n_objects[clip].astype(np.float64),
        _per_frame(now < normal_quantile(scenes.recall), objects),
        _per_frame(before < normal_quantile(recall_before), objects),
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Objects (or places of clutter) of all clips, clip after clip."""

    clip: I64
    """(P,) clip of each."""
    n_frames: I64
    """(n_clips,)"""


def _layout(rng: np.random.Generator, scenes: Scenes) -> tuple[_Places, I64, I64]:
    """The objects, the clip of each frame, the number of objects of each clip."""
    log_minutes = rng.uniform(
        math.log(scenes.shortest_min), math.log(scenes.longest_min), scenes.n_clips
    )
    n_frames = np.rint(np.exp(log_minutes) * 60 * FRAMES_PER_S).astype(np.int64)
    n_objects = rng.integers(1, MAX_OBJECTS + 1, scenes.n_clips)
    clips = np.arange(scenes.n_clips)
    return _Places(np.repeat(clips, n_objects), n_frames), np.repeat(clips, n_frames), n_objects


def _latent(
    rng: np.random.Generator,
    scenes: Scenes,
    places: _Places,
    like: tuple[F64, F64] | None = None,
) -> tuple[F64, F64]:
    """Standard normal numbers per place and frame (P, longest clip), and the clips' parts.

    `like`: the same of another pipeline, which these are correlated with.
    """
    of_clip = rng.standard_normal(len(places.n_frames))
    noise = rng.standard_normal((len(places.clip), int(places.n_frames.max())))
    noise[:, 1:] *= math.sqrt(1 - scenes.memory**2)
    drift = lfilter([1.0], [1.0, -scenes.memory], noise, axis=1)
    share, rest = math.sqrt(scenes.between_clips), math.sqrt(1 - scenes.between_clips)
    if like is not None:
        other, other_clip = like
        other_drift = (other - share * other_clip[places.clip, None]) / rest
        of_clip = _blend(other_clip, of_clip, scenes.shared_clip)
        drift = _blend(other_drift, drift, scenes.shared_drift)
    return share * of_clip[places.clip, None] + rest * drift, of_clip


def _blend(old: F64, new: F64, correlation: float) -> F64:
    return correlation * old + math.sqrt(1 - correlation**2) * new


def _per_frame(hits: np.ndarray, places: _Places) -> F64:
    """(F,) how many places of its clip are hit in each frame."""
    by_clip = np.zeros((len(places.n_frames), hits.shape[1]))
    np.add.at(by_clip, places.clip, hits)
    inside = np.arange(hits.shape[1]) < places.n_frames[:, None]
    counts: F64 = by_clip[inside]
    return counts
