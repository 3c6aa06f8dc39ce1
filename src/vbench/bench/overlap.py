"""Frames of a clip through pipelines with every step at work at once.

One thread decodes and makes input tensors, and each pipeline has one for inference and one for what
follows. What waits between them is bounded, and tensors come from a pool, so a slow step holds up
those before it. Order is kept everywhere: trackers and rules need it, and so do shards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from vbench.bench.clip_writer import ClipWriter
from vbench.bench.crew import Channel, Crew
from vbench.bench.frame_source import DecodedFrame, FrameSource
from vbench.errors import EngineError, VbenchError
from vbench.pipeline.frame_pipeline import InferredFrame
from vbench.pipeline.prepared import InputKey, PoolClosed, Prepared, PreparedInputs
from vbench.types import ColorOverride, Frame

N_AHEAD = 2
"""Frames that may wait for any one step."""
N_TENSORS = N_AHEAD + 2
"""Input tensors of one kind in all: those that wait, the one being made, the one in use."""


@dataclass(frozen=True, slots=True)
class ColorGroup:
    """Pipelines that see a clip in the same colours."""

    color: ColorOverride
    writers: tuple[ClipWriter, ...]
    inputs: PreparedInputs
    """Made once for all of them."""

    @property
    def needs_picture(self) -> bool:
        """Whether frames are looked at when their tensors are made."""
        return any(writer.pipeline.needs_picture for writer in self.writers)


class _Work:
    """A frame with its tensors, for all pipelines of a group."""

    __slots__ = ("_group", "_lock", "_n_left", "decode_ns", "frame", "prepared")

    def __init__(self, group: ColorGroup, frame: Frame, decode_ns: int) -> None:
        self.decode_ns = decode_ns
        self.prepared: Mapping[InputKey, Prepared] = group.inputs.prepare(frame)
        self.frame = frame if group.needs_picture else frame.without_picture()
        self._group = group
        self._lock = threading.Lock()
        self._n_left = len(group.writers)

    def done(self) -> None:
        """One pipeline more has no use for the tensors."""
        with self._lock:
            self._n_left -= 1
            is_last = self._n_left == 0
        if is_last:
            self._group.inputs.give_back(self.frame.size, self.prepared)


@dataclass(frozen=True, slots=True)
class _Lane:
    """The way of one pipeline."""

    writer: ClipWriter
    prepared: Channel[_Work]
    inferred: Channel[_Answer]


_Answer: TypeAlias = tuple[InferredFrame | EngineError, int]
"""What the engines said of a frame, and the ns that decoding it took."""


def run_overlapped(
    source: FrameSource,
    n_frames: int | None,
    groups: Sequence[ColorGroup],
    tick: Callable[[], None],
    *,
    timed: bool,
    may_stop: bool,
) -> None:
    """Put the next frames of a clip through pipelines, all steps at once.

    An engine's failure ends its own pipeline's part; the frames before it are complete.

    Args:
        source: the clip.
        n_frames: so many frames; None for all that are left.
        groups: the pipelines, one group per colours of the source.
        tick: called now and then while others work.
        timed: keep each frame's times.
        may_stop: not to the end where every pipeline failed.

    Raises:
        MediaError: the clip cannot be decoded any further.
    """
    with Crew() as crew:
        lanes = [
            [_Lane(one, crew.channel(N_AHEAD), crew.channel(N_AHEAD)) for one in group.writers]
            for group in groups
        ]
        for group in groups:
            crew.stops(group.inputs)
        front = _Front(source, n_frames, groups, lanes, may_stop=may_stop)
        crew.start("decode", front.run)
        for lane in (lane for of_group in lanes for lane in of_group):
            crew.start(f"infer-{lane.writer.pipeline.name}", partial(_infer, lane))
            crew.start(f"finish-{lane.writer.pipeline.name}", partial(_finish, lane, timed=timed))
        crew.wait(tick)
    front.raise_error()


class _Front:
    """Decodes and makes input tensors, ahead of inference."""

    def __init__(
        self,
        source: FrameSource,
        n_frames: int | None,
        groups: Sequence[ColorGroup],
        lanes: Sequence[Sequence[_Lane]],
        *,
        may_stop: bool,
    ) -> None:
        self._source = source
        self._n_frames = n_frames
        self._groups = groups
        self._lanes = lanes
        self._may_stop = may_stop
        self._error: VbenchError | None = None

    def run(self) -> None:
        n_taken = 0
        try:
            while n_taken != self._n_frames and not self._is_of_no_use():
                decoded = self._source.next()
                if decoded is None:
                    break
                self._hand_out(decoded)
                # Not held while the next is decoded: its memory is the warmest there is.
                del decoded
                n_taken += 1
        except PoolClosed:
            return
        except VbenchError as error:
            self._error = error
        for lane in (lane for of_group in self._lanes for lane in of_group):
            lane.prepared.end()

    def _hand_out(self, decoded: DecodedFrame) -> None:
        for group, of_group, frame in zip(self._groups, self._lanes, decoded.views, strict=True):
            work = _Work(group, frame, decoded.decode_ns)
            for lane in of_group:
                lane.prepared.put(work)

    def raise_error(self) -> None:
        """Raise what decoding met, once the pipelines have dealt with the frames before it.

        Where the last one failed on these, decoding one at a time would not have met it.
        """
        if self._error is not None and not self._is_of_no_use():
            raise self._error

    def _is_of_no_use(self) -> bool:
        return self._may_stop and all(
            one.failure is not None for group in self._groups for one in group.writers
        )


def _infer(lane: _Lane) -> None:
    failed = False
    pipeline = lane.writer.pipeline
    for work in lane.prepared:
        answer: InferredFrame | EngineError
        # What was under way when a pipeline failed is only given back.
        if not failed and lane.writer.failure is None:
            try:
                answer = pipeline.infer(work.frame, work.prepared)
            except EngineError as error:
                answer, failed = error, True
            work.done()
            lane.inferred.put((answer, work.decode_ns))
        else:
            work.done()
    lane.inferred.end()


def _finish(lane: _Lane, *, timed: bool) -> None:
    for answer, decode_ns in lane.inferred:
        if isinstance(answer, EngineError):
            if lane.writer.failure is None:
                lane.writer.fail(answer)
        else:
            lane.writer.finish_frame(answer, decode_ns, timed=timed)
