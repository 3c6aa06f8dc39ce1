"""Frames of a clip through every pipeline, into shards.

A clip is decoded once for all pipelines that see it in the same colours; they take turns frame by
frame, one frame at a time, so their latencies are measured under the same conditions. A pipeline
whose engine fails is dropped, and the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from vbench.bench.clip_writer import ClipWriter
from vbench.bench.decoded import NOT_DECODED, DecodedClip, write_decoded
from vbench.bench.failures import on_clip
from vbench.bench.machine_load import LoadMeter
from vbench.bench.progress import Progress
from vbench.errors import EngineError
from vbench.pipeline.load import Pipeline, ReplayPipeline
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder
from vbench.record.shards import write_detections
from vbench.types import Clip, ColorOverride
from vbench.video import open_media


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
) -> tuple[tuple[str, EngineError], ...]:
    """Store answers and timings of one clip; nothing is stored before the clip's end.

    `notes` are kept with what decoding tells.

    Returns:
        (pipeline, why) of those whose engine failed; nothing of this clip is stored for them.

    Raises:
        MediaError: the clip is damaged and `allow_damaged` is not given.
    """
    decoded = DecodedClip(NOT_DECODED, (), None, ())
    failures: dict[str, EngineError] = {}
    for pipeline in pipelines:
        if not pipeline.needs_frames:
            try:
                _replay(folder, clip, class_names, pipeline)
            except EngineError as error:
                failures[pipeline.name] = on_clip(error, clip.id)
    groups: dict[ColorOverride, list[ClipWriter]] = {}
    with ExitStack() as open_shards:
        for pipeline in pipelines:
            if pipeline.needs_frames:
                writer = open_shards.enter_context(ClipWriter(folder, pipeline, clip, class_names))
                groups.setdefault(pipeline.color_override, []).append(writer)
        if groups:
            # Others need to know what decodes, also where these fail.
            alone = [len(pipelines)] == [len(writers) for writers in groups.values()]
            decoded = _through_all(clip, groups, progress, allow_damaged, may_stop=alone)
        else:
            progress.advance(clip.facts.n_frames)
        for writer in (writer for writers in groups.values() for writer in writers):
            if writer.failure is None:
                writer.finish(n_warmup)
            else:
                failures[writer.pipeline.name] = writer.failure
        if len(failures) < len(pipelines):
            write_decoded(folder, clip.id, replace(decoded, notes=(*notes, *decoded.notes)))
    return tuple(failures.items())


def _replay(
    folder: RunFolder, clip: Clip, class_names: Sequence[str], pipeline: ReplayPipeline
) -> None:
    """Store what a pipeline of stored results found and raised. Raises EngineError for a rule."""
    found, alerts = pipeline.replay(clip)
    write_detections(folder.detections(pipeline.name, clip.id), found, class_names)
    if alerts is not None:
        write_alerts(folder.alerts(pipeline.name, clip.id), alerts)


def _through_all(
    clip: Clip,
    groups: dict[ColorOverride, list[ClipWriter]],
    progress: Progress,
    allow_damaged: bool,
    *,
    may_stop: bool,
) -> DecodedClip:
    """Decode a clip once for every way of converting its colours.

    `may_stop`: not to its end where every pipeline failed.
    """
    meter = LoadMeter()
    meter.start()
    began_s = time.perf_counter()
    parts = [
        _decode_through(
            clip, override, writers, progress, allow_damaged, ticks=k == 0, may_stop=may_stop
        )
        for k, (override, writers) in enumerate(groups.items())
    ]
    return replace(
        parts[0],
        color="; ".join(dict.fromkeys(part.color for part in parts)),
        load=meter.stop(),
        elapsed_s=time.perf_counter() - began_s,
    )


def _decode_through(
    clip: Clip,
    override: ColorOverride,
    writers: Sequence[ClipWriter],
    progress: Progress,
    allow_damaged: bool,
    *,
    ticks: bool,
    may_stop: bool,
) -> DecodedClip:
    seen = np.zeros(clip.facts.n_frames, np.bool_)
    for writer in writers:
        writer.begin()
    with open_media(
        clip.media,
        stream=clip.stream,
        image_fps=clip.facts.fps,
        expected_n_frames=clip.facts.n_frames,
        allow_damaged=allow_damaged,
        color=override,
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
            for writer in writers:
                writer.run(frame, decode_ns)
            if ticks:
                progress.advance()
            if may_stop and all(writer.failure is not None for writer in writers):
                break
        missing = tuple(int(index) for index in np.flatnonzero(~seen))
        return DecodedClip(media.color, media.notes, media.damage, missing)
