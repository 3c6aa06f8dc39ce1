"""Known regressions planted into stored detections, and which gates noticed them.

The planted versions are judged as a run judges its pipelines: stored, matched, measured under the
same resamples, and compared with the version in which nothing was planted.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import numpy as np

from vbench.bench.gate_rules import today
from vbench.bench.measured import Measured, measure
from vbench.bench.progress import Progress
from vbench.bench.regressions import Aim, Answers, Regression, reference_of, regressions
from vbench.bench.rules import JudgedPipeline, Rules
from vbench.bench.selftest_gates import MARGINS, candidate_gates, not_worse, yaml_line
from vbench.bench.selftest_source import (
    REFERENCE,
    GateGroup,
    Source,
    made_up_source,
    stored_source,
)
from vbench.errors import InputError
from vbench.gates.judge import judge
from vbench.record.alerts import read_alerts, write_alerts
from vbench.record.folder import RunFolder
from vbench.record.shards import read_detections, write_detections
from vbench.types import COMPARING, Clip, Gate, GateResult, GoldenSet, Metric, Verdict

CONTROL = "nothing"
"""The version in which nothing is planted."""

SEED = 20
"""Of what is drawn when a regression is planted."""

_KEPT = ("detections", "alerts", "matches")

_SHOWN: tuple[Aim, ...] = (("recall", ()), ("precision", ()))

_SEVERITY = {Verdict.PASS: 0, Verdict.INCONCLUSIVE: 1, Verdict.FAIL: 2}

GroupResults: TypeAlias = tuple[tuple[str, tuple[GateResult, ...]], ...]
"""Name of a group of gates -> some of its results."""


class Outcome(StrEnum):
    """What became of a planted regression."""

    CAUGHT = "caught"
    """A gate fails."""
    NOTICED = "inconclusive"
    """None fails, but one is inconclusive that passes the unchanged pipeline."""
    MISSED = "not caught"


@dataclass(frozen=True, slots=True)
class Effect:
    """What planting did to a number."""

    before: Metric
    after: Metric

    @property
    def change(self) -> float | None:
        """None where one of the two is undefined."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def loss(self) -> float | None:
        """By how much it got worse; below 0 where it got better."""
        change = self.change
        return None if change is None else -change if self.after.better == "higher" else change


@dataclass(frozen=True, slots=True)
class Planted:
    """A regression and what became of it."""

    name: str
    title: str
    obstacle: str
    """Why it was not planted; empty where it was."""
    effects: tuple[Effect, ...] = ()
    """Recall and precision, then what the regression is about; per golden set."""
    worse: GroupResults = ()
    """Gates whose verdict is worse than on the unchanged pipeline."""
    outcome: Outcome = Outcome.MISSED
    """By the gates that count."""
    suggestion: str = ""
    """A line for `gates` that would catch it; empty where it was caught, or none would."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Whether gates notice known regressions."""

    of: str
    """What the regressions were planted into."""
    groups: tuple[GateGroup, ...]
    planted: tuple[Planted, ...]
    control: GroupResults
    """Gates that the unchanged pipeline does not pass."""
    notes: tuple[str, ...]

    @property
    def broken_control(self) -> tuple[GateResult, ...]:
        """Comparing gates that fail an unchanged pipeline."""
        return tuple(
            result
            for _, results in self.control
            for result in results
            if result.gate.form in COMPARING and result.verdict is Verdict.FAIL
        )

    @property
    def passed(self) -> bool:
        """Whether the control holds and no regression that could be planted got past all gates."""
        outcomes = [one.outcome for one in self.planted if not one.obstacle]
        return bool(outcomes) and Outcome.MISSED not in outcomes and not self.broken_control


def run_selftest(
    run_folder: Path | None, pipeline: str | None, out: Path | None, progress: Progress
) -> SelfTest:
    """Plant known regressions into stored detections and see which gates notice.

    Args:
        run_folder: a finished run, which is not changed; None: a made-up detector's answers on the
            shipped golden set.
        pipeline: of the run; None: the only one, else the baseline, else the first.
        out: a new or empty folder that keeps what was planted; None keeps nothing.
        progress: told what is going on.

    Raises:
        VbenchError: not a finished run, or a part of one; no such pipeline; a folder in the way.
    """
    if run_folder is None and pipeline is not None:
        raise InputError(
            "there is no run to take a pipeline from", where="--pipeline", hint="give a run folder"
        )
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            "exists and is not an empty folder", where=str(out), hint="give --out a new folder"
        )
    with tempfile.TemporaryDirectory(prefix="vbench-selftest-") as scratch:
        folder = RunFolder(Path(scratch))
        progress.begin("planting and judging", 0)
        if run_folder is None:
            source = made_up_source(folder)
        else:
            source = stored_source(run_folder, pipeline, folder)
        found = plant_and_judge(source, folder)
        progress.end()
        if out is not None:
            for part in _KEPT:
                if (folder.path / part).is_dir():
                    shutil.copytree(folder.path / part, out / part)
    return found


def plant_and_judge(source: Source, folder: RunFolder) -> SelfTest:
    """Plant every regression into the reference's answers and judge each version.

    Args:
        source: what is known of the answers, and the gates.
        folder: holds the reference's answers; receives those of all versions, and match tables.
    """
    clips = [(one, clip) for one in source.golden_sets for clip in one.clips]
    known = reference_of((_read(source, folder, *at) for at in clips), source.score_floor)
    found = [
        _plant(source, folder, number, regression)
        for number, regression in enumerate(regressions(known))
    ]
    for golden_set, clip in clips:
        _write(folder, CONTROL, golden_set, _read(source, folder, golden_set, clip))
    planted = [one for one in found if not one.obstacle]
    judging = _Judging(source, _measure(source, folder, planted))
    results = [
        (group, judging.results(group.gates, [CONTROL, *(one.name for one in planted)]))
        for group in source.groups
    ]
    return SelfTest(
        of=source.of,
        groups=source.groups,
        planted=tuple(_told(judging, one, results) for one in found),
        control=tuple(
            (group.name, tuple(one for one in _of(found_, CONTROL) if one.verdict != "pass"))
            for group, found_ in results
        ),
        notes=source.notes,
    )


def _read(source: Source, folder: RunFolder, golden_set: GoldenSet, clip: Clip) -> Answers:
    """The reference's answers on a clip."""
    detections = read_detections(folder.detections(REFERENCE, clip.id))
    least = np.array([source.point.score_for(name) for name in golden_set.taxonomy.names])
    return Answers(
        clip=clip,
        detections=detections,
        alerts=read_alerts(folder.alerts(REFERENCE, clip.id)),
        counts=detections.scores >= least[detections.class_id],
    )


def _write(folder: RunFolder, pipeline: str, golden_set: GoldenSet, answers: Answers) -> None:
    path = folder.detections(pipeline, answers.clip.id)
    write_detections(path, answers.detections, golden_set.taxonomy.names)
    if answers.alerts is not None:
        write_alerts(folder.alerts(pipeline, answers.clip.id), answers.alerts)


def _plant(source: Source, folder: RunFolder, number: int, regression: Regression) -> Regression:
    """Store the planted version; the regression gets an obstacle where it changed nothing."""
    if regression.obstacle:
        return regression
    changed = False
    clips = [(one, clip) for one in source.golden_sets for clip in one.clips]
    for k, (golden_set, clip) in enumerate(clips):
        before = _read(source, folder, golden_set, clip)
        after = regression.plant(before, np.random.default_rng([SEED, number, k]))
        changed = changed or not _is_same(before, after)
        _write(folder, regression.name, golden_set, after)
    if changed:
        return regression
    return replace(regression, obstacle="there is so little of it that nothing changes")


def _is_same(before: Answers, after: Answers) -> bool:
    one, other = before.detections, after.detections
    if len(one) != len(other) or (before.alerts is None) != (after.alerts is None):
        return False
    columns = ("frame_index", "boxes_xyxy", "scores", "class_id", "track_id")
    if not all(np.array_equal(getattr(one, name), getattr(other, name)) for name in columns):
        return False
    if before.alerts is None or after.alerts is None:
        return True
    return np.array_equal(before.alerts.time_s, after.alerts.time_s)


def _measure(source: Source, folder: RunFolder, planted: Sequence[Regression]) -> Measured:
    """Every version under the same resamples, with samples for all gates that may be asked."""
    gates = [gate for group in source.groups for gate in group.gates]
    gates += [not_worse(aim, MARGINS[0]) for one in planted for aim in one.aims]
    return measure(
        folder,
        source.golden_sets,
        [
            JudgedPipeline(name, "", "", "", source.point, source.score_floor, ())
            for name in (REFERENCE, CONTROL, *(one.name for one in planted))
        ],
        Rules(
            iou=source.point.iou,
            slice_keys=source.slice_keys,
            gates=tuple(gates),
            baseline=REFERENCE,
            intervals=source.intervals,
            today=today(),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Judging:
    """Gates applied to measured versions."""

    source: Source
    measured: Measured

    def results(self, gates: Sequence[Gate], versions: Sequence[str]) -> tuple[GateResult, ...]:
        """What gates that are judged together decide."""
        return judge(
            gates,
            self.measured.metrics,
            versions,
            [one.name for one in self.source.golden_sets],
            self.measured.baseline,
            statistics=self.measured.statistics,
            today=today(),
            confidence=self.source.intervals.confidence,
        )

    def effects(self, regression: Regression) -> Iterator[Effect]:
        """What planting did, per golden set."""
        rows: Mapping[tuple[object, ...], Metric] = {
            (row.pipeline, row.golden_set, row.name, row.slice): row
            for row in self.measured.metrics
            if row.class_name is None and row.clip is None
        }
        for aim in dict.fromkeys((*_SHOWN, *regression.aims)):
            for golden_set in self.source.golden_sets:
                before = rows.get((REFERENCE, golden_set.name, *aim))
                after = rows.get((regression.name, golden_set.name, *aim))
                if before is not None and after is not None:
                    yield Effect(before, after)

    def suggestion(self, regression: Regression, effects: Sequence[Effect]) -> str:
        """A gate that fails the planted version and passes the unchanged one, as YAML.

        It is judged among the gates that there are, since they share one correction.
        """
        present = [gate for group in self.source.groups if group.counts for gate in group.gates]
        losses: dict[Aim, float] = {}
        for effect in effects:
            if effect.loss is not None:
                aim = (effect.after.name, effect.after.slice)
                losses[aim] = max(losses.get(aim, 0.0), effect.loss)
        for gate in candidate_gates(regression.aims, losses):
            results = [
                one
                for one in self.results([*present, gate], [CONTROL, regression.name])
                if one.gate is gate
            ]
            failed = any(one.verdict is Verdict.FAIL for one in _of(results, regression.name))
            if failed and all(one.verdict is Verdict.PASS for one in _of(results, CONTROL)):
                return yaml_line(gate)
        return ""


def _of(results: Iterable[GateResult], version: str) -> list[GateResult]:
    return [one for one in results if one.pipeline == version]


def _told(
    judging: _Judging,
    regression: Regression,
    results: Sequence[tuple[GateGroup, tuple[GateResult, ...]]],
) -> Planted:
    """What became of one regression."""
    if regression.obstacle:
        return Planted(regression.name, regression.title, regression.obstacle)
    worse = [(group, tuple(_worse(found, regression.name))) for group, found in results]
    counting = [one for group, found in worse if group.counts for one in found if _stops(one)]
    outcome = Outcome.MISSED
    if counting:
        failed = any(one.verdict is Verdict.FAIL for one in counting)
        outcome = Outcome.CAUGHT if failed else Outcome.NOTICED
    effects = tuple(judging.effects(regression))
    return Planted(
        name=regression.name,
        title=regression.title,
        obstacle="",
        effects=effects,
        worse=tuple((group.name, found) for group, found in worse),
        outcome=outcome,
        suggestion="" if outcome is Outcome.CAUGHT else judging.suggestion(regression, effects),
    )


def _worse(results: Sequence[GateResult], version: str) -> Iterator[GateResult]:
    """Results of a version whose verdict is worse than that of the control, and for a reason.

    A comparing gate may be inconclusive about a number that did not change at all.
    """
    unchanged = {(one.gate, one.golden_set): one.verdict for one in _of(results, CONTROL)}
    for result in _of(results, version):
        before = unchanged[result.gate, result.golden_set]
        if _SEVERITY[result.verdict] > _SEVERITY[before] and _got_worse(result):
            yield result


def _got_worse(result: GateResult) -> bool:
    """Whether the number of a gate is worse than the reference's, or cannot be told to be not."""
    change, observed = result.change, result.observed
    if change is None or observed is None:
        return True
    return change.value < 0 if observed.better == "higher" else change.value > 0


def _stops(result: GateResult) -> bool:
    """Whether the verdict of a pipeline depends on it."""
    return result.gate.level == "error" and not result.in_quarantine
