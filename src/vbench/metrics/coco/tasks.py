"""Independent pieces of an evaluation, spread over threads (the kernels release the GIL)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from vbench.kernels.cpus import usable_cpus

Item = TypeVar("Item")
Left = TypeVar("Left")
Right = TypeVar("Right")


class Tasks:
    """Runs tasks on `n_threads` threads (None: as many as the process has cores).

    Every task writes places of its own, so results do not depend on the number of threads.
    """

    def __init__(self, n_threads: int | None) -> None:
        wanted = len(usable_cpus()) if n_threads is None else n_threads
        self._pool = ThreadPoolExecutor(wanted) if wanted > 1 else None

    def __enter__(self) -> Tasks:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(self, task: Callable[[Item], None], items: Iterable[Item]) -> None:
        """Run a task for every item; returns when all are done, raises the first error."""
        run = map if self._pool is None else self._pool.map
        for _ in run(task, items):
            pass

    def both(self, left: Callable[[], Left], right: Callable[[], Right]) -> tuple[Left, Right]:
        """The results of two tasks."""
        if self._pool is None:
            return left(), right()
        other = self._pool.submit(right)
        return left(), other.result()
