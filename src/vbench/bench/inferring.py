"""Every pipeline on every clip of a benchmark: taken from the cache, resumed, or run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from vbench.bench.cached import CachedAnswers
from vbench.bench.clips import GoldenSetClips, has_answers
from vbench.bench.entered import Entered, Remembered, enter, try_entered
from vbench.bench.failures import Failures
from vbench.bench.options import RunOptions
from vbench.bench.plan import Plan
from vbench.bench.progress import Progress
from vbench.bench.rules import JudgedPipeline
from vbench.bench.this_platform import this_platform
from vbench.bench.unfinished import open_folder
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.pipeline.identity import FileDigests, NotCacheable, identity_of
from vbench.pipeline.thresholds import operating_scores, stored_from
from vbench.record.detection_cache import DetectionCache
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import write_golden_copy
from vbench.types import Clip, Digest, GoldenSet, OperatingPoint


@dataclass(frozen=True, slots=True)
class Inferred:
    """Pipelines whose answers on every clip are in the run folder."""

    pipelines: tuple[JudgedPipeline, ...]
    digests: tuple[Digest, ...]
    """What they consist of."""


def infer_benchmark(
    plan: Plan,
    folder: RunFolder,
    options: RunOptions,
    changed: Collection[str],
    failures: Failures,
    progress: Progress,
    cache: DetectionCache | None,
) -> Inferred:
    """Have every pipeline answer every clip that it has not answered yet.

    The folder is opened only when every pipeline has been checked on every golden set. Pipelines
    whose engine fails are left out, and noted in `failures`.

    Args:
        plan: what to run.
        folder: new, or of an unfinished run of the same plan.
        options: how to run it.
        changed: clips whose media are not those of the lock.
        failures: told of pipelines that fail.
        progress: told of every frame.
        cache: answers of earlier runs; None takes and keeps none.

    Raises:
        ConfigError: files or classes disagree.
        EngineError: the last pipeline that was left failed.
        MediaError: a clip cannot be decoded.
    """
    memory = _Memory(plan, options, changed, progress, cache)
    with ExitStack() as opened:
        entered: list[tuple[Entered, ...]] = []
        for golden_set in plan.golden_sets:
            entered.append(_entered(plan, golden_set, folder, memory, failures, opened))
        digests = {one.name: one for part in entered for item in part for one in item.digests()}
        for one in dict.fromkeys(
            f"pipeline {item.name} {text}"
            for part in entered
            for item in part
            for text in item.suspicions
        ):
            progress.note(one)
        open_folder(plan, folder, options, [*digests.values()])
        progress.begin("running", plan.n_frames)
        for golden_set, part in zip(plan.golden_sets, entered, strict=True):
            write_golden_copy(folder, golden_set)
            GoldenSetClips(
                golden_set,
                part,
                folder,
                options,
                n_warmup=plan.file.model.warmup_frames,
                changed=changed,
                failures=failures,
                progress=progress,
            ).complete()
        progress.end()
        judged = [
            _judged(plan, [one for part in entered for one in part if one.file is file])
            for file in plan.pipelines
            if file.model.name not in failures.names
        ]
        return Inferred(tuple(judged), tuple(digests.values()))


def _entered(
    plan: Plan,
    golden_set: GoldenSet,
    folder: RunFolder,
    memory: _Memory,
    failures: Failures,
    opened: ExitStack,
) -> tuple[Entered, ...]:
    def to_run(pipeline: str) -> list[Clip]:
        return [one for one in golden_set.clips if not has_answers(folder, pipeline, one)]

    entered = enter(
        plan.pipelines, golden_set, failures, lambda file: memory.of(file, golden_set), to_run
    )
    for one in entered:
        opened.callback(one.close)
    try_entered(golden_set, entered, failures)
    return entered


class _Memory:
    """What earlier runs of the same inputs left in the cache."""

    def __init__(
        self,
        plan: Plan,
        options: RunOptions,
        changed: Collection[str],
        progress: Progress,
        cache: DetectionCache | None,
    ) -> None:
        self._progress = progress
        self._changed = frozenset(changed)
        self._told: set[str] = set()
        self._files = FileDigests()
        self._cached: CachedAnswers | None = None
        if cache is not None:
            n_warmup = plan.file.model.warmup_frames
            self._platform = this_platform()
            self._cached = CachedAnswers(
                cache,
                measurement=f"{options.measure}, {n_warmup} warm-up",
                allow_damaged=options.allow_damaged,
            )

    def of(self, file: ModelFile[PipelineFile], golden_set: GoldenSet) -> Remembered | None:
        """What is remembered of a pipeline; None where nothing can be."""
        changed = any(clip.id in self._changed for clip in golden_set.clips)
        if self._cached is None or changed:
            return None
        identity = identity_of(file, golden_set.taxonomy, self._platform, self._files)
        if isinstance(identity, NotCacheable):
            self._tell(file.model.name, identity.reason)
            return None
        facts = self._cached.trial(identity, golden_set)
        return Remembered(self._cached, identity, facts)

    def _tell(self, pipeline: str, reason: str) -> None:
        if reason and pipeline not in self._told:
            self._told.add(pipeline)
            self._progress.note(f"answers of pipeline {pipeline} are not kept for later: {reason}")


def _judged(plan: Plan, entered: Sequence[Entered]) -> JudgedPipeline:
    """One pipeline, entered once per golden set, as it enters the judgement."""
    first = entered[0]
    file = first.file
    scores: dict[str, float] = {}
    for golden_set in plan.golden_sets:
        of_set = operating_scores(file, golden_set.taxonomy).tolist()
        scores.update(zip(golden_set.taxonomy.names, of_set, strict=True))
    point = OperatingPoint(plan.file.model.matching.iou, tuple(scores.items()))
    said = list(dict.fromkeys(text for one in entered for text in one.suspicions))
    if not first.needs_frames:
        said.append("results were replayed: no latency was measured")
    missing = dict.fromkeys(name for one in entered for name in one.missing_classes)
    if missing:
        said.append(f"never finds {', '.join(missing)}: not among its classes")
    return JudgedPipeline(
        name=first.name,
        version=file.model.version,
        engine=first.engine_text,
        settings=file.document.resolved_text(),
        point=point,
        score_floor=stored_from(file),
        notes=tuple(said),
    )
