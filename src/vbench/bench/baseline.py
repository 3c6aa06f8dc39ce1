"""What a benchmark compares with: a pipeline of the run itself, or of an earlier run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbench.config.benchmark_file import PROMOTED, BaselineRunEntry, BenchmarkFile
from vbench.config.model_file import ModelFile, closest
from vbench.errors import ConfigError, LedgerError, RunFolderError
from vbench.record.baseline import require_shards
from vbench.record.folder import RunFolder
from vbench.record.ledger import LEDGER_NAME, find_ledger, promoted_run
from vbench.record.run_json import read_run
from vbench.types import Run, Verdict


@dataclass(frozen=True, slots=True)
class BaselineRun:
    """A pipeline of an earlier run that this one is compared with."""

    folder: RunFolder
    """Its own folder, or the copy that a later run keeps."""
    run: Run
    pipeline: str

    @property
    def name(self) -> str:
        """How messages and reports call it."""
        return f"{self.pipeline} of {self.run.manifest.started_at}"


def baseline_of(
    file: ModelFile[BenchmarkFile], pipelines: tuple[str, ...]
) -> str | BaselineRun | None:
    """What a benchmark file compares with, checked and read.

    Raises:
        ConfigError: no such pipeline; the earlier run is gone, or its pipeline failed.
        RunFolderError: the earlier run is not finished, or of another schema version.
        LedgerError: nothing is promoted, or the ledger is corrupt.
    """
    written = file.model.baseline
    if isinstance(written, BaselineRunEntry):
        return _earlier(file, written)
    if written == PROMOTED:
        return _promoted(file)
    if written is not None and written not in pipelines:
        raise ConfigError(
            f'baseline "{written}" is not a pipeline of this benchmark',
            where=file.where("baseline"),
            hint=f"{closest(written, pipelines)}; for an earlier run write"
            " baseline: {run: FOLDER, pipeline: NAME}",
        )
    return written


def _earlier(file: ModelFile[BenchmarkFile], written: BaselineRunEntry) -> BaselineRun:
    folder = RunFolder(file.folder / written.run)
    where = file.where("baseline", "run")
    if not folder.path.exists():
        raise ConfigError(
            f'baseline run "{written.run}" does not exist',
            where=where,
            hint=f"paths start from {file.folder}",
        )
    run = _read(folder, where)
    verdicts = {item.name: item.verdict for item in run.pipelines}
    if written.pipeline not in verdicts:
        raise ConfigError(
            f'the baseline run has no pipeline "{written.pipeline}"',
            where=file.where("baseline", "pipeline"),
            hint=closest(written.pipeline, tuple(verdicts)),
        )
    if verdicts[written.pipeline] is Verdict.FAIL and not written.accept_failed:
        raise ConfigError(
            f"{written.pipeline} failed its gates in the baseline run",
            where=where,
            hint="compare with a run that passed, or say so: add `accept_failed: true`",
        )
    return _whole(BaselineRun(folder, run, written.pipeline), where)


def _promoted(file: ModelFile[BenchmarkFile]) -> BaselineRun:
    where = file.where("baseline")
    ledger = find_ledger(Path(file.folder).resolve())
    if ledger is None:
        raise ConfigError(
            f"no pipeline is promoted: there is no {LEDGER_NAME} beside the benchmark or above it",
            where=where,
            hint="`vbench promote RUN` promotes the pipeline of a run that passed",
        )
    try:
        promoted = promoted_run(ledger, file.model.name)
    except LedgerError as error:
        what = f"the promoted run cannot be used: {error.where}: {error.what}"
        raise LedgerError(what, where=where, hint=error.hint) from None
    run = _read(promoted.folder, where)
    return _whole(BaselineRun(promoted.folder, run, promoted.entry.pipeline), where)


def _whole(baseline: BaselineRun, where: str) -> BaselineRun:
    """The baseline, with the detections that comparing needs."""
    try:
        require_shards(baseline.folder, baseline.pipeline)
    except RunFolderError as error:
        what = f"the baseline run cannot be used: {error.where}: {error.what}"
        raise RunFolderError(what, where=where, hint=error.hint) from None
    return baseline


def _read(folder: RunFolder, where: str) -> Run:
    try:
        return read_run(folder)
    except RunFolderError as error:
        what = f"the baseline run cannot be used: {error.where}: {error.what}"
        raise RunFolderError(what, where=where, hint=error.hint) from None
