"""Rendering finished runs again: one by one, or several over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vbench.bench.report_style import style_of_run
from vbench.errors import LedgerError
from vbench.record.deployment import Deployment
from vbench.record.folder import RunFolder, write_whole
from vbench.record.ledger import find_ledger, read_ledger
from vbench.record.run_json import read_run
from vbench.report.ci.junit import junit_text
from vbench.report.errors.export import label_errors_coco, label_errors_csv
from vbench.report.evidence import read_evidence
from vbench.report.language.languages import missing_sentence
from vbench.report.printed.pdf import write_pdf
from vbench.report.text.metrics_csv import metrics_csv
from vbench.report.text.report_json import report_json
from vbench.report.text.summary import summary_markdown
from vbench.report.trend.html import trend_html
from vbench.report.trend.page import TrendPage, trend_page
from vbench.report.trend.series import read_trend
from vbench.report.trend.texts import trend_csv, trend_json, trend_markdown
from vbench.report.web.html import write_html
from vbench.types import Run

_TEXTS: Mapping[str, Callable[[Run], str]] = {
    "md": summary_markdown,
    "junit": junit_text,
    "csv": metrics_csv,
}
_TREND_TEXTS: Mapping[str, Callable[[TrendPage], str]] = {
    "html": trend_html,
    "md": trend_markdown,
    "json": lambda page: trend_json(page.trend),
    "csv": lambda page: trend_csv(page.trend),
}
TREND_FORMATS = tuple(_TREND_TEXTS)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was written."""

    files: tuple[Path, ...]
    note: str
    """What the reader of the terminal should know; empty for nothing."""


def render(
    run_folder: Path,
    formats: Sequence[str],
    *,
    brand: Path | None = None,
    language: str | None = None,
    templates: Path | None = None,
) -> Rendered:
    """Write reports of a finished run into its folder.

    Args:
        run_folder: the finished run; what is rendered replaces what was.
        formats: which.
        brand: ``brand.yaml`` instead of what the run keeps.
        language: of the PDF, instead of the brand's.
        templates: a folder whose files go before all other templates.

    Raises:
        RunFolderError: not the folder of a finished run.
        ConfigError: brand, strings or a template cannot be used.
        MissingDependencyError: a PDF is asked for and its system libraries are missing.
    """
    folder = RunFolder(run_folder)
    run = read_run(folder)
    style = style_of_run(folder, brand=brand, language=language, templates=templates)
    places = {"md": folder.summary_md, "junit": folder.junit_xml, "csv": folder.metrics_csv}
    written = []
    for name in formats:
        if name in _TEXTS:
            write_whole(places[name], _TEXTS[name](run))
            written.append(places[name])
        elif name == "json":
            write_whole(folder.report_json, report_json(folder))
            written.append(folder.report_json)
        elif name == "html":
            written.append(write_html(folder, brand=style.brand, folders=style.folders))
        elif name == "label-errors":
            written += _write_label_errors(folder, run)
        else:
            written.append(
                write_pdf(folder, brand=style.brand, strings=style.strings, folders=style.folders)
            )
    return Rendered(tuple(written), missing_sentence(style.strings) if "pdf" in formats else "")


def _write_label_errors(folder: RunFolder, run: Run) -> tuple[Path, ...]:
    evidence = read_evidence(folder, run)
    write_whole(folder.label_errors_json, label_errors_coco(run, evidence))
    write_whole(folder.label_errors_csv, label_errors_csv(run, evidence))
    return folder.label_errors_json, folder.label_errors_csv


def render_trend(
    run_folders: Sequence[Path], formats: Sequence[str], out: Path, ledger: Path | None
) -> tuple[Path, ...]:
    """Write how the numbers of several runs moved; returns the files.

    Args:
        run_folders: finished runs of one benchmark, in any order.
        formats: of `TREND_FORMATS`.
        out: folder for ``trend.html`` and the others.
        ledger: promotions to mark; None for the nearest ``deployments.jsonl`` of the runs, if any.

    Raises:
        RunFolderError: a run is not finished or broken.
        InputError: runs of different benchmarks, or one given twice.
        LedgerError: the ledger is corrupt, or the one asked for does not exist.
    """
    folders = [RunFolder(path) for path in run_folders]
    for folder in folders:
        folder.require_finished()
    page = trend_page(read_trend(folders, _deployments(folders, ledger)))
    written = []
    for name in formats:
        path = out / f"trend.{name}"
        write_whole(path, _TREND_TEXTS[name](page))
        written.append(path)
    return tuple(written)


def _deployments(folders: Sequence[RunFolder], ledger: Path | None) -> tuple[Deployment, ...]:
    if ledger is not None and not ledger.is_file():
        raise LedgerError(
            "does not exist",
            where=f"--ledger {ledger}",
            hint="give the deployments.jsonl of a team",
        )
    places = [ledger] if ledger is not None else [find_ledger(f.path.resolve()) for f in folders]
    found = dict.fromkeys(path for path in places if path is not None)
    return tuple(entry for path in found for entry in read_ledger(path).entries)
