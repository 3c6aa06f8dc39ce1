"""Where things are in a run folder, and files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from vbench.errors import RunFolderError


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run. Paths only; nothing is created by asking for one."""

    path: Path

    @property
    def run_json(self) -> Path:
        """The finished run: manifest, metrics, gates. Its presence means finished."""
        return self.path / "run.json"

    @property
    def plan_json(self) -> Path:
        """What an unfinished run is made from; resuming needs the same plan."""
        return self.path / "plan.json"

    @property
    def benchmark_yaml(self) -> Path:
        """The benchmark file as it was."""
        return self.path / "benchmark.yaml"

    @property
    def baseline_json(self) -> Path:
        """``run.json`` of the earlier run that this one was compared with, if any."""
        return self.path / "baseline.json"

    @property
    def media_json(self) -> Path:
        """Where the clips' media are on the machine of the run."""
        return self.path / "media.json"

    @property
    def report_html(self) -> Path:
        """The one-file report."""
        return self.path / "report.html"

    @property
    def report_pdf(self) -> Path:
        """The report for stakeholders."""
        return self.path / "report.pdf"

    @property
    def junit_xml(self) -> Path:
        """The gates as test cases."""
        return self.path / "junit.xml"

    @property
    def summary_md(self) -> Path:
        """The verdict in Markdown."""
        return self.path / "summary.md"

    @property
    def report_json(self) -> Path:
        """What the report says, for programs."""
        return self.path / "report.json"

    @property
    def metrics_csv(self) -> Path:
        """Every number as a flat table."""
        return self.path / "metrics.csv"

    @property
    def label_errors_json(self) -> Path:
        """Probable label errors in COCO's format, for annotation tools."""
        return self.path / "label-errors.json"

    @property
    def label_errors_csv(self) -> Path:
        """The same as a table, with the truth that no pipeline comes near."""
        return self.path / "label-errors.csv"

    @property
    def comment_md(self) -> Path:
        """The verdict in Markdown, short enough for a comment on a pull request."""
        return self.path / "comment.md"

    @property
    def code_quality_json(self) -> Path:
        """Gates that did not pass as GitLab's code-quality report."""
        return self.path / "code-quality.json"

    def detections(self, pipeline: str, clip: str) -> Path:
        """Stored detections of a pipeline on a clip."""
        return self.path / "detections" / pipeline / f"{clip}.parquet"

    def matches(self, pipeline: str, clip: str) -> Path:
        """The match table of a pipeline on a clip."""
        return self.path / "matches" / pipeline / f"{clip}.parquet"

    def alerts(self, pipeline: str, clip: str) -> Path:
        """What a pipeline's rules raised on a clip; only for pipelines that have rules."""
        return self.path / "alerts" / pipeline / f"{clip}.json"

    def timings(self, pipeline: str, clip: str) -> Path:
        """Stage times of a pipeline on a clip."""
        return self.path / "timings" / pipeline / f"{clip}.parquet"

    def evaluated(self, pipeline: str, golden_set: str) -> Path:
        """What was computed of a pipeline's answers on a golden set; no other reader needs it."""
        return self.path / "evaluated" / pipeline / f"{golden_set}.bin"

    def decoded(self, clip: str) -> Path:
        """What decoding a clip told; written last, so its presence means the clip is complete."""
        return self.path / "decoded" / f"{clip}.json"

    def golden(self, golden_set: str) -> Path:
        """A golden set as the run saw it: clips, tags, regions; truth is beside it."""
        return self.path / "golden" / golden_set / "golden.json"

    def truth(self, golden_set: str, clip: str) -> Path:
        """The truth of a clip as the run saw it."""
        return self.path / "golden" / golden_set / f"{clip}.parquet"

    def picture(self, clip: str, frame_index: int) -> Path:
        """A frame kept as JPEG for the report's gallery."""
        return self.path / "pictures" / clip / f"{frame_index:06d}.jpg"

    def require_finished(self) -> None:
        """Raise RunFolderError unless this is the folder of a finished run."""
        if self.run_json.is_file():
            return
        if self.plan_json.is_file():
            raise RunFolderError(
                "the run is not finished",
                where=str(self.path),
                hint="repeat the same `vbench run ... --out` to go on where it stopped",
            )
        if not self.path.exists():
            raise RunFolderError("does not exist", where=str(self.path), hint="check the path")
        raise RunFolderError(
            "is not a run folder: it has no run.json",
            where=str(self.path),
            hint="give the folder that `vbench run` printed",
        )


_PART = re.compile(r"\..+\.part(\d+)")
"""Name of a temporary file, with the process that writes it."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed to it when the block ends without an error.

    Raises RunFolderError where the folder cannot be written to.
    """
    part = path.with_name(f".{path.name}.part{os.getpid()}")
    with named_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        with named_write_errors(path):
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is either complete or absent. Raises RunFolderError."""
    with whole_file(path) as part, named_write_errors(path):
        part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def named_write_errors(path: Path) -> Iterator[None]:
    """Raise RunFolderError where writing a file fails."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise RunFolderError(
            f"cannot be written: {error.strerror or error}",
            where=str(path),
            hint="free some space; the same command goes on where complete clips end"
            if full
            else "may the folder be written to? the same command then goes on",
        ) from error


def remove_abandoned(folder: Path) -> None:
    """Remove what processes that were killed have left half-written in a run folder."""
    for part in folder.rglob(".*.part*"):
        name = _PART.fullmatch(part.name)
        if name is not None and not _is_alive(int(name[1])):
            with suppress(OSError):
                part.unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # Somebody else's.
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    # In a container often nobody takes note of an orphan's end.
    return state not in "ZX"
