"""What a pipeline's answers follow from, as one key; no model and no library is loaded for it.

Equal keys mean equal detections, alerts and trial answers on the same frames. What cannot change
them does not enter: names, comments, paths, and operating points that no stage looks at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from vbench.config.classifier_stage import ClassifierStage
from vbench.config.detector_stage import DetectorStage
from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.config.engines.openvino import OpenVinoEntry
from vbench.config.engines.replay import ReplayEntry
from vbench.config.engines.tensorrt import TensorRtEntry
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile, Stage
from vbench.config.post_entry import PostEntry
from vbench.config.rule_entries import PythonRuleStage
from vbench.config.tracker_entries import ByteTrackStage, SortStage
from vbench.errors import EngineError
from vbench.pipeline.classes import class_list_of, load_classes
from vbench.pipeline.engine_files import FILE_KEYS, EngineFiles, engine_files, unknown_of
from vbench.pipeline.thresholds import operating_scores
from vbench.types.golden import Taxonomy
from vbench.types.run import Digest

_ModelStage: TypeAlias = DetectorStage | ClassifierStage


@dataclass(frozen=True, slots=True)
class Platform:
    """What runs a pipeline, besides its own files."""

    facts: tuple[tuple[str, str], ...]
    """(name, value): libraries, vbench's own code, processor."""
    gpu: tuple[tuple[str, str], ...]
    """GPUs and their driver; empty where there is none, or the system does not tell."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A pipeline on the golden sets of one taxonomy."""

    key: str
    """sha256 of all that its answers follow from."""
    digests: tuple[Digest, ...]
    """As `vbench.pipeline.loaded.Loaded.digests` gives them."""
    missing_classes: tuple[str, ...]
    """Classes of the taxonomy that it never finds."""


@dataclass(frozen=True, slots=True)
class NotCacheable:
    """A pipeline whose answers may change without anything changing that can be seen from here."""

    reason: str
    """Empty for a pipeline of stored results alone: there is nothing to compute."""


class FileDigests:
    """Digests of files; each file is read once."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._sha256: dict[Path, str] = {}

    def sha256(self, path: Path) -> str:
        """Of a file as it was when first asked for. Raises OSError."""
        # Size and time of a file say too little: a model may be exported twice in a second.
        if path not in self._sha256:
            with path.open("rb") as stream:
                self._sha256[path] = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._sha256[path]


def identity_of(
    file: ModelFile[PipelineFile], taxonomy: Taxonomy, platform: Platform, digests: FileDigests
) -> Identity | NotCacheable:
    """What a pipeline's answers follow from, or why that is not known.

    Args:
        file: the pipeline.
        taxonomy: of the golden set.
        platform: what runs it.
        digests: of this run.

    Raises:
        ConfigError: class lists, operating points and taxonomy do not fit each other.
    """
    if all(isinstance(stage.engine, ReplayEntry) for stage in file.model.detectors) and not any(
        isinstance(stage, ClassifierStage) for stage in file.model.stages
    ):
        return NotCacheable("")
    for stage in file.model.stages:
        reason = _unknown(stage)
        if reason:
            return NotCacheable(f"stage {stage.id}: {reason}")
    parts = _Parts(file, taxonomy, platform, digests)
    try:
        return parts.identity()
    except (_NotKnown, EngineError, OSError) as error:
        # Loading says it better, with its place.
        return NotCacheable(str(error))


def _unknown(stage: Stage) -> str:
    """Why it is not known what a stage's answers follow from; empty where it is."""
    if isinstance(stage, PythonRuleStage):
        return "what its Python code imports is not known"
    if not isinstance(stage, DetectorStage | ClassifierStage):
        return ""
    entry = stage.engine
    if isinstance(entry, ReplayEntry):
        return "stored results are read anew"
    if not entry.repeatable:
        return f"what is behind a {entry.type} engine may change"
    if stage.input is not None and stage.input.python is not None:
        return "what the Python code of its input imports is not known"
    if isinstance(entry, OnnxRuntimeEntry | OpenVinoEntry | TensorRtEntry):
        return unknown_of(entry)
    raise TypeError(f"a {entry.type} engine says that it is repeatable")


class _NotKnown(Exception):
    """Something that the answers follow from."""


class _Parts:
    """Puts together what enters the key."""

    def __init__(
        self,
        file: ModelFile[PipelineFile],
        taxonomy: Taxonomy,
        platform: Platform,
        digests: FileDigests,
    ) -> None:
        self._file = file
        self._taxonomy = taxonomy
        self._platform = platform
        self._digests = digests
        self._files: dict[Path, None] = {}
        self._found: set[int] = set()
        self._on_gpu = False

    def identity(self) -> Identity | NotCacheable:
        """All of it. Raises ConfigError, EngineError, OSError, _NotKnown."""
        thresholds = operating_scores(self._file, self._taxonomy).tolist()
        stages = [self._stage(position) for position in range(len(self._file.model.stages))]
        if self._on_gpu and not self._platform.gpu:
            return NotCacheable("the system does not tell which GPU and driver it has")
        content = {
            "platform": self._platform.facts,
            "gpu": self._platform.gpu if self._on_gpu else (),
            "taxonomy": self._taxonomy.names,
            "decode": self._file.model.decode.model_dump(),
            "stages": stages,
            "operating_points": thresholds if self._looks_at_thresholds() else None,
        }
        text = json.dumps(content, sort_keys=True)
        names = enumerate(self._taxonomy.names)
        return Identity(
            key=hashlib.sha256(text.encode()).hexdigest(),
            digests=tuple(self._digests_of_files()),
            missing_classes=tuple(name for k, name in names if k not in self._found),
        )

    def _looks_at_thresholds(self) -> bool:
        """Whether a stage behind the detectors takes its score from the operating points."""
        others = DetectorStage | ByteTrackStage | SortStage | PythonRuleStage
        return any(
            not isinstance(stage, others) and stage.score is None
            for stage in self._file.model.stages
        )

    def _stage(self, position: int) -> dict[str, object]:
        """Everything about a stage that can change an answer; its id names times and alerts."""
        stage = self._file.model.stages[position]
        settings: dict[str, object] = stage.model_dump(exclude={"engine", "classes", "post"})
        if isinstance(stage, DetectorStage | ClassifierStage):
            # In the order in which a pipeline is loaded: so are its digests.
            settings["class_id"] = self._class_ids(position)
            settings |= self._engine(stage)
        if isinstance(stage, DetectorStage):
            settings["post"] = _post(stage.post)
        return settings

    def _class_ids(self, position: int) -> list[int]:
        """What becomes of each class of the model, as numbers."""
        entry = class_list_of(self._file, position)
        if entry.entry.file is not None:
            self._files[self._file.folder / entry.entry.file] = None
        classes = load_classes(entry, self._taxonomy)
        self._found |= classes.found()
        return [int(one) for one in classes.class_id]

    def _engine(self, stage: _ModelStage) -> dict[str, object]:
        entry = stage.engine
        if not isinstance(entry, OnnxRuntimeEntry | OpenVinoEntry | TensorRtEntry):
            raise TypeError(f"entry of type {entry.type}")
        parts: EngineFiles = engine_files(entry, self._file.folder)
        if not any(version for _, version in parts.libraries):
            raise _NotKnown(f"stage {stage.id}: the version of {entry.type} is not known")
        self._files |= dict.fromkeys(parts.files)
        self._on_gpu |= parts.on_gpu
        sha256 = [self._digests.sha256(path) for path in parts.files]
        if entry.sha256 is not None and entry.sha256 != sha256[0]:
            raise _NotKnown(f"stage {stage.id}: its model is not the pinned one")
        return {
            "engine": entry.model_dump(exclude=set(FILE_KEYS)),
            "files": sha256,
            "libraries": parts.libraries,
        }

    def _digests_of_files(self) -> Iterator[Digest]:
        name, path = self._file.model.name, self._file.path
        yield Digest(f"pipeline {name}: {path.name}", self._file.document.sha256())
        for file in self._files:
            inside = file.is_relative_to(path.parent)
            shown = file.relative_to(path.parent).as_posix() if inside else file.name
            yield Digest(f"pipeline {name}: {shown}", self._digests.sha256(file))


def _post(post: PostEntry) -> dict[str, object]:
    """What happens to detections before they are stored: operating points come behind."""
    settings: dict[str, object] = post.model_dump(exclude={"score", "score_per_class", "floor"})
    return settings | {"stored_from": post.stored_from}
