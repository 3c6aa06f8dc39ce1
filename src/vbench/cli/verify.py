"""`vbench verify`: check a run's numbers against pycocotools and motmetrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vbench.bench.verify import Comparison, Verification


def verify(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print all comparisons as JSON.")] = False,
) -> None:
    """Recompute a run's numbers with other programs, and show every difference.

    TP, FP, FN, AP, AP50 and AP75 come from pycocotools, CLEAR MOT and identity numbers from
    motmetrics, where the pipeline gives track ids. HOTA has no reference here. No video and no
    model is needed; the run is not changed.

    Exit codes: 0 all numbers agree or differ by a definition that is named, 2 not a finished run,
    3 a number differs or there was none to compare.

    Example: **vbench verify runs/today**
    """
    from vbench.bench.verify import verify_run
    from vbench.errors import ExitCode

    verification = verify_run(run)
    if json:
        _print_json(verification)
    else:
        _print_lines(verification)
    raise typer.Exit(ExitCode.OK if verification.ok else ExitCode.GATE_FAILED)


def _print_lines(verification: Verification) -> None:
    for item in verification.differences:
        kind = "DIFFERS" if item.wrong else "differs by definition"
        print(f"{kind}: {_subject(item)}: {_text(item.ours)} here, {_reference(item)}")
        if item.definition:
            print(f"  {item.definition}")
    for reason in verification.skipped:
        print(f"not compared: {reason}")
    n_wrong = sum(item.wrong for item in verification.comparisons)
    n_explained = len(verification.differences) - n_wrong
    print(
        f"{len(verification.comparisons)} numbers compared: {n_wrong} differ"
        + (f", {n_explained} more by definition" if n_explained else "")
    )


def _subject(item: Comparison) -> str:
    of_class = "" if item.class_name is None else f"[{item.class_name}]"
    return f"{item.metric}{of_class} of {item.pipeline} on {item.golden_set}"


def _reference(item: Comparison) -> str:
    return f"{_text(item.reference)} by {item.source}"


def _text(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.12g}"


def _print_json(verification: Verification) -> None:
    import json

    rows = [
        {
            "pipeline": item.pipeline,
            "golden_set": item.golden_set,
            "name": item.metric,
            "class": item.class_name,
            "source": item.source,
            "value": item.ours,
            "reference": item.reference,
            "equal": item.equal,
            "definition": item.definition or None,
        }
        for item in verification.comparisons
    ]
    answer = {
        "run": str(verification.run),
        "ok": verification.ok,
        "n_differences": len(verification.differences),
        "not_compared": list(verification.skipped),
        "comparisons": rows,
    }
    print(json.dumps(answer, ensure_ascii=False, indent=1))
