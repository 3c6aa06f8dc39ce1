"""Every intermediate value of a pipeline, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vbench.bench.parity.measure import Boxes
from vbench.pipeline.detector import Detector, DetectorTrace
from vbench.pipeline.load import Pipeline
from vbench.types import Clip, Frame, FrameDetections
from vbench.types.color_override import ColorOverride
from vbench.video import frames_at, open_media


@dataclass(frozen=True, slots=True)
class FrameTrace:
    """What a pipeline made of one frame, before trackers and rules."""

    detectors: tuple[DetectorTrace | FrameDetections, ...]
    """A trace of each detector, its detections alone where the rest is hidden."""
    answer: FrameDetections
    """Of all detectors together, classified."""


def trace_frame(pipeline: Pipeline, frame: Frame) -> FrameTrace:
    """Put a frame through detectors and classifiers. Raises EngineError."""
    parts: list[DetectorTrace | FrameDetections] = [
        one.trace(frame) if isinstance(one, Detector) else one(frame)[0]
        for one in pipeline.stages.detectors
    ]
    found = FrameDetections.united([detections_of(part) for part in parts])
    for classifier in pipeline.stages.classifiers:
        found, _ = classifier(frame, found)
    return FrameTrace(tuple(parts), found)


def begin_clip(pipeline: Pipeline, clip: Clip) -> None:
    """Tell detectors and classifiers of a new clip."""
    for detector in pipeline.stages.detectors:
        detector.begin_clip(clip)
    for classifier in pipeline.stages.classifiers:
        classifier.begin_clip(clip)


def detections_of(part: DetectorTrace | FrameDetections) -> FrameDetections:
    """What a detector found."""
    return part.detections if isinstance(part, DetectorTrace) else part


def boxes_of(found: FrameDetections) -> Boxes:
    """Detections as boxes of the source frame."""
    return Boxes.of(found.boxes_xyxy, found.scores, found.class_id)


def candidate_boxes(trace: DetectorTrace) -> Boxes:
    """Boxes before NMS, in pixels of the input tensor."""
    found = trace.candidates
    return Boxes.of(found.boxes_xyxy, found.scores, found.class_index)


def both_frames(
    clip: Clip, a: ColorOverride, b: ColorOverride, n_frames: int
) -> Iterator[tuple[Frame, Frame]]:
    """The first frames of a clip as each side decodes them; once where they decode alike."""
    where = f"clip {clip.id} ({clip.media.name})"
    with open_media(
        clip.media, stream=clip.stream, color=a, image_fps=clip.facts.fps, where=where
    ) as media_a:
        if a == b:
            for frame in media_a:
                if frame.index >= n_frames:
                    return
                yield frame, frame
            return
        with open_media(
            clip.media, stream=clip.stream, color=b, image_fps=clip.facts.fps, where=where
        ) as media_b:
            for frame_a, frame_b in zip(media_a, media_b, strict=True):
                if frame_a.index >= n_frames:
                    return
                yield frame_a, frame_b


class SampleFrames:
    """Some frames of a clip, decoded with whatever colour settings are asked for."""

    def __init__(self, clip: Clip, indices: Sequence[int]) -> None:
        self._clip = clip
        self._indices = indices
        self._decoded: dict[ColorOverride, tuple[Frame, ...]] = {}

    def __call__(self, decode: ColorOverride) -> Sequence[Frame]:
        """The frames, ascending. Raises MediaError."""
        if decode not in self._decoded:
            clip = self._clip
            self._decoded[decode] = tuple(
                frames_at(
                    clip.media,
                    self._indices,
                    stream=clip.stream,
                    color=decode,
                    image_fps=clip.facts.fps,
                    where=f"clip {clip.id} ({clip.media.name})",
                )
            )
        return self._decoded[decode]
