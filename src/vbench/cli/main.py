"""The `vbench` command: wires the commands and turns every error into a message and exit code."""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import NoReturn

import typer

from vbench import __version__
from vbench.cli import (
    cache,
    check,
    compare,
    demo,
    doctor,
    engine,
    evaluate,
    gate,
    golden,
    init,
    parity,
    pipeline_suggest,
    promote,
    report,
    rollback,
    run,
    schema,
    score,
    selftest,
    verify,
    view,
)
from vbench.cli.interrupt import catch_interrupts
from vbench.cli.terminal import print_error
from vbench.errors import ExitCode, VbenchError

app = typer.Typer(
    name="vbench",
    help="Golden-truth benchmarking of computer-vision pipelines: golden videos in, a verdict out.",
    epilog="Start with `vbench demo`, or `vbench init my-benchmark` for a folder of your own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("score")(score.score)
app.command("gate")(gate.gate)
app.command("compare")(compare.compare)
app.command("parity")(parity.parity)
app.command("promote")(promote.promote)
app.command("rollback")(rollback.rollback)
app.command("selftest")(selftest.selftest)
app.command("verify")(verify.verify)
app.command("report")(report.report)
app.command("view")(view.view)
app.command("check")(check.check)
app.add_typer(cache.app, name="cache")
app.add_typer(engine.app, name="engine")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(golden.app, name="golden")
app.add_typer(pipeline_suggest.app, name="pipeline")
app.command("init")(init.init)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("schema")(schema.schema)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"vbench {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    pass


def main() -> NoReturn:
    """Run the command line and exit with the code that its outcome calls for."""
    catch_interrupts()
    try:
        app()
    except VbenchError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away, as in `vbench schema run | head`.
        sys.stderr.close()
        sys.exit(ExitCode.OK)
    except Exception as error:  # noqa: BLE001 the one place where a bug becomes a message
        print_error(_bug(error))
        sys.exit(ExitCode.BUG)
    sys.exit(ExitCode.OK)


def _bug(error: Exception) -> VbenchError:
    """Keep the traceback in a file; a user sees one line."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="vbench-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        log.write(f"vbench {__version__} {time.strftime('%Y-%m-%dT%H:%M:%S')}\n")
        log.write(f"command: {' '.join(sys.argv)}\n\n")
        traceback.print_exc(file=log)
    return VbenchError(
        f"a bug in vbench: {type(error).__name__}: {error}",
        hint=f"please report it with the file {Path(log.name)}",
    )
