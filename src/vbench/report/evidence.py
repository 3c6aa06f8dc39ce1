"""What happened frame by frame, read from the shards of a run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

from vbench.metrics.cause_boxes import ScoredBoxes, scored_boxes
from vbench.metrics.cause_scope import gate_scope, needs_kinds
from vbench.metrics.frames import counting_detections
from vbench.metrics.pool import check_clip
from vbench.metrics.score_counts import (
    N_THRESHOLDS,
    ScoreBins,
    ScoreCounts,
    score_bins,
    score_counts,
    score_histogram,
)
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.shards import read_matched_blocks
from vbench.report.tested import annotated_s
from vbench.types import (
    COMPARING,
    F64,
    I64,
    Block,
    Bool,
    Clip,
    ClipResult,
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

FALSE_ALARM, NOT_COUNTED = -1, -2
"""In place of a row of the truth: matched with none; neither right nor wrong."""
_CLIPS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """N stored detections of some frames of a clip, down to the score floor."""

    detections: Detections
    truth_index: I64
    """(N,) row of the clip's truth that each is matched with, `FALSE_ALARM` or `NOT_COUNTED`.

    That holds at any score up to its own: a match does not depend on detections of lower score.
    """


@dataclass(frozen=True, slots=True)
class ClipEvidence:
    """One pipeline on one clip of F frames, with N detections and M truth boxes.

    At the operating point, but for what says otherwise.
    """

    pipeline: str
    golden_set: str
    clip: str
    tp: I64
    """(F,) objects found."""
    fp: I64
    """(F,) false alarms."""
    fn: I64
    """(F,) objects missed."""
    focus: I64
    """(F,) errors that gates which did not pass are about; summed over those gates."""
    detections: Detections
    """(N,) detections that count."""
    truth_index: I64
    """(N,) row of the clip's truth that each is matched with, or `FALSE_ALARM`."""
    missed: Bool
    """(M,) truth boxes that count and are not found."""
    truth_counts: Bool
    """(M,) truth boxes that can be found or missed."""
    scores: ScoreCounts
    """What would count at other scores."""
    bins: ScoreBins
    """Calibration."""
    pictured: StoredAnswers
    """Everything stored of the frames that were kept as pictures."""


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

    def of(self, pipeline: str, golden_set: str, clip: str) -> ClipEvidence:
        """One pipeline on one clip; raises KeyError for what the run does not have."""
        place = (pipeline, golden_set, clip)
        for item in self.clips:
            if (item.pipeline, item.golden_set, item.clip) == place:
                return item
        raise KeyError(place)

    def of_set(self, pipeline: str, golden_set: str) -> tuple[ClipEvidence, ...]:
        """One pipeline on all clips of a golden set."""
        place = (pipeline, golden_set)
        return tuple(item for item in self.clips if (item.pipeline, item.golden_set) == place)

    def scores(self, pipeline: str, golden_set: str) -> ScoreCounts:
        """Counts at each score of a whole golden set."""
        return reduce(add, (item.scores for item in self.of_set(pipeline, golden_set)))

    def bins(self, pipeline: str, golden_set: str) -> ScoreBins:
        """Calibration of a whole golden set."""
        return reduce(add, (item.bins for item in self.of_set(pipeline, golden_set)))


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
    results = {(clip.golden_set, clip.id): clip for clip in run.clips}
    places = [(golden_set, clip) for golden_set in golden_sets for clip in golden_set.clips]

    def read_clip(place: tuple[GoldenSet, Clip]) -> list[ClipEvidence]:
        golden_set, clip = place
        answers = _clip_answers(folder, run, golden_set, clip)
        return _clip_evidence(answers, results[golden_set.name, clip.id])

    # While the shards of one clip are unpacked, which holds no lock, another one is counted.
    with ThreadPoolExecutor(_CLIPS_AT_ONCE) as pool:
        by_clip = list(pool.map(read_clip, places))
    return Evidence(
        golden_sets, tuple(item for pipeline in zip(*by_clip, strict=True) for item in pipeline)
    )


def frame_boxes(golden_set: GoldenSet, clip: Clip, item: ClipEvidence, frame: int) -> FrameBoxes:
    """What is drawn over one frame of a clip."""
    names = golden_set.taxonomy.names
    truth, found = clip.truth, item.detections
    rows = rows_of_frame(truth.frame_index, frame)
    rows = rows[item.truth_counts[rows]]
    shown = rows_of_frame(found.frame_index, frame)
    return FrameBoxes(
        width_px=clip.facts.width_px,
        height_px=clip.facts.height_px,
        truth_xyxy=truth.boxes_xyxy[rows],
        truth_class=tuple(names[k] for k in truth.class_id[rows]),
        truth_missed=item.missed[rows],
        detection_xyxy=found.boxes_xyxy[shown],
        detection_class=tuple(names[k] for k in found.class_id[shown]),
        detection_score=found.scores[shown],
        detection_false=item.truth_index[shown] == FALSE_ALARM,
    )


def rows_of_frame(frame_index: I64, frame: int) -> I64:
    """Rows of one frame in a table (N,) that is sorted by frame."""
    first, end = np.searchsorted(frame_index, [frame, frame + 1])
    return np.arange(first, end)


def point_for(point: OperatingPoint, golden_set: GoldenSet) -> OperatingPoint:
    """The operating point in the class order of one taxonomy; a lone score holds for any class."""
    known = dict(point.scores)
    values = set(known.values())
    shared = values.pop() if len(values) == 1 else None
    return OperatingPoint(
        point.iou,
        tuple(
            (name, known[name] if shared is None else shared) for name in golden_set.taxonomy.names
        ),
    )


@dataclass(frozen=True, slots=True)
class _PipelineAnswers:
    """What one pipeline answered on one clip."""

    point: OperatingPoint
    detections: Detections
    """Those that count at the operating point."""
    matches: Matches
    """Of these, at the operating IoU."""
    histogram: I64
    """(2, C, 101) of all that are stored; see `score_histogram`."""
    pictured: StoredAnswers


@dataclass(frozen=True, slots=True)
class _Answers:
    """What all pipelines answered on one clip."""

    run: Run
    golden_set: GoldenSet
    clip: Clip
    of: Mapping[str, _PipelineAnswers]
    """By pipeline."""
    boxes: dict[str, ScoredBoxes]
    """By pipeline, of those that were asked for."""

    def scored(self, pipeline: PipelineResult) -> ScoredBoxes:
        """What became of each box; looked up once."""
        if pipeline.name not in self.boxes:
            found = self.of[pipeline.name]
            alone = replace(self.golden_set, clips=(self.clip,))
            answers = (WholeAnswers(found.detections, found.matches),)
            gates = [result.gate for result in self.run.gates if _is_focused(result)]
            self.boxes[pipeline.name] = scored_boxes(
                alone,
                answers,
                found.point,
                keys={key for gate in gates for key, _ in gate.slice},
                with_kinds=any(needs_kinds(gate.metric) for gate in gates),
            )
        return self.boxes[pipeline.name]

    def focus(self, pipeline: PipelineResult) -> I64:
        """(F,) errors that gates are about which the pipeline did not pass; all gates added."""
        errors = np.zeros(self.clip.facts.n_frames, np.int64)
        for result in self.run.gates:
            place = (result.pipeline, result.golden_set)
            if not _is_focused(result) or place != (pipeline.name, self.golden_set.name):
                continue
            before = _baseline_pipeline(self.run, result)
            baseline = None if before is None else self.scored(before)
            scope = gate_scope(self.scored(pipeline), result.gate, baseline)
            if scope is not None:
                errors += np.bincount(scope.frame[scope.error], minlength=len(errors))
        return errors


def _clip_answers(folder: RunFolder, run: Run, golden_set: GoldenSet, clip: Clip) -> _Answers:
    pictured = pictured_frames(folder, clip.id)
    of = {}
    for pipeline in run.pipelines:
        point = point_for(pipeline.operating_point, golden_set)
        of[pipeline.name] = _read_answers(folder, pipeline.name, clip, point, pictured)
    return _Answers(run, golden_set, clip, of, {})


def pictured_frames(folder: RunFolder, clip: str) -> I64:
    """Frames of a clip that were kept as pictures, ascending."""
    kept = folder.picture(clip, 0).parent.glob("*.jpg")
    return np.array(sorted(int(path.stem) for path in kept if path.stem.isdecimal()), np.int64)


def _clip_evidence(answers: _Answers, result: ClipResult) -> list[ClipEvidence]:
    """One clip, all pipelines in the order of the run."""
    clip, truth = answers.clip, answers.clip.truth
    made = []
    for pipeline in answers.run.pipelines:
        found = answers.of[pipeline.name]
        detections, counts = found.detections, found.matches.truth_counts
        truth_index = found.matches.truth_index[0].astype(np.int64)
        hit = truth_index >= 0
        missed = counts.copy()
        missed[truth_index[hit]] = False
        made.append(
            ClipEvidence(
                pipeline=pipeline.name,
                golden_set=answers.golden_set.name,
                clip=clip.id,
                tp=_per_frame(clip, detections.frame_index[hit]),
                fp=_per_frame(clip, detections.frame_index[~hit]),
                fn=_per_frame(clip, truth.frame_index[missed]),
                focus=answers.focus(pipeline),
                detections=detections,
                truth_index=truth_index,
                missed=missed,
                truth_counts=counts,
                scores=score_counts(
                    found.histogram,
                    truth.class_id[counts],
                    clip.exhaustive,
                    result.n_frames_annotated,
                    annotated_s(result),
                ),
                bins=score_bins(detections.scores, detections.class_id, hit, clip.exhaustive),
                pictured=found.pictured,
            )
        )
    return made


def _per_frame(clip: Clip, frame_index: I64) -> I64:
    return np.bincount(frame_index, minlength=clip.facts.n_frames).astype(np.int64)


def _read_answers(
    folder: RunFolder, pipeline: str, clip: Clip, point: OperatingPoint, pictured: I64
) -> _PipelineAnswers:
    """Read the shards of one pipeline and clip, block by block.

    They hold many times more than what counts at the operating point, down to the score floor.
    """
    n_classes = len(clip.exhaustive)
    histogram = np.zeros((2, n_classes, N_THRESHOLDS), np.int64)
    counting, shown = [], []
    for block in read_matched_blocks(
        folder.detections(pipeline, clip.id), folder.matches(pipeline, clip.id), point.iou
    ):
        found, matches = block
        check_clip(clip, found, matches)
        counting.append(_taken(block, counting_detections(found, matches, point)))
        judged = ~matches.ignored[0]
        histogram += score_histogram(
            found.scores[judged],
            found.class_id[judged],
            matches.truth_index[0, judged] >= 0,
            n_classes,
        )
        shown.append(_taken(block, np.isin(found.frame_index, pictured)))
    detections, matches = _joined(counting)
    return _PipelineAnswers(point, detections, matches, histogram, stored_answers(shown))


def stored_answers(blocks: Sequence[Block]) -> StoredAnswers:
    """Blocks of detections with their matches at one IoU threshold as one table."""
    detections, matches = _joined(blocks)
    of_truth = matches.truth_index[0].astype(np.int64)
    return StoredAnswers(detections, np.where(matches.ignored[0], NOT_COUNTED, of_truth))


def _taken(block: Block, rows: Bool) -> Block:
    detections, matches = block
    return detections.take(rows), Matches(
        iou_thresholds=matches.iou_thresholds,
        truth_index=matches.truth_index[:, rows],
        iou=matches.iou[:, rows],
        ignored=matches.ignored[:, rows],
        truth_counts=matches.truth_counts,
    )


def _joined(blocks: Sequence[Block]) -> Block:
    tables = [matches for _, matches in blocks]
    return Detections.concatenate([detections for detections, _ in blocks]), Matches(
        iou_thresholds=tables[0].iou_thresholds,
        truth_index=np.concatenate([table.truth_index for table in tables], axis=1),
        iou=np.concatenate([table.iou for table in tables], axis=1),
        ignored=np.concatenate([table.ignored for table in tables], axis=1),
        truth_counts=tables[0].truth_counts,
    )


def _is_focused(result: GateResult) -> bool:
    """Whether a gate's errors count in `ClipEvidence.focus`."""
    return result.verdict is not Verdict.PASS


def _baseline_pipeline(run: Run, result: GateResult) -> PipelineResult | None:
    """The pipeline of the same run that a gate compares with."""
    if result.gate.form not in COMPARING or result.baseline is None:
        return None
    return next((item for item in run.pipelines if item.name == result.baseline_name), None)
