"""``pipelines/NAME.yaml`` as written; read with what it extends and as all that it sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from vbench.config.classes_entry import ClassesEntry
from vbench.config.classifier_stage import ClassifierStage
from vbench.config.decode_entry import DecodeEntry
from vbench.config.detector_stage import DetectorStage
from vbench.config.extends import read_extended, with_paths_of_bases
from vbench.config.golden_file import Name
from vbench.config.model_file import FileModel, ModelFile, check_model
from vbench.config.rule_entries import RuleStage
from vbench.config.sweep import variants
from vbench.config.tracker_entries import TrackerStage
from vbench.config.yaml_text import YamlDocument
from vbench.errors import ConfigError

PIPELINE_SCHEMA = "vbench.pipeline/v1"

Stage: TypeAlias = Annotated[
    DetectorStage | ClassifierStage | TrackerStage | RuleStage, Field(discriminator="kind")
]


def _parts_may_be_missing(schema: dict[str, JsonValue]) -> None:
    """In the JSON Schema, let a file with `extends` leave out what its base has."""
    unknown_keys = schema.pop("additionalProperties")
    properties, required = schema.pop("properties"), schema.pop("required")
    keys = properties if isinstance(properties, dict) else {}
    anything: dict[str, JsonValue] = {key: {} for key in keys}
    part_of_stage: JsonValue = {"type": "object", "required": ["id"]}
    schema["if"] = {"required": ["extends"]}
    schema["then"] = {
        "properties": anything | {"stages": {"type": "array", "items": part_of_stage}},
        "required": ["schema", "name"],
        "additionalProperties": unknown_keys,
    }
    schema["else"] = {
        "properties": properties,
        "required": required,
        "additionalProperties": unknown_keys,
    }


class PipelineFile(FileModel):
    """``pipelines/NAME.yaml``."""

    model_config = ConfigDict(json_schema_extra=_parts_may_be_missing)

    schema_: Literal["vbench.pipeline/v1"] = Field(alias="schema")
    extends: str | None = None
    """The file that this one changes; merged in, and gone, once a file is read."""
    name: Name
    version: Annotated[str, BeforeValidator(lambda value: str(value))]
    classes: ClassesEntry | None = None
    """The class list of every detector that has none of its own."""
    decode: DecodeEntry = Field(default_factory=DecodeEntry)
    stages: list[Stage] = Field(min_length=1)
    """In order: what each finds is what the next one gets."""
    sweep: dict[str, list[JsonValue] | dict[str, JsonValue]] | None = None
    """Values of keys that make several pipelines of a file; gone from each of these."""

    @property
    def detectors(self) -> tuple[DetectorStage, ...]:
        """The detectors, in order."""
        return tuple(stage for stage in self.stages if isinstance(stage, DetectorStage))

    @model_validator(mode="after")
    def _one_after_the_other(self) -> PipelineFile:
        ids = [stage.id for stage in self.stages]
        doubled = next((name for k, name in enumerate(ids) if name in ids[:k]), None)
        if doubled is not None:
            raise ValueError(f'two stages have the id "{doubled}"')
        order = [_KINDS.index(stage.kind) for stage in self.stages]
        if order != sorted(order) or order[0] != 0:
            raise ValueError("stages go in the order detector, classifier, tracker, rule")
        if order.count(_KINDS.index("tracker")) > 1:
            raise ValueError("a pipeline has one tracker at most")
        for stage in self.detectors:
            if self.classes is None and stage.classes is None:
                raise ValueError(f'detector "{stage.id}" has no `classes`, nor has the pipeline')
        return self


_KINDS = ("detector", "classifier", "tracker", "rule")


def read_pipeline_files(path: Path) -> tuple[ModelFile[PipelineFile], ...]:
    """Read the pipelines of a file: one, or as many as its `sweep` makes.

    Raises:
        ConfigError: with the file, line and key that are wrong, in it or in what it extends.
    """
    document = read_extended(path, PIPELINE_SCHEMA, _KINDS)
    return tuple(_checked(variant) for variant in variants(document))


def read_pipeline_file(path: Path) -> ModelFile[PipelineFile]:
    """Read a file that is one pipeline. Raises ConfigError, also for a `sweep`."""
    document = read_extended(path, PIPELINE_SCHEMA, _KINDS)
    if document.data.get("sweep") is not None:
        raise ConfigError(
            "makes several pipelines of the file, and one is wanted here",
            where=document.where("sweep"),
            hint="give a file without it: one that `extends` this one, with `sweep: null`",
        )
    return _checked(document)


def _checked(document: YamlDocument) -> ModelFile[PipelineFile]:
    return check_model(with_paths_of_bases(document), PipelineFile)
