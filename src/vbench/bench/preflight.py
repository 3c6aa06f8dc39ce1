"""What is checked before the first frame: media against their digests, models against files."""

from __future__ import annotations

from collections.abc import Sequence

from vbench.bench.plan import Plan
from vbench.bench.progress import Progress
from vbench.errors import LockError
from vbench.golden.lock import check_media_digest
from vbench.pipeline.load import Pipeline, load_pipeline
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


def load_pipelines(plan: Plan, golden_set: GoldenSet) -> tuple[Pipeline, ...]:
    """Load every pipeline for the taxonomy of a golden set, and try each once.

    Raises:
        ConfigError: files, classes or shapes disagree.
        EngineError: a model cannot be loaded or run.
    """
    loaded: list[Pipeline] = []
    try:
        for file in plan.pipelines:
            pipeline = load_pipeline(file, golden_set.taxonomy)
            loaded.append(pipeline)
            pipeline.check(golden_set.clips)
    except BaseException:
        close_pipelines(loaded)
        raise
    return tuple(loaded)


def close_pipelines(pipelines: Sequence[Pipeline]) -> None:
    """Free the models."""
    for pipeline in pipelines:
        pipeline.close()
