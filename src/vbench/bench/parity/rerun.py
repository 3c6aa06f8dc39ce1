"""Why detections differ where the steps before them are hidden: one side is run again, changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from vbench.bench.parity.boxes import BoxPair, FrameBoxes, box_changes
from vbench.bench.parity.decode import Reading, other_readings
from vbench.bench.parity.guess import Cause, CauseKind, Guess, Trial, best_guess, cause_of
from vbench.bench.parity.keys import yaml_text
from vbench.bench.parity.refit import Setting
from vbench.bench.parity.tap import SampleFrames, begin_clip, boxes_of, detections_of, trace_frame
from vbench.bench.parity.tensor import setting_changes
from vbench.config.detector_stage import DetectorStage
from vbench.config.input_entry import InputEntry
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.errors import EngineError
from vbench.pipeline.load import Pipeline, load_pipeline
from vbench.report.numbers import plural
from vbench.types import Clip, Frame, Taxonomy
from vbench.types.color_override import ColorOverride

_BEAM = 3
"""Of pairs, only those with one of so many best single changes are tried: each costs a run."""

_BARE: Mapping[str, object] = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
_IMAGENET: Mapping[str, object] = {
    "scale": 1 / 255,
    "mean": (0.485, 0.456, 0.406),
    "std": (0.229, 0.224, 0.225),
}


@dataclass(frozen=True, slots=True)
class RerunSide:
    """The side that is run again."""

    pipeline: Pipeline
    taxonomy: Taxonomy
    clip: Clip
    frames: SampleFrames
    detector: int
    """Position among the detectors."""

    @property
    def entry(self) -> InputEntry | None:
        """The settings that can be changed; None where the engine takes whole frames."""
        entry = self.pipeline.file.model.detectors[self.detector].input
        return None if entry is None or entry.python is not None else entry


@dataclass(frozen=True, slots=True)
class _Rerun:
    decode: ColorOverride
    entry: InputEntry | None
    swapped: bool = False
    """Frames are handed over with red and blue exchanged."""


@dataclass(frozen=True, slots=True)
class _Change:
    kind: CauseKind
    cause: Cause
    rerun: Callable[[_Rerun], _Rerun] | None
    """What is run instead; None where only its boxes change."""
    boxes: Callable[[FrameBoxes], FrameBoxes] | None


def explain_by_rerun(side: RerunSide, pair: BoxPair) -> Guess:
    """The changes under which the varied side finds what the other side does."""
    changes = [*_rerun_changes(side, pair), *_box_changes(pair)]
    start = _Rerun(side.pipeline.color_override, side.entry)
    known: dict[str, FrameBoxes | None] = {repr(start): pair.have}

    def evaluate(numbers: tuple[int, ...]) -> Trial | None:
        rerun = start
        for number in numbers:
            change_run = changes[number].rerun
            rerun = rerun if change_run is None else change_run(rerun)
        if repr(rerun) not in known:
            known[repr(rerun)] = _boxes(side, rerun)
        boxes = known[repr(rerun)]
        if boxes is None:
            return None
        for number in numbers:
            change_boxes = changes[number].boxes
            boxes = boxes if change_boxes is None else change_boxes(boxes)
        causes = tuple(changes[number].cause for number in numbers)
        return Trial(causes, pair.distance(boxes), pair.is_equal(boxes))

    baseline = max(pair.distance(pair.have), 1e-9)
    basis = f"{pair.varied} run again on {plural(len(pair.want), 'frame')} with other settings"
    kinds = [change.kind for change in changes]
    return best_guess(kinds, evaluate, baseline, basis, beam=_BEAM)


def silencing_changes(side: RerunSide, pair: BoxPair) -> tuple[Cause, ...]:
    """Changes under which the varied side finds nothing at all."""
    start = _Rerun(side.pipeline.color_override, side.entry)
    found = []
    for change in _rerun_changes(side, pair):
        boxes = None if change.rerun is None else _boxes(side, change.rerun(start))
        if boxes is not None and not any(map(len, boxes)):
            found.append(change.cause)
    return tuple(found)


def _rerun_changes(side: RerunSide, pair: BoxPair) -> Iterator[_Change]:
    entry, varied = side.entry, pair.varied
    if entry is None:
        cause = cause_of(
            "color_order", "red and blue are swapped", "engine.color", "as told", "swapped", varied
        )
        yield _Change("color_order", cause, lambda one: replace(one, swapped=True), None)
    else:
        for change in setting_changes(entry, entry.size, varied):
            if change.cause is not None:
                yield _Change(change.kind, change.cause, _of_setting(change.setting), None)
        yield from _value_changes(entry, pair)
    decode = side.pipeline.color_override
    for reading in other_readings(side.frames, decode, varied):
        yield _Change(reading.cause.kind, reading.cause, _decoded(reading), None)


def _value_changes(entry: InputEntry, pair: BoxPair) -> Iterator[_Change]:
    """Usual scales, means and deviations: behind a wall they cannot be measured."""
    if entry.dtype == "uint8":
        return
    by_255 = entry.scale / 255 if entry.scale > 0.1 else entry.scale * 255
    title = "only one side divides pixel values by 255"
    scales = f"scale {entry.scale:.4g}", f"scale {by_255:.4g}"
    cause = cause_of("scale", title, "input.scale", *scales, pair.varied)
    yield _Change("scale", cause, _updated({"scale": by_255}), None)
    values = _BARE if entry.std != (1.0, 1.0, 1.0) else _IMAGENET
    now = f"mean {yaml_text(entry.mean)}, std {yaml_text(entry.std)}"
    then = f"mean {yaml_text(values['mean'])}, std {yaml_text(values['std'])}"
    cause = cause_of("mean_std", "mean and std differ", "input.mean", now, then, pair.varied)
    yield _Change("mean_std", cause, _updated(values), None)


def _decoded(reading: Reading) -> Callable[[_Rerun], _Rerun]:
    return lambda one: replace(one, decode=reading.of(one.decode))


def _updated(values: Mapping[str, object]) -> Callable[[_Rerun], _Rerun]:
    def changed(one: _Rerun) -> _Rerun:
        return one if one.entry is None else replace(one, entry=one.entry.model_copy(update=values))

    return changed


def _of_setting(setting: Callable[[Setting], Setting]) -> Callable[[_Rerun], _Rerun]:
    def changed(one: _Rerun) -> _Rerun:
        if one.entry is None:
            return one
        return replace(one, entry=setting(Setting(one.decode, one.entry)).entry)

    return changed


def _box_changes(pair: BoxPair) -> Iterator[_Change]:
    for change in box_changes(pair):
        yield _Change(change.kind, change.cause, None, change.boxes)


def _boxes(side: RerunSide, rerun: _Rerun) -> FrameBoxes | None:
    """What the changed side finds in the sample frames; None where it cannot run so."""
    frames = [_swapped(one) if rerun.swapped else one for one in side.frames(rerun.decode)]
    if rerun.entry == side.entry:
        return _found(side, side.pipeline, frames)
    try:
        pipeline = load_pipeline(_changed_file(side, rerun.entry), side.taxonomy)
    except EngineError:
        return None
    try:
        return _found(side, pipeline, frames)
    except EngineError:
        return None
    finally:
        pipeline.close()


def _found(side: RerunSide, pipeline: Pipeline, frames: list[Frame]) -> FrameBoxes:
    begin_clip(pipeline, side.clip)
    traces = [trace_frame(pipeline, frame) for frame in frames]
    return tuple(boxes_of(detections_of(trace.detectors[side.detector])) for trace in traces)


def _changed_file(side: RerunSide, entry: InputEntry | None) -> ModelFile[PipelineFile]:
    file = side.pipeline.file
    detectors = [k for k, one in enumerate(file.model.stages) if isinstance(one, DetectorStage)]
    stages = list(file.model.stages)
    position = detectors[side.detector]
    stages[position] = stages[position].model_copy(update={"input": entry})
    return replace(file, model=file.model.model_copy(update={"stages": stages}))


def _swapped(frame: Frame) -> Frame:
    swapped = np.ascontiguousarray(frame.image[:, :, ::-1])
    return Frame(frame.index, frame.pts_s, swapped, frame.color_order)
