"""Answers and times of one pipeline on one clip, on their way into shards."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from time import perf_counter_ns
from types import TracebackType
from typing import Self

import numpy as np

from vbench.bench.failures import on_clip
from vbench.errors import EngineError
from vbench.metrics.latency import DECODE_STAGE
from vbench.pipeline.frame_pipeline import FramePipeline, InferredFrame
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder
from vbench.record.shards import BLOCK_ROWS, detections_writer, write_timings
from vbench.types import Clip, Detections, Frame, FrameDetections, Timings
from vbench.types.timings import TimingMode


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
        self.n_done = 0
        """Frames that it has answered."""
        self._class_names = class_names
        self._folder = folder
        self._clip = clip
        self._frames: list[int] = []
        self._found: list[FrameDetections] = []
        self._n_rows = 0
        self._times = _Times((DECODE_STAGE, *pipeline.stage_names))
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
            self.fail(error)

    def run(self, frame: Frame, decode_ns: int, *, timed: bool) -> None:
        """Put a frame through the whole pipeline, unless it failed."""
        if self.failure is not None:
            return
        try:
            found, stage_ns = self.pipeline.run_frame(frame)
        except EngineError as error:
            self.fail(error)
        else:
            if timed:
                self._times.add(frame.index, (decode_ns, *stage_ns))
            self._add(frame.index, found)

    def finish_frame(self, inferred: InferredFrame, decode_ns: int, *, timed: bool) -> None:
        """Do what follows inference, which ran elsewhere, unless the pipeline failed."""
        if self.failure is not None:
            return
        try:
            found, stage_ns = self.pipeline.finish(inferred)
        except EngineError as error:
            self.fail(error)
        else:
            index = inferred.frame.index
            if timed:
                self._times.add_overlapped(index, (decode_ns, *stage_ns))
            self._add(index, found)

    def fail(self, error: EngineError) -> None:
        """Give the pipeline up on this clip."""
        self.failure = on_clip(error, self._clip.id)
        self._abandon(error)

    def write_times(self, n_warmup: int) -> None:
        """Store the times of the frames that were timed."""
        timings = self._times.timings(n_warmup, self.pipeline.input_paths())
        write_timings(self._folder.timings(self.pipeline.name, self._clip.id), timings)

    def finish(self) -> None:
        """Complete the shards; the pipeline still knows the clip's alerts."""
        self._flush()
        self._open.close()
        name, clip = self.pipeline.name, self._clip.id
        alerts = self.pipeline.alerts()
        if alerts is not None:
            write_alerts(self._folder.alerts(name, clip), alerts)

    def _add(self, frame_index: int, found: FrameDetections) -> None:
        """Append a frame; one without detections costs nothing."""
        self.n_done += 1
        if len(found):
            self._frames.append(frame_index)
            self._found.append(found)
            self._n_rows += len(found)
        if self._n_rows >= BLOCK_ROWS:
            self._flush()

    def _abandon(self, error: BaseException) -> None:
        """Remove what was written, unless the shard is complete."""
        self._open.__exit__(type(error), error, None)

    def _flush(self) -> None:
        """Write what was collected since the last time."""
        if self._found:
            self._write(Detections.of_frames(self._frames, self._found))
        self._frames, self._found, self._n_rows = [], [], 0


class _Times:
    """Times of frames as they come; 8 bytes each, since clips may be hours long."""

    def __init__(self, stages: tuple[str, ...]) -> None:
        self._stages = stages
        self._frame_index = array("q")
        self._durations_ns = array("q")
        self._intervals_ns = array("q")
        self._newest_ns = perf_counter_ns()

    def add(self, frame_index: int, durations_ns: Sequence[int]) -> None:
        """A frame that ran alone."""
        self._frame_index.append(frame_index)
        self._durations_ns.extend(durations_ns)

    def add_overlapped(self, frame_index: int, durations_ns: Sequence[int]) -> None:
        """A frame whose answer is complete now, while others are under way."""
        now_ns = perf_counter_ns()
        self.add(frame_index, durations_ns)
        self._intervals_ns.append(now_ns - self._newest_ns)
        self._newest_ns = now_ns

    def timings(self, n_warmup: int, input_paths: tuple[tuple[str, str], ...]) -> Timings:
        """Times of these frames; a clip no longer than the warm-up keeps its last frame."""
        frame_index = np.array(self._frame_index, np.int64)
        mode: TimingMode = "throughput" if self._intervals_ns else "latency"
        return Timings(
            stages=self._stages,
            duration_ns=np.array(self._durations_ns, np.int64).reshape(-1, len(self._stages)),
            n_warmup=max(0, min(n_warmup, len(frame_index) - 1)),
            mode=mode,
            frame_index=frame_index,
            interval_ns=np.array(self._intervals_ns, np.int64),
            input_paths=input_paths,
        )


class _Unfinished(Exception):
    """The clip ended before its shards were finished."""
