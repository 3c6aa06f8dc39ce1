"""Answers and times of one pipeline on one clip, on their way into shards."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import numpy as np

from vbench.bench.failures import on_clip
from vbench.errors import EngineError
from vbench.metrics.latency import DECODE_STAGE
from vbench.pipeline.frame_pipeline import FramePipeline
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder
from vbench.record.shards import BLOCK_ROWS, detections_writer, write_timings
from vbench.types import Clip, Detections, Frame, FrameDetections, Timings


class ClipWriter:
    """Runs a pipeline over a clip; detections leave block by block.

    Nothing is kept of a clip that is not finished, nor anything of a pipeline that failed on it.
    """

    def __init__(
        self, folder: RunFolder, pipeline: FramePipeline, clip: Clip, class_names: Sequence[str]
    ) -> None:
        """Prepare; files are opened by the context."""
        self.pipeline = pipeline
        self.failure: EngineError | None = None
        """Why the pipeline does not get to the end of this clip."""
        self._class_names = class_names
        self._folder = folder
        self._clip = clip
        self._stages = (DECODE_STAGE, *pipeline.stage_names)
        self._frames: list[int] = []
        self._found: list[FrameDetections] = []
        self._n_rows = 0
        self._durations_ns: list[tuple[int, ...]] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        shard = self._folder.detections(self.pipeline.name, self._clip.id)
        self._write = self._open.enter_context(detections_writer(shard, self._class_names))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop what was not finished."""
        self._abandon(error or _Unfinished())

    def begin(self) -> None:
        """Tell the pipeline of its new clip."""
        try:
            self.pipeline.begin_clip(self._clip)
        except EngineError as error:
            self._fail(error)

    def run(self, frame: Frame, decode_ns: int) -> None:
        """Put a frame through the pipeline, unless it failed."""
        if self.failure is not None:
            return
        try:
            found, stage_ns = self.pipeline.run_frame(frame)
        except EngineError as error:
            self._fail(error)
        else:
            self._add(frame.index, found, (decode_ns, *stage_ns))

    def _add(self, frame_index: int, found: FrameDetections, durations_ns: tuple[int, ...]) -> None:
        """Append a frame; one without detections costs nothing but its times."""
        self._durations_ns.append(durations_ns)
        if len(found):
            self._frames.append(frame_index)
            self._found.append(found)
            self._n_rows += len(found)
        if self._n_rows >= BLOCK_ROWS:
            self._flush()

    def finish(self, n_warmup: int) -> None:
        """Complete the shards; the pipeline still knows the clip's alerts."""
        self._flush()
        self._open.close()
        name, clip = self.pipeline.name, self._clip.id
        write_timings(self._folder.timings(name, clip), self._timings(n_warmup))
        alerts = self.pipeline.alerts()
        if alerts is not None:
            write_alerts(self._folder.alerts(name, clip), alerts)

    def _fail(self, error: EngineError) -> None:
        self.failure = on_clip(error, self._clip.id)
        self._abandon(error)

    def _abandon(self, error: BaseException) -> None:
        """Remove what was written, unless the shard is complete."""
        self._open.__exit__(type(error), error, None)

    def _flush(self) -> None:
        """Write what was collected since the last time."""
        if self._found:
            self._write(Detections.of_frames(self._frames, self._found))
        self._frames, self._found, self._n_rows = [], [], 0

    def _timings(self, n_warmup: int) -> Timings:
        """Times of all frames; a clip no longer than the warm-up keeps its last frame."""
        duration_ns = np.array(self._durations_ns, np.int64).reshape(-1, len(self._stages))
        return Timings.of_every_frame(
            self._stages, duration_ns, max(0, min(n_warmup, len(duration_ns) - 1)), "latency"
        )


class _Unfinished(Exception):
    """The clip ended before its shards were finished."""
