"""What happened frame by frame, read from the shards of a run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vbench.errors import RunFolderError
from vbench.metrics.cause_boxes import ScoredBoxes, scored_boxes
from vbench.metrics.cause_scope import gate_scope
from vbench.metrics.frames import counting_detections, frame_outcomes
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.shards import read_detection_blocks, read_match_blocks
from vbench.types import (
    COMPARING,
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
    WholeAnswers,
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
    """Read every shard of a run once; of one clip at a time, what counts of all pipelines.

    Raises:
        RunFolderError: a shard is missing or broken.
    """
    golden_sets = tuple(read_golden_copy(folder, item.name) for item in run.golden_sets)
    by_clip = [
        _clip_evidence(_clip_answers(folder, run, golden_set, clip))
        for golden_set in golden_sets
        for clip in golden_set.clips
    ]
    return Evidence(
        golden_sets, tuple(item for pipeline in zip(*by_clip, strict=True) for item in pipeline)
    )


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


@dataclass(frozen=True, slots=True)
class _Answers:
    """What all pipelines answered on one clip at their operating points."""

    run: Run
    golden_set: GoldenSet
    clip: Clip
    counting: Mapping[str, tuple[Detections, Matches, OperatingPoint]]
    """By pipeline."""
    boxes: dict[str, ScoredBoxes]
    """By pipeline, of those that were asked for."""

    def scored(self, pipeline: PipelineResult) -> ScoredBoxes:
        """What became of each box; looked up once."""
        if pipeline.name not in self.boxes:
            detections, matches, point = self.counting[pipeline.name]
            alone = replace(self.golden_set, clips=(self.clip,))
            answers = (WholeAnswers(detections, matches),)
            self.boxes[pipeline.name] = scored_boxes(alone, answers, point)
        return self.boxes[pipeline.name]

    def focus(self, pipeline: PipelineResult) -> I64:
        """(F,) errors that gates are about which the pipeline did not pass; all gates added."""
        errors = np.zeros(self.clip.facts.n_frames, np.int64)
        for result in self.run.gates:
            place = (result.pipeline, result.golden_set)
            if result.verdict is Verdict.PASS or place != (pipeline.name, self.golden_set.name):
                continue
            before = _baseline_pipeline(self.run, result)
            baseline = None if before is None else self.scored(before)
            scope = gate_scope(self.scored(pipeline), result.gate, baseline)
            if scope is not None:
                errors += np.bincount(scope.frame[scope.error], minlength=len(errors))
        return errors


def _clip_answers(folder: RunFolder, run: Run, golden_set: GoldenSet, clip: Clip) -> _Answers:
    counting = {}
    for pipeline in run.pipelines:
        point = _point_for(pipeline.operating_point, golden_set.taxonomy.names)
        found = _read_counting(folder, pipeline.name, clip.id, point)
        counting[pipeline.name] = (*found, point)
    return _Answers(run, golden_set, clip, counting, {})


def _clip_evidence(answers: _Answers) -> list[ClipEvidence]:
    """One clip, all pipelines in the order of the run."""
    found = []
    for pipeline in answers.run.pipelines:
        counts = frame_outcomes(answers.clip, *answers.counting[pipeline.name])
        found.append(
            ClipEvidence(
                pipeline=pipeline.name,
                golden_set=answers.golden_set.name,
                clip=answers.clip.id,
                tp=counts.tp,
                fp=counts.fp,
                fn=counts.fn,
                focus=answers.focus(pipeline),
            )
        )
    return found


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


def _baseline_pipeline(run: Run, result: GateResult) -> PipelineResult | None:
    """The pipeline of the same run that a gate compares with."""
    if result.gate.form not in COMPARING or result.baseline is None:
        return None
    return next((item for item in run.pipelines if item.name == result.baseline_name), None)


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
