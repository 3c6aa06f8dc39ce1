"""The documentation says what the code does: keys, defaults, metrics, commands, examples, links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tests.docs.markdown import (
    DOCS,
    PAGES,
    REPOSITORY,
    CodeBlock,
    anchors,
    code_blocks,
    links,
    prose,
    sections,
    table_rows,
    words,
)
from tests.docs.metric_tables import table_in, tables
from vbench.cli.main import app
from vbench.config.benchmark_file import BenchmarkFile, read_benchmark_file
from vbench.config.brand_file import BrandFile, read_brand_file
from vbench.config.golden_file import GoldenFile, LockFile, TruthFormat, read_golden_file
from vbench.config.pipeline_file import PipelineFile, read_pipeline_file
from vbench.config.strings_file import StringsFile, read_strings_file
from vbench.errors import ExitCode
from vbench.metrics.box_properties import BOX_PROPERTIES
from vbench.record.run_file import RunFile

REFERENCE = DOCS / "reference"
COMMAND_LINE = REFERENCE / "command-line.md"

GOLDEN = ("golden.md",)
PIPELINE = (
    "pipeline.md",
    "engines.md",
    "command-engine.md",
    "servers.md",
    "tensorrt.md",
    "adapters.md",
    "stages.md",
)
BENCHMARK = ("benchmark.md",)
BRAND = ("brand.md",)
STRINGS = ("languages.md",)
RUN = ("run-folder.md",)
"""The pages that describe a file together."""

FILES = [
    pytest.param(GoldenFile, GOLDEN, id="golden"),
    pytest.param(LockFile, GOLDEN, id="lock"),
    pytest.param(PipelineFile, PIPELINE, id="pipeline"),
    pytest.param(BenchmarkFile, BENCHMARK, id="benchmark"),
    pytest.param(BrandFile, BRAND, id="brand"),
    pytest.param(StringsFile, STRINGS, id="strings"),
    pytest.param(RunFile, RUN, id="run"),
]
READERS = {
    "vbench.golden/v1": read_golden_file,
    "vbench.pipeline/v1": read_pipeline_file,
    "vbench.benchmark/v1": read_benchmark_file,
    "vbench.brand/v1": read_brand_file,
    "vbench.strings/v1": read_strings_file,
}


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Every key that a file of this model may have, at any depth, with its field."""
    for name, field in model.model_fields.items():
        yield field.alias or name, field
        for inner in models_in(field.annotation):
            yield from fields_of(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def last_key(dotted: str) -> str:
    return dotted.rpartition(".")[2].removesuffix("[]")


def key_rows(pages: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Rows of every table of keys."""
    for page in pages:
        yield from table_rows(REFERENCE / page, "key")


def documented_keys(pages: tuple[str, ...]) -> set[str]:
    """Keys in the first column of every table of keys."""
    return {last_key(word) for row in key_rows(pages) for word in words(row[0])}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_resolve(page: Path) -> None:
    broken = []
    for link in links(page):
        if "://" in link or link.startswith("mailto:"):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize(("model", "pages"), FILES)
def test_every_key_is_in_its_reference(model: type[BaseModel], pages: tuple[str, ...]) -> None:
    in_code = {last_key(word) for page in pages for word in words(prose(REFERENCE / page))}
    assert {key for key, _ in fields_of(model)} - in_code == set()


@pytest.mark.parametrize(("model", "pages"), [item for item in FILES if item.id != "run"])
def test_every_key_of_a_users_file_has_a_row(
    model: type[BaseModel], pages: tuple[str, ...]
) -> None:
    assert {key for key, _ in fields_of(model)} - documented_keys(pages) == set()


@pytest.mark.parametrize(
    ("models", "pages"),
    [
        ((GoldenFile, LockFile), GOLDEN),
        ((PipelineFile,), PIPELINE),
        ((BenchmarkFile,), BENCHMARK),
        ((BrandFile,), BRAND),
        ((StringsFile,), STRINGS),
        ((RunFile,), RUN),
    ],
)
def test_no_reference_names_a_key_that_is_gone(
    models: tuple[type[BaseModel], ...], pages: tuple[str, ...]
) -> None:
    known = {key for model in models for key, _ in fields_of(model)}
    assert documented_keys(pages) - known == set()


@pytest.mark.parametrize(
    ("model", "pages"), [item for item in FILES if item.id not in ("lock", "run")]
)
def test_defaults_are_as_documented(model: type[BaseModel], pages: tuple[str, ...]) -> None:
    stated: dict[str, set[str]] = {}
    for row in key_rows(pages):
        for word in words(row[0]):
            # "0.5, required where ..." as well as "`,`".
            given = {row[2].split(",")[0].strip("`"), row[2].strip("`")}
            stated.setdefault(last_key(word), set()).update(given)
    wrong = {
        key: text
        for key, field in fields_of(model)
        if (text := default_text(field)) is not None and text not in stated.get(key, set())
    }
    assert wrong == {}


def default_text(field: FieldInfo) -> str | None:
    """A default as a table has it; None where there is none or it is no plain value."""
    if field.is_required():
        return "required" if field.default is PydanticUndefined else None
    if isinstance(field.default, bool):
        return str(field.default).lower()
    if isinstance(field.default, int | float) or (isinstance(field.default, str) and field.default):
        return str(field.default)
    return None


def test_every_truth_format_is_described() -> None:
    titles = " ".join(sections(REFERENCE / "golden.md", 3))
    assert [name for name in get_args(TruthFormat) if f"{name}:" not in titles] == []


@pytest.mark.parametrize(
    ("page", "table"), [pytest.param(*item, id=item[0].stem) for item in tables().items()]
)
def test_metrics_are_as_defined(page: Path, table: str) -> None:
    assert table_in(page) == table, (
        "run `python -m tests.docs.metric_tables` and look at the change"
    )


def test_box_properties_are_as_defined() -> None:
    rows = table_rows(REFERENCE / "benchmark.md", "property")
    described = {words(row[0])[0]: tuple(words(row[1])) for row in rows}
    assert described == dict(BOX_PROPERTIES)


def commands() -> list[tuple[str, list[str]]]:
    """Every command with the names of its options."""
    root = typer.main.get_command(app)
    found: list[tuple[str, list[str]]] = []
    pending: list[tuple[str, Any]] = [("vbench", root)]
    while pending:
        name, command = pending.pop(0)
        inner = getattr(command, "commands", None)
        if inner is not None:
            pending += [(f"{name} {key}", item) for key, item in inner.items()]
            continue
        options = [
            option
            for parameter in command.params
            for option in (*parameter.opts, *parameter.secondary_opts)
            if option.startswith("--") and option != "--help"
        ]
        found.append((name, options))
    return found


@pytest.mark.parametrize(("command", "options"), commands(), ids=[name for name, _ in commands()])
def test_every_command_is_described(command: str, options: list[str]) -> None:
    section = sections(COMMAND_LINE, 2)[command]
    assert [option for option in options if f"`{option}`" not in section] == []
    assert f"](#{command.replace(' ', '-')})" in prose(COMMAND_LINE)


def test_no_command_is_described_that_is_gone() -> None:
    described = {title for title in sections(COMMAND_LINE, 2) if title.startswith("vbench ")}
    assert described == {name for name, _ in commands()}


@pytest.mark.parametrize("page", [COMMAND_LINE, REPOSITORY / "README.md"], ids=name_of)
def test_every_exit_code_is_listed(page: Path) -> None:
    header = "code" if page == COMMAND_LINE else "exit code"
    assert {row[0] for row in table_rows(page, header)} == {str(int(code)) for code in ExitCode}


def blocks(language: str) -> list[CodeBlock]:
    return [block for page in PAGES for block in code_blocks(page) if block.language == language]


def block_id(block: CodeBlock) -> str:
    return f"{name_of(block.path)}:{block.line}"


@pytest.mark.parametrize(
    "block", [item for item in blocks("yaml") if item.text.startswith("schema:")], ids=block_id
)
def test_yaml_examples_are_valid(block: CodeBlock, tmp_path: Path) -> None:
    schema = block.text.split("\n", 1)[0].removeprefix("schema:").strip()
    path = tmp_path / "example.yaml"
    path.write_text(block.text, encoding="utf-8")
    READERS[schema](path)


@pytest.mark.parametrize("block", blocks("json"), ids=block_id)
def test_json_examples_are_valid(block: CodeBlock) -> None:
    json.loads(block.text)


def test_every_decision_is_in_the_index() -> None:
    folder = DOCS / "adr"
    numbered = {path.name for path in folder.glob("[0-9]*.md")}
    assert numbered == {link for link in links(folder / "README.md") if link[0].isdigit()}
