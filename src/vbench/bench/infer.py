"""Frames of a clip through every pipeline, into shards.

A clip is decoded once for all pipelines. Frames whose latency is measured go through one at a time,
the pipelines taking turns, so that all are measured under the same conditions; the others go
through with every step at work at once. A pipeline whose engine fails is dropped, and the others go
on.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Literal

from vbench.bench.clip_writer import ClipWriter
from vbench.bench.decoded import NOT_DECODED, DecodedClip
from vbench.bench.failures import on_clip
from vbench.bench.frame_source import FrameSource
from vbench.bench.machine_load import LoadMeter
from vbench.bench.options import Measure
from vbench.bench.overlap import N_TENSORS, ColorGroup, run_overlapped
from vbench.bench.progress import Progress
from vbench.bench.sections import Section, sections
from vbench.errors import EngineError
from vbench.kernels.cpus import usable_cpus
from vbench.pipeline.load import FramePipeline, Pipeline, ReplayPipeline
from vbench.pipeline.prepared import PreparedInputs
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder
from vbench.record.shards import write_detections
from vbench.types import Clip, ColorOverride, MachineLoad
from vbench.video import open_media


@dataclass(frozen=True, slots=True)
class AnsweredClip:
    """What became of the pipelines on one clip."""

    decoded: Mapping[str, DecodedClip]
    """What decoding told, by the pipelines whose answers are stored."""
    failed: Mapping[str, EngineError]
    """Why the others did not get to its end; nothing of this clip is stored for them."""

    def timed(self, load: MachineLoad | None, elapsed_s: float) -> AnsweredClip:
        """The same, with what is known of the machine while times were taken."""
        decoded = {
            name: one if one.color == NOT_DECODED else replace(one, load=load, elapsed_s=elapsed_s)
            for name, one in self.decoded.items()
        }
        return AnsweredClip(decoded, self.failed)

    def without(self, failed: Mapping[str, EngineError]) -> AnsweredClip:
        """The same, where some failed on this clip although they may not have failed here."""
        decoded = {name: one for name, one in self.decoded.items() if name not in failed}
        return AnsweredClip(decoded, {**failed, **self.failed})


class Inference:
    """Runs the pipelines of a golden set on one clip after the other."""

    def __init__(
        self,
        folder: RunFolder,
        class_names: Sequence[str],
        progress: Progress,
        *,
        n_clips: int,
        n_warmup: int,
        measure: Measure | Literal["elsewhere"],
        allow_damaged: bool,
        n_processes: int = 1,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            folder: of the run.
            class_names: of the golden set's taxonomy.
            progress: told of every frame.
            n_clips: of the golden set.
            n_warmup: frames at a clip's start that count in no time.
            measure: what is timed; nothing is where another process does it.
            allow_damaged: score what decodes of damaged clips.
            n_processes: that share the machine, this one among them.
        """
        self._folder = folder
        self._class_names = class_names
        self._progress = progress
        self._n_clips = n_clips
        self._n_warmup = n_warmup
        self._measure = measure
        self._allow_damaged = allow_damaged
        self._n_processes = n_processes
        self._inputs: dict[tuple[str, ...], PreparedInputs] = {}

    def run(self, clip: Clip, pipelines: Sequence[Pipeline]) -> AnsweredClip:
        """Store answers and times of one clip; nothing is stored before the clip's end.

        Raises:
            MediaError: the clip is damaged, and what decodes is not wanted.
        """
        failures: dict[str, EngineError] = {}
        decoded: dict[str, DecodedClip] = {}
        for pipeline in pipelines:
            if not pipeline.needs_frames:
                try:
                    self._replay(clip, pipeline)
                    decoded[pipeline.name] = DecodedClip(NOT_DECODED, (), None, ())
                except EngineError as error:
                    failures[pipeline.name] = on_clip(error, clip.id)
        on_frames = [pipeline for pipeline in pipelines if pipeline.needs_frames]
        alone = len(on_frames) == len(pipelines)
        if not on_frames:
            self._progress.advance(clip.facts.n_frames)
        elif self._measure == "throughput":
            for k, pipeline in enumerate(on_frames):
                found = self._infer(clip, [pipeline], failures, ticks=k == 0, may_stop=False)
                decoded.update(found)
        else:
            decoded.update(self._infer(clip, on_frames, failures, ticks=True, may_stop=alone))
        return AnsweredClip(decoded, failures)

    def take_times(
        self, clip: Clip, pipelines: Sequence[FramePipeline], n_timed: int
    ) -> AnsweredClip:
        """Store the times of a clip's first frames alone, `n_timed` after the warm-up.

        Raises:
            MediaError: the clip is damaged there.
        """
        failures: dict[str, EngineError] = {}
        if not pipelines:
            return AnsweredClip({}, failures)
        with ExitStack() as dropped:
            writers = [
                dropped.enter_context(ClipWriter(self._folder, one, clip, self._class_names))
                for one in pipelines
            ]
            first = Section(self._n_warmup + n_timed, overlapped=False)
            self._decode_through(clip, writers, [first], ticks=False, may_stop=True)
            for writer in writers:
                if writer.failure is None:
                    writer.write_times(self._n_warmup)
                else:
                    failures[writer.pipeline.name] = writer.failure
        return AnsweredClip({}, failures)

    def _replay(self, clip: Clip, pipeline: ReplayPipeline) -> None:
        """Store what a pipeline of stored results found and raised. Raises EngineError."""
        found, alerts = pipeline.replay(clip)
        shard = self._folder.detections(pipeline.name, clip.id)
        write_detections(shard, found, self._class_names)
        if alerts is not None:
            write_alerts(self._folder.alerts(pipeline.name, clip.id), alerts)

    def _infer(
        self,
        clip: Clip,
        pipelines: Sequence[FramePipeline],
        failures: dict[str, EngineError],
        *,
        ticks: bool,
        may_stop: bool,
    ) -> dict[str, DecodedClip]:
        """Decode a clip once for these pipelines; what fails is added to `failures`."""
        meter = LoadMeter()
        meter.start()
        began_s = time.perf_counter()
        with ExitStack() as open_shards:
            writers = [
                open_shards.enter_context(ClipWriter(self._folder, one, clip, self._class_names))
                for one in pipelines
            ]
            of_clip = sections(clip.facts.n_frames, self._n_clips, self._n_warmup, self._measure)
            decoded = self._decode_through(clip, writers, of_clip, ticks=ticks, may_stop=may_stop)
            for writer in writers:
                if writer.failure is None:
                    if self._measure != "elsewhere":
                        writer.write_times(self._n_warmup)
                    writer.finish()
                else:
                    failures[writer.pipeline.name] = writer.failure
        load, elapsed_s = meter.stop(), time.perf_counter() - began_s
        return {
            one.name: replace(decoded[one.color_override], load=load, elapsed_s=elapsed_s)
            for one in pipelines
            if one.name not in failures
        }

    def _decode_through(
        self,
        clip: Clip,
        writers: Sequence[ClipWriter],
        of_clip: Iterable[Section],
        *,
        ticks: bool,
        may_stop: bool,
    ) -> dict[ColorOverride, DecodedClip]:
        """Some sections of a clip, and what decoding told in each of the colours.

        `may_stop`: not to its end where every pipeline failed.
        """
        groups = self._groups(writers)
        for writer in writers:
            writer.begin()
        advance = _Advance(self._progress, writers) if ticks else _Advance(self._progress, ())
        with open_media(
            clip.media,
            stream=clip.stream,
            image_fps=clip.facts.fps,
            expected_n_frames=clip.facts.n_frames,
            allow_damaged=self._allow_damaged,
            color=groups[0].color,
            threads=self._decoder_threads([writer.pipeline for writer in writers]),
            where=f"clip {clip.id} ({clip.media.name})",
        ) as media:
            source = FrameSource(
                media.views([group.color for group in groups]), clip.facts.n_frames
            )
            for section in of_clip:
                self._run(section, source, groups, advance, may_stop=may_stop)
                failed = all(writer.failure is not None for writer in writers)
                if source.ended or (may_stop and failed):
                    break
            return {
                group.color: DecodedClip(
                    media.color_as(group.color), media.notes, media.damage, source.missing()
                )
                for group in groups
            }

    def _decoder_threads(self, pipelines: Sequence[FramePipeline]) -> int:
        """The processors of this process, less those that engines are known to use; at least one.

        More would only take turns with inference on the same processors.
        """
        n_cpus = len(usable_cpus()) // self._n_processes
        return max(1, n_cpus - sum(one.engine_threads for one in pipelines))

    def _run(
        self,
        section: Section,
        source: FrameSource,
        groups: Sequence[ColorGroup],
        advance: _Advance,
        *,
        may_stop: bool,
    ) -> None:
        if section.overlapped:
            timed = self._measure == "throughput"
            run_overlapped(
                source, section.n_frames, groups, advance, timed=timed, may_stop=may_stop
            )
        else:
            _run_one_by_one(section, source, groups, advance, may_stop=may_stop)

    def _groups(self, writers: Sequence[ClipWriter]) -> list[ColorGroup]:
        """Pipelines by how they see colours; input tensors are kept from clip to clip."""
        by_color: dict[ColorOverride, list[ClipWriter]] = {}
        for writer in writers:
            by_color.setdefault(writer.pipeline.color_override, []).append(writer)
        groups = []
        for color, of_color in by_color.items():
            key = tuple(writer.pipeline.name for writer in of_color)
            if key not in self._inputs:
                shared = [one for writer in of_color for one in writer.pipeline.shared_inputs]
                self._inputs[key] = PreparedInputs(shared, N_TENSORS)
            groups.append(ColorGroup(color, tuple(of_color), self._inputs[key]))
        return groups


class _Advance:
    """Tells a clip's progress: frames that every pipeline has answered, but those that failed."""

    def __init__(self, progress: Progress, writers: Sequence[ClipWriter]) -> None:
        self._progress = progress
        self._writers = writers
        self._told = 0

    def __call__(self) -> None:
        running = [writer.n_done for writer in self._writers if writer.failure is None]
        n_more = min(running, default=self._told) - self._told
        if n_more > 0:
            self._told += n_more
            self._progress.advance(n_more)


def _run_one_by_one(
    section: Section,
    source: FrameSource,
    groups: Sequence[ColorGroup],
    advance: _Advance,
    *,
    may_stop: bool,
) -> None:
    """Frames one at a time; each pipeline pays for all that it needs of a frame."""
    n_run = 0
    while n_run != section.n_frames:
        decoded = source.next()
        if decoded is None:
            return
        timed = n_run >= section.n_settling
        for group, frame in zip(groups, decoded.views, strict=True):
            for writer in group.writers:
                writer.run(frame.unconverted(), decoded.decode_ns, timed=timed)
        n_run += 1
        advance()
        if may_stop and all(one.failure is not None for group in groups for one in group.writers):
            return
