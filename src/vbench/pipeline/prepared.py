"""Input tensors made ahead of inference, each once for all pipelines that take the same."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TypeAlias

from vbench.config.input_entry import InputEntry
from vbench.pipeline.preprocess import Geometry, InputTensor, Preprocessor
from vbench.types.frame import Frame

InputKey: TypeAlias = str
"""Equal for input entries that make the same tensor of the same frame."""


@dataclass(frozen=True, slots=True)
class SharedInput:
    """An input entry whose tensors may be made ahead, for everyone who takes the same."""

    key: InputKey
    entry: InputEntry

    @classmethod
    def of(cls, entry: InputEntry) -> SharedInput:
        """Constants of a model's other inputs make no difference."""
        return cls(entry.model_dump_json(exclude={"extra"}), entry)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A frame's input tensor."""

    tensor: InputTensor
    geometry: Geometry
    """Where the frame lies in it."""
    path: str
    """How it was made, see `Preprocessor.path`."""
    prepare_ns: int = 0
    """How long making it took."""


class PreparedInputs:
    """Makes the tensors of frames, into a bounded pool; nothing is allocated in the long run.

    `prepare` is for one thread at a time, `give_back` for any.
    """

    def __init__(self, inputs: Collection[SharedInput], n_frames: int) -> None:
        """Prepare for inputs, equal ones once.

        Args:
            inputs: of every detector whose input can be made ahead.
            n_frames: whose tensors may be in use at once; then `prepare` waits.
        """
        self._entries = {one.key: one.entry for one in inputs}
        self._n_frames = n_frames
        self._makers: dict[tuple[InputKey, tuple[int, int]], _Maker] = {}
        self._stopped = threading.Event()

    def prepare(self, frame: Frame) -> Mapping[InputKey, Prepared]:
        """A frame's tensors, in use until they are given back; waits where all are in use.

        Raises:
            PoolClosed: `stop` was called meanwhile.
        """
        return {key: self._maker(key, frame.size).make(frame) for key in self._entries}

    def give_back(self, size: tuple[int, int], tensors: Mapping[InputKey, Prepared]) -> None:
        """Let the tensors of a frame of (width, height) px be used again."""
        for key, prepared in tensors.items():
            self._makers[key, size].free.give(prepared.tensor)

    def stop(self) -> None:
        """Wake whoever waits for a tensor; there will be none."""
        self._stopped.set()
        # A copy: `prepare` may be adding one, which it will find stopped.
        for maker in tuple(self._makers.values()):
            maker.free.close()

    def _maker(self, key: InputKey, size: tuple[int, int]) -> _Maker:
        if (key, size) not in self._makers:
            self._makers[key, size] = _Maker(self._entries[key], size, self._n_frames)
            if self._stopped.is_set():
                self._makers[key, size].free.close()
        return self._makers[key, size]


class PoolClosed(Exception):
    """Nobody will use what is waited for."""


class _Maker:
    """Tensors of one input entry for frames of one size."""

    def __init__(self, entry: InputEntry, size: tuple[int, int], n_tensors: int) -> None:
        self._preprocessor = Preprocessor(entry, size)
        self.free = _Pool([self._preprocessor.new_tensor() for _ in range(n_tensors)])

    def make(self, frame: Frame) -> Prepared:
        tensor = self.free.take()
        began_ns = perf_counter_ns()
        self._preprocessor.fill(frame, tensor)
        prepare_ns = perf_counter_ns() - began_ns
        made_by = self._preprocessor
        return Prepared(tensor, made_by.geometry, made_by.path, prepare_ns)


class _Pool:
    """Tensors that are not in use."""

    def __init__(self, tensors: Sequence[InputTensor]) -> None:
        # The one that was used last is taken first: it is still in the processor's caches.
        self._tensors = list(tensors)
        self._changed = threading.Condition()
        self._closed = False

    def take(self) -> InputTensor:
        with self._changed:
            while not self._tensors and not self._closed:
                self._changed.wait()
            if self._closed:
                raise PoolClosed
            return self._tensors.pop()

    def give(self, tensor: InputTensor) -> None:
        with self._changed:
            self._tensors.append(tensor)
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
