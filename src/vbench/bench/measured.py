"""Every metric of every pipeline, resampled alike so that pipelines can be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from vbench.bench.baseline import BaselineRun
from vbench.bench.decoded import read_decoded
from vbench.bench.evaluation_keys import matches_key
from vbench.bench.evaluations import Entrant, Evaluation, evaluate_alike, open_evaluations
from vbench.bench.machine_load import machine_difference
from vbench.bench.rules import JudgedPipeline, Rules
from vbench.config.benchmark_file import IntervalsEntry
from vbench.errors import RunFolderError
from vbench.gates.judge import Baseline
from vbench.matching import iou_thresholds_with, match_clip
from vbench.metrics.resampled import Evaluated, RowKey
from vbench.metrics.statistics import AnswersDigest, Statistics
from vbench.record.baseline import baseline_folder
from vbench.record.detection_cache import DetectionCache
from vbench.record.folder import RunFolder
from vbench.record.shards import read_detection_blocks, write_matches
from vbench.types import COMPARING, GoldenSet, Metric

_TABLE = "matches"
"""Part of a cache entry."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is judged."""

    metrics: tuple[Metric, ...]
    """Rows of the run's own pipelines."""
    evaluations: Mapping[tuple[str, str], Evaluation]
    """By pipeline and golden set; an earlier baseline has its long name."""
    baseline: Baseline | None
    statistics: Statistics

    def store(self, cache: DetectionCache | None = None) -> None:
        """Keep what was computed in the run folder, and for later runs."""
        for one in self.evaluations.values():
            one.store(cache)


def measure(
    folder: RunFolder,
    golden_sets: Sequence[GoldenSet],
    pipelines: Sequence[JudgedPipeline],
    rules: Rules,
    hardware: tuple[tuple[str, str], ...] = (),
    matched: Collection[str] = (),
    cache: DetectionCache | None = None,
) -> Measured:
    """Match and evaluate every pipeline, and an earlier baseline where it can be compared.

    What the run folder or the cache has of the very same answers is taken, not computed.

    Args:
        folder: of the run; match tables are written into it.
        golden_sets: as decoded.
        pipelines: of the run.
        rules: what the run is judged by.
        hardware: of the run's manifest, beside which an earlier baseline's is held.
        matched: pipelines of the run whose match tables stand as they are.
        cache: of results of earlier runs.
    """
    own = [Entrant(item.name, folder, item.name, item.point) for item in pipelines]
    earlier = _earlier(folder, rules)
    obstacles = {} if earlier is None else _obstacles(folder, golden_sets, earlier[0], earlier[1])
    metrics: list[Metric] = []
    evaluated: dict[tuple[str, str], Evaluated] = {}
    evaluations: dict[tuple[str, str], Evaluation] = {}
    for golden_set in golden_sets:
        compared = [] if earlier is None or golden_set.name in obstacles else [earlier[1]]
        entrants = [*own, *compared]
        for entrant in entrants:
            if entrant.folder is not folder or entrant.name not in matched:
                _match(golden_set, entrant, cache)
        opened = open_evaluations(golden_set, entrants, cache)
        asked = _asked(golden_set, rules)
        found = evaluate_alike(golden_set, opened, rules.slice_keys, rules.intervals, asked)
        for entrant, one, rows in zip(entrants, opened, found, strict=True):
            evaluations[entrant.name, golden_set.name] = one
            evaluated[entrant.name, golden_set.name] = rows
    for item in pipelines:
        for golden_set in golden_sets:
            metrics.extend(evaluated[item.name, golden_set.name].metrics)
    return Measured(
        metrics=tuple(metrics),
        evaluations=evaluations,
        baseline=_baseline(rules, metrics, evaluated, obstacles, hardware),
        statistics=Statistics(evaluated.values(), _digests(evaluations, rules)),
    )


def statistics_text(intervals: IntervalsEntry) -> str:
    """How intervals were made, for the manifest."""
    return (
        f"{intervals.resamples} resamples, seed {intervals.seed},"
        f" {100 * intervals.confidence:g} % intervals"
    )


def _asked(golden_set: GoldenSet, rules: Rules) -> set[RowKey]:
    """The rows that gates look at."""
    return {
        (gate.metric, gate.class_name, gate.clip, tuple(sorted(gate.slice)))
        for gate in rules.gates
        if gate.golden_set in (None, golden_set.name)
    }


def _match(golden_set: GoldenSet, entrant: Entrant, cache: DetectionCache | None) -> None:
    thresholds = iou_thresholds_with(entrant.point.iou)
    for clip in golden_set.clips:
        detections = entrant.folder.detections(entrant.pipeline, clip.id)
        table = entrant.folder.matches(entrant.pipeline, clip.id)
        key = ""
        if cache is not None:
            key = matches_key(clip, detections, thresholds.tolist())
            if cache.restore(key, {_TABLE: table}) is not None:
                continue
        blocks = read_detection_blocks(detections)
        write_matches(table, (match_clip(clip, block, thresholds) for block in blocks))
        if cache is not None:
            cache.keep(key, [(_TABLE, table)])


def _digests(
    evaluations: Mapping[tuple[str, str], Evaluation], rules: Rules
) -> dict[tuple[str, str], AnswersDigest]:
    """What each pipeline answered on each golden set; nothing where no gate compares."""
    if not any(gate.form in COMPARING for gate in rules.gates):
        return {}
    return {at: one.answers_digest() for at, one in evaluations.items()}


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
