"""The errors of every pipeline clip by clip: what the whole section is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.metrics.confusion import taken_for
from vbench.metrics.error_kinds import false_positive_kinds
from vbench.report.evidence import ClipEvidence, Evidence
from vbench.types import I64, Bool, Clip, Detections, GoldenSet, Run


@dataclass(frozen=True, slots=True)
class ClipErrors:
    """K false alarms and m misses of one pipeline on one clip, at its operating point."""

    evidence: ClipEvidence
    false: Detections
    """(K,) false alarms."""
    kind: I64
    """(K,) row of `vbench.metrics.error_kinds.ERROR_KINDS`."""
    near: I64
    """(K,) row of the truth that a localisation or classification error is about, else -1."""
    taken: I64
    """(K,) row of the missed truth that each stands in for in the confusion matrix, or -1."""
    missed: I64
    """(m,) rows of truth that counts and was not found, ascending."""

    @property
    def unseen(self) -> Bool:
        """(M,) missed truth boxes that no localisation or classification error is about."""
        unseen = self.evidence.missed.copy()
        unseen[self.near[self.near >= 0]] = False
        return unseen


@dataclass(frozen=True, slots=True)
class SetErrors:
    """All errors on one golden set."""

    golden_set: GoldenSet
    pipelines: tuple[str, ...]
    by_pipeline: tuple[tuple[ClipErrors, ...], ...]
    """Per pipeline its clips, in the order of the golden set."""

    def of_clip(self, number: int) -> tuple[ClipErrors, ...]:
        """All pipelines on one clip."""
        return tuple(clips[number] for clips in self.by_pipeline)


def find_errors(run: Run, evidence: Evidence) -> tuple[SetErrors, ...]:
    """Tell the kind of every error of a run; one item per golden set, in the order of the run."""
    iou = {item.name: item.operating_point.iou for item in run.pipelines}
    by_place = {(item.pipeline, item.golden_set, item.clip): item for item in evidence.clips}
    names = tuple(item.name for item in run.pipelines)
    return tuple(
        SetErrors(
            golden_set,
            names,
            tuple(
                tuple(
                    clip_errors(clip, by_place[name, golden_set.name, clip.id], iou[name])
                    for clip in golden_set.clips
                )
                for name in names
            ),
        )
        for golden_set in evidence.golden_sets
    )


def clip_errors(clip: Clip, evidence: ClipEvidence, iou: float) -> ClipErrors:
    """The errors of one pipeline on one clip, by the definitions of the metrics.

    Args:
        clip: with its truth.
        evidence: of the same clip.
        iou: the operating IoU.
    """
    false = evidence.detections.take(evidence.truth_index < 0)
    missed = np.flatnonzero(evidence.missed)
    if len(false):
        kind, near = false_positive_kinds(clip, false, evidence.truth_counts, iou)
    else:
        kind, near = np.zeros(0, np.int64), np.zeros(0, np.int64)
    return ClipErrors(evidence, false, kind, near, taken_for(clip, false, missed, iou), missed)
