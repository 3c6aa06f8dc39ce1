"""`vbench view`: the report of a finished run with every frame of its media."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vbench.errors import InputError, Interrupted

if TYPE_CHECKING:
    from vbench.bench.view import RunView, ServedPage
    from vbench.cli.view_server import ViewServer


def view(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)],
    golden_set: Annotated[
        list[Path] | None,
        typer.Option(
            "--golden-set",
            help="Folder of a golden set whose media are looked at; can be repeated.  "
            "[default: where the run found them]",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's are a risk.")
    ] = "127.0.0.1",
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = False,
) -> None:
    """Look at a finished run: its report, with every frame decoded when it is asked for.

    Prints the address of the page, which holds a secret, and serves it until Ctrl-C.

    Example: **vbench view runs/today --open**
    """
    import secrets
    import webbrowser

    from vbench.bench.view import RunView, served_page
    from vbench.cli.view_server import is_loopback

    shown = RunView(run, golden_set or (), _note)
    if shown.without_media:
        _note(
            f"it is not known where the media of {len(shown.without_media)} clips are "
            f"(first {shown.without_media[0]}): say it with --golden-set FOLDER"
        )
    if not is_loopback(host):
        _note(f"whoever can reach {host} and sees the address on its way can see every frame")
    page = served_page(run)
    try:
        with _listening(page, shown, host, port, secrets.token_urlsafe(24)) as server:
            typer.echo(f"{server.origin}/{server.token}/")
            _note("Ctrl-C ends it")
            if open_page:
                # A browser's command line is everybody's to see: it holds no token.
                server.ticket = secrets.token_urlsafe(24)
                webbrowser.open(f"{server.origin}/{server.ticket}")
            server.serve_forever()
    except Interrupted:
        _note("ended")
    finally:
        shown.close()


def _listening(page: ServedPage, shown: RunView, host: str, port: int, token: str) -> ViewServer:
    from vbench.cli.view_server import ViewServer

    try:
        return ViewServer(page, shown, host, port, token)
    except OSError as error:
        raise InputError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}",
            where="--host" if port == 0 else "--port",
            hint="leave out --port to take a free one"
            if port
            else "give an address of this machine",
        ) from error


def _note(text: str) -> None:
    typer.echo(f"note: {text}", err=True)
