"""A trial of pipelines on a few frames with truth, before an hour is spent on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vbench.bench.failures import on_clip
from vbench.errors import EngineError, MediaError
from vbench.matching.match import iou_thresholds_with, match_clip
from vbench.pipeline.frame_pipeline import FramePipeline
from vbench.pipeline.suspicions import TrialAnswers
from vbench.types import Clip, Detections, Frame, GoldenSet, Truth
from vbench.types.arrays import I64
from vbench.types.color_override import ColorOverride
from vbench.video import frames_at

N_FRAMES = 8
_N_CLIPS = 4
"""Clips that are looked at, where there are as many."""
_NEAR_START = 30
"""Frames from the start of a clip: decoding has to begin there."""
_FAR = 240
"""How far one clip is decoded where no clip has truth near its start."""


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """Frames of a clip that have truth."""

    clip: Clip
    frame_index: I64
    """(K,) ascending."""
    truth: Truth
    """Of the clip, what counts."""

    def truth_of(self, frame_index: int) -> Truth:
        """What counts on a frame."""
        return self.truth.take(self.truth.frame_index == frame_index)


class Trial:
    """Frames with truth of a golden set, decoded once for all pipelines."""

    def __init__(self, golden_set: GoldenSet) -> None:
        """Choose up to `N_FRAMES` frames; nothing is decoded before a pipeline is tried."""
        self._excerpts = _excerpts(golden_set)
        self._frames: dict[ColorOverride, tuple[tuple[Frame, ...], ...]] = {}

    def answers(self, pipeline: FramePipeline) -> TrialAnswers:
        """What a loaded pipeline answers on the frames.

        Clips that cannot be decoded are left out: the run itself says what is wrong with them.

        Raises:
            EngineError: a stage failed; names the clip, the stage and the frame.
        """
        tried = [
            (excerpt, frame)
            for excerpt, frames in zip(
                self._excerpts, self._decoded(pipeline.color_override), strict=True
            )
            for frame in frames
        ]
        found, clip = [], None
        for excerpt, frame in tried:
            try:
                if clip is not excerpt.clip:
                    clip = excerpt.clip
                    pipeline.begin_clip(clip)
                found.append(pipeline.run_frame(frame)[0])
            except EngineError as error:
                raise on_clip(error, excerpt.clip.id) from error
        images = [frame.image for _, frame in tried]
        return TrialAnswers(
            found=Detections.of_frames(range(len(tried)), found),
            truth=_numbered_anew([excerpt.truth_of(frame.index) for excerpt, frame in tried]),
            size_px=np.array([image.shape[1::-1] for image in images], np.float64).reshape(-1, 2),
            n_pictures=1 + sum(not np.array_equal(*pair) for pair in pairwise(images)),
        )

    def _decoded(self, color: ColorOverride) -> tuple[tuple[Frame, ...], ...]:
        """The frames of each excerpt, in the colours that a pipeline wants."""
        if color not in self._frames:
            self._frames[color] = tuple(_frames(excerpt, color) for excerpt in self._excerpts)
        return self._frames[color]


def _frames(excerpt: _Excerpt, color: ColorOverride) -> tuple[Frame, ...]:
    clip = excerpt.clip
    try:
        return tuple(
            frames_at(
                clip.media,
                excerpt.frame_index.tolist(),
                stream=clip.stream,
                color=color,
                allow_damaged=True,
                image_fps=clip.facts.fps,
                where=f"clip {clip.id} ({clip.media.name})",
            )
        )
    except MediaError:
        return ()


def _excerpts(golden_set: GoldenSet) -> tuple[_Excerpt, ...]:
    """Up to `N_FRAMES` frames with truth of up to `_N_CLIPS` clips, spread over the golden set."""
    truths = [(clip, _truth_that_counts(clip)) for clip in golden_set.clips]
    near = [(clip, truth) for clip, truth in truths if _first(truth) < _NEAR_START]
    chosen = [near[k] for k in _spread(len(near), _N_CLIPS)]
    reach = _NEAR_START
    if not chosen:
        clip, truth = min(truths, key=lambda item: _first(item[1]))
        chosen, reach = ([(clip, truth)] if _first(truth) < _FAR else []), _FAR
    excerpts = []
    for position, (clip, truth) in enumerate(chosen):
        n_frames = N_FRAMES // len(chosen) + (position < N_FRAMES % len(chosen))
        with_truth = np.unique(truth.frame_index[truth.frame_index < reach])
        picked = with_truth[_spread(len(with_truth), n_frames)]
        excerpts.append(_Excerpt(clip, picked, truth))
    return tuple(excerpts)


def _truth_that_counts(clip: Clip) -> Truth:
    counts = match_clip(clip, Detections.empty(), iou_thresholds_with(0.5)).truth_counts
    return clip.truth.take(counts)


def _first(truth: Truth) -> float:
    """The first frame with truth."""
    return float(truth.frame_index[0]) if len(truth) else np.inf


def _spread(n: int, n_wanted: int) -> list[int]:
    """Up to `n_wanted` of n positions, the first and the last among them."""
    if n <= n_wanted:
        return list(range(n))
    return np.linspace(0, n - 1, n_wanted).round().astype(int).tolist() if n_wanted > 1 else [0]


def _numbered_anew(parts: Sequence[Truth]) -> Truth:
    """Truth of the first frame, the second and so on, without tags."""
    if not parts:
        return Truth.empty()
    return Truth(
        frame_index=np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
        boxes_xyxy=np.concatenate([part.boxes_xyxy for part in parts]),
        class_id=np.concatenate([part.class_id for part in parts]),
        track_id=np.concatenate([part.track_id for part in parts]),
        ignore=np.concatenate([part.ignore for part in parts]),
        crowd=np.concatenate([part.crowd for part in parts]),
    )
