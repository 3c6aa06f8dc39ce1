"""`vbench run` and its stages alone, as ways that the speed benchmarks compare; in frames/s."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from models import Model
from naive import detect, pictures

from vbench.bench.options import Measure, RunOptions
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.config.pipeline_file import read_pipeline_file
from vbench.golden.load import load_golden_set
from vbench.kernels.cpus import usable_cpus
from vbench.pipeline.load import FramePipeline, load_pipeline
from vbench.pipeline.prepared import PreparedInputs
from vbench.types import GoldenSet
from vbench.video import open_media


class _Phases(NoProgress):
    """How long a run was at its frames, without what comes before and behind."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self._began_s: float | None = None

    def begin(self, title: str, _n_frames: int) -> None:
        """The steps of a run have titles."""
        if title == "running":
            self._began_s = time.perf_counter()

    def end(self) -> None:
        """Of whichever step; only the one with frames was begun here."""
        if self._began_s is not None:
            self.elapsed_s += time.perf_counter() - self._began_s
            self._began_s = None


@dataclass(slots=True)
class WholeRun:
    """`vbench run --no-report --no-cache` of a benchmark, into a folder that is removed again."""

    benchmark: Path
    n_frames: int
    measure: Measure = "sample"
    frames_per_s: list[float] = field(default_factory=list)
    """Of the part from the first clip's opening to the last shard, one for each call."""

    def __call__(self) -> float:
        """Frames/s of the whole call: check of the media, inference, judgement."""
        out = self.benchmark.parent / "run"
        shutil.rmtree(out, ignore_errors=True)
        phases = _Phases()
        began_s = time.perf_counter()
        run_benchmark(
            self.benchmark,
            out,
            phases,
            options=RunOptions(cache=False, measure=self.measure),
            report=False,
        )
        elapsed_s = time.perf_counter() - began_s
        self.frames_per_s.append(self.n_frames / phases.elapsed_s)
        return self.n_frames / elapsed_s


@dataclass(slots=True)
class Front:
    """Decoding and preprocessing alone, in one thread, as a run does them."""

    clip: Path
    pipelines: Sequence[FramePipeline]
    n_frames: int

    def __call__(self) -> float:
        """Frames/s, the decoder with as many threads as a run gives it beside these engines."""
        inputs = _inputs_of(self.pipelines)
        n_inferring = sum(pipeline.engine_threads for pipeline in self.pipelines)
        threads = max(1, len(usable_cpus()) - n_inferring)
        began_s = time.perf_counter()
        n_frames = 0
        with open_media(self.clip, threads=threads) as media:
            for frame in itertools.islice(media, self.n_frames):
                inputs.give_back(frame.size, inputs.prepare(frame))
                n_frames += 1
        return n_frames / (time.perf_counter() - began_s)


@dataclass(slots=True)
class Back:
    """Inference and what follows it, one frame after the other, on frames that are ready."""

    clip: Path
    pipelines: Sequence[FramePipeline]
    n_frames: int

    def __call__(self) -> float:
        """Frames/s of all pipelines, one after the other."""
        ready = []
        with open_media(self.clip, threads=1) as media:
            for frame in itertools.islice(media, 8):
                ready.append((frame, _inputs_of(self.pipelines).prepare(frame)))
        began_s = time.perf_counter()
        for number in range(self.n_frames):
            frame, prepared = ready[number % len(ready)]
            for pipeline in self.pipelines:
                pipeline.finish(pipeline.infer(frame, prepared))
        return self.n_frames / (time.perf_counter() - began_s)


@dataclass(slots=True)
class Naive:
    """Decode, letterbox, infer, boxes, one frame after the other; nothing is stored or judged."""

    clip: Path
    model: Model
    n_frames: int

    def __call__(self) -> float:
        """Frames/s."""
        infer = self.model.alone()
        began_s = time.perf_counter()
        n_frames = 0
        for image in itertools.islice(pictures(self.clip), self.n_frames):
            detect(self.model, infer, image)
            n_frames += 1
        return n_frames / (time.perf_counter() - began_s)


def _inputs_of(pipelines: Sequence[FramePipeline]) -> PreparedInputs:
    """Room for the tensors of one frame."""
    return PreparedInputs([one for pipeline in pipelines for one in pipeline.shared_inputs], 1)


@contextmanager
def loaded(benchmark: Path, paths: Sequence[Path]) -> Iterator[list[FramePipeline]]:
    """Pipelines, warm, for the golden set beside a benchmark of `footage.make_benchmark`."""
    golden_set: GoldenSet = load_golden_set(benchmark.parent / "golden")
    pipelines = []
    for path in paths:
        pipeline = load_pipeline(read_pipeline_file(path), golden_set.taxonomy)
        if not isinstance(pipeline, FramePipeline):
            raise SystemExit(f"{path}: is a replay")
        pipelines.append(pipeline)
        pipeline.check(golden_set.clips)
        pipeline.begin_clip(golden_set.clips[0])
    try:
        yield pipelines
    finally:
        for pipeline in pipelines:
            pipeline.close()
