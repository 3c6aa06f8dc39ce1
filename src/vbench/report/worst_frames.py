"""Which frames are worth looking at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vbench.record.folder import RunFolder
from vbench.report.evidence import ClipEvidence, Evidence, read_evidence
from vbench.report.verdicts import failures_first
from vbench.types import Run

_SAME_SCENE_S = 1.0
_CLOSE_S = 0.25
_PER_CLIP = 3


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


def rank_worst_frames(
    folder: RunFolder, run: Run, *, per_pipeline: int = 8
) -> tuple[WorstFrame, ...]:
    """The frames with the most errors, at most `per_pipeline` for each pipeline, worst first.

    Errors that a failed gate is about rank before all others; each stretch that carries the loss of
    such a gate is shown, as far as there is room. Frames of one clip within a second of each other
    count as the same scene, and one clip gives at most three frames, unless nothing else is left.
    Only annotated frames have errors.

    Raises:
        RunFolderError: a shard is missing or broken.
    """
    return _worst_frames(read_evidence(folder, run), run, per_pipeline, lambda *_: True)


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


def _rank(
    evidence: Evidence,
    clips: Sequence[ClipEvidence],
    stretches: Sequence[tuple[int, int, int]],
    wanted: int,
    kept: Callable[[str, int], bool],
) -> list[WorstFrame]:
    fps = [evidence.clip(item.golden_set, item.clip).facts.fps for item in clips]
    ranked = _candidates(clips)
    shown = [place for place in ranked if kept(clips[place[0]].clip, place[1])]
    chosen: list[tuple[int, int]] = []

    def take(places: Iterable[tuple[int, int]], gap_s: float, per_clip: int, n: int) -> None:
        """Choose until there are `n`."""
        for clip, frame in places:
            if len(chosen) >= n:
                return
            others = [other for place, other in chosen if place == clip]
            apart = all(abs(frame - other) >= gap_s * fps[clip] for other in others)
            if apart and len(others) < per_clip and (clip, frame) not in chosen:
                chosen.append((clip, frame))

    for clip, first, last in stretches:
        within = [place for place in shown if place[0] == clip and first <= place[1] <= last]
        take(within, _SAME_SCENE_S, _PER_CLIP, min(wanted, len(chosen) + 1))
    for places in (shown, ranked):
        take(places, _SAME_SCENE_S, _PER_CLIP, wanted)
        take(places, _SAME_SCENE_S, wanted, wanted)
        take(places, _CLOSE_S, wanted, wanted)
    rank = {place: k for k, place in enumerate(ranked)}
    chosen.sort(key=lambda place: rank[place])
    return [_worst_frame(clips[clip], frame, fps[clip]) for clip, frame in chosen]


def _candidates(clips: Sequence[ClipEvidence]) -> list[tuple[int, int]]:
    """(clip, frame) of every frame with an error, worst first; earliest first among equals."""
    frames = [np.flatnonzero(item.fp + item.fn) for item in clips]
    clip = np.repeat(np.arange(len(clips)), [len(rows) for rows in frames])
    frame = np.concatenate(frames)
    pairs = list(zip(clips, frames, strict=True))
    errors = np.concatenate([(item.fp + item.fn)[rows] for item, rows in pairs])
    focus = np.concatenate([item.focus[rows] for item, rows in pairs])
    order = np.lexsort((frame, clip, -errors, -focus))
    return [(int(clip[row]), int(frame[row])) for row in order]


def _worst_frame(item: ClipEvidence, frame: int, fps: float) -> WorstFrame:
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
    )
