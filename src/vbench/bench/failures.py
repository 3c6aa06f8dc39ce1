"""Pipelines whose engine failed: the others go on without them."""

from __future__ import annotations

from vbench.bench.progress import Progress
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.errors import EngineError
from vbench.types import PipelineFailure


def on_clip(error: EngineError, clip: str) -> EngineError:
    """The error with the clip on which it came, where it names no place in a file."""
    in_file = not error.where.startswith("stage ")
    where = f"{error.where} (clip {clip})" if in_file else f"clip {clip}, {error.where}"
    return EngineError(error.what, where=where, hint=error.hint)


class Failures:
    """What failed so far in a run of some pipelines."""

    def __init__(self, n_pipelines: int, progress: Progress) -> None:
        """Nothing has failed yet."""
        self._n_pipelines = n_pipelines
        self._progress = progress
        self._found: dict[str, PipelineFailure] = {}
        self._last: EngineError | None = None

    @property
    def names(self) -> frozenset[str]:
        """The pipelines that failed."""
        return frozenset(self._found)

    def add(self, file: ModelFile[PipelineFile], error: EngineError) -> None:
        """Note a failure, and tell of it where other pipelines are left."""
        name = file.model.name
        # An address may hold a token from the environment, which is not to be stored.
        what, where, hint = map(file.document.masked, (error.what, error.where, error.hint))
        self._found[name] = PipelineFailure(name, file.model.version, what, where, hint)
        self._last = EngineError(what, where=where, hint=hint)
        if len(self._found) < self._n_pipelines:
            self._progress.note(f"pipeline {name} failed, the others go on: {what}")

    def stop_when_none_is_left(self) -> None:
        """Raise the last EngineError where every pipeline has failed."""
        if self._last is None or len(self._found) < self._n_pipelines:
            return
        *others, last = self._found.values()
        if others:
            for one in others:
                self._progress.note(f"pipeline {one.name} failed: {one.reason}")
            self._progress.note(f"pipeline {last.name} failed too: no pipeline is left")
        raise self._last

    def all(self) -> tuple[PipelineFailure, ...]:
        """Every failure, in the order in which they were found."""
        return tuple(self._found.values())
