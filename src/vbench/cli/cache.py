"""`vbench cache`: what is kept of earlier runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vbench.bench.cache import CacheInfo, ClearedCache

app = typer.Typer(
    help="Show or clear the detections that are kept of earlier runs.", no_args_is_help=True
)

_JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]

_UNITS = ("B", "kB", "MB", "GB", "TB")


@app.command("info")
def info(json: _JsonOption = False) -> None:
    """Show where detections are kept, how many, and how much room they take.

    Example: **vbench cache info**
    """
    from vbench.bench.cache import cache_info

    found = cache_info()
    if json:
        _print_json(found)
        return
    typer.echo("\n".join(_info_lines(found)))


@app.command("clear")
def clear(
    older_than: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Only what has not been used for so long: 12h, 30d, 4w.",
            show_default=False,
        ),
    ] = None,
    json: _JsonOption = False,
) -> None:
    """Delete kept detections; the next runs compute them again.

    Runs and their folders keep all that they hold, and built TensorRT engines stay.

    Example: **vbench cache clear --older-than 30d**
    """
    from vbench.bench.cache import clear_cache

    cleared = clear_cache(older_than)
    if json:
        _print_json(cleared)
        return
    freed = f"deleted {_entries(cleared.n_entries)}, {_size(cleared.n_bytes)}"
    typer.echo(f"{freed}; {cleared.n_left} left in {cleared.folder}")


def _info_lines(found: CacheInfo) -> list[str]:
    room = f"{_size(found.n_bytes)} of {_size(found.limit_bytes)}"
    lines = [f"folder     {found.folder}", f"kept       {_entries(found.n_entries)}, {room}"]
    if found.oldest_use is not None and found.newest_use is not None:
        lines += [f"last used  {found.newest_use}", f"goes first {found.oldest_use}"]
    return lines


def _entries(n: int) -> str:
    return f"{n} {'entry' if n == 1 else 'entries'}"


def _size(n_bytes: int) -> str:
    """``3.2 MB``."""
    size, unit = float(n_bytes), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{n_bytes} B" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def _print_json(answer: CacheInfo | ClearedCache) -> None:
    import json
    from dataclasses import asdict

    typer.echo(json.dumps(asdict(answer), indent=1, default=str))
