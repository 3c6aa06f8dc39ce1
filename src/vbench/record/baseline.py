"""What a run keeps of the earlier run that it was compared with.

Stored detections, truth and timings of the baseline's pipeline lie in the run's own folder, so the
run can be judged again when the earlier one is long gone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from vbench.errors import RunFolderError
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run_json
from vbench.types import Run

_OF_PIPELINE = ("detections", "alerts", "timings", "evaluated")
_OF_ALL = ("golden", "decoded")


def baseline_folder(folder: RunFolder) -> RunFolder:
    """Where a run keeps its baseline; a run folder with one pipeline's shards."""
    return RunFolder(folder.path / "baseline")


def copy_baseline(target: RunFolder, source: RunFolder, pipeline: str) -> RunFolder:
    """Keep what judging against a pipeline of an earlier run needs.

    Files are hard links where the disk allows: a finished run never changes. What is there already
    stays where it is the same run's, and is replaced where it is another one's.

    Args:
        target: the run that is compared.
        source: the finished earlier run.
        pipeline: its pipeline.

    Returns:
        `baseline_folder` of the target, complete.

    Raises:
        RunFolderError: the earlier run is not finished, or lacks the pipeline's detections.
    """
    source.require_finished()
    require_shards(source, pipeline)
    kept = baseline_folder(target)
    if _is_same(kept, source, pipeline):
        return kept
    part = kept.path.with_name(f".{kept.path.name}.part{os.getpid()}")
    try:
        for file in _needed(source, pipeline):
            _link(file, part / file.relative_to(source.path))
        # `run.json` says that a folder is complete, also in a copy.
        _link(source.run_json, RunFolder(part).run_json)
        if kept.path.exists():
            shutil.rmtree(kept.path)
        part.rename(kept.path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return kept


def read_baseline_run(folder: RunFolder) -> Run | None:
    """The earlier run that a run was compared with; None where it kept none.

    Runs of earlier versions of vbench keep its ``run.json`` alone, as ``baseline.json``.

    Raises:
        RunFolderError: what was kept is broken.
    """
    for path in (baseline_folder(folder).run_json, folder.baseline_json):
        if path.is_file():
            return read_run_json(path)
    return None


def _shards(folder: RunFolder, pipeline: str) -> Path:
    return folder.path / "detections" / pipeline


def require_shards(source: RunFolder, pipeline: str) -> None:
    """Raise RunFolderError for a run that holds no detections of a pipeline."""
    if not _shards(source, pipeline).is_dir():
        raise RunFolderError(
            f'holds no detections of the pipeline "{pipeline}"',
            where=str(source.path),
            hint="give the folder of a whole run, with all that `vbench run` wrote into it",
        )


def _is_same(kept: RunFolder, source: RunFolder, pipeline: str) -> bool:
    return (
        kept.run_json.is_file()
        and kept.run_json.read_bytes() == source.run_json.read_bytes()
        and _shards(kept, pipeline).is_dir()
    )


def _needed(source: RunFolder, pipeline: str) -> Iterator[Path]:
    folders = [
        *(source.path / part / pipeline for part in _OF_PIPELINE),
        *(source.path / part for part in _OF_ALL),
    ]
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
