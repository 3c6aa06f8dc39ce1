"""A process that runs clips for another one, see `vbench.bench.jobs`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import NoReturn, TypeAlias

from vbench.bench.infer import AnsweredClip, Inference
from vbench.bench.progress import NoProgress
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.errors import ExitCode, Interrupted, VbenchError
from vbench.pipeline.load import Pipeline, load_pipeline
from vbench.record.folder import RunFolder
from vbench.types import GoldenSet


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What every clip of a golden set has in common."""

    folder: RunFolder
    files: tuple[ModelFile[PipelineFile], ...]
    golden_set: GoldenSet
    n_warmup: int
    allow_damaged: bool
    n_processes: int


@dataclass(frozen=True, slots=True)
class ClipJob:
    """A clip to be answered by some pipelines."""

    clip: str
    pipelines: tuple[str, ...]


Done: TypeAlias = AnsweredClip | BaseException
"""What became of a job."""
Message: TypeAlias = int | Done
"""From a worker: so many frames more are answered, or a job is done."""


def work(setup: WorkerSetup, jobs: Connection) -> None:
    """Answer one clip after the other, until the other side has no more.

    Runs in a process of its own; its place in the code is where the process begins.
    """
    _follow_parent()
    progress = _Told(jobs)
    inference = Inference(
        setup.folder,
        setup.golden_set.taxonomy.names,
        progress,
        n_clips=len(setup.golden_set.clips),
        n_warmup=setup.n_warmup,
        measure="elsewhere",
        allow_damaged=setup.allow_damaged,
        n_processes=setup.n_processes,
    )
    clips = {clip.id: clip for clip in setup.golden_set.clips}
    loaded = _Loaded(setup)
    try:
        while True:
            job = jobs.recv()
            if not isinstance(job, ClipJob):
                return
            done: Done
            try:
                pipelines = [loaded.pipeline(name) for name in job.pipelines]
                done = inference.run(clips[job.clip], pipelines)
            except Interrupted:
                # Told to end: what was half is dropped.
                return
            except VbenchError as error:
                done = error
            except Exception as error:  # noqa: BLE001 raised again by the one who asked
                error.add_note(traceback.format_exc())
                done = error
            progress.send(done)
    except (EOFError, ConnectionError, Interrupted):
        # The one who asked is gone, or wants no more.
        return
    finally:
        loaded.close()


def _follow_parent() -> None:
    """Let the process that started this one decide when it ends."""
    # Ctrl-C reaches every process of a terminal. It was blocked while this one began.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Interrupted("told to end")


def _end_with_parent() -> None:
    """Not even a slow engine outlives a run that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(ExitCode.INTERRUPTED)


class _Loaded:
    """Pipelines, loaded when first needed."""

    def __init__(self, setup: WorkerSetup) -> None:
        self._files: Mapping[str, ModelFile[PipelineFile]] = {
            file.model.name: file for file in setup.files
        }
        self._golden_set = setup.golden_set
        self._loaded: dict[str, Pipeline] = {}

    def pipeline(self, name: str) -> Pipeline:
        """Raises EngineError, ConfigError."""
        if name not in self._loaded:
            self._loaded[name] = load_pipeline(self._files[name], self._golden_set.taxonomy)
            self._loaded[name].check(self._golden_set.clips)
        return self._loaded[name]

    def close(self) -> None:
        for one in self._loaded.values():
            one.close()


class _Told(NoProgress):
    """Sends progress and answers through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def advance(self, n_frames: int = 1) -> None:
        """Frames are done."""
        self.send(n_frames)

    def send(self, message: Message) -> None:
        """Whole messages only, from whichever thread."""
        with self._lock:
            self._connection.send(message)
