"""The run folder of a run that is not finished: begun, or gone on with from the same inputs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from vbench import __version__
from vbench.bench import environment
from vbench.bench.baseline import BaselineRun
from vbench.bench.options import RunOptions
from vbench.bench.plan import Plan
from vbench.errors import RunFolderError
from vbench.record.baseline import copy_baseline
from vbench.record.folder import RunFolder, remove_abandoned, write_whole
from vbench.types import Digest

_FILES = "files"
"""Key of the plan of a run: what its pipelines consist of."""


def refuse_foreign(folder: RunFolder) -> None:
    """Raise RunFolderError for a folder that holds anything but an unfinished run."""
    if folder.run_json.exists():
        raise RunFolderError(
            "holds a finished run, and runs are never overwritten",
            where=str(folder.path),
            hint="give another --out, or delete the folder",
        )
    if folder.path.exists() and not folder.path.is_dir():
        raise RunFolderError("is a file", where=str(folder.path), hint="give another --out")
    if folder.path.is_dir() and any(folder.path.iterdir()) and not folder.plan_json.is_file():
        raise RunFolderError(
            "holds files that are not of a run",
            where=str(folder.path),
            hint="give --out a new or empty folder",
        )


def open_folder(
    plan: Plan, folder: RunFolder, options: RunOptions, digests: Sequence[Digest]
) -> None:
    """Begin a run folder, or go on with one that the same inputs began."""
    pipelines = {
        f"pipeline {one.model.name}: {one.path.name}": one.document.sha256()
        for one in plan.pipelines
    }
    files = {digest.name: digest.sha256 for digest in digests}
    identity: dict[str, object] = {
        "vbench": __version__,
        "golden_sets": {one.name: one.digest for one in plan.golden_sets},
        "pipelines": pipelines,
        "libraries": dict(environment.library_versions()),
        "warmup_frames": plan.file.model.warmup_frames,
        "measure": options.measure,
    }
    if folder.plan_json.is_file():
        files = _refuse_other_plan(folder, identity, files) | files
        remove_abandoned(folder.path)
    text = json.dumps(identity | {_FILES: files}, indent=1, sort_keys=True) + "\n"
    write_whole(folder.plan_json, text)
    write_whole(folder.benchmark_yaml, plan.file.document.text)
    if isinstance(plan.baseline, BaselineRun):
        copy_baseline(folder, plan.baseline.folder, plan.baseline.pipeline)


def _refuse_other_plan(
    folder: RunFolder, identity: Mapping[str, object], files: Mapping[str, str]
) -> dict[str, str]:
    """Raise RunFolderError unless an unfinished run was begun from the same inputs.

    Returns:
        The digests of files that it was begun from. Those of a pipeline that could not be loaded,
        then or now, are unknown, and stop nothing: it is tried again.
    """
    try:
        found = json.loads(folder.plan_json.read_bytes())
        begun_files = {str(name): str(digest) for name, digest in found.pop(_FILES).items()}
        began, now = _leaves(found), _leaves(identity)
        changed = {key for key in {*began, *now} if began.get(key) != now.get(key)}
        changed |= {key for key in files if begun_files.get(key, files[key]) != files[key]}
        if not changed:
            return begun_files
    except (ValueError, AttributeError, KeyError, TypeError):
        changed = set()
    raise RunFolderError(
        f"holds an unfinished run of other inputs; changed: "
        f"{', '.join(sorted(changed)) or 'its plan'}",
        where=str(folder.path),
        hint="give another --out, or delete the folder",
    )


def _leaves(plan: Mapping[str, object]) -> dict[str, object]:
    """A plan without its sections, so that each input has one key."""
    flat: dict[str, object] = {}
    for key, value in plan.items():
        flat.update(value if isinstance(value, dict) else {key: value})
    return flat
