"""`vbench engine`: build, list and inspect TensorRT engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vbench.bench.engine_build import BuiltEngine

app = typer.Typer(help="Build, list and inspect TensorRT engines.", no_args_is_help=True)

_DEFAULT_LEVEL = 3

_JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


@app.command("build")
def build(
    file: Annotated[
        Path, typer.Argument(help="An ONNX file, or a pipeline file.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Write the engine here as well; for one ONNX file.", show_default=False),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            help="Shape of an input with free axes, or its smallest, best and largest: "
            "images=1x3x640x640 or images=1x3x640x640:4x3x640x640:8x3x640x640.",
            show_default=False,
        ),
    ] = None,
    workspace_mib: Annotated[
        int | None, typer.Option(min=1, help="Most scratch memory of a layer.", show_default=False)
    ] = None,
    optimization_level: Annotated[
        int | None,
        typer.Option(min=0, max=5, help="How long the builder searches.  [default: 3]"),
    ] = None,
    tf32: Annotated[
        bool, typer.Option("--tf32", help="Let float32 layers compute with less precision.")
    ] = False,
    plugin: Annotated[
        list[Path] | None, typer.Option(help="Library with plugins.", show_default=False)
    ] = None,
    device_id: Annotated[int, typer.Option(min=0, help="Which GPU.")] = 0,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build even if the cache has it.")
    ] = False,
    json: _JsonOption = False,
) -> None:
    """Build an engine on this machine and print the digest to pin; the cache keeps it.

    The engine's precision is the ONNX file's. Of a pipeline file, every engine is built that its
    first run would build, with the settings written there.

    Example: **vbench engine build yolo.onnx --out yolo.plan**
    """
    from vbench.bench.engine_build import build_engine, build_engines_of
    from vbench.engines.tensor_rt.settings import BuildSettings, parse_input_range

    if file.suffix in (".yaml", ".yml"):
        given = (out, profile, workspace_mib, plugin, tf32, device_id)
        _refuse_settings(any(given) or optimization_level is not None)
        _show_built(build_engines_of(file, rebuild=rebuild), as_json=json)
        return
    ranges = sorted(map(parse_input_range, profile or ()), key=lambda item: item.name)
    settings = BuildSettings(
        tuple(ranges),
        tf32,
        workspace_mib,
        _DEFAULT_LEVEL if optimization_level is None else optimization_level,
        tuple(plugin or ()),
    )
    built = build_engine(file, settings, device_id=device_id, out=out, rebuild=rebuild)
    _show_built((built,), as_json=json)


@app.command("list")
def list_(json: _JsonOption = False) -> None:
    """Show the engines that were built on this machine and are kept for the next run.

    Example: **vbench engine list**
    """
    import json as json_text
    from dataclasses import asdict

    from rich.table import Table

    from vbench.bench.engine_list import list_engines
    from vbench.cli.terminal import stdout_console

    folder, engines = list_engines()
    if json:
        rows = [asdict(item) | {"plan": str(item.plan)} for item in engines]
        typer.echo(json_text.dumps({"folder": str(folder), "engines": rows}, indent=1))
        return
    if not engines:
        typer.echo(f"no engines in {folder}")
        return
    table = Table("model", "TensorRT", "GPU", "MiB", "age", "sha256", box=None)
    for item in engines:
        size, age = f"{item.n_bytes / (1 << 20):.1f}", f"{item.age_days:.1f} d"
        table.add_row(item.model, item.tensorrt, item.gpu, size, age, item.sha256[:12])
    stdout_console().print(table)
    typer.echo(f"in {folder}")


@app.command("inspect")
def inspect(
    file: Annotated[
        Path, typer.Argument(help="An .onnx, .plan or .engine file.", show_default=False)
    ],
    trust: Annotated[
        bool, typer.Option("--trust", help="Load an engine file that was not built here.")
    ] = False,
    json: _JsonOption = False,
) -> None:
    """Show what a model or an engine file takes and gives, and what it is made of.

    An ONNX file needs no TensorRT. Of an engine file, the header is read everywhere; the rest where
    TensorRT and the GPU are that it was built for, and if it is in the cache or trusted.

    Example: **vbench engine inspect yolo.plan**
    """
    from vbench.bench.engine_inspect import inspect_engine
    from vbench.cli.engine_text import inspected_json, inspected_lines

    found = inspect_engine(file, trusted=trust)
    typer.echo(inspected_json(found) if json else "\n".join(inspected_lines(found)))


def _refuse_settings(given: bool) -> None:
    from vbench.errors import InputError

    if given:
        raise InputError(
            "--out and the builder's settings go with an ONNX file",
            hint="write the settings of a pipeline's engine into the pipeline file",
        )


def _show_built(built: tuple[BuiltEngine, ...], *, as_json: bool) -> None:
    import json as json_text
    from dataclasses import asdict

    if as_json:
        rows = [asdict(i) | {"model": str(i.model), "plan": str(i.plan)} for i in built]
        typer.echo(json_text.dumps(rows, indent=1))
        return
    for item in built:
        typer.echo(f"{item.model}: TensorRT {item.tensorrt}, {item.gpu}, {item.n_bytes} bytes")
        typer.echo(f"engine: {{type: tensorrt, plan: {item.plan}, sha256: {item.sha256}}}")
