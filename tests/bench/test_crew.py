"""Threads that hand work to each other: order, bounds, the first error, no thread left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from vbench.bench.crew import Channel, Crew, Stopped
from vbench.errors import EngineError, Interrupted

GRACE_S = 10.0


@pytest.fixture(autouse=True)
def nobody_left() -> Iterator[None]:
    """Every thread that a test starts must have ended."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def no_tick() -> None:
    """Nothing to tell."""


def ends(condition: Callable[[], bool]) -> bool:
    """Whether a condition comes true in time."""
    deadline_s = time.monotonic() + GRACE_S
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.001)
    return True


def test_items_arrive_in_order() -> None:
    found: list[int] = []
    with Crew() as crew:
        first: Channel[int] = crew.channel(2)
        second: Channel[int] = crew.channel(1)

        def make() -> None:
            for item in range(200):
                first.put(item)
            first.end()

        def pass_on() -> None:
            for item in first:
                second.put(item)
            second.end()

        crew.start("make", make)
        crew.start("pass", pass_on)
        crew.start("take", lambda: found.extend(second))
        crew.wait(no_tick)
    assert found == list(range(200))


def test_a_full_channel_holds_up_who_fills_it() -> None:
    put: list[int] = []
    go = threading.Event()
    with Crew() as crew:
        channel: Channel[int] = crew.channel(3)

        def make() -> None:
            for item in range(10):
                channel.put(item)
                put.append(item)
            channel.end()

        def take() -> None:
            go.wait(GRACE_S)
            for _ in channel:
                pass

        crew.start("make", make)
        crew.start("take", take)
        assert ends(lambda: len(put) == 3)
        time.sleep(0.02)
        assert put == [0, 1, 2]
        go.set()
        crew.wait(no_tick)
    assert put == list(range(10))


def test_an_ended_channel_is_read_to_its_end() -> None:
    channel: Channel[str] = Channel(4)
    channel.put("a")
    channel.put("b")
    channel.end()
    assert list(channel) == ["a", "b"]
    assert list(channel) == []


def test_a_stopped_channel_is_of_no_use() -> None:
    channel: Channel[str] = Channel(4)
    channel.put("a")
    channel.stop()
    with pytest.raises(Stopped):
        channel.put("b")
    with pytest.raises(Stopped):
        next(iter(channel))


def test_the_first_error_stops_all_and_is_raised() -> None:
    ended: list[str] = []

    def together() -> None:
        with Crew() as crew:
            full: Channel[int] = crew.channel(1)
            empty: Channel[int] = crew.channel(1)

            def fill() -> None:
                try:
                    while True:
                        full.put(0)
                finally:
                    ended.append("fill")

            def read() -> None:
                try:
                    for _ in empty:
                        pass
                finally:
                    ended.append("read")

            def fail() -> None:
                raise EngineError("out of ideas")

            crew.start("fill", fill)
            crew.start("read", read)
            crew.start("fail", fail)
            crew.wait(no_tick)

    with pytest.raises(EngineError, match="out of ideas"):
        together()
    assert sorted(ended) == ["fill", "read"]


def test_an_error_that_follows_from_the_first_is_not_the_one_told() -> None:
    def together() -> None:
        with Crew() as crew:
            channel: Channel[int] = crew.channel(1)

            def read() -> None:
                try:
                    for _ in channel:
                        pass
                except Stopped:
                    raise ValueError("second") from None

            def fail() -> None:
                raise EngineError("first")

            crew.start("read", read)
            crew.start("fail", fail)
            crew.wait(no_tick)

    with pytest.raises(EngineError, match="first"):
        together()


def test_whoever_else_waits_is_woken_too() -> None:
    class Pool:
        def __init__(self) -> None:
            self.stopped = threading.Event()

        def stop(self) -> None:
            self.stopped.set()

    pool = Pool()

    def together() -> None:
        with Crew() as crew:
            crew.stops(pool)

            def wait() -> None:
                pool.stopped.wait(GRACE_S)

            def fail() -> None:
                raise EngineError("no")

            crew.start("wait", wait)
            crew.start("fail", fail)
            crew.wait(no_tick)

    with pytest.raises(EngineError):
        together()
    assert pool.stopped.is_set()


def test_an_interrupt_while_waiting_ends_every_thread() -> None:
    ended: list[str] = []

    def interrupt() -> None:
        raise Interrupted("stopped")

    def together() -> None:
        with Crew() as crew:
            channel: Channel[int] = crew.channel(1)

            def read() -> None:
                try:
                    for _ in channel:
                        pass
                finally:
                    ended.append("read")

            crew.start("read", read)
            crew.wait(interrupt)

    with pytest.raises(Interrupted):
        together()
    assert ended == ["read"]


def test_what_a_thread_is_at_is_finished_first() -> None:
    finished: list[str] = []
    begun = threading.Event()

    def slow() -> None:
        begun.set()
        time.sleep(0.1)
        finished.append("slow")

    def together() -> None:
        with Crew() as crew:
            crew.start("slow", slow)
            begun.wait(GRACE_S)
            raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        together()
    assert finished == ["slow"]


def test_one_that_ends_before_the_others_begin_ends_nothing() -> None:
    """Else the error of a later one would be lost."""
    begun = threading.Event()

    def fail() -> None:
        begun.wait(GRACE_S)
        raise EngineError("late")

    n_ticks = 0

    def tick() -> None:
        nonlocal n_ticks
        n_ticks += 1
        if n_ticks == 2:
            begun.set()

    def together() -> None:
        with Crew() as crew:
            done = threading.Event()
            crew.start("quick", done.set)
            assert ends(lambda: "vbench-quick" not in [one.name for one in threading.enumerate()])
            crew.start("late", fail)
            crew.wait(tick)

    with pytest.raises(EngineError, match="late"):
        together()
    assert n_ticks >= 2


def test_it_ticks_while_others_work_and_once_more_at_the_end() -> None:
    n_ticks = 0
    n_at_end = 0

    def tick() -> None:
        nonlocal n_ticks
        n_ticks += 1

    def work() -> None:
        nonlocal n_at_end
        ends(lambda: n_ticks >= 2)
        n_at_end = n_ticks

    with Crew() as crew:
        crew.start("work", work)
        crew.wait(tick)
    assert n_ticks > n_at_end >= 2


def test_a_crew_of_nobody_is_done() -> None:
    with Crew() as crew:
        crew.wait(no_tick)


def test_threads_have_names() -> None:
    names: list[str] = []
    with Crew() as crew:
        crew.start("decode", lambda: names.append(threading.current_thread().name))
        crew.wait(no_tick)
    assert names == ["vbench-decode"]
