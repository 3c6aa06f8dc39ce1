"""Why two pipelines part at a stage: the frames where they do, run once more and looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from vbench.bench.parity.boxes import BoxChange, BoxPair, FrameBoxes, explain_boxes
from vbench.bench.parity.decode import explain_pixels
from vbench.bench.parity.guess import Guess, Letter, cause_of
from vbench.bench.parity.keys import yaml_text
from vbench.bench.parity.measure import Boxes, Tolerances
from vbench.bench.parity.outputs import explain_outputs
from vbench.bench.parity.rerun import RerunSide, explain_by_rerun, silencing_changes
from vbench.bench.parity.stages import StageReport
from vbench.bench.parity.tap import (
    FrameTrace,
    SampleFrames,
    begin_clip,
    boxes_of,
    candidate_boxes,
    detections_of,
    trace_frame,
)
from vbench.bench.parity.tensor import TensorPair, explain_own_code, explain_tensors, planar
from vbench.config.detector_stage import DetectorStage
from vbench.config.engines.replay import ReplayEntry
from vbench.config.post_entry import NmsEntry, PostEntry
from vbench.engines.protocol import EngineSite
from vbench.engines.registry import files_of
from vbench.pipeline.classes import ClassMap, class_list_of, load_classes
from vbench.pipeline.detections import best_rows, in_taxonomy
from vbench.pipeline.detector import DetectorTrace
from vbench.pipeline.load import Pipeline
from vbench.report.numbers import plural
from vbench.types import Clip, Taxonomy
from vbench.types.frame_detections import NO_TRACK

_NMS_IOUS = tuple(round(0.3 + 0.05 * k, 2) for k in range(11))


@dataclass(frozen=True, slots=True)
class _Sample:
    """Both sides on some frames of a clip."""

    pair: tuple[Pipeline, Pipeline]
    clip: Clip
    frames: SampleFrames
    traces: tuple[tuple[FrameTrace, ...], tuple[FrameTrace, ...]]
    tolerances: Tolerances
    detector: int
    floor: float

    def stage(self, side: int) -> DetectorStage:
        return self.pair[side].file.model.detectors[self.detector]

    def classes(self, side: int, taxonomy: Taxonomy) -> ClassMap:
        """The detector's own classes."""
        file = self.pair[side].file
        position = file.model.stages.index(self.stage(side))
        return load_classes(class_list_of(file, position), taxonomy)

    def inner(self, side: int) -> tuple[DetectorTrace, ...]:
        """The detector's traces; empty where it is hidden."""
        parts = [trace.detectors[self.detector] for trace in self.traces[side]]
        return tuple(part for part in parts if isinstance(part, DetectorTrace))

    def detections(self, side: int) -> FrameBoxes:
        parts = [trace.detectors[self.detector] for trace in self.traces[side]]
        return tuple(boxes_of(detections_of(part)) for part in parts)


def explain(
    pair: tuple[Pipeline, Pipeline],
    taxonomy: Taxonomy,
    clip: Clip,
    first: StageReport,
    tolerances: Tolerances,
    floor: float,
) -> Guess:
    """The likeliest cause of what differs at the first stage where anything does.

    Args:
        pair: A and B, loaded.
        taxonomy: what they were loaded for.
        clip: where they first part.
        first: the stage.
        tolerances: as in the comparison.
        floor: score from which on both keep boxes.
    """
    frames = SampleFrames(clip, first.samples)
    if first.stage == "pixels":
        overrides = pair[0].color_override, pair[1].color_override
        return explain_pixels(frames, *overrides, tolerances.pixels)
    traces = _traces(pair[0], clip, frames), _traces(pair[1], clip, frames)
    sample = _Sample(pair, clip, frames, traces, tolerances, first.detector, floor)
    match first.stage:
        case "tensor":
            return _explain_tensors(sample)
        case "outputs":
            a, b = ([trace.outputs for trace in sample.inner(side)] for side in (0, 1))
            return explain_outputs(a, b, tolerances.outputs, _models_text(sample))
        case "candidates":
            n_classes = len(sample.classes(0, taxonomy).names)
            of_a, of_b = (tuple(map(candidate_boxes, sample.inner(side))) for side in (0, 1))
            return explain_boxes(BoxPair("A", of_a, of_b, tolerances, floor, n_classes))
        case "detections":
            return _explain_detections(sample, taxonomy)
        case _:
            n_a, n_b = (len(pipeline.file.model.detectors) for pipeline in pair)
            if n_a != n_b:
                text = f"A has {plural(n_a, 'detector')}, B has {plural(n_b, 'detector')}"
                return Guess((), 0.0, False, text)
            of_a, of_b = (tuple(boxes_of(trace.answer) for trace in side) for side in traces)
            return explain_boxes(BoxPair("A", of_a, of_b, tolerances, floor, len(taxonomy.names)))


def _traces(pipeline: Pipeline, clip: Clip, frames: SampleFrames) -> tuple[FrameTrace, ...]:
    begin_clip(pipeline, clip)
    return tuple(trace_frame(pipeline, frame) for frame in frames(pipeline.color_override))


def _explain_tensors(sample: _Sample) -> Guess:
    """Vary the side whose settings are known; A where both are."""
    entries = sample.stage(0).input, sample.stage(1).input
    tensors = [
        tuple(planar(trace.tensor, entry) for trace in sample.inner(side))
        for side, entry in enumerate(entries)
        if entry is not None
    ]
    for side, entry in enumerate(entries):
        if entry is not None and entry.python is None:
            letter: Letter = "A" if side == 0 else "B"
            override = sample.pair[side].color_override
            have, want = tensors[side], tensors[1 - side]
            tolerance = sample.tolerances.tensor
            return explain_tensors(
                TensorPair(letter, override, entry, sample.frames, have, want, tolerance)
            )
    if entries[0] is None:
        return Guess((), 0.0, False, "A shows no input")
    return explain_own_code(entries[0], tensors[0], tensors[1], sample.tolerances.tensor)


def _explain_detections(sample: _Sample, taxonomy: Taxonomy) -> Guess:
    inner = sample.inner(0), sample.inner(1)
    have, want = sample.detections(0), sample.detections(1)
    n_classes = len(taxonomy.names)
    pair = BoxPair("A", have, want, sample.tolerances, sample.floor, n_classes)
    if inner[0] and inner[1]:
        return explain_boxes(pair, list(_nms_changes(sample, taxonomy)))
    varied = 1 if inner[1] else 0
    if varied == 1:
        pair = replace(pair, varied="B", have=want, want=have)
    side = RerunSide(sample.pair[varied], taxonomy, sample.clip, sample.frames, sample.detector)
    if not any(map(len, pair.have)) or not any(map(len, pair.want)):
        return _of_silence(side, pair)
    return explain_by_rerun(side, pair)


def _of_silence(side: RerunSide, pair: BoxPair) -> Guess:
    """Nothing can be held against no boxes: say what would have the same effect, and no more."""
    other: Letter = "B" if pair.varied == "A" else "A"
    if not any(map(len, pair.have)):
        return Guess((), 0.0, False, f"{pair.varied} finds nothing in these frames")
    text = f"{other} finds nothing in these frames"
    likewise = silencing_changes(side, pair)
    if likewise:
        values = [one.value_b if other == "B" else one.value_a for one in likewise]
        words = [f"{one.key} {value}" for one, value in zip(likewise, values, strict=True)]
        text += f"; neither does {pair.varied} with {' or '.join(words)}"
    return Guess((), 0.0, False, text)


def _nms_changes(sample: _Sample, taxonomy: Taxonomy) -> Iterator[BoxChange]:
    """A's candidates suppressed in other ways; classes and places stay those of A's rows."""
    classes = sample.classes(0, taxonomy)
    post = sample.stage(0).post
    other = sample.stage(1).post
    entries: list[NmsEntry | None] = [other.nms, None]
    aware = True if post.nms is None else post.nms.class_aware
    entries += [NmsEntry(iou=iou, class_aware=aware) for iou in _NMS_IOUS]
    if post.nms is not None:
        entries.append(NmsEntry(iou=post.nms.iou, class_aware=not aware))
    for entry in entries:
        if entry != post.nms:
            changed = post.model_copy(update={"nms": entry})
            words = _nms_text(post.nms), _nms_text(entry)
            cause = cause_of("nms", "NMS suppresses in another way", "post.nms", *words, "A")
            yield BoxChange("nms", cause, _Suppressed(sample, changed, classes))
    if other.top_k != post.top_k:
        changed = post.model_copy(update={"top_k": other.top_k})
        words = str(post.top_k), str(other.top_k)
        cause = cause_of("nms", "another number of boxes is kept", "post.top_k", *words, "A")
        yield BoxChange("nms", cause, _Suppressed(sample, changed, classes))


@dataclass(frozen=True, slots=True)
class _Suppressed:
    """A's boxes after another NMS; what comes in is left aside."""

    sample: _Sample
    post: PostEntry
    classes: ClassMap

    def __call__(self, _boxes: FrameBoxes) -> FrameBoxes:
        return tuple(self._of_trace(trace) for trace in self.sample.inner(0))

    def _of_trace(self, trace: DetectorTrace) -> Boxes:
        found = trace.candidates
        rows = best_rows(self.post, found.boxes_xyxy, found.scores, found.class_index)
        kept = found.take(rows)
        return boxes_of(
            in_taxonomy(
                self.classes,
                trace.geometry.source_size,
                trace.geometry.to_source(kept.boxes_xyxy),
                np.minimum(kept.scores.astype(np.float64), 1.0),
                kept.class_index,
                np.full(len(kept), NO_TRACK, np.int64),
            )
        )


def _nms_text(entry: NmsEntry | None) -> str:
    if entry is None:
        return "none"
    return f"{{iou: {entry.iou:g}, class_aware: {yaml_text(entry.class_aware)}}}"


def _models_text(sample: _Sample) -> str:
    """Whether both run the same model file."""
    a, b = (_model_digest(sample, side) for side in (0, 1))
    if a is None or b is None:
        return "their files cannot be compared"
    return "the model file is the same" if a == b else "the model files differ"


def _model_digest(sample: _Sample, side: int) -> str | None:
    """Digest of what the engine runs first; None where it runs no file of this machine."""
    file, stage = sample.pair[side].file, sample.stage(side)
    if isinstance(stage.engine, ReplayEntry):
        return None
    found = files_of(stage.engine, EngineSite(file.folder, file.where, stage.id, ()))
    if not found:
        return None
    with found[0].open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
