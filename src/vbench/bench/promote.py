"""Promote the pipeline of a run that passed, and roll back to the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from vbench.config.model_file import closest
from vbench.errors import (
    GateFailedError,
    InconclusiveError,
    InputError,
    LedgerError,
)
from vbench.record.deployment import Deployment, JudgedGate, JudgedSet
from vbench.record.folder import RunFolder
from vbench.record.ledger import (
    LEDGER_NAME,
    Ledger,
    append_entry,
    file_sha256,
    find_ledger,
    read_ledger,
    run_reference,
)
from vbench.record.run_json import read_run
from vbench.types import Digest, GateResult, PipelineResult, Run, Verdict

_MOST_NAMED = 5
"""Gates that a refusal names."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What `promote_run` did."""

    ledger: Path
    entry: Deployment
    before: Deployment | None
    """What was current until now; None where nothing was."""
    written: bool
    """False where it was the current one already."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """What `roll_back` did, or would do."""

    ledger: Path
    entry: Deployment
    """What is current now."""
    promoted_at: str
    """When it was promoted."""
    before: Deployment
    """What was current until now."""
    run_problem: str
    """Why the run of `entry` cannot be compared with any more; empty where it can."""
    written: bool
    """False for a dry run."""


def promote_run(
    run_folder: Path, pipeline: str | None, ledger: Path | None, note: str
) -> Promotion:
    """Make a pipeline of a finished run the current one of its benchmark.

    Args:
        run_folder: the finished run.
        pipeline: which of its pipelines; None where it has one.
        ledger: the ledger; None for the nearest ``deployments.jsonl`` in the working folder and
            those above it, or a new one in the working folder.
        note: written into the ledger as it is.

    Raises:
        GateFailedError, InconclusiveError: the pipeline did not pass.
        InputError: not a finished run; no such pipeline, or none named among several; no gate
            that counts judged it; the ledger is corrupt or cannot be written.
    """
    folder = RunFolder(run_folder)
    run = read_run(folder)
    item = _pipeline(run, pipeline, run_folder)
    _require_pass(run, item, run_folder)
    path = ledger or find_ledger(Path.cwd()) or Path(LEDGER_NAME)
    made = _entry(run, item, run_reference(path, run_folder), file_sha256(folder.run_json), note)
    held, entry = append_entry(path, lambda ledger: None if _is_current(ledger, made) else made)
    standing = held.standing(made.benchmark)
    before = standing[-1] if standing else None
    return Promotion(path, entry or before or made, before, written=entry is not None)


def roll_back(
    benchmark: str | None, ledger: Path | None, note: str, *, dry_run: bool = False
) -> Rollback:
    """Make the pipeline that was promoted before the current one current again.

    What was rolled back from is never rolled back to.

    Args:
        benchmark: whose pipeline; None where the ledger is about one benchmark.
        ledger: as in `promote_run`; it must exist.
        note: written into the ledger as it is.
        dry_run: only say what would happen.

    Raises:
        LedgerError: no ledger, or a corrupt one; nothing stands before the current one.
        InputError: no such benchmark, or none named among several.
    """
    path = ledger or find_ledger(Path.cwd()) or Path(LEDGER_NAME)
    if not path.is_file():
        raise LedgerError(
            "no ledger is here: nothing was promoted yet",
            where=str(path),
            hint="give its place with --ledger, or promote a run with `vbench promote RUN`",
        )
    if dry_run:
        held = read_ledger(path)
        entry = _restored(held, benchmark, note)
    else:
        held, written = append_entry(path, lambda ledger: _restored(ledger, benchmark, note))
        entry = written or _restored(held, benchmark, note)
    *_, restored, current = held.standing(entry.benchmark)
    return Rollback(
        ledger=path,
        entry=entry,
        promoted_at=restored.at,
        before=current,
        run_problem=held.run_problem(restored),
        written=not dry_run,
    )


def _is_current(ledger: Ledger, entry: Deployment) -> bool:
    return any(entry.is_same(one) for one in ledger.standing(entry.benchmark)[-1:])


def _restored(ledger: Ledger, benchmark: str | None, note: str) -> Deployment:
    """The entry that makes the last good one before the current one current again."""
    name = _benchmark(ledger, benchmark)
    standing = ledger.standing(name)
    if len(standing) < 2:
        raise LedgerError(
            f"nothing to roll back to: {standing[0].pipeline} {standing[0].version} is the only"
            f' pipeline of the benchmark "{name}" that stands',
            where=str(ledger.path),
            hint="promote another run with `vbench promote RUN`",
        )
    return replace(standing[-2], action="rollback", at=_now(), note=note)


def _benchmark(ledger: Ledger, benchmark: str | None) -> str:
    known = ledger.benchmarks()
    if benchmark is None and len(known) == 1:
        return known[0]
    if benchmark is None:
        raise InputError(
            "the ledger is about several benchmarks" if known else "the ledger is empty",
            where=str(ledger.path),
            hint=f"name one with --benchmark: {', '.join(known)}"
            if known
            else "promote a run with `vbench promote RUN`",
        )
    if benchmark not in known:
        raise InputError(
            f'the ledger has no benchmark "{benchmark}"',
            where="--benchmark",
            hint=closest(benchmark, known),
        )
    return benchmark


def _pipeline(run: Run, name: str | None, run_folder: Path) -> PipelineResult:
    names = [item.name for item in run.pipelines]
    if name is None and len(names) > 1:
        verdicts = ", ".join(f"{item.name} ({item.verdict.value})" for item in run.pipelines)
        raise InputError(
            "the run has several pipelines",
            where=str(run_folder),
            hint=f"name one with --pipeline: {verdicts}",
        )
    if name is not None and name not in names:
        raise InputError(
            f'the run has no pipeline "{name}"', where="--pipeline", hint=closest(name, names)
        )
    return next(item for item in run.pipelines if name in (None, item.name))


def _require_pass(run: Run, item: PipelineResult, run_folder: Path) -> None:
    """Raise unless the pipeline passed, and there was something to pass."""
    gates = [result for result in run.gates if result.pipeline == item.name and _counts(result)]
    named = f"{item.name} {item.version} was not promoted"
    where = str(run_folder)
    if item.verdict is Verdict.FAIL:
        raise GateFailedError(
            f"{named}: {_listed(gates, Verdict.FAIL, 'failed')}",
            where=where,
            hint="promote a pipeline that passes; `vbench gate RUN` says why it failed",
        )
    if item.verdict is Verdict.INCONCLUSIVE:
        undecided = _listed(gates, Verdict.INCONCLUSIVE, "could not be decided")
        if run.manifest.partial:
            undecided = run.manifest.partial
        raise InconclusiveError(
            f"{named}: {undecided}",
            where=where,
            hint="run on more footage, or on the whole benchmark; `vbench gate RUN` says how much",
        )
    if not gates:
        raise InputError(
            f"{named}: no gate that counts judged it, so nothing speaks for it",
            where=where,
            hint="give the benchmark a gate at level error that holds for this pipeline",
        )


def _counts(result: GateResult) -> bool:
    return result.gate.level == "error" and not result.in_quarantine


def _listed(gates: list[GateResult], verdict: Verdict, word: str) -> str:
    titles = [
        f"{result.gate.title()} on {result.golden_set}"
        for result in gates
        if result.verdict is verdict
    ]
    shown = "; ".join(titles[:_MOST_NAMED])
    more = f" and {len(titles) - _MOST_NAMED} more" if len(titles) > _MOST_NAMED else ""
    return f"{len(titles)} of its {len(gates)} gates {word}: {shown}{more}"


def _entry(run: Run, item: PipelineResult, reference: str, sha256: str, note: str) -> Deployment:
    prefix = f"pipeline {item.name}: "
    return Deployment(
        action="promote",
        at=_now(),
        benchmark=run.manifest.benchmark,
        pipeline=item.name,
        version=item.version,
        digests=tuple(
            Digest(one.name.removeprefix(prefix), one.sha256)
            for one in run.manifest.digests
            if one.name.startswith(prefix)
        ),
        golden_sets=tuple(JudgedSet(one.name, one.version, one.digest) for one in run.golden_sets),
        gates=tuple(
            JudgedGate(
                title=result.gate.title(),
                golden_set=result.golden_set,
                level=result.gate.level,
                verdict=result.verdict,
                value=None if result.observed is None else result.observed.value,
                in_quarantine=result.in_quarantine,
            )
            for result in run.gates
            if result.pipeline == item.name
        ),
        run=reference,
        run_sha256=sha256,
        note=note,
    )


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()
