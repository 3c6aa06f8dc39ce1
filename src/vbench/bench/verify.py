"""A run's numbers compared with those of pycocotools and motmetrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vbench.bench.references import (
    DETECTION_METRICS,
    TRACK_METRICS,
    ReferenceKey,
    TrackReference,
    motmetrics_values,
    pycocotools_values,
)
from vbench.bench.stored import StoredAnswers, stored_answers
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.types import Metric, Run

TOLERANCE = 1e-9
"""Ratios are equal within it (pycocotools adds 2e-16 to a denominator); counts are whole."""

Source = Literal["pycocotools", "motmetrics"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number of the run beside that of a reference."""

    pipeline: str
    golden_set: str
    metric: str
    class_name: str | None
    """None: all classes together."""
    source: Source
    ours: float | None
    """None: undefined."""
    reference: float | None
    definition: str
    """The definition in which the two part on this footage; empty where they mean the same."""

    @property
    def equal(self) -> bool:
        """Whether the two are the same number, or both undefined."""
        if self.ours is None or self.reference is None:
            return self.ours is self.reference
        return abs(self.ours - self.reference) <= TOLERANCE

    @property
    def wrong(self) -> bool:
        """Whether they differ and no definition explains it."""
        return not self.equal and not self.definition


@dataclass(frozen=True, slots=True)
class Verification:
    """Everything that was compared."""

    run: Path
    comparisons: tuple[Comparison, ...]
    skipped: tuple[str, ...]
    """What could not be compared, and why."""

    @property
    def differences(self) -> tuple[Comparison, ...]:
        """The comparisons that are not equal."""
        return tuple(item for item in self.comparisons if not item.equal)

    @property
    def ok(self) -> bool:
        """Whether every number is equal or differs by definition, and there was one."""
        return bool(self.comparisons) and not any(item.wrong for item in self.comparisons)


def verify_run(run_folder: Path) -> Verification:
    """Recompute a finished run's numbers on the whole of each golden set.

    Detection numbers come from pycocotools, CLEAR and identity numbers from motmetrics; both read
    the stored detections and truth, not the stored match table, except for which truth boxes and
    tracked detections count. Nothing is written.

    Raises:
        VbenchError: not a finished run, or a part of it is broken.
    """
    folder = RunFolder(run_folder)
    run = read_run(folder)
    comparisons: list[Comparison] = []
    skipped: list[str] = []
    for answers in stored_answers(folder, run):
        pair = f"{answers.pipeline.name} on {answers.golden_set.name}"
        if not any(clip.annotated.any() for clip in answers.golden_set.clips):
            skipped.append(f"{pair}: no annotated frames")
            continue
        rows = _rows(run, answers)
        comparisons += _compared(answers, rows, "pycocotools", pycocotools_values(answers), None)
        no_tracks = rows["mota", None].reason if ("mota", None) in rows else "no such rows"
        if no_tracks is not None:
            skipped.append(f"{pair}: no tracking numbers: {no_tracks}")
            continue
        reference = motmetrics_values(answers)
        comparisons += _compared(answers, rows, "motmetrics", reference.values, reference)
    return Verification(run_folder, tuple(comparisons), tuple(skipped))


def _rows(run: Run, answers: StoredAnswers) -> dict[ReferenceKey, Metric]:
    """The rows about the whole golden set."""
    return {
        (row.name, row.class_name): row
        for row in run.metrics
        if row.pipeline == answers.pipeline.name
        and row.golden_set == answers.golden_set.name
        and row.clip is None
        and row.slice == ()
    }


def _compared(
    answers: StoredAnswers,
    rows: dict[ReferenceKey, Metric],
    source: Source,
    reference: Mapping[ReferenceKey, float | None],
    tracks: TrackReference | None,
) -> Iterator[Comparison]:
    metrics = DETECTION_METRICS if tracks is None else TRACK_METRICS
    for class_name in (None, *answers.golden_set.taxonomy.names):
        for metric in metrics:
            row = rows.get((metric, class_name))
            # Tracking numbers that are undefined here say why; the reference gives 0 or NaN.
            if row is None or (tracks is not None and row.value is None):
                continue
            yield Comparison(
                pipeline=answers.pipeline.name,
                golden_set=answers.golden_set.name,
                metric=metric,
                class_name=class_name,
                source=source,
                ours=row.value,
                reference=reference[metric, class_name],
                definition="" if tracks is None else _definition(metric, tracks),
            )


def _definition(metric: str, tracks: TrackReference) -> str:
    """Where TrackEval's definition of a metric, which is ours, gives another number here."""
    reasons = []
    if metric in ("mostly_tracked", "partially_tracked") and tracks.n_at_limit:
        reasons.append(
            f"{tracks.n_at_limit} tracks are found in exactly 80 % of their frames: mostly tracked"
            " for motmetrics, partially tracked for TrackEval"
        )
    if metric not in ("idf1", "idp", "idr"):
        if tracks.n_resumed:
            reasons.append(
                f"{tracks.n_resumed} pairs come back after a gap: motmetrics keeps them together,"
                " TrackEval only pairs of the frame before"
            )
        if tracks.n_one_sided_frames:
            reasons.append(
                f"{tracks.n_one_sided_frames} frames have only truth or only detections: TrackEval"
                " passes over them, for motmetrics they end a pair"
            )
    return "; ".join(reasons)
