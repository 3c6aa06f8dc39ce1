"""`vbench schema`: JSON Schemas of the files that vbench reads and writes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class SchemaName(StrEnum):
    """Files with a schema."""

    RUN = "run"
    GOLDEN = "golden"
    PIPELINE = "pipeline"
    BENCHMARK = "benchmark"


def schema(
    name: Annotated[SchemaName, typer.Argument(help="Which file.", show_default=False)],
) -> None:
    """Print the JSON Schema of run.json, golden.yaml, a pipeline file or benchmark.yaml.

    Example: **vbench schema run > run.schema.json**
    """
    from vbench.bench.schema import schema_text

    typer.echo(schema_text(name.value), nl=False)
