"""What happened frame by frame, read from the shards of a run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vbench.errors import RunFolderError
from vbench.metrics.frames import counting_detections, frame_outcomes
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.shards import read_detection_blocks, read_match_blocks
from vbench.types import (
    F64,
    I64,
    Bool,
    Clip,
    Detections,
    GateResult,
    GoldenSet,
    Matches,
    OperatingPoint,
    PipelineResult,
    Run,
    Verdict,
)

_MISSES = frozenset({"recall", "fn", "frame_recall"})
_FALSE_ALARMS = frozenset(
    {"precision", "fp", "fp_per_frame", "fp_per_camera_hour", "frame_precision", "frame_fpr"}
)


@dataclass(frozen=True, slots=True)
class BoxOutcomes:
    """What became of each box of one clip at the operating point."""

    found: Bool
    """(N,) detections matched with truth that counts."""
    false: Bool
    """(N,) detections matched with nothing."""
    missed: Bool
    """(M,) truth boxes that count and were not found."""


@dataclass(frozen=True, slots=True)
class ClipEvidence:
    """One pipeline on one clip; all columns (F,) per frame at the operating point."""

    pipeline: str
    golden_set: str
    clip: str
    tp: I64
    fp: I64
    fn: I64
    focus: I64
    """Errors that gates which did not pass are about; summed over those gates."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All clips of all pipelines, pipelines and clips in the order of the run."""

    golden_sets: tuple[GoldenSet, ...]
    clips: tuple[ClipEvidence, ...]

    def clip(self, golden_set: str, clip: str) -> Clip:
        """A clip with its truth; raises KeyError for one that the run does not have."""
        for item in self.golden_sets:
            if item.name == golden_set:
                for one in item.clips:
                    if one.id == clip:
                        return one
        raise KeyError((golden_set, clip))


@dataclass(frozen=True, slots=True)
class FrameBoxes:
    """What is drawn over one frame; boxes in pixels of the source frame."""

    width_px: int
    height_px: int
    truth_xyxy: F64
    truth_class: tuple[str, ...]
    truth_missed: Bool
    """(M,) True: nobody found it; False: found. Truth that does not count is left out."""
    detection_xyxy: F64
    detection_class: tuple[str, ...]
    detection_score: F64
    detection_false: Bool
    """(N,) True: matched with nothing; False: matched. What does not count is left out."""


def read_evidence(folder: RunFolder, run: Run) -> Evidence:
    """Read every shard of a run once; one clip of one pipeline is in memory at a time.

    Raises:
        RunFolderError: a shard is missing or broken.
    """
    golden_sets = tuple(read_golden_copy(folder, item.name) for item in run.golden_sets)
    found = []
    for pipeline in run.pipelines:
        failing = [
            result
            for result in run.gates
            if result.pipeline == pipeline.name and result.verdict is not Verdict.PASS
        ]
        for golden_set in golden_sets:
            here = [result for result in failing if result.golden_set == golden_set.name]
            for clip in golden_set.clips:
                found.append(_clip_evidence(folder, pipeline, golden_set, clip, here))
    return Evidence(golden_sets, tuple(found))


def read_frame_boxes(
    folder: RunFolder,
    golden_set: GoldenSet,
    clip: Clip,
    pipeline: PipelineResult,
    frames: Sequence[int],
) -> Mapping[int, FrameBoxes]:
    """Boxes of some frames of one clip, by frame index. Raises RunFolderError as above."""
    names = golden_set.taxonomy.names
    point = _point_for(pipeline.operating_point, names)
    detections, matches = _read_counting(folder, pipeline.name, clip.id, point)
    outcomes = box_outcomes(detections, matches, point)
    return {
        frame: _frame_boxes(clip, detections, matches, outcomes, names, frame) for frame in frames
    }


def box_outcomes(
    detections: Detections, matches: Matches, operating_point: OperatingPoint
) -> BoxOutcomes:
    """Found, false and missed boxes of one clip: the rows behind `frame_outcomes`."""
    counting = counting_detections(detections, matches, operating_point)
    truth_index = matches.truth_index[matches.row(operating_point.iou)]
    found = counting & (truth_index >= 0)
    missed = matches.truth_counts.copy()
    missed[truth_index[found]] = False
    return BoxOutcomes(found=found, false=counting & (truth_index < 0), missed=missed)


def _clip_evidence(
    folder: RunFolder,
    pipeline: PipelineResult,
    golden_set: GoldenSet,
    clip: Clip,
    failing: Sequence[GateResult],
) -> ClipEvidence:
    point = _point_for(pipeline.operating_point, golden_set.taxonomy.names)
    detections, matches = _read_counting(folder, pipeline.name, clip.id, point)
    counts = frame_outcomes(clip, detections, matches, point)
    focus = np.zeros(clip.facts.n_frames, np.int64)
    relevant = [result for result in failing if _concerns(result, golden_set, clip)]
    if relevant:
        outcomes = box_outcomes(detections, matches, point)
        for result in relevant:
            focus += _gate_errors(result, golden_set, clip, detections, outcomes)
    return ClipEvidence(
        pipeline=pipeline.name,
        golden_set=golden_set.name,
        clip=clip.id,
        tp=counts.tp,
        fp=counts.fp,
        fn=counts.fn,
        focus=focus,
    )


def _read_counting(
    folder: RunFolder, pipeline: str, clip: str, point: OperatingPoint
) -> tuple[Detections, Matches]:
    """The detections that count at the operating point, with their matches at its IoU.

    Shards hold many times more, down to the score floor: they are read block by block.
    """
    detections, truth_index, iou = [], [], []
    matches: Matches | None = None
    for found, matches in zip(
        read_detection_blocks(folder.detections(pipeline, clip)),
        read_match_blocks(folder.matches(pipeline, clip)),
        strict=True,
    ):
        counting = counting_detections(found, matches, point)
        row = matches.row(point.iou)
        detections.append(found.take(counting))
        truth_index.append(matches.truth_index[row : row + 1, counting])
        iou.append(matches.iou[row : row + 1, counting])
    if matches is None:
        raise RunFolderError(
            "holds no matches",
            where=str(folder.matches(pipeline, clip)),
            hint="run the benchmark again",
        )
    index = np.concatenate(truth_index, axis=1)
    return Detections.concatenate(detections), Matches(
        iou_thresholds=np.array([point.iou]),
        truth_index=index,
        iou=np.concatenate(iou, axis=1),
        ignored=np.zeros(index.shape, np.bool_),
        truth_counts=matches.truth_counts,
    )


def _point_for(point: OperatingPoint, names: Sequence[str]) -> OperatingPoint:
    """The operating point in the class order of one taxonomy; a lone score holds for any class."""
    known = dict(point.scores)
    values = set(known.values())
    shared = values.pop() if len(values) == 1 else None
    return OperatingPoint(
        point.iou,
        tuple((name, known[name] if shared is None else shared) for name in names),
    )


def _concerns(result: GateResult, golden_set: GoldenSet, clip: Clip) -> bool:
    """Whether a gate is about this clip; keys that are no clip tags (size) concern every clip."""
    gate = result.gate
    if gate.metric.startswith(("latency", "throughput")) or gate.clip not in (None, clip.id):
        return False
    clip_keys = {key for item in golden_set.clips for key, _ in item.tags}
    return all(key not in clip_keys or clip.tag(key) == value for key, value in gate.slice)


def _gate_errors(
    result: GateResult,
    golden_set: GoldenSet,
    clip: Clip,
    detections: Detections,
    outcomes: BoxOutcomes,
) -> I64:
    """(F,) errors of the kind and class that a gate is about."""
    gate, names = result.gate, golden_set.taxonomy.names
    false, missed = outcomes.false, outcomes.missed
    if gate.class_name in names:
        class_id = names.index(str(gate.class_name))
        false = false & (detections.class_id == class_id)
        missed = missed & (clip.truth.class_id == class_id)
    n_frames = clip.facts.n_frames
    errors = np.zeros(n_frames, np.int64)
    if gate.metric not in _FALSE_ALARMS:
        errors += np.bincount(clip.truth.frame_index[missed], minlength=n_frames)
    if gate.metric not in _MISSES:
        errors += np.bincount(detections.frame_index[false], minlength=n_frames)
    return errors


def _frame_boxes(
    clip: Clip,
    detections: Detections,
    matches: Matches,
    outcomes: BoxOutcomes,
    names: Sequence[str],
    frame: int,
) -> FrameBoxes:
    truth = clip.truth
    rows = np.flatnonzero((truth.frame_index == frame) & matches.truth_counts)
    shown = np.flatnonzero((detections.frame_index == frame) & (outcomes.found | outcomes.false))
    return FrameBoxes(
        width_px=clip.facts.width_px,
        height_px=clip.facts.height_px,
        truth_xyxy=truth.boxes_xyxy[rows],
        truth_class=tuple(names[k] for k in truth.class_id[rows]),
        truth_missed=outcomes.missed[rows],
        detection_xyxy=detections.boxes_xyxy[shown],
        detection_class=tuple(names[k] for k in detections.class_id[shown]),
        detection_score=detections.scores[shown],
        detection_false=outcomes.false[shown],
    )
