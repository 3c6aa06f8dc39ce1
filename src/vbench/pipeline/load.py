"""A pipeline file, ready to run on the clips of one golden set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import DetectorStage, PipelineFile, ReplayEntry
from vbench.engines.registry import TensorEntry, model_files, open_engine
from vbench.engines.replay.alerts import read_alerts
from vbench.engines.replay.read import (
    CLIP_PLACEHOLDER,
    alerts_file,
    read_results,
    results_file,
)
from vbench.errors import ConfigError, EngineError
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.registry import make_adapter
from vbench.pipeline.classes import DROPPED, ClassMap, load_classes
from vbench.pipeline.detector import STEPS, Detector, FrameDetections
from vbench.pipeline.preflight import check_input, warmup_frame
from vbench.types.alerts import Alerts
from vbench.types.detections import Detections
from vbench.types.frame import Frame
from vbench.types.golden import Clip, Taxonomy
from vbench.types.run import Digest

# A pipeline has exactly one stage so far; the file's model sees to it.
_STAGE = 0


def stage_names(file: ModelFile[PipelineFile]) -> tuple[str, ...]:
    """``detect.preprocess``, ``detect.infer``, ...: what is timed, in order.

    Empty for replayed results; nothing is loaded.
    """
    stage = file.model.stages[_STAGE]
    if isinstance(stage.engine, ReplayEntry):
        return ()
    return tuple(f"{stage.id}.{step}" for step in STEPS)


def load_pipeline(file: ModelFile[PipelineFile], taxonomy: Taxonomy) -> Pipeline:
    """Load a pipeline for golden sets of one taxonomy.

    Raises:
        ConfigError: classes, model and pipeline file do not fit each other.
        EngineError: the model cannot be loaded.
    """
    classes = load_classes(file, taxonomy)
    engine_entry = file.model.stages[_STAGE].engine
    if isinstance(engine_entry, ReplayEntry):
        return ReplayPipeline(file, taxonomy, classes, engine_entry)
    return FramePipeline(file, taxonomy, classes, engine_entry)


class _LoadedFile:
    """What every pipeline can say about itself."""

    def __init__(
        self, file: ModelFile[PipelineFile], taxonomy: Taxonomy, classes: ClassMap
    ) -> None:
        self._file = file
        self._taxonomy = taxonomy
        self._classes = classes
        self._stage: DetectorStage = file.model.stages[_STAGE]

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return self._file.model.name

    @property
    def version(self) -> str:
        """The version its file states."""
        return self._file.model.version

    @property
    def missing_classes(self) -> tuple[str, ...]:
        """Classes of the taxonomy that this pipeline never finds."""
        return self._classes.missing

    @property
    def stage_names(self) -> tuple[str, ...]:
        """What is timed, in order; see the function of this name."""
        return stage_names(self._file)

    def _digests(self, files: Sequence[Path]) -> tuple[Digest, ...]:
        """Digests of the pipeline file, its class list and further files, each file once."""
        named = [self._file.path]
        if self._file.model.classes.file is not None:
            named.append(self._file.folder / self._file.model.classes.file)
        named.extend(files)
        return tuple(self._digest(path) for path in dict.fromkeys(named))

    def _digest(self, path: Path) -> Digest:
        folder = self._file.folder
        inside = path.is_relative_to(folder)
        shown = path.relative_to(folder).as_posix() if inside else path.name
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return Digest(f"pipeline {self.name}: {shown}", sha256)

    def _place(self, key: str) -> str:
        """``file:line: key`` of a key of the engine entry."""
        return self._file.where("stages", _STAGE, "engine", key)


class FramePipeline(_LoadedFile):
    """A pipeline that runs on frames; not safe for use by several threads at once."""

    needs_frames: Literal[True] = True

    def __init__(
        self,
        file: ModelFile[PipelineFile],
        taxonomy: Taxonomy,
        classes: ClassMap,
        engine_entry: TensorEntry,
    ) -> None:
        """Load the model and check it against the file; see `load_pipeline`."""
        super().__init__(file, taxonomy, classes)
        self._engine_entry = engine_entry
        stage = self._stage
        if stage.input is None or stage.output is None:
            raise ConfigError(
                "input and output are missing",
                where=file.where("stages", _STAGE),
                hint="add both; see docs/reference/pipeline.md",
            )
        engine = open_engine(engine_entry, file.folder, self._place)
        self._engine_text = engine.info.text()
        self._input_size = stage.input.size
        check_input(engine, stage.input, lambda key: file.where("stages", _STAGE, "input", key))
        place = file.where("stages", _STAGE, "output")
        adapter = make_adapter(
            stage.output, ModelFacts(len(classes.names), stage.input.size, place)
        )
        adapter.check(engine.outputs)
        self._detector = Detector(stage.id, engine, stage.input, adapter, stage.post, classes)

    @property
    def engine_text(self) -> str:
        """What really runs, for example ``onnxruntime 1.22.0 (CPUExecutionProvider, 1 thread)``."""
        return self._engine_text

    def check(self, clips: Sequence[Clip]) -> None:
        """Put one frame of every clip size through all stages; also warms every stage up.

        Without clips the frame has the size of the model's input.

        Raises:
            EngineError, ConfigError: a stage fails, or its output does not fit the next one.
        """
        sizes = dict.fromkeys((clip.facts.width_px, clip.facts.height_px) for clip in clips)
        for width, height in sizes or [self._input_size]:
            try:
                self._detector(warmup_frame(width, height))
            except EngineError as error:
                raise EngineError(
                    error.what,
                    where=f"{self._file.path}: warm-up frame of {width}x{height}",
                    hint=error.hint,
                ) from error

    def run_frame(self, frame: Frame) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections of a frame, and the ns that each of `stage_names` took.

        Raises EngineError naming the frame, ConfigError where an output's shape does not fit.
        """
        return self._detector(frame)

    def digests(self, clips: Sequence[Clip]) -> tuple[Digest, ...]:  # noqa: ARG002
        """Digests of the pipeline file, its class list and every file of the model."""
        return self._digests(model_files(self._engine_entry, self._file.folder))

    def close(self) -> None:
        """Free the model."""
        self._detector.close()


class ReplayPipeline(_LoadedFile):
    """Stored results in place of a model."""

    needs_frames: Literal[False] = False

    def __init__(
        self,
        file: ModelFile[PipelineFile],
        taxonomy: Taxonomy,
        classes: ClassMap,
        entry: ReplayEntry,
    ) -> None:
        """Nothing is read before `check` or `replay`."""
        super().__init__(file, taxonomy, classes)
        self._entry = entry

    @property
    def engine_text(self) -> str:
        """``replay (mot)``."""
        return f"replay ({self._entry.format})"

    def check(self, clips: Sequence[Clip]) -> None:
        """Read every clip's results once, so that what is wrong is found before a run begins.

        Raises:
            ConfigError: there is not a results file for every clip.
            TruthError: a file is broken, or does not fit its clip or the pipeline's classes.
        """
        of_each = (("path", "results", self._entry.path), ("alerts", "alerts", self._entry.alerts))
        for key, kind, path in of_each:
            if path is not None and CLIP_PLACEHOLDER not in path and len(clips) > 1:
                raise ConfigError(
                    f"one {kind} file for {len(clips)} clips",
                    where=self._place(key),
                    hint=f"write {CLIP_PLACEHOLDER} where file names hold the clip's id",
                )
        for clip in clips:
            self.replay(clip)
            self.alerts(clip)

    def replay(self, clip: Clip) -> Detections:
        """Every stored detection of a clip, in the taxonomy's classes; boxes are not clipped.

        Raises:
            ConfigError: the clip has no results file.
            TruthError: the file is broken, or does not fit the clip or the pipeline's classes.
        """
        self._results_file(clip)
        results = read_results(
            self._entry, self._file.folder, self._classes.names, clip.id, clip.facts.n_frames
        )
        class_id = self._classes.class_id[results.class_index]
        rows = np.flatnonzero(class_id != DROPPED)
        return Detections.sorted_from(
            frame_index=results.frame_index[rows],
            boxes_xyxy=results.boxes_xyxy[rows],
            scores=results.scores[rows],
            class_id=class_id[rows],
            track_id=results.track_id[rows],
        )

    def alerts(self, clip: Clip) -> Alerts | None:
        """What the system's rules raised on a clip; None for a pipeline without alerts.

        Raises:
            TruthError: the file is missing or broken, or does not fit the clip or the classes.
        """
        path = alerts_file(self._entry, self._file.folder, clip.id)
        if path is None:
            return None
        classes = self._classes
        return read_alerts(path, classes.names, classes.class_id, clip.facts.duration_s)

    def digests(self, clips: Sequence[Clip]) -> tuple[Digest, ...]:
        """Digests of the pipeline file, its class list, and results and alerts of these clips."""
        files = [self._results_file(clip) for clip in clips]
        alerts = (alerts_file(self._entry, self._file.folder, clip.id) for clip in clips)
        return self._digests([*files, *(path for path in alerts if path is not None)])

    def close(self) -> None:
        """Nothing is held open."""

    def _results_file(self, clip: Clip) -> Path:
        path = results_file(self._entry, self._file.folder, clip.id)
        if not path.is_file():
            there = sorted(item.name for item in path.parent.glob(f"*{path.suffix}"))
            raise ConfigError(
                f'no results for clip "{clip.id}": {path} does not exist',
                where=self._place("path"),
                hint=f"the folder holds {', '.join(there[:8])}" if there else "check the path",
            )
        return path


Pipeline: TypeAlias = FramePipeline | ReplayPipeline
"""What `load_pipeline` gives; `needs_frames` tells which, for mypy too."""
