"""`vbench parity`: where two pipelines part, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vbench.bench.parity.measure import Tolerances


def parity(
    a: Annotated[
        Path,
        typer.Argument(metavar="A.yaml", help="Pipeline file to compare with.", show_default=False),
    ],
    b: Annotated[
        Path,
        typer.Argument(
            metavar="B.yaml", help="Pipeline file that is compared.", show_default=False
        ),
    ],
    golden: Annotated[
        Path,
        typer.Option(metavar="SET", help="Golden set whose frames are used.", show_default=False),
    ],
    clip: Annotated[
        str | None,
        typer.Option(metavar="ID", help="One clip instead of all.", show_default=False),
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="So many frames from each clip's start.")] = 50,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER",
            help="How far apart equal values may lie; can be repeated: pixels (levels), tensor and"
            " outputs (share of the range), boxes (px), scores."
            "  [default: pixels=0 tensor=0.001 outputs=0.001 boxes=0.5 scores=0.01]",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare two pipelines stage by stage on the same frames, and guess why they part.

    Compared are decoded pixels, input tensors, raw outputs, and detections before and after NMS;
    trackers and rules are not. No truth is needed. The guess comes from the data: A is run again
    with one or two settings changed until it does what B does.

    Exit codes: 0 the same within the tolerances, 3 they part, 2 and 4 as everywhere.

    Example: **vbench parity prod.yaml new.yaml --golden golden_sets/loading-dock**
    """
    from vbench.bench.parity.compare import compare_pipelines
    from vbench.cli.parity_table import show_parity
    from vbench.cli.terminal import terminal_progress
    from vbench.errors import ExitCode

    progress = terminal_progress()
    try:
        found = compare_pipelines(
            a, b, golden, _tolerances(tolerance or []), progress, clip_id=clip, n_frames=frames
        )
    finally:
        progress.end()
    show_parity(found, as_json=json)
    raise typer.Exit(ExitCode.OK if found.first is None else ExitCode.GATE_FAILED)


def _tolerances(written: list[str]) -> Tolerances:
    """From ``name=number`` options. Raises InputError."""
    import math
    from dataclasses import fields

    from vbench.bench.parity.measure import Tolerances
    from vbench.config.model_file import closest
    from vbench.errors import InputError

    names = [field.name for field in fields(Tolerances)]
    numbers: dict[str, float] = {}
    for text in written:
        name, _, number = text.partition("=")
        where = f"--tolerance {text}"
        if name not in names:
            raise InputError(
                f'there is no tolerance "{name}"', where=where, hint=closest(name, names)
            )
        try:
            numbers[name] = float(number)
        except ValueError:
            numbers[name] = math.nan
        if not (math.isfinite(numbers[name]) and numbers[name] >= 0):
            raise InputError(
                f'"{number}" is no tolerance', where=where, hint=f"write {name}=0.01, for example"
            )
    return Tolerances(**numbers)
