"""The same frames through two pipelines, compared stage by stage, and why they part.

Compared are decoded pixels, input tensors, raw outputs, and detections before and after NMS and
classifiers. Trackers and rules are not: they carry one frame's difference into the next ones.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from vbench.bench.media import measure_unlocked
from vbench.bench.parity.explain import explain
from vbench.bench.parity.guess import Guess
from vbench.bench.parity.keys import KeyDifference, key_differences
from vbench.bench.parity.measure import Tolerances
from vbench.bench.parity.stages import StageReport, StageTable
from vbench.bench.parity.tap import begin_clip, both_frames, trace_frame
from vbench.bench.progress import Progress
from vbench.config.model_file import ModelFile, closest
from vbench.config.pipeline_file import PipelineFile, read_pipeline_file
from vbench.errors import ConfigError
from vbench.golden.load import load_golden_set
from vbench.pipeline.load import Pipeline, load_pipeline
from vbench.types import Clip, GoldenSet

DEFAULT_N_FRAMES = 50


@dataclass(frozen=True, slots=True)
class Parity:
    """How two pipelines compare."""

    a: ModelFile[PipelineFile]
    b: ModelFile[PipelineFile]
    engines: tuple[str, str]
    """What really ran in A and in B."""
    golden_set: str
    clips: tuple[str, ...]
    n_frames: int
    tolerances: Tolerances
    stages: tuple[StageReport, ...]
    guess: Guess | None
    """Why they part at the first stage where they do; None where they do not."""
    keys: tuple[KeyDifference, ...]
    """Settings that differ in the files."""

    @property
    def first(self) -> StageReport | None:
        """The first stage where they part."""
        return next((one for one in self.stages if one.state == "differs"), None)


def compare_pipelines(
    a: Path,
    b: Path,
    golden_set: Path,
    tolerances: Tolerances,
    progress: Progress,
    *,
    clip_id: str | None = None,
    n_frames: int = DEFAULT_N_FRAMES,
) -> Parity:
    """Compare two pipelines on the first `n_frames` frames of every clip, or of one.

    Raises:
        ConfigError: a file is wrong, the clip does not exist, or there is nothing to compare.
        EngineError: a model cannot be loaded or run.
        MediaError: a clip cannot be decoded.
    """
    files = read_pipeline_file(a), read_pipeline_file(b)
    footage = load_golden_set(golden_set, measure_unlocked(golden_set, progress))
    clips = _clips(footage, clip_id, golden_set)
    with ExitStack() as stack:
        pair = _loaded(files[0], footage, stack), _loaded(files[1], footage, stack)
        engines = pair[0].engine_text, pair[1].engine_text
        table = StageTable(
            files[0].model.detectors,
            files[1].model.detectors,
            tolerances,
            classified=any(pipeline.stages.classifiers for pipeline in pair),
        )
        n_compared = _run(pair, clips, n_frames, table, progress)
        stages = tuple(table.reports())
        first = next((one for one in stages if one.state == "differs"), None)
        guess = None
        if first is not None:
            progress.begin("looking for the cause", 0)
            clip = next(one for one in clips if one.id == first.first_clip)
            floor = table.floor(first.detector)
            guess = explain(pair, footage.taxonomy, clip, first, tolerances, floor)
            progress.end()
    return Parity(
        a=files[0],
        b=files[1],
        engines=engines,
        golden_set=footage.name,
        clips=tuple(clip.id for clip in clips),
        n_frames=n_compared,
        tolerances=tolerances,
        stages=stages,
        guess=guess,
        keys=key_differences(*files),
    )


def _loaded(file: ModelFile[PipelineFile], footage: GoldenSet, stack: ExitStack) -> Pipeline:
    pipeline = load_pipeline(file, footage.taxonomy)
    stack.callback(pipeline.close)
    return pipeline


def _clips(footage: GoldenSet, clip_id: str | None, path: Path) -> tuple[Clip, ...]:
    if clip_id is None:
        return footage.clips
    found = tuple(clip for clip in footage.clips if clip.id == clip_id)
    if not found:
        raise ConfigError(
            f'the golden set has no clip "{clip_id}"',
            where=str(path),
            hint=closest(clip_id, [clip.id for clip in footage.clips]),
        )
    return found


def _run(
    pair: tuple[Pipeline, Pipeline],
    clips: tuple[Clip, ...],
    n_frames: int,
    table: StageTable,
    progress: Progress,
) -> int:
    """Put the frames through both; returns how many there were."""
    a, b = pair
    total = sum(min(n_frames, clip.facts.n_frames) for clip in clips)
    progress.begin(f"{a.name} and {b.name}", total)
    n_compared = 0
    for clip in clips:
        progress.clip(clip.id)
        begin_clip(a, clip)
        begin_clip(b, clip)
        for of_a, of_b in both_frames(clip, a.color_override, b.color_override, n_frames):
            table.add_frames(clip.id, of_a, of_b)
            table.add_traces(clip.id, of_a.index, trace_frame(a, of_a), trace_frame(b, of_b))
            n_compared += 1
            progress.advance()
    progress.end()
    return n_compared
