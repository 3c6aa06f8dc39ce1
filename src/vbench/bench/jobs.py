"""Clips side by side in several processes, with the answers that one process would give.

Processes are started afresh, not forked: engines and decoders have threads. Clips are handed out in
their order, one at a time to each process, and what went wrong first in that order is what counts.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from vbench.bench.infer import AnsweredClip
from vbench.bench.progress import Progress
from vbench.bench.worker import ClipJob, WorkerSetup, work
from vbench.errors import EngineError
from vbench.record.folder import remove_abandoned

_GRACE_S = 5.0
"""How long a process that is told to end may take."""


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    connection: Connection
    at_work: int | None = None
    """Position of the job that it is at."""


def run_jobs(
    setup: WorkerSetup,
    n_workers: int,
    jobs: Sequence[ClipJob],
    progress: Progress,
    answered: Callable[[int, AnsweredClip], Sequence[str]],
) -> None:
    """Run every job in one of `n_workers` processes.

    Args:
        setup: what jobs have in common.
        n_workers: processes; no more are started than there are jobs.
        jobs: in the order of clips.
        progress: told of every frame.
        answered: told of each job that is done, by its position; says which pipelines have failed
            by now, which later jobs leave out.

    Raises:
        EngineError: a process was killed, or ended by itself.
        VbenchError: what the first of the jobs that went wrong raised.
    """
    crew = _Workers()
    errors: dict[int, BaseException] = {}
    failed: set[str] = set()
    waiting = list(range(len(jobs)))
    try:
        crew.start(setup, min(n_workers, len(jobs)))
        while True:
            for worker in crew.idle():
                # Jobs before the one that went wrong are under way or done.
                while waiting and not errors:
                    job = _without(jobs[position := waiting.pop(0)], failed)
                    if job.pipelines:
                        crew.hand(worker, position, job)
                        break
            if not crew.busy():
                break
            for worker in crew.heard():
                position, message = crew.receive(worker, jobs)
                if isinstance(message, int):
                    progress.advance(message)
                elif isinstance(message, BaseException):
                    errors[position] = message
                else:
                    failed.update(answered(position, message))
    finally:
        crew.end()
        remove_abandoned(setup.folder.path)
    if errors:
        raise errors[min(errors)]


def _without(job: ClipJob, failed: set[str]) -> ClipJob:
    return ClipJob(job.clip, tuple(name for name in job.pipelines if name not in failed))


class _Workers:
    """Processes and what they are at."""

    def __init__(self) -> None:
        self._workers: list[_Worker] = []

    def start(self, setup: WorkerSetup, n_workers: int) -> None:
        """Start so many; an interrupt leaves those that were started to `end`."""
        context = multiprocessing.get_context("spawn")
        for number in range(n_workers):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=work, args=(setup, theirs), name=f"vbench-{number}", daemon=True
            )
            _start(process)
            theirs.close()
            self._workers.append(_Worker(process, ours))

    def idle(self) -> list[_Worker]:
        """Those that wait for a job."""
        return [one for one in self._workers if one.at_work is None]

    def busy(self) -> list[_Worker]:
        """Those that are at a job."""
        return [one for one in self._workers if one.at_work is not None]

    def hand(self, worker: _Worker, position: int, job: ClipJob) -> None:
        """Give a worker a job."""
        worker.at_work = position
        # Of one that is gone we hear when it is asked for the answer.
        with suppress(ConnectionError):
            worker.connection.send(job)

    def heard(self) -> list[_Worker]:
        """Those at work that have something to say, or are gone; waits for one."""
        by_connection = {one.connection: one for one in self.busy()}
        return [by_connection[one] for one in wait(list(by_connection)) if one in by_connection]

    def receive(
        self, worker: _Worker, jobs: Sequence[ClipJob]
    ) -> tuple[int, int | AnsweredClip | BaseException]:
        """What a worker says of the job at a position; who is gone is not asked again."""
        position = worker.at_work
        if position is None:
            raise ValueError("the worker is at no job")
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(_GRACE_S)
            self._workers.remove(worker)
            return position, _gone(worker.process.exitcode, jobs[position])
        if not isinstance(message, int):
            worker.at_work = None
        return position, message

    def end(self) -> None:
        """No more jobs; whoever is still at one is ended, and its half clip dropped."""
        for one in self._workers:
            if one.at_work is not None:
                one.process.terminate()
            one.connection.close()
        for one in self._workers:
            one.process.join(_GRACE_S)
            if one.process.is_alive():
                one.process.kill()
                one.process.join()


def _start(process: SpawnProcess) -> None:
    """Start a process that no Ctrl-C ends before it knows what to do about it."""
    # The tracker of multiprocessing would unblock signals when it is first needed.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _gone(exit_code: int | None, job: ClipJob) -> EngineError:
    how = f"was killed by signal {-exit_code}" if exit_code and exit_code < 0 else "ended"
    return EngineError(
        f"a process of --jobs {how} while it ran {', '.join(job.pipelines)}",
        where=f"clip {job.clip}",
        hint="an engine may have crashed, or memory was short: try fewer --jobs; complete clips are"
        " kept, and the same command with the same --out goes on",
    )
