"""What every loaded pipeline can say about itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.pipeline.replayed_detector import ReplayedDetector
from vbench.pipeline.stage import ClassifierRunner, DetectorRunner
from vbench.pipeline.tail import Tail
from vbench.types.color_override import ColorOverride
from vbench.types.golden import Clip
from vbench.types.run import Digest


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of a pipeline, ready to run."""

    detectors: tuple[DetectorRunner, ...]
    classifiers: tuple[ClassifierRunner, ...]
    tail: Tail

    @property
    def with_engines(self) -> tuple[DetectorRunner | ClassifierRunner, ...]:
        """Detectors, then classifiers."""
        return (*self.detectors, *self.classifiers)


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A pipeline file with its stages."""

    file: ModelFile[PipelineFile]
    stages: Stages
    stage_names: tuple[str, ...]
    """``detect.preprocess``, ``detect.infer``, ..., ``track``: what is timed, in order."""
    missing_classes: tuple[str, ...]
    """Classes of the taxonomy that this pipeline never finds."""
    files: tuple[Path, ...]
    """What the pipeline consists of besides stored results; its own file first."""

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return self.file.model.name

    @property
    def version(self) -> str:
        """The version its file states."""
        return self.file.model.version

    @property
    def path(self) -> Path:
        """The pipeline file."""
        return self.file.path

    @property
    def color_override(self) -> ColorOverride:
        """How its decoder reads colours; pipelines where it is equal can share frames."""
        return self.file.model.decode.override

    @property
    def engine_text(self) -> str:
        """What really runs: ``onnxruntime 1.22.0 (CPUExecutionProvider, 1 thread)``."""
        return "; ".join(dict.fromkeys(part.engine_text for part in self.stages.with_engines))

    @property
    def engine_threads(self) -> int:
        """Threads that its engines run in on the CPU, as far as they say."""
        return sum(part.engine_threads for part in self.stages.with_engines)

    def digests(self, clips: Sequence[Clip]) -> tuple[Digest, ...]:
        """Digests of the pipeline file, its class lists, its models and stored results."""
        replayed = [one for one in self.stages.detectors if isinstance(one, ReplayedDetector)]
        results = [path for one in replayed for path in one.files(clips)]
        return (
            Digest(f"pipeline {self.name}: {self.path.name}", self.file.document.sha256()),
            *(self._digest(path) for path in dict.fromkeys((*self.files, *results))),
        )

    def close(self) -> None:
        """Free the models."""
        for stage in self.stages.with_engines:
            stage.close()

    def _digest(self, path: Path) -> Digest:
        folder = self.path.parent
        inside = path.is_relative_to(folder)
        shown = path.relative_to(folder).as_posix() if inside else path.name
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return Digest(f"pipeline {self.name}: {shown}", sha256)
