"""Frames of a clip through every pipeline, into shards.

A clip is decoded once for all pipelines; they take turns frame by frame, one frame at a time, so
their latencies are measured under the same conditions.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from vbench.bench.machine_load import LoadMeter
from vbench.bench.progress import Progress
from vbench.errors import RunFolderError
from vbench.metrics.latency import DECODE_STAGE
from vbench.pipeline.detector import FrameDetections
from vbench.pipeline.load import FramePipeline, Pipeline
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder, write_whole
from vbench.record.shards import (
    BLOCK_ROWS,
    detections_writer,
    write_detections,
    write_timings,
)
from vbench.types import Clip, Detections, MachineLoad, Timings
from vbench.video import open_media

NOT_DECODED = "not decoded: results were replayed"


@dataclass(frozen=True, slots=True)
class DecodedClip:
    """What decoding a clip told."""

    color: str
    notes: tuple[str, ...]
    damaged: str | None
    missing_frames: tuple[int, ...]
    """Frames that did not decode; they never count."""
    load: MachineLoad | None = None
    """What other processes used meanwhile; None where nothing was timed, or it is not known."""
    elapsed_s: float = 0.0
    """How long decoding and inference took."""


def infer_clip(
    folder: RunFolder,
    clip: Clip,
    class_names: Sequence[str],
    pipelines: Sequence[Pipeline],
    progress: Progress,
    *,
    n_warmup: int,
    allow_damaged: bool,
    notes: Sequence[str] = (),
) -> None:
    """Store detections and timings of one clip; nothing is stored before the clip's end.

    `notes` are kept with what decoding tells.

    Raises:
        MediaError: the clip is damaged and `allow_damaged` is not given.
        EngineError: a model failed.
    """
    framewise = [pipeline for pipeline in pipelines if pipeline.needs_frames]
    decoded = DecodedClip(NOT_DECODED, (), None, ())
    for pipeline in pipelines:
        if not pipeline.needs_frames:
            path = folder.detections(pipeline.name, clip.id)
            write_detections(path, pipeline.replay(clip), class_names)
            alerts = pipeline.alerts(clip)
            if alerts is not None:
                write_alerts(folder.alerts(pipeline.name, clip.id), alerts)
    if framewise:
        meter = LoadMeter()
        meter.start()
        began_s = time.perf_counter()
        with ExitStack() as stack:
            tables = [
                _FrameTable(
                    stack.enter_context(
                        detections_writer(folder.detections(one.name, clip.id), class_names)
                    ),
                    one.stage_names,
                )
                for one in framewise
            ]
            decoded = _decode_through(clip, framewise, tables, progress, allow_damaged)
            for table in tables:
                table.flush()
        decoded = replace(decoded, load=meter.stop(), elapsed_s=time.perf_counter() - began_s)
        for pipeline, table in zip(framewise, tables, strict=True):
            write_timings(folder.timings(pipeline.name, clip.id), table.timings(n_warmup))
    if not framewise:
        progress.advance(clip.facts.n_frames)
    _write_decoded(folder, clip.id, replace(decoded, notes=(*notes, *decoded.notes)))


def read_decoded(folder: RunFolder, clip: str) -> DecodedClip | None:
    """What decoding a clip told; None where the clip is not complete."""
    path = folder.decoded(clip)
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_bytes())
        return DecodedClip(
            color=str(data["color"]),
            notes=tuple(str(note) for note in data["notes"]),
            damaged=data["damaged"],
            missing_frames=tuple(int(index) for index in data["missing_frames"]),
            load=_load(data.get("load")),
            elapsed_s=float(data.get("elapsed_s", 0.0)),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"cannot be read: {error}", where=str(path), hint="delete it and run again"
        ) from None


def machine_load(folder: RunFolder, clips: Sequence[str]) -> MachineLoad | None:
    """What other processes used while these clips were timed, the busiest of all clips named."""
    timed = [
        (one.load, one.elapsed_s)
        for one in (read_decoded(folder, clip) for clip in clips)
        if one is not None and one.load is not None
    ]
    total_s = sum(elapsed_s for _, elapsed_s in timed)
    if total_s <= 0:
        return None
    weight: Counter[str] = Counter()
    for load, elapsed_s in timed:
        for rank, name in enumerate(load.busiest):
            weight[name] += round(1e6 * load.foreign_share * elapsed_s) // (rank + 1)
    return MachineLoad(
        foreign_share=sum(load.foreign_share * elapsed_s for load, elapsed_s in timed) / total_s,
        busiest=tuple(name for name, _ in sorted(weight.items(), key=lambda it: (-it[1], it[0]))),
    )


def _load(data: dict[str, object] | None) -> MachineLoad | None:
    if data is None:
        return None
    share, busiest = data["foreign_share"], data["busiest"]
    if not isinstance(share, int | float) or not isinstance(busiest, list):
        raise TypeError("load is not as written")
    return MachineLoad(float(share), tuple(str(name) for name in busiest))


def _write_decoded(folder: RunFolder, clip: str, decoded: DecodedClip) -> None:
    data = {
        "color": decoded.color,
        "notes": list(decoded.notes),
        "damaged": decoded.damaged,
        "missing_frames": list(decoded.missing_frames),
        "load": None
        if decoded.load is None
        else {
            "foreign_share": decoded.load.foreign_share,
            "busiest": list(decoded.load.busiest),
        },
        "elapsed_s": decoded.elapsed_s,
    }
    write_whole(folder.decoded(clip), json.dumps(data, ensure_ascii=False) + "\n")


def _decode_through(
    clip: Clip,
    pipelines: Sequence[FramePipeline],
    tables: Sequence[_FrameTable],
    progress: Progress,
    allow_damaged: bool,
) -> DecodedClip:
    seen = np.zeros(clip.facts.n_frames, np.bool_)
    with open_media(
        clip.media,
        stream=clip.stream,
        image_fps=clip.facts.fps,
        expected_n_frames=clip.facts.n_frames,
        allow_damaged=allow_damaged,
        where=f"clip {clip.id} ({clip.media.name})",
    ) as media:
        frames = iter(media)
        while True:
            began_ns = time.perf_counter_ns()
            frame = next(frames, None)
            if frame is None:
                break
            decode_ns = time.perf_counter_ns() - began_ns
            seen[frame.index] = True
            for pipeline, table in zip(pipelines, tables, strict=True):
                found, stage_ns = pipeline.run_frame(frame)
                table.add(frame.index, found, (decode_ns, *stage_ns))
            progress.advance()
        missing = tuple(int(index) for index in np.flatnonzero(~seen))
        return DecodedClip(media.color, media.notes, media.damage, missing)


class _FrameTable:
    """Detections and times of one pipeline and clip; detections leave block by block."""

    def __init__(self, write: Callable[[Detections], None], stages: tuple[str, ...]) -> None:
        self._write = write
        self._stages = (DECODE_STAGE, *stages)
        self._frames: list[int] = []
        self._found: list[FrameDetections] = []
        self._n_rows = 0
        self._durations_ns: list[tuple[int, ...]] = []

    def add(self, frame_index: int, found: FrameDetections, durations_ns: tuple[int, ...]) -> None:
        """Append a frame; one without detections costs nothing but its times."""
        self._durations_ns.append(durations_ns)
        if len(found):
            self._frames.append(frame_index)
            self._found.append(found)
            self._n_rows += len(found)
        if self._n_rows >= BLOCK_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what was collected since the last time."""
        if self._found:
            counts = [len(found) for found in self._found]
            block = Detections(
                frame_index=np.repeat(np.array(self._frames, np.int64), counts),
                boxes_xyxy=np.concatenate([found.boxes_xyxy for found in self._found]),
                scores=np.concatenate([found.scores for found in self._found]),
                class_id=np.concatenate([found.class_id for found in self._found]),
                track_id=np.full(self._n_rows, -1, np.int64),
            )
            self._write(block)
        self._frames, self._found, self._n_rows = [], [], 0

    def timings(self, n_warmup: int) -> Timings:
        """Times of all frames; a clip no longer than the warm-up keeps its last frame."""
        duration_ns = np.array(self._durations_ns, np.int64).reshape(-1, len(self._stages))
        return Timings(
            self._stages, duration_ns, max(0, min(n_warmup, len(duration_ns) - 1)), "latency"
        )
