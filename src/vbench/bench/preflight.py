"""What is checked before the first frame: media against their digests, models against files."""

from __future__ import annotations

from collections.abc import Sequence

from vbench.bench.failures import Failures
from vbench.bench.plan import Plan
from vbench.bench.progress import Progress
from vbench.bench.trial import Trial
from vbench.errors import EngineError, LockError
from vbench.golden.lock import check_media_digest
from vbench.pipeline.load import Pipeline, load_pipeline
from vbench.pipeline.suspicions import Suspicion
from vbench.types import GoldenSet
from vbench.video import file_sha256


def verify_media(plan: Plan, progress: Progress, *, allow_damaged: bool) -> frozenset[str]:
    """Compare every locked clip's bytes with the lock.

    Returns:
        The clips that changed; never any without `allow_damaged`.

    Raises:
        LockError: media changed, and `allow_damaged` is not given.
    """
    changed = []
    for golden_set, clip in plan.clips():
        if not golden_set.locked:
            continue
        try:
            check_media_digest(clip, file_sha256(clip.media))
        except LockError as error:
            if not allow_damaged:
                raise
            progress.note(str(error))
            changed.append(clip.id)
    return frozenset(changed)


def load_pipelines(plan: Plan, golden_set: GoldenSet, failures: Failures) -> tuple[Pipeline, ...]:
    """Load the pipelines for the taxonomy of a golden set, and try each once.

    Those that have failed are left out; those that fail now are added to `failures`.

    Raises:
        ConfigError: files or classes disagree.
        EngineError: the last pipeline that was left cannot be loaded or run.
    """
    loaded: list[Pipeline] = []
    try:
        for file in plan.pipelines:
            if file.model.name not in failures.names:
                try:
                    pipeline = load_pipeline(file, golden_set.taxonomy)
                    loaded.append(pipeline)
                    pipeline.check(golden_set.clips)
                except EngineError as error:
                    failures.add(file, error)
        failures.stop_when_none_is_left()
    except BaseException:
        close_pipelines(loaded)
        raise
    failed = [one for one in loaded if one.name in failures.names]
    close_pipelines(failed)
    return tuple(one for one in loaded if one not in failed)


def try_out(
    golden_set: GoldenSet, pipelines: Sequence[Pipeline], failures: Failures
) -> dict[str, tuple[Suspicion, ...]]:
    """Run pipelines on a few frames with truth; says what is suspicious about each one's answers.

    Those that fail are added to `failures`.

    Raises:
        EngineError: the last pipeline that was left failed.
    """
    trial = Trial(golden_set)
    found: dict[str, tuple[Suspicion, ...]] = {}
    for pipeline in pipelines:
        if pipeline.needs_frames:
            try:
                found[pipeline.name] = trial.suspicions(pipeline)
            except EngineError as error:
                failures.add(pipeline.file, error)
    failures.stop_when_none_is_left()
    return {name: suspicions for name, suspicions in found.items() if suspicions}


def close_pipelines(pipelines: Sequence[Pipeline]) -> None:
    """Free the models."""
    for pipeline in pipelines:
        pipeline.close()
