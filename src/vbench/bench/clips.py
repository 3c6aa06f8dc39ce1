"""The clips of one golden set, answered by every pipeline: from the cache, resumed, or run."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from vbench.bench.decoded import NOT_DECODED, DecodedClip, read_decoded, write_decoded
from vbench.bench.entered import Entered
from vbench.bench.failures import Failures
from vbench.bench.machine_load import LoadMeter
from vbench.bench.options import RunOptions
from vbench.bench.progress import Progress
from vbench.bench.sections import n_sampled
from vbench.errors import EngineError, MediaError
from vbench.record.folder import RunFolder
from vbench.types import Clip, GoldenSet, MachineLoad

if TYPE_CHECKING:
    from vbench.bench.infer import AnsweredClip, Inference

CHANGED_MEDIA = "its media are not those of golden.lock; --allow-damaged let them pass"


@dataclass(frozen=True, slots=True)
class _Todo:
    """A clip that is not complete."""

    clip: Clip
    to_run: tuple[Entered, ...]
    """Pipelines whose answers are neither in the run folder nor in the cache."""
    known: Mapping[str, DecodedClip]
    """What decoding told those whose answers the cache had."""
    before: DecodedClip | None
    """What it told those whose answers the run folder had."""


@dataclass(frozen=True, slots=True)
class _Timed:
    """What taking times of the first clips told."""

    pipelines: Sequence[tuple[str, ...]]
    """For each clip, those that are to run on it."""
    failed: Sequence[Mapping[str, EngineError]]
    """For each clip, those that failed on its first frames; later clips go without them."""
    load: MachineLoad | None
    elapsed_s: float
    damage: MediaError | None
    """Of the clip behind these."""


class GoldenSetClips:
    """Completes the clips of one golden set."""

    def __init__(
        self,
        golden_set: GoldenSet,
        entered: Sequence[Entered],
        folder: RunFolder,
        options: RunOptions,
        *,
        n_warmup: int,
        changed: Collection[str],
        failures: Failures,
        progress: Progress,
    ) -> None:
        """Nothing runs yet.

        Args:
            golden_set: whose clips.
            entered: the pipelines.
            folder: of the run.
            options: of the run.
            n_warmup: frames at a clip's start that count in no time.
            changed: clips whose media are not those of the lock.
            failures: told of pipelines that fail.
            progress: told of every frame.
        """
        self._golden_set = golden_set
        self._entered = entered
        self._folder = folder
        self._options = options
        self._n_warmup = n_warmup
        self._changed = changed
        self._failures = failures
        self._progress = progress

    @cached_property
    def _inference(self) -> Inference:
        # With it come decoders and kernels; often nothing needs to run.
        from vbench.bench.infer import Inference

        return Inference(
            self._folder,
            self._golden_set.taxonomy.names,
            self._progress,
            n_clips=len(self._golden_set.clips),
            n_warmup=self._n_warmup,
            measure=self._options.measure,
            allow_damaged=self._options.allow_damaged,
        )

    def complete(self) -> None:
        """Have every pipeline answer every clip that it has not answered yet.

        Raises:
            EngineError: the last pipeline that was left failed.
            MediaError: a clip cannot be decoded.
        """
        todo = [one for clip in self._golden_set.clips if (one := self._todo(clip)) is not None]
        if self._options.n_jobs > 1 and len(todo) > 1:
            self._run_side_by_side(todo)
            return
        for one in todo:
            self._progress.clip(one.clip.id)
            pipelines = [item.loaded() for item in self._not_failed(one.to_run)]
            self._end(one, self._inference.run(one.clip, pipelines))
            self._failures.stop_when_none_is_left()

    def _todo(self, clip: Clip) -> _Todo | None:
        """What is left to run of a clip; None where nothing is: then it is complete."""
        left = self._not_failed(self._entered)
        before = read_decoded(self._folder, clip.id)
        if before is not None and (self._options.allow_damaged or before.damaged is None):
            # What failed before the run was killed is tried again.
            left = [one for one in left if not has_answers(self._folder, one.name, clip)]
        else:
            before = None
        restored = {one.name: self._restored(clip, one) for one in left}
        todo = _Todo(
            clip=clip,
            to_run=tuple(one for one in left if restored[one.name] is None),
            known={name: one for name, one in restored.items() if one is not None},
            before=before,
        )
        if todo.to_run:
            return todo
        self._progress.advance(clip.facts.n_frames)
        if todo.known:
            self._write(todo, {})
        return None

    def _restored(self, clip: Clip, one: Entered) -> DecodedClip | None:
        found = one.remembered
        if found is None:
            return None
        restored = found.cached.restore(self._folder, one.name, found.identity, clip)
        if restored is None:
            return None
        return replace(restored.decoded, measured_at=restored.measured_at)

    def _run_side_by_side(self, todo: Sequence[_Todo]) -> None:
        """Clips in processes of their own; times are taken before, by this one alone."""
        from vbench.bench.jobs import run_jobs
        from vbench.bench.worker import ClipJob, WorkerSetup

        timed = self._take_times(todo)
        jobs = [
            ClipJob(one.clip.id, names) for one, names in zip(todo, timed.pipelines, strict=False)
        ]
        names = {name for job in jobs for name in job.pipelines}
        setup = WorkerSetup(
            folder=self._folder,
            files=tuple(one.file for one in self._entered if one.name in names),
            golden_set=self._golden_set,
            n_warmup=self._n_warmup,
            allow_damaged=self._options.allow_damaged,
            n_processes=min(self._options.n_jobs, max(1, len(jobs))),
        )
        self._progress.clip(f"{setup.n_processes} processes")
        answered: dict[int, AnsweredClip] = {}

        def done(position: int, found: AnsweredClip) -> list[str]:
            found = found.without(timed.failed[position])
            answered[position] = found.timed(timed.load, timed.elapsed_s / len(jobs))
            self._end(todo[position], answered[position], tell=False)
            return [name for one in answered.values() for name in one.failed]

        try:
            run_jobs(setup, self._options.n_jobs, jobs, self._progress, done)
        finally:
            # Told in the order of clips, whichever came first.
            for position in sorted(answered):
                self._tell(answered[position].failed)
        self._failures.stop_when_none_is_left()
        if timed.damage is not None:
            raise timed.damage

    def _take_times(self, todo: Sequence[_Todo]) -> _Timed:
        """Take the times of each clip's first frames, as long as a pipeline is left."""
        meter = LoadMeter()
        meter.start()
        began_s = time.perf_counter()
        pipelines: list[tuple[str, ...]] = []
        failed: list[Mapping[str, EngineError]] = []
        given_up: set[str] = set()
        damage: MediaError | None = None
        for one in todo:
            entered = [item for item in self._not_failed(one.to_run) if item.name not in given_up]
            loaded = [item.loaded() for item in entered]
            live = [pipeline for pipeline in loaded if pipeline.needs_frames]
            self._progress.clip(one.clip.id)
            n_frames = n_sampled(one.clip.facts.n_frames, len(self._golden_set.clips))
            try:
                answered = self._inference.take_times(one.clip, live, n_frames)
            except MediaError as error:
                # Clips before it are answered all the same.
                damage = error
                break
            pipelines.append(tuple(item.name for item in entered))
            failed.append(answered.failed)
            given_up.update(answered.failed)
        return _Timed(pipelines, failed, meter.stop(), time.perf_counter() - began_s, damage)

    def _end(self, todo: _Todo, answered: AnsweredClip, *, tell: bool = True) -> None:
        """Say that a clip is complete, and keep new answers for later runs."""
        for one in todo.to_run:
            keeps = one.keeps() if one.name in answered.decoded else None
            if keeps is not None:
                decoded = answered.decoded[one.name]
                keeps.cached.keep(self._folder, one.name, keeps.identity, todo.clip, decoded)
        if todo.known or answered.decoded:
            self._write(todo, answered.decoded)
        if tell:
            self._tell(answered.failed)

    def _tell(self, failed: Mapping[str, EngineError]) -> None:
        for one in self._entered:
            if one.name in failed and one.name not in self._failures.names:
                self._failures.add(one.file, failed[one.name])

    def _write(self, todo: _Todo, run: Mapping[str, DecodedClip]) -> None:
        """Write down what decoding the clip told, in the order of pipelines."""
        known = {**todo.known, **run}
        parts = [known[one.name] for one in self._entered if one.name in known]
        whole = _united(parts if todo.before is None else [todo.before, *parts])
        notes = whole.notes
        if todo.clip.id in self._changed and CHANGED_MEDIA not in notes:
            notes = (CHANGED_MEDIA, *notes)
        write_decoded(self._folder, todo.clip.id, replace(whole, notes=notes))

    def _not_failed(self, entered: Sequence[Entered]) -> list[Entered]:
        return [one for one in entered if one.name not in self._failures.names]


def has_answers(folder: RunFolder, pipeline: str, clip: Clip) -> bool:
    """Whether a run already has a pipeline's answers on a clip."""
    return folder.decoded(clip.id).is_file() and folder.detections(pipeline, clip.id).is_file()


def _united(parts: Sequence[DecodedClip]) -> DecodedClip:
    """What decoding a clip told, over its pipelines: they differ in how they see colours."""
    decoded = [one for one in parts if one.color != NOT_DECODED] or list(parts)
    colors = (text for one in decoded for text in one.color.split("; "))
    timed = next((one for one in decoded if one.load is not None), decoded[0])
    return replace(timed, color="; ".join(dict.fromkeys(colors)))
