"""Every metric of every pipeline, resampled alike so that pipelines can be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vbench.bench.baseline import BaselineRun
from vbench.bench.decoded import read_decoded
from vbench.bench.held import held
from vbench.bench.machine_load import machine_difference
from vbench.bench.rules import JudgedPipeline, Rules, StoredClip
from vbench.config.benchmark_file import IntervalsEntry
from vbench.errors import RunFolderError
from vbench.gates.judge import Baseline
from vbench.matching import iou_thresholds_with, match_clip
from vbench.metrics.blocks import block_length_of, make_blocks
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.resampled import Evaluated, RowKey
from vbench.metrics.resampling import Resampling
from vbench.metrics.scopes import SliceKeys
from vbench.metrics.statistics import AnswersDigest, Statistics
from vbench.record.alerts import read_alerts
from vbench.record.baseline import baseline_folder
from vbench.record.folder import RunFolder
from vbench.record.shards import read_detection_blocks, read_timings, write_matches
from vbench.types import COMPARING, Alerts, GoldenSet, Metric, OperatingPoint


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the answers of a pipeline on a golden set are, and how they are read."""

    golden_set: GoldenSet
    """As decoded."""
    answers: tuple[StoredClip, ...]
    """Per clip."""
    point: OperatingPoint
    """For the classes of the golden set, in taxonomy order."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is judged."""

    metrics: tuple[Metric, ...]
    """Rows of the run's own pipelines."""
    stored: Mapping[tuple[str, str], Stored]
    """(pipeline, golden set) -> its answers; an earlier baseline has its long name."""
    baseline: Baseline | None
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class Entrant:
    """A pipeline's stored answers, and the name that its rows get."""

    name: str
    folder: RunFolder
    pipeline: str
    """Its name in the folder."""
    point: OperatingPoint

    def stored(self, golden_set: GoldenSet) -> Stored:
        """Its answers on a golden set."""
        names = golden_set.taxonomy.names
        scores = tuple((name, self.point.score_for(name)) for name in names)
        return Stored(
            golden_set=golden_set,
            answers=tuple(
                StoredClip(self.folder, self.pipeline, clip.id) for clip in golden_set.clips
            ),
            point=OperatingPoint(self.point.iou, scores),
        )


def measure(
    folder: RunFolder,
    golden_sets: Sequence[GoldenSet],
    pipelines: Sequence[JudgedPipeline],
    rules: Rules,
    hardware: tuple[tuple[str, str], ...] = (),
    matched: Collection[str] = (),
) -> Measured:
    """Match and evaluate every pipeline, and an earlier baseline where it can be compared.

    Args:
        folder: of the run; match tables are written into it.
        golden_sets: as decoded.
        pipelines: of the run.
        rules: what the run is judged by.
        hardware: of the run's manifest, beside which an earlier baseline's is held.
        matched: pipelines of the run whose match tables stand as they are.
    """
    own = [Entrant(item.name, folder, item.name, item.point) for item in pipelines]
    earlier = _earlier(folder, rules)
    obstacles = {} if earlier is None else _obstacles(folder, golden_sets, earlier[0], earlier[1])
    metrics: list[Metric] = []
    evaluated: dict[tuple[str, str], Evaluated] = {}
    stored: dict[tuple[str, str], Stored] = {}
    for golden_set in golden_sets:
        compared = [] if earlier is None or golden_set.name in obstacles else [earlier[1]]
        entrants = [*own, *compared]
        for entrant in entrants:
            stored[entrant.name, golden_set.name] = entrant.stored(golden_set)
            if entrant.folder is not folder or entrant.name not in matched:
                _match(golden_set, entrant)
        found = evaluate_alike(
            golden_set, entrants, rules.slice_keys, rules.intervals, _asked(golden_set, rules)
        )
        evaluated.update(((name, golden_set.name), one) for name, one in found.items())
    for item in pipelines:
        for golden_set in golden_sets:
            metrics.extend(evaluated[item.name, golden_set.name].metrics)
    return Measured(
        metrics=tuple(metrics),
        stored=stored,
        baseline=_baseline(rules, metrics, evaluated, obstacles, hardware),
        statistics=Statistics(evaluated.values(), _digests(stored, rules)),
    )


def statistics_text(intervals: IntervalsEntry) -> str:
    """How intervals were made, for the manifest."""
    return (
        f"{intervals.resamples} resamples, seed {intervals.seed},"
        f" {100 * intervals.confidence:g} % intervals"
    )


def evaluate_alike(
    golden_set: GoldenSet,
    entrants: Sequence[Entrant],
    slice_keys: Sequence[SliceKeys],
    intervals: IntervalsEntry,
    keep: Collection[RowKey],
) -> dict[str, Evaluated]:
    """Rows of each entrant by its name, under the same resamples: one block length for all.

    Args:
        golden_set: as decoded.
        entrants: whose match tables have their operating IoU.
        slice_keys: what to divide the footage by.
        intervals: how to resample.
        keep: rows whose samples will be asked for.
    """
    stored = [entrant.stored(golden_set) for entrant in entrants]
    answers = held([one.answers for one in stored])
    length = max(
        block_length_of(golden_set, of_pipeline, one.point)
        for of_pipeline, one in zip(answers, stored, strict=True)
    )
    resampling = Resampling(
        blocks=make_blocks(golden_set, length),
        n_resamples=intervals.resamples,
        seed=intervals.seed,
        confidence=intervals.confidence,
    )
    return {
        entrant.name: evaluate_pipeline(
            golden_set,
            entrant.name,
            of_pipeline,
            one.point,
            slice_keys,
            [
                read_timings(entrant.folder.timings(entrant.pipeline, clip.id))
                for clip in golden_set.clips
            ],
            _alerts(entrant, golden_set),
            resampling=resampling,
            keep=keep,
        )
        for entrant, of_pipeline, one in zip(entrants, answers, stored, strict=True)
    }


def _asked(golden_set: GoldenSet, rules: Rules) -> set[RowKey]:
    """The rows that gates look at."""
    return {
        (gate.metric, gate.class_name, gate.clip, tuple(sorted(gate.slice)))
        for gate in rules.gates
        if gate.golden_set in (None, golden_set.name)
    }


def _match(golden_set: GoldenSet, entrant: Entrant) -> None:
    thresholds = iou_thresholds_with(entrant.point.iou)
    for clip in golden_set.clips:
        blocks = read_detection_blocks(entrant.folder.detections(entrant.pipeline, clip.id))
        write_matches(
            entrant.folder.matches(entrant.pipeline, clip.id),
            (match_clip(clip, block, thresholds) for block in blocks),
        )


def _digests(
    stored: Mapping[tuple[str, str], Stored], rules: Rules
) -> dict[tuple[str, str], AnswersDigest]:
    """What each pipeline answered on each golden set; nothing where no gate compares."""
    if not any(gate.form in COMPARING for gate in rules.gates):
        return {}
    return {at: _digest(one) for at, one in stored.items()}


def _digest(stored: Stored) -> AnswersDigest:
    """Digest of everything that a pipeline answered on a golden set."""
    detections, tracks, raised = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for answers in stored.answers:
        for block in answers.detection_blocks():
            for column in (block.frame_index, block.boxes_xyxy, block.scores, block.class_id):
                detections.update(np.ascontiguousarray(column).data)
            tracks.update(np.ascontiguousarray(block.track_id).data)
        alerts = answers.folder.alerts(answers.pipeline, answers.clip)
        for digest in (detections, tracks):
            digest.update(answers.clip.encode())
        # A file that is not there is as one that is empty.
        content = alerts.read_bytes() if alerts.is_file() else b""
        raised.update(hashlib.sha256(content).digest())
    tracks.update(detections.digest())
    return AnswersDigest(detections.hexdigest(), tracks.hexdigest(), raised.hexdigest())


def _alerts(entrant: Entrant, golden_set: GoldenSet) -> list[Alerts] | None:
    """Alerts per clip; None for a pipeline without rules."""
    found = [
        read_alerts(entrant.folder.alerts(entrant.pipeline, clip.id)) for clip in golden_set.clips
    ]
    present = [alerts for alerts in found if alerts is not None]
    return present if len(present) == len(found) else None


def _earlier(folder: RunFolder, rules: Rules) -> tuple[BaselineRun, Entrant] | None:
    """The earlier run's pipeline, with its answers in the copy that this run keeps."""
    baseline = rules.baseline
    if not isinstance(baseline, BaselineRun):
        return None
    item = next(one for one in baseline.run.pipelines if one.name == baseline.pipeline)
    kept = baseline_folder(folder)
    point = replace(item.operating_point, iou=rules.iou)
    return baseline, Entrant(baseline.name, kept, baseline.pipeline, point)


def _obstacles(
    folder: RunFolder, golden_sets: Sequence[GoldenSet], baseline: BaselineRun, entrant: Entrant
) -> dict[str, str]:
    """Golden set -> why the baseline's answers cannot be compared on it."""
    digests = {one.name: one.digest for one in baseline.run.golden_sets}
    found = {}
    for golden_set in golden_sets:
        reason = ""
        if golden_set.name not in digests:
            reason = f"{baseline.name} was not run on it"
        elif digests[golden_set.name] != golden_set.digest:
            reason = f"it has changed since {baseline.name}: other clips, truth or classes"
        elif not entrant.folder.run_json.is_file():
            reason = f"the detections of {baseline.name} were not kept"
        else:
            reason = _other_frames(folder, golden_set, entrant)
        if reason:
            found[golden_set.name] = reason
    return found


def _other_frames(folder: RunFolder, golden_set: GoldenSet, entrant: Entrant) -> str:
    for clip in golden_set.clips:
        now, then = read_decoded(folder, clip.id), read_decoded(entrant.folder, clip.id)
        if now is None or then is None:
            raise RunFolderError(
                f"clip {clip.id} is not complete", where=str(folder.path), hint="run it again"
            )
        if now.missing_frames != then.missing_frames:
            return f"other frames of clip {clip.id} could be decoded by {entrant.name}"
    return ""


def _baseline(
    rules: Rules,
    metrics: Sequence[Metric],
    evaluated: Mapping[tuple[str, str], Evaluated],
    obstacles: Mapping[str, str],
    hardware: tuple[tuple[str, str], ...],
) -> Baseline | None:
    baseline = rules.baseline
    if baseline is None:
        return None
    if isinstance(baseline, str):
        rows = tuple(metric for metric in metrics if metric.pipeline == baseline)
        return Baseline(baseline, baseline, rows)
    rows = tuple(
        metric
        for (name, _), one in evaluated.items()
        if name == baseline.name
        for metric in one.metrics
    )
    other_machine = machine_difference(baseline.run.manifest.hardware, hardware)
    return Baseline(baseline.name, None, rows, obstacles, other_machine)
