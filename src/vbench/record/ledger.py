"""``deployments.jsonl``: an append-only file of promotions and rollbacks.

One JSON object per line. Each line has its own digest and that of the line before, so a line that
was edited, put in or taken out of the middle is noticed; lines cut off the end are not.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vbench.config.model_file import closest
from vbench.errors import LedgerError
from vbench.record.deployment import Deployment, parse_line, sealed_line
from vbench.record.folder import RunFolder

LEDGER_NAME = "deployments.jsonl"


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines of a ledger, first to last."""

    path: Path
    entries: tuple[Deployment, ...]

    def benchmarks(self) -> tuple[str, ...]:
        """Benchmarks with an entry, in order of the first."""
        return tuple(dict.fromkeys(entry.benchmark for entry in self.entries))

    def standing(self, benchmark: str) -> tuple[Deployment, ...]:
        """Promotions that no rollback took back, oldest first; the last one is current."""
        stack: list[Deployment] = []
        for entry in self.entries:
            if entry.benchmark == benchmark:
                _apply(entry, stack)
        return tuple(stack)

    def run_folder(self, entry: Deployment) -> RunFolder:
        """Where the run of an entry is."""
        return RunFolder(self.path.resolve().parent / entry.run)

    def run_problem(self, entry: Deployment) -> str:
        """Why the run of an entry cannot be used any more; empty where it can."""
        run_json = self.run_folder(entry).run_json
        if not run_json.is_file():
            return "is gone"
        if file_sha256(run_json) != entry.run_sha256:
            return "is not as it was promoted: its run.json has changed"
        return ""


@dataclass(frozen=True, slots=True)
class Promoted:
    """The current pipeline of a benchmark, and the run that it was promoted from."""

    folder: RunFolder
    entry: Deployment


def find_ledger(folder: Path) -> Path | None:
    """The nearest ledger in a folder or those above it, not beyond the repository; None: none."""
    for place in _upward(folder):
        if (place / LEDGER_NAME).is_file():
            return place / LEDGER_NAME
    return None


def promoted_run(path: Path, benchmark: str) -> Promoted:
    """What ``baseline: promoted`` of a benchmark means.

    Raises:
        LedgerError: the ledger is corrupt; nothing is promoted for the benchmark; the run is gone
            or is not the one that was promoted.
    """
    ledger = read_ledger(path)
    standing = ledger.standing(benchmark)
    if not standing:
        known = ledger.benchmarks()
        raise LedgerError(
            f'no pipeline is promoted for the benchmark "{benchmark}"',
            where=str(path),
            hint=(f"{closest(benchmark, known)}; " if known else "")
            + "`vbench promote RUN` promotes one",
        )
    entry = standing[-1]
    problem = ledger.run_problem(entry)
    if problem:
        raise LedgerError(
            f"the promoted run of {entry.pipeline} {entry.version} {problem}",
            where=str(ledger.run_folder(entry).path),
            hint=f"bring back the run that {path} names, or promote another one",
        )
    return Promoted(ledger.run_folder(entry), entry)


def run_reference(ledger: Path, run_folder: Path) -> str:
    """How a ledger names a run folder; see `Deployment.run`."""
    run = run_folder.resolve()
    home = ledger.resolve().parent
    for place in _upward(home):
        if (place / ".git").exists() and run.is_relative_to(place):
            return Path(os.path.relpath(run, home)).as_posix()
    return run.relative_to(home).as_posix() if run.is_relative_to(home) else run.as_posix()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_ledger(path: Path) -> Ledger:
    """Read a ledger and check every line; a missing file is an empty ledger.

    Raises:
        LedgerError: a line that is torn, edited, out of place or of another schema.
    """
    *lines, rest = _content(path).split(b"\n")
    entries: list[Deployment] = []
    standing: defaultdict[str, list[Deployment]] = defaultdict(list)
    for number, line in enumerate([*lines, *([rest] if rest else [])], start=1):
        try:
            entry = parse_line(line)
            if number > len(lines):
                raise ValueError("does not end with a line break: it may be half a line")
            if entry.previous != (entries[-1].sha256 if entries else None):
                raise ValueError(
                    "does not follow the one before it: lines were taken out, put in or moved"
                )
            _apply(entry, standing[entry.benchmark])
        except ValueError as error:
            raise LedgerError(
                f"the ledger is corrupt: line {number} {error}",
                where=f"{path}:{number}",
                hint="nothing was written; restore the file from version control or a backup",
            ) from None
        entries.append(entry)
    return Ledger(path, tuple(entries))


def append_entry(
    path: Path, make: Callable[[Ledger], Deployment | None]
) -> tuple[Ledger, Deployment | None]:
    """Append an entry while no other process can; the file is replaced whole.

    Args:
        path: the ledger; made where it is missing.
        make: told what the ledger holds now, gives the entry to append, or None for nothing.

    Returns:
        What the ledger held, and the new entry with its `previous` and `sha256`; None where nothing
        was appended.

    Raises:
        LedgerError: the ledger is corrupt or cannot be written.
        VbenchError: whatever `make` raises.
    """
    file = path.resolve()
    try:
        with _locked(file):
            ledger = read_ledger(file)
            made = make(ledger)
            if made is None:
                return ledger, None
            entry, line = sealed_line(made, ledger.entries[-1].sha256 if ledger.entries else None)
            _replace(file, _content(file) + line.encode("utf-8") + b"\n")
            return ledger, entry
    except OSError as error:
        raise LedgerError(
            f"the ledger cannot be written: {error.strerror}",
            where=str(path),
            hint="check the folder's permissions and space, or give another --ledger",
        ) from None


def _upward(folder: Path) -> Iterator[Path]:
    """A folder and those above it, up to the root of the repository where it is in one."""
    here = folder.resolve()
    for place in (here, *here.parents):
        yield place
        if (place / ".git").exists():
            return


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise LedgerError(
            f"the ledger cannot be read: {error.strerror}",
            where=str(path),
            hint="check its permissions",
        ) from None


def _apply(entry: Deployment, standing: list[Deployment]) -> None:
    """Change what stands of a benchmark; raises ValueError for an impossible rollback."""
    if entry.action == "promote":
        standing.append(entry)
    elif len(standing) > 1 and standing[-2].is_same(entry):
        standing.pop()
    else:
        raise ValueError("rolls back to what was not promoted before")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file."""
    # The lock file stays: deleting one that others wait for would let two in.
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole and onto the disk, so that not even a power cut leaves half of it."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
