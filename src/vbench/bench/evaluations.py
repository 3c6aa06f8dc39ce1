"""Metric rows of stored answers: taken where nothing changed, computed where something did."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from vbench.bench.evaluation_keys import answers_key, golden_key, rows_key
from vbench.bench.held import held
from vbench.bench.kept_evaluation import (
    KeptEvaluation,
    KeptRows,
    kept_from_parts,
    kept_parts,
    read_kept,
    write_kept,
)
from vbench.bench.rules import StoredClip
from vbench.config.benchmark_file import IntervalsEntry
from vbench.errors import RunFolderError
from vbench.metrics.blocks import block_length_of, make_blocks
from vbench.metrics.cause_boxes import ScoredBoxes, scored_boxes
from vbench.metrics.resampled import Evaluated, RowKey, RowSample, row_key
from vbench.metrics.resampling import Resampling
from vbench.metrics.scopes import SliceKeys
from vbench.metrics.statistics import AnswersDigest
from vbench.record.alerts import read_alerts
from vbench.record.detection_cache import DetectionCache
from vbench.record.folder import RunFolder
from vbench.record.shards import read_timings
from vbench.types import Alerts, ClipAnswers, GoldenSet, Metric, OperatingPoint, Timings

Answers: TypeAlias = Callable[[], Sequence[ClipAnswers]]
"""Stored answers per clip, opened when they are asked for."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A pipeline's stored answers, and the name that its rows get."""

    name: str
    folder: RunFolder
    pipeline: str
    """Its name in the folder."""
    point: OperatingPoint

    def stored(self, golden_set: GoldenSet) -> list[StoredClip]:
        """Its answers on a golden set, per clip."""
        return [StoredClip(self.folder, self.pipeline, clip.id) for clip in golden_set.clips]

    def point_on(self, golden_set: GoldenSet) -> OperatingPoint:
        """Its operating point for the classes of a golden set, in taxonomy order."""
        names = golden_set.taxonomy.names
        return OperatingPoint(
            self.point.iou, tuple((name, self.point.score_for(name)) for name in names)
        )


class Evaluation:
    """A pipeline's answers on a golden set, and whatever is known of them."""

    def __init__(self, golden_set: GoldenSet, entrant: Entrant, kept: KeptEvaluation) -> None:
        self.golden_set = golden_set
        """As decoded."""
        self.entrant = entrant
        self.point = entrant.point_on(golden_set)
        self.kept = kept
        """With what was computed since it was read."""

    @property
    def stored(self) -> list[StoredClip]:
        """The answers, per clip."""
        return self.entrant.stored(self.golden_set)

    def block_length(self, answers: Answers) -> int:
        """Of this pipeline alone."""
        if self.kept.length is None:
            self.kept.length = block_length_of(self.golden_set, answers(), self.point)
            self.kept.changed = True
        return self.kept.length

    def rows(
        self,
        answers: Answers,
        slice_keys: Sequence[SliceKeys],
        resampling: Resampling,
        key: str,
        keep: Collection[RowKey],
    ) -> KeptRows:
        """Every metric row, and the samples of those in `keep` at least.

        Args:
            answers: the stored ones; not asked for where nothing is computed.
            slice_keys: what to divide the footage by.
            resampling: how to resample.
            key: of these two.
            keep: rows whose samples will be asked for.
        """
        rows = self.kept.rows
        if rows is None or rows.key != key:
            rows = self._computed(answers, slice_keys, resampling, key, keep)
        elif any(one not in rows.samples for one in keep):
            rows = KeptRows(key, rows.metrics, self._samples(answers, resampling, rows, keep))
        if rows is not self.kept.rows:
            self.kept.rows = rows
            self.kept.changed = True
        return rows

    def answers_digest(self) -> AnswersDigest:
        """What the pipeline answered."""
        if self.kept.answers is None:
            self.kept.answers = _digest_of(self.stored)
            self.kept.changed = True
        return self.kept.answers

    def boxes(self) -> ScoredBoxes:
        """What became of every box at the operating point."""
        if self.kept.boxes is None:
            self.kept.boxes = scored_boxes(self.golden_set, self.stored, self.point)
            self.kept.changed = True
        return self.kept.boxes

    def store(self, detection_cache: DetectionCache | None) -> None:
        """Keep what was computed, in the run folder and for later runs."""
        if not self.kept.changed:
            return
        path = self.entrant.folder.evaluated(self.entrant.pipeline, self.golden_set.name)
        parts = kept_parts(self.kept)
        try:
            write_kept(path, parts)
        except (OSError, RunFolderError):
            # A run is whole without it: it is computed again.
            return
        if detection_cache is not None:
            detection_cache.keep(self.kept.key, parts)
        self.kept.changed = False

    def _computed(
        self,
        answers: Answers,
        slice_keys: Sequence[SliceKeys],
        resampling: Resampling,
        key: str,
        keep: Collection[RowKey],
    ) -> KeptRows:
        from vbench.metrics.evaluate import evaluate_pipeline

        found = evaluate_pipeline(
            self.golden_set,
            self.entrant.name,
            answers(),
            self.point,
            slice_keys,
            self._timings(),
            self._alerts(),
            resampling=resampling,
            keep=keep,
        )
        return KeptRows(key, found.metrics, _in_order(found.metrics, keep, found.samples))

    def _samples(
        self,
        answers: Answers,
        resampling: Resampling,
        rows: KeptRows,
        keep: Collection[RowKey],
    ) -> dict[RowKey, RowSample | None]:
        """The samples that are there, and those that are missing."""
        from vbench.metrics.evaluate import samples_of

        missing = [
            row
            for row in rows.metrics
            if row.value is not None and (one := row_key(row)) in keep and one not in rows.samples
        ]
        found = samples_of(
            missing,
            self.golden_set,
            answers(),
            self.point,
            self._timings(),
            self._alerts(),
            resampling=resampling,
        )
        return {**rows.samples, **_in_order(rows.metrics, set(keep) - {*rows.samples}, found)}

    def _timings(self) -> list[Timings | None]:
        entrant = self.entrant
        return [
            read_timings(entrant.folder.timings(entrant.pipeline, clip.id))
            for clip in self.golden_set.clips
        ]

    def _alerts(self) -> list[Alerts] | None:
        """Alerts per clip; None for a pipeline without rules."""
        entrant, clips = self.entrant, self.golden_set.clips
        found = [read_alerts(entrant.folder.alerts(entrant.pipeline, clip.id)) for clip in clips]
        present = [alerts for alerts in found if alerts is not None]
        return present if len(present) == len(found) else None


def open_evaluations(
    golden_set: GoldenSet, entrants: Sequence[Entrant], detection_cache: DetectionCache | None
) -> list[Evaluation]:
    """What is known of each entrant's answers: in its folder, or from an earlier run."""
    golden = golden_key(golden_set)
    return [
        Evaluation(golden_set, one, _known(golden_set, golden, one, detection_cache))
        for one in entrants
    ]


def evaluate_alike(
    golden_set: GoldenSet,
    evaluations: Sequence[Evaluation],
    slice_keys: Sequence[SliceKeys],
    intervals: IntervalsEntry,
    keep: Collection[RowKey],
) -> list[Evaluated]:
    """Rows of each entrant, under the same resamples: one block length for all.

    Args:
        golden_set: as decoded.
        evaluations: of entrants whose match tables have their operating IoU.
        slice_keys: what to divide the footage by.
        intervals: how to resample.
        keep: rows whose samples will be asked for.
    """
    together = cache(lambda: held([one.stored for one in evaluations]))
    answers = [partial(_one_of, together, place) for place in range(len(evaluations))]
    length = max(one.block_length(of_one) for one, of_one in zip(evaluations, answers, strict=True))
    blocks = make_blocks(golden_set, length)
    resampling = Resampling(
        blocks=blocks,
        n_resamples=intervals.resamples,
        seed=intervals.seed,
        confidence=intervals.confidence,
    )
    key = rows_key(slice_keys, intervals, length)
    found = []
    for one, of_one in zip(evaluations, answers, strict=True):
        rows = one.rows(of_one, slice_keys, resampling, key, keep)
        samples = {name: sample for name, sample in rows.samples.items() if sample is not None}
        found.append(Evaluated(rows.metrics, samples, blocks))
    return found


def _one_of(together: Callable[[], list[list[ClipAnswers]]], place: int) -> list[ClipAnswers]:
    return together()[place]


def _known(
    golden_set: GoldenSet, golden: str, entrant: Entrant, detection_cache: DetectionCache | None
) -> KeptEvaluation:
    folder, pipeline = entrant.folder, entrant.pipeline
    shards = [
        path(pipeline, clip.id)
        for clip in golden_set.clips
        for path in (folder.detections, folder.alerts, folder.timings)
    ]
    key = answers_key(golden, shards, entrant.point_on(golden_set))
    kept = read_kept(folder.evaluated(pipeline, golden_set.name), key, entrant.name, golden_set)
    if kept is None and detection_cache is not None:
        parts = detection_cache.restore(key, {})
        if parts is not None:
            kept = kept_from_parts(parts, key, entrant.name, golden_set)
        if kept is not None and parts is not None:
            _copy(parts, folder.evaluated(pipeline, golden_set.name))
    return kept or KeptEvaluation(key)


def _copy(parts: Mapping[str, bytes], path: Path) -> None:
    """Put what the cache has into the run folder too."""
    try:
        write_kept(path, [*parts.items()])
    except (OSError, RunFolderError):
        # As in `Evaluation.store`.
        return


def _in_order(
    metrics: Sequence[Metric], keep: Collection[RowKey], samples: Mapping[RowKey, RowSample]
) -> dict[RowKey, RowSample | None]:
    """Samples in the order of the rows, so that what is kept is the same byte for byte."""
    wanted = set(keep)
    rows = [one for row in metrics if (one := row_key(row)) in wanted]
    # A gate may name what there is no row of; then that is what is known.
    absent = sorted(wanted.difference(rows), key=repr)
    return {one: samples.get(one) for one in (*rows, *absent)}


def _digest_of(answers: Sequence[StoredClip]) -> AnswersDigest:
    """Digest of everything that a pipeline answered on a golden set."""
    detections, tracks, raised = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for of_clip in answers:
        for block in of_clip.detection_blocks():
            for column in (block.frame_index, block.boxes_xyxy, block.scores, block.class_id):
                detections.update(np.ascontiguousarray(column).data)
            tracks.update(np.ascontiguousarray(block.track_id).data)
        alerts = of_clip.folder.alerts(of_clip.pipeline, of_clip.clip)
        for digest in (detections, tracks):
            digest.update(of_clip.clip.encode())
        # A file that is not there is as one that is empty.
        content = alerts.read_bytes() if alerts.is_file() else b""
        raised.update(hashlib.sha256(content).digest())
    tracks.update(detections.digest())
    return AnswersDigest(detections.hexdigest(), tracks.hexdigest(), raised.hexdigest())
