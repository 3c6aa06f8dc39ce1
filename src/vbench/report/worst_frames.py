"""Which frames are worth looking at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vbench.record.folder import RunFolder
from vbench.report.evidence import ClipEvidence, Evidence
from vbench.report.same_errors import ClipErrorBoxes
from vbench.report.verdicts import failures_first
from vbench.types import Bool, Run

_SAME_SCENE_S = 1.0
_CLOSE_S = 0.25
_PER_CLIP = 3
_Place = tuple[int, int]
"""Number of the clip among those of the pipeline, frame."""


@dataclass(frozen=True, slots=True)
class WorstFrame:
    """A frame with errors of one pipeline."""

    pipeline: str
    golden_set: str
    clip: str
    frame_index: int
    time_s: float
    """Frame index over the clip's average rate."""
    tp: int
    fp: int
    fn: int
    focus: int
    """Errors that gates which did not pass are about."""
    n_alike: int
    """Further frames of the clip, at any time, that show no other errors than this one."""


def rank_worst_frames(
    run: Run, evidence: Evidence, *, per_pipeline: int = 8
) -> tuple[WorstFrame, ...]:
    """The frames with the most errors, at most `per_pipeline` for each pipeline, worst first.

    Errors that a failed gate is about rank before all others; each stretch that carries the loss of
    such a gate is shown, as far as there is room. Frames of one clip within a second of each other
    count as the same scene, and one clip gives at most three frames, unless nothing else is left.
    A frame whose errors are all on one that is shown, the same objects minutes apart, is not shown
    again but counted. Only annotated frames have errors.
    """
    return _worst_frames(evidence, run, per_pipeline, lambda *_: True)


def kept_worst_frames(
    folder: RunFolder, run: Run, evidence: Evidence, *, per_pipeline: int = 8
) -> tuple[WorstFrame, ...]:
    """As `rank_worst_frames`, of frames that were kept as pictures as far as there are enough.

    A run that is judged again by other gates has other worst frames, but only the old pictures.
    """
    kept = {
        (clip.id, int(path.stem))
        for clip in run.clips
        for path in folder.picture(clip.id, 0).parent.glob("*.jpg")
        if path.stem.isdecimal()
    }
    return _worst_frames(evidence, run, per_pipeline, lambda *place: place in kept)


def _worst_frames(
    evidence: Evidence, run: Run, per_pipeline: int, kept: Callable[[str, int], bool]
) -> tuple[WorstFrame, ...]:
    found: list[WorstFrame] = []
    for pipeline in run.pipelines:
        clips = [item for item in evidence.clips if item.pipeline == pipeline.name]
        if clips:
            found += _rank(evidence, clips, _stretches(run, clips), per_pipeline, kept)
    return tuple(found)


def _stretches(run: Run, clips: Sequence[ClipEvidence]) -> list[tuple[int, int, int]]:
    """(clip, first frame, last frame) of stretches behind gates that did not pass, worst first."""
    places = {(item.pipeline, item.golden_set, item.clip): k for k, item in enumerate(clips)}
    found = [
        (places[place], *cause.frames)
        for result in failures_first(run.gates)
        for cause in result.causes
        if cause.frames is not None
        and (place := (result.pipeline, result.golden_set, cause.name)) in places
    ]
    return list(dict.fromkeys(found))


class _Choice:
    """Frames of one pipeline that are chosen one after the other."""

    def __init__(self, evidence: Evidence, clips: Sequence[ClipEvidence], wanted: int) -> None:
        self._clips = clips
        self._footage = [evidence.clip(item.golden_set, item.clip) for item in clips]
        self._wanted = wanted
        self._errors: dict[int, ClipErrorBoxes] = {}
        self._alike = [np.zeros(clip.facts.n_frames, np.bool_) for clip in self._footage]
        self._n_alike: dict[_Place, int] = {}

    def take(
        self,
        places: Iterable[_Place],
        gap_s: float,
        per_clip: int,
        *,
        n: int | None = None,
        also_alike: bool = False,
    ) -> None:
        """Choose until there are `n`, at most those wanted; none like another one, unless asked."""
        for place in places:
            if len(self._n_alike) >= min(self._wanted, self._wanted if n is None else n):
                return
            clip, frame = place
            if self._alike[clip][frame] and not also_alike:
                continue
            others = [other for number, other in self._n_alike if number == clip]
            gap = gap_s * self._footage[clip].facts.fps
            apart = all(abs(frame - other) >= gap for other in others)
            if apart and len(others) < per_clip and frame not in others:
                alike = self._like(place)
                self._alike[clip] |= alike
                self._n_alike[place] = int(alike.sum()) - 1

    @property
    def chosen(self) -> tuple[_Place, ...]:
        """In the order in which they were."""
        return tuple(self._n_alike)

    def made(self, place: _Place) -> WorstFrame:
        """A chosen frame."""
        clip, frame = place
        item, fps = self._clips[clip], self._footage[clip].facts.fps
        return WorstFrame(
            pipeline=item.pipeline,
            golden_set=item.golden_set,
            clip=item.clip,
            frame_index=frame,
            time_s=frame / fps if fps > 0 else 0.0,
            tp=int(item.tp[frame]),
            fp=int(item.fp[frame]),
            fn=int(item.fn[frame]),
            focus=int(item.focus[frame]),
            n_alike=self._n_alike[place],
        )

    def _like(self, place: _Place) -> Bool:
        clip, frame = place
        if clip not in self._errors:
            self._errors[clip] = ClipErrorBoxes.of(self._footage[clip], self._clips[clip])
        return self._errors[clip].frames_like(frame)


def _rank(
    evidence: Evidence,
    clips: Sequence[ClipEvidence],
    stretches: Sequence[tuple[int, int, int]],
    wanted: int,
    kept: Callable[[str, int], bool],
) -> list[WorstFrame]:
    ranked = _candidates(clips)
    shown = [place for place in ranked if kept(clips[place[0]].clip, place[1])]
    choice = _Choice(evidence, clips, wanted)
    for clip, first, last in stretches:
        within = [place for place in shown if place[0] == clip and first <= place[1] <= last]
        n = len(choice.chosen) + 1
        choice.take(within, _SAME_SCENE_S, _PER_CLIP, n=n, also_alike=True)
    for places in (shown, ranked):
        choice.take(places, _SAME_SCENE_S, _PER_CLIP)
        choice.take(places, _SAME_SCENE_S, wanted)
        choice.take(places, _CLOSE_S, wanted)
    rank = {place: k for k, place in enumerate(ranked)}
    return [choice.made(place) for place in sorted(choice.chosen, key=lambda one: rank[one])]


def sampled_frames(evidence: Evidence, *, max_frames: int = 40) -> tuple[tuple[str, int], ...]:
    """(clip, frame) evenly over each clip, one to three of each, whatever they show.

    Of annotated frames only. Of more clips than `max_frames` every so many-th clip has one.
    """
    clips = [
        (clip, np.flatnonzero(clip.annotated))
        for item in evidence.golden_sets
        for clip in item.clips
    ]
    clips = [(clip, frames) for clip, frames in clips if len(frames)]
    if len(clips) > max_frames:
        clips = [clips[k] for k in _evenly(len(clips), max_frames)]
    per_clip = min(_PER_CLIP, max_frames // len(clips)) if clips else 0
    return tuple(
        (clip.id, int(frames[k]))
        for clip, frames in clips
        for k in _evenly(len(frames), min(per_clip, len(frames)))
    )


def _evenly(n: int, wanted: int) -> list[int]:
    """The middles of `wanted` equal parts of so many rows."""
    return [(2 * k + 1) * n // (2 * wanted) for k in range(wanted)]


def _candidates(clips: Sequence[ClipEvidence]) -> list[_Place]:
    """(clip, frame) of every frame with an error, worst first; earliest first among equals."""
    frames = [np.flatnonzero(item.fp + item.fn) for item in clips]
    clip = np.repeat(np.arange(len(clips)), [len(rows) for rows in frames])
    frame = np.concatenate(frames)
    pairs = list(zip(clips, frames, strict=True))
    errors = np.concatenate([(item.fp + item.fn)[rows] for item, rows in pairs])
    focus = np.concatenate([item.focus[rows] for item, rows in pairs])
    order = np.lexsort((frame, clip, -errors, -focus))
    return [(int(clip[row]), int(frame[row])) for row in order]
