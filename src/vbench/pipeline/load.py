"""A pipeline file, ready to run on the clips of one golden set."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from vbench.config.classifier_stage import ClassifierStage
from vbench.config.detector_stage import DetectorStage
from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.replay import ReplayEntry
from vbench.config.input_entry import InputEntry
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.config.rule_entries import RuleStage
from vbench.engines.protocol import Engine, EngineSite, FrameEngine, KeyPlace, TensorEngine
from vbench.engines.python_object import module_file
from vbench.engines.registry import files_of, open_engine
from vbench.errors import ConfigError
from vbench.pipeline.adapters.adapter import Adapter, ModelFacts
from vbench.pipeline.adapters.classifier import ClassifierAdapter
from vbench.pipeline.adapters.registry import make_adapter
from vbench.pipeline.classes import ClassMap, class_list_of, load_classes
from vbench.pipeline.classifier import Classifier
from vbench.pipeline.counted import Counted
from vbench.pipeline.detector import Detector
from vbench.pipeline.frame_detector import FrameDetector
from vbench.pipeline.frame_pipeline import FramePipeline
from vbench.pipeline.inputs import check_input
from vbench.pipeline.loaded import Stages
from vbench.pipeline.own_preprocess import OwnFunction, load_own_function
from vbench.pipeline.replay_pipeline import ReplayPipeline
from vbench.pipeline.replayed_detector import ReplayedDetector
from vbench.pipeline.rules.registry import make_rule, needs_identities
from vbench.pipeline.stage import ClassifierRunner, DetectorRunner, Rule
from vbench.pipeline.stage_names import needs_frames, stage_names
from vbench.pipeline.tail import Tail
from vbench.pipeline.thresholds import operating_scores
from vbench.pipeline.trackers.registry import make_tracker
from vbench.types.arrays import F64
from vbench.types.golden import Taxonomy

__all__ = [
    "FramePipeline",
    "Pipeline",
    "ReplayPipeline",
    "load_pipeline",
]

Pipeline: TypeAlias = FramePipeline | ReplayPipeline
"""What `load_pipeline` gives; `needs_frames` tells which, for mypy too."""

_BESIDE = {"command": "command", "python": "object", "plugin": "name"}
"""Key of an engine's entry that names a program, a module or a package; it may be in a base."""


def load_pipeline(file: ModelFile[PipelineFile], taxonomy: Taxonomy) -> Pipeline:
    """Load a pipeline for golden sets of one taxonomy.

    Raises:
        ConfigError: classes, stages and pipeline file do not fit each other.
        EngineError: a model cannot be loaded, or does not fit the pipeline file.
    """
    _check_identities(file)
    thresholds = operating_scores(file, taxonomy)
    with ExitStack() as opened:
        builder = _Builder(file, taxonomy, thresholds, opened)
        stages = builder.stages()
        opened.pop_all()
    kind = FramePipeline if needs_frames(file) else ReplayPipeline
    missing = (name for k, name in enumerate(taxonomy.names) if k not in builder.found)
    return kind(file, stages, stage_names(file), tuple(missing), tuple(builder.files))


class _Builder:
    """Opens the stages of a file one after the other, and notes what they consist of."""

    def __init__(
        self,
        file: ModelFile[PipelineFile],
        taxonomy: Taxonomy,
        thresholds: F64,
        opened: ExitStack,
    ) -> None:
        self._file = file
        self._taxonomy = taxonomy
        self._thresholds = thresholds
        self._opened = opened
        self.files: list[Path] = []
        self.found: set[int] = set()

    def stages(self) -> Stages:
        """Every stage, opened and checked."""
        detectors: list[DetectorRunner] = []
        classifiers: list[ClassifierRunner] = []
        trackers, rules = [], []
        for position, stage in enumerate(self._file.model.stages):
            if stage.kind == "detector":
                detectors.append(self._detector(position, stage))
            elif stage.kind == "classifier":
                classifiers.append(self._classifier(position, stage))
            elif stage.kind == "tracker":
                trackers.append(make_tracker(stage))
            else:
                rules.append(self._rule(position, stage))
        tail = Tail(trackers[0] if trackers else None, rules)
        return Stages(tuple(detectors), tuple(classifiers), tail)

    def _detector(self, position: int, stage: DetectorStage) -> DetectorRunner:
        classes = self._classes(position)
        if isinstance(stage.engine, ReplayEntry):
            return ReplayedDetector(
                stage.id, self._file, stage.engine, self._place_of(position, "engine"), classes
            )
        engine = self._engine(position, stage.id, stage.engine, classes)
        if isinstance(engine, FrameEngine):
            return FrameDetector(stage, engine, classes)
        if stage.input is None or stage.output is None:
            raise ConfigError(
                "input and output are missing",
                where=self._file.where("stages", position),
                hint="add both; see docs/reference/pipeline.md",
            )
        check_input(engine, stage.input, self._place_of(position, "input"))
        place = self._file.where("stages", position, "output")
        facts = ModelFacts(len(classes.names), stage.input.size, place)
        output = stage.output

        def adapter_for(size: tuple[int, int]) -> Adapter:
            adapter = make_adapter(output, replace(facts, input_size=size))
            # Also finds which of the model's outputs is which.
            adapter.check(engine.outputs)
            return adapter

        adapter_for(stage.input.size)
        own = self._own_function(position, stage.input)
        return Detector(stage.id, engine, stage.input, adapter_for, stage.post, classes, own)

    def _classifier(self, position: int, stage: ClassifierStage) -> ClassifierRunner:
        classes = self._classes(position)
        engine = self._engine(position, stage.id, stage.engine, classes)
        if not isinstance(engine, TensorEngine):
            raise ConfigError(
                f"a classifier needs an engine that takes tensors, not {stage.engine.type}",
                where=self._file.where("stages", position, "engine", "type"),
                hint="use onnxruntime, tensorrt, openvino or kserve",
            )
        check_input(engine, stage.input, self._place_of(position, "input"))
        place = self._file.where("stages", position, "output")
        facts = ModelFacts(len(classes.names), stage.input.size, place)
        adapter = ClassifierAdapter(stage.output, facts)
        adapter.check(engine.outputs)
        looked_at = Counted(
            stage.of,
            self._taxonomy,
            self._thresholds,
            score=stage.score,
            where=self._file.where("stages", position, "of"),
        )
        own = self._own_function(position, stage.input)
        return Classifier(stage, engine, adapter, classes, looked_at, own)

    def _rule(self, position: int, stage: RuleStage) -> Rule:
        place = self._place_of(position)
        folder = self._file.folder_of("stages", position, "object")
        if stage.type == "python":
            self.files.append(module_file(stage.object, folder, place("object")))
        return make_rule(stage, self._taxonomy, self._thresholds, folder, place)

    def _own_function(self, position: int, entry: InputEntry) -> OwnFunction | None:
        place = self._place_of(position, "input")
        folder = self._file.folder_of("stages", position, "input", "python")
        own = load_own_function(entry, folder, place)
        if own is not None:
            self.files.append(own.file())
        return own

    def _classes(self, position: int) -> ClassMap:
        entry = class_list_of(self._file, position)
        if entry.entry.file is not None:
            self.files.append(self._file.folder / entry.entry.file)
        classes = load_classes(entry, self._taxonomy)
        self.found |= classes.found()
        return classes

    def _engine(self, position: int, stage_id: str, entry: LiveEntry, classes: ClassMap) -> Engine:
        place = self._place_of(position, "engine")
        key = _BESIDE.get(entry.type)
        # A base's own paths start from here too; its programs and modules lie beside it.
        folder = (
            self._file.folder
            if key is None
            else self._file.folder_of("stages", position, "engine", key)
        )
        site = EngineSite(folder, place, stage_id, classes.names)
        engine = open_engine(entry, site)
        self._opened.callback(engine.close)
        self.files += files_of(entry, site)
        return engine

    def _place_of(self, position: int, *keys: str) -> KeyPlace:
        """``file:line: key`` of a key below a key of a stage."""

        def place(key: str) -> str:
            return self._file.where("stages", position, *keys, key)

        return place


def _check_identities(file: ModelFile[PipelineFile]) -> None:
    """Raise ConfigError for a rule that follows objects where nothing gives them identities."""
    gives = any(
        stage.kind == "tracker" or (stage.kind == "detector" and stage.engine.takes != "tensors")
        for stage in file.model.stages
    )
    for position, stage in enumerate(file.model.stages):
        if stage.kind == "rule" and not gives and needs_identities(stage):
            raise ConfigError(
                f"{stage.type} follows objects over time, but no stage gives them identities",
                where=file.where("stages", position),
                hint="put a tracker before it: {id: track, kind: tracker, type: bytetrack}",
            )
