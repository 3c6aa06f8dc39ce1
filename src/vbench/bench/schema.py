"""JSON Schemas by name."""

from __future__ import annotations

import json
from collections.abc import Mapping

from vbench.config.benchmark_file import BENCHMARK_SCHEMA, BenchmarkFile
from vbench.config.golden_file import GOLDEN_SCHEMA, GoldenFile
from vbench.config.model_file import FileModel
from vbench.config.pipeline_file import PIPELINE_SCHEMA, PipelineFile
from vbench.record.run_json import run_json_schema

_MODELS: Mapping[str, tuple[type[FileModel], str]] = {
    "golden": (GoldenFile, GOLDEN_SCHEMA),
    "pipeline": (PipelineFile, PIPELINE_SCHEMA),
    "benchmark": (BenchmarkFile, BENCHMARK_SCHEMA),
}


def schema_text(name: str) -> str:
    """The JSON Schema (draft 2020-12) of ``run``, ``golden``, ``pipeline`` or ``benchmark``."""
    if name == "run":
        return run_json_schema()
    model, identity = _MODELS[name]
    schema = model.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = identity
    return json.dumps(schema, indent=2) + "\n"
