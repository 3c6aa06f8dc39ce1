"""What every engine looks like from outside.

There are two kinds. A tensor engine executes a model: input tensors in, raw output tensors out; it
knows nothing of frames, boxes or classes. A frame engine is a whole detector behind a wall: a frame
in, detections out. Engines are found by the entry points of the group ``vbench.engines``, vbench's
own too: see `registry`. A replay of stored results runs nothing and is no engine in this sense.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from vbench.config.engines.entry import LiveEntry
from vbench.types.arrays import F64, I64, check_column
from vbench.types.frame import Frame

Tensor: TypeAlias = npt.NDArray[np.generic]
"""An array of any dtype; `TensorInfo` says which."""

KeyPlace: TypeAlias = Callable[[str], str]
"""``file:line: key`` of a key of the engine's entry, for messages."""


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An input or output of a model."""

    name: str
    shape: tuple[int | None, ...]
    """None where an axis may have any length."""
    dtype: str
    """Numpy's name: ``float32``, ``float16``, ``uint8``, ..."""

    def accepts(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits."""
        return len(shape) == len(self.shape) and all(
            want in (None, have) for have, want in zip(shape, self.shape, strict=True)
        )

    def text(self) -> str:
        """``images [1, 3, 416, 416] float32``; ``?`` stands for any length."""
        axes = ", ".join("?" if axis is None else str(axis) for axis in self.shape)
        return f"{self.name} [{axes}] {self.dtype}"


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What really runs: the same pipeline file may run differently on another machine."""

    type: str
    """For example ``onnxruntime``."""
    version: str
    provider: str
    """The device or execution provider that was verified to run, not the one asked for."""
    threads: int | None = None
    """Threads of one inference; None where that is not known here."""

    def text(self) -> str:
        """``onnxruntime 1.22.0 (CPUExecutionProvider, 1 thread)``."""
        where = self.provider
        if self.threads is not None:
            where += ", 1 thread" if self.threads == 1 else f", {self.threads} threads"
        return f"{self.type} {self.version} ({where})"


@dataclass(frozen=True, slots=True)
class EngineSite:
    """Where an engine's entry stands and what is known around it."""

    folder: Path
    """What relative paths in the entry start from."""
    place: KeyPlace
    stage: str
    """Id of the stage."""
    class_names: tuple[str, ...]
    """The stage's own classes, in order."""


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What an engine may know of a clip before its first frame."""

    id: str
    width_px: int
    height_px: int
    fps: float


@dataclass(frozen=True, slots=True)
class EngineAlert:
    """Something that an outside system's own rules raised on a frame."""

    kind: str
    class_index: int
    """Index into the stage's classes, -1 where the alert names none."""
    zone: str | None


@dataclass(frozen=True, slots=True)
class FrameAnswer:
    """N detections of one frame, in any order, as a frame engine gave them."""

    boxes_xyxy: F64
    """(N, 4) px of the frame, finite; corners in order, neither clipped nor filtered."""
    scores: F64
    """(N,) 0..1."""
    class_index: I64
    """(N,) index into the stage's classes."""
    track_id: I64
    """(N,) identity, -1 where there is none."""
    alerts: tuple[EngineAlert, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.scores)
        check_column("FrameAnswer", "boxes_xyxy", self.boxes_xyxy, np.float64, (n, 4))
        check_column("FrameAnswer", "scores", self.scores, np.float64, (n,))
        check_column("FrameAnswer", "class_index", self.class_index, np.int64, (n,))
        check_column("FrameAnswer", "track_id", self.track_id, np.int64, (n,))

    def __len__(self) -> int:
        return len(self.scores)


@runtime_checkable
class TensorEngine(Protocol):
    """A loaded model.

    Any thread may call it, not only the one that opened it, but never two at once.
    """

    @property
    def info(self) -> EngineInfo:
        """What really runs."""

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The model's inputs in its own order."""

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The model's outputs, in the order in which `run` returns them."""

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Execute the model on a tensor for each of `inputs`; returns when outputs are on the host.

        `tensors` are only read, and only until `run` returns. The outputs belong to the
        caller, who works on them in another thread while the next run goes on. Raises EngineError.
        """

    def close(self) -> None:
        """Free the model and its device memory; calling it twice is fine. `run` then raises."""


@runtime_checkable
class FrameEngine(Protocol):
    """A detector that takes whole frames; threads as for a tensor engine."""

    @property
    def info(self) -> EngineInfo:
        """What really runs."""

    def begin_clip(self, clip: ClipFacts) -> None:
        """Forget the clip before: frames of another one follow. Raises EngineError."""

    def detect(self, frame: Frame) -> FrameAnswer:
        """Detections of a frame; frames of a clip come once each, in order.

        `frame` is only read, and only until `detect` returns. Raises EngineError.
        """

    def close(self) -> None:
        """Free what is held; calling it twice is fine. `detect` then raises EngineError."""


Engine: TypeAlias = TensorEngine | FrameEngine


class EngineModule(Protocol):
    """What an entry point of the group ``vbench.engines`` names: most simply, a module.

    The entry is the checked ``engine`` mapping of a pipeline file: one of vbench's own types, or a
    `PluginEntry` with the `options` of another package's engine, which checks them itself.
    """

    def open_engine(self, entry: LiveEntry, site: EngineSite) -> Engine:
        """Load what the entry names: a tensor or a frame engine, as the entry's `takes` says.

        Raises:
            ConfigError: the entry does not fit the files on disk.
            EngineError: it cannot be loaded, or another device than the one asked for runs.
            MissingDependencyError: a library is not installed.
        """

    def files_of(self, entry: LiveEntry, folder: Path) -> tuple[Path, ...]:
        """Every file that decides what the engine answers, the main one first; for digests.

        Raises EngineError where one is missing or unreadable.
        """
