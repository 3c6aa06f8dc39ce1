"""Threads that hand work to each other; the first error stops them all."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")

_TICK_S = 0.05


class Stopped(Exception):
    """The crew was stopped; what is under way is to be dropped."""


class _Stoppable(Protocol):
    def stop(self) -> None:
        """Wake whoever waits; further waiting raises Stopped."""


class Channel(Generic[Item]):
    """A bounded queue from one thread to another, in order; iterate it to read until its end."""

    def __init__(self, n_items: int) -> None:
        """Hold up to `n_items`."""
        self._items: deque[Item] = deque()
        self._n_items = n_items
        self._changed = threading.Condition()
        self._ended = False
        self._stopped = False

    def put(self, item: Item) -> None:
        """Append, waiting for room. Raises Stopped."""
        with self._changed:
            while len(self._items) >= self._n_items and not self._stopped:
                self._changed.wait()
            if self._stopped:
                raise Stopped
            self._items.append(item)
            self._changed.notify()

    def end(self) -> None:
        """Nothing follows."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Wake whoever waits; further use raises Stopped."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Item]:
        while True:
            with self._changed:
                while not self._items and not self._ended and not self._stopped:
                    self._changed.wait()
                if self._stopped:
                    raise Stopped
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify()
            yield item


class Crew:
    """Runs functions in threads of their own, inside a ``with`` block.

    Leaving the block by an error stops every thread once it has finished what it is at.
    """

    def __init__(self) -> None:
        """Nobody works yet."""
        self._threads: list[threading.Thread] = []
        self._stoppable: list[_Stoppable] = []
        self._lock = threading.Lock()
        self._error: BaseException | None = None
        # Who waits counts as one: a thread that is done before the next one begins ends nothing.
        self._n_working = 1
        self._all_done = threading.Event()

    def channel(self, n_items: int) -> Channel[Item]:
        """A channel that stops with the crew."""
        channel: Channel[Item] = Channel(n_items)
        self._stoppable.append(channel)
        return channel

    def stops(self, one: _Stoppable) -> None:
        """Stop this too when the crew stops."""
        self._stoppable.append(one)

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Begin work in a thread."""
        thread = threading.Thread(target=self._run, args=(work,), name=f"vbench-{name}")
        with self._lock:
            self._n_working += 1
        self._threads.append(thread)
        thread.start()

    def wait(self, tick: Callable[[], None]) -> None:
        """Wait until everybody is done, calling `tick` now and then.

        Raises the first error of any thread.
        """
        self._one_done()
        while not self._all_done.wait(_TICK_S):
            tick()
        tick()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Let every thread end as soon as it has finished what it is at."""
        for one in self._stoppable:
            one.stop()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: object, _error: object, _trace: object) -> None:
        if kind is not None:
            self.stop()
        for thread in self._threads:
            # Not one whose start was interrupted: it will find everything stopped.
            with suppress(RuntimeError):
                thread.join()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 raised again in the thread that waits
            with self._lock:
                if self._error is None:
                    self._error = error
            self.stop()
        finally:
            self._one_done()

    def _one_done(self) -> None:
        with self._lock:
            self._n_working -= 1
            if self._n_working == 0:
                self._all_done.set()
