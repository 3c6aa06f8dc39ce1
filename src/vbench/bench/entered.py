"""Pipelines as they enter a golden set: loaded and tried, or known from an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vbench.bench.cached import CachedAnswers, TrialFacts
from vbench.bench.failures import Failures
from vbench.bench.kernels_ahead import kernels_ahead
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.errors import EngineError
from vbench.pipeline.identity import Identity
from vbench.pipeline.stage_names import needs_frames
from vbench.pipeline.suspicions import suspicions
from vbench.pipeline.thresholds import operating_scores
from vbench.types import Clip, Digest, GoldenSet

if TYPE_CHECKING:
    from vbench.bench.trial import Trial
    from vbench.pipeline.load import Pipeline


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier run of the same inputs left in the cache."""

    cached: CachedAnswers
    identity: Identity
    facts: TrialFacts | None
    """Of loading and trying; None where that was not kept."""


class Entered:
    """A pipeline file on one golden set; its models are loaded when something must run."""

    def __init__(
        self,
        file: ModelFile[PipelineFile],
        golden_set: GoldenSet,
        remembered: Remembered | None,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            file: the pipeline.
            golden_set: whose taxonomy it is loaded for.
            remembered: of an earlier run; None where nothing may be remembered.
        """
        self.file = file
        self.name = file.model.name
        self.needs_frames = needs_frames(file)
        self.remembered = remembered
        self.suspicions: tuple[str, ...] = ()
        """What a trial made of its answers, in words."""
        self._golden_set = golden_set
        self._loaded: Pipeline | None = None
        self._digests: tuple[Digest, ...] | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether its models are loaded."""
        return self._loaded is not None

    def loaded(self) -> Pipeline:
        """The pipeline, loaded and warmed up now if it was not.

        Raises:
            ConfigError: files or classes disagree.
            EngineError: a model cannot be loaded or run.
        """
        if self._loaded is None:
            # With it come the engines' libraries and the kernels; often nothing needs to run.
            from vbench.pipeline.load import load_pipeline

            with kernels_ahead() if self.needs_frames else nullcontext():
                self._loaded = load_pipeline(self.file, self._golden_set.taxonomy)
            self._loaded.check(self._golden_set.clips)
        return self._loaded

    def close(self) -> None:
        """Free the models."""
        if self._loaded is not None:
            self._loaded.close()

    @property
    def engine_text(self) -> str:
        """What really runs, or ran when the answers were kept."""
        if self._loaded is None and self.remembered is not None and self.remembered.facts:
            return self.remembered.facts.engine_text
        return self.loaded().engine_text

    @property
    def missing_classes(self) -> tuple[str, ...]:
        """Classes of the taxonomy that it never finds."""
        if self._loaded is None and self.remembered is not None:
            return self.remembered.identity.missing_classes
        return self.loaded().missing_classes

    def digests(self) -> tuple[Digest, ...]:
        """What the pipeline consists of; of a loaded one, every file is hashed once."""
        if self._loaded is None and self.remembered is not None:
            return self.remembered.identity.digests
        if self._digests is None:
            self._digests = self.loaded().digests(self._golden_set.clips)
        return self._digests

    def is_remembered(self, clips: Iterable[Clip]) -> bool:
        """Whether nothing about these clips needs a model."""
        found = self.remembered
        if found is None or found.facts is None:
            return False
        return all(found.cached.holds(found.identity, clip) for clip in clips)

    def keeps(self) -> Remembered | None:
        """Where answers may be kept; None where its files changed since they were looked at."""
        found = self.remembered
        if found is None or self.digests() != found.identity.digests:
            return None
        return found


def enter(
    files: Iterable[ModelFile[PipelineFile]],
    golden_set: GoldenSet,
    failures: Failures,
    remember: Callable[[ModelFile[PipelineFile]], Remembered | None] | None,
    to_run: Callable[[str], Sequence[Clip]] | None = None,
) -> tuple[Entered, ...]:
    """Load pipelines for a golden set, and try each on one frame of every size.

    Those of which everything is remembered stay unloaded; those that have failed are left out, and
    those that fail now become failures.

    Args:
        files: the pipelines.
        golden_set: what they are to run on.
        failures: told of those that fail.
        remember: what an earlier run left of a pipeline; None where all are to be loaded.
        to_run: the clips that a pipeline of this name has not answered in this run; None for all.

    Raises:
        ConfigError: files or classes disagree.
        EngineError: the last pipeline that was left cannot be loaded or run.
    """
    entered: list[Entered] = []
    with ExitStack() as opened:
        for file in files:
            if file.model.name in failures.names:
                continue
            one = Entered(file, golden_set, None if remember is None else remember(file))
            clips = golden_set.clips if to_run is None else to_run(one.name)
            opened.callback(one.close)
            try:
                if not one.is_remembered(clips):
                    one.loaded()
                entered.append(one)
            except EngineError as error:
                one.close()
                failures.add(file, error)
        failures.stop_when_none_is_left()
        opened.pop_all()
    return tuple(entered)


def try_entered(golden_set: GoldenSet, entered: Iterable[Entered], failures: Failures) -> None:
    """Run pipelines on a few frames with truth, and note what is suspicious about their answers.

    Those that are remembered do not run. Those that fail become failures.

    Raises:
        EngineError: the last pipeline that was left failed.
    """
    trial: Trial | None = None
    for one in entered:
        if not one.needs_frames or one.name in failures.names:
            continue
        remembered = one.remembered
        if not one.is_loaded and remembered is not None and remembered.facts is not None:
            answers = remembered.facts.answers
        else:
            pipeline = one.loaded()
            if not pipeline.needs_frames:
                continue
            try:
                trial = trial or _trial(golden_set)
                answers = trial.answers(pipeline)
            except EngineError as error:
                failures.add(one.file, error)
                continue
            keeps = one.keeps()
            if keeps is not None:
                facts = TrialFacts(pipeline.engine_text, answers)
                keeps.cached.keep_trial(keeps.identity, golden_set, facts)
        taxonomy = golden_set.taxonomy
        found = suspicions(answers, operating_scores(one.file, taxonomy), taxonomy.names)
        one.suspicions = tuple(map(str, found))
    failures.stop_when_none_is_left()


def _trial(golden_set: GoldenSet) -> Trial:
    from vbench.bench.trial import Trial

    return Trial(golden_set)
