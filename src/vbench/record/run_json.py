"""Runs to and from ``run.json``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pydantic

from vbench.config.yaml_text import key_text
from vbench.errors import RunFolderError
from vbench.record import run_file as rf
from vbench.record.folder import RunFolder, write_whole
from vbench.record.run_rows import (
    gate_entry,
    gate_from,
    metric_entry,
    metric_from,
    metric_text,
    point_entry,
    point_from,
)
from vbench.types import (
    ClassDef,
    ClipResult,
    Digest,
    GoldenSetResult,
    MachineLoad,
    MediaFacts,
    PipelineFailure,
    PipelineResult,
    Run,
    RunManifest,
    Taxonomy,
    Verdict,
)

_LINES = ",\n  "


def write_run(folder: RunFolder, run: Run) -> None:
    """Write ``run.json``: the act that makes a run finished."""
    write_whole(folder.run_json, run_text(run))


def read_run(folder: RunFolder) -> Run:
    """Read a finished run.

    Raises:
        RunFolderError: not finished, of another schema version, or not what vbench writes.
    """
    folder.require_finished()
    return read_run_json(folder.run_json)


def read_run_json(path: Path) -> Run:
    """Read a ``run.json`` wherever it is. Raises RunFolderError."""
    where = str(path)
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise RunFolderError(
            f"cannot be read: {error.strerror}", where=where, hint="check its permissions"
        ) from None
    except ValueError as error:
        raise RunFolderError(
            f"is not complete JSON: {error}", where=where, hint="run the benchmark again"
        ) from None
    found = data.get("schema") if isinstance(data, dict) else None
    if found != rf.RUN_SCHEMA:
        raise RunFolderError(
            f"schema is {found!r}, this vbench reads {rf.RUN_SCHEMA!r}",
            where=where,
            hint="use the vbench version that made the run, or run again",
        )
    try:
        return _run_from(rf.RunFile.model_validate(data))
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = f"{key_text(first['loc'])}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    except (KeyError, ValueError) as error:
        what = str(error)
    raise RunFolderError(
        f"is not a run that vbench wrote: {what}", where=where, hint="run the benchmark again"
    )


def run_text(run: Run) -> str:
    """``run.json`` as text: stable key order, one row of a list per line."""
    # Thousands of rows: they take no model.
    metrics = [metric_text(item) for item in run.metrics]
    data = _file_from(replace(run, metrics=())).model_dump(mode="json", by_alias=True)
    parts = []
    for key, value in data.items():
        rows = metrics if key == "metrics" else []
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = [_compact(row) for row in value]
        if rows:
            parts.append(f'"{key}": [\n  {_LINES.join(rows)}\n ]')
        else:
            parts.append(f'"{key}": {_compact(value)}')
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def run_json_schema() -> str:
    """The JSON Schema of ``run.json``, as text."""
    schema = rf.RunFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = rf.RUN_SCHEMA
    return json.dumps(schema, indent=2) + "\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _file_from(run: Run) -> rf.RunFile:
    return rf.RunFile(
        schema_=rf.RUN_SCHEMA,
        manifest=_manifest_entry(run.manifest),
        verdict=run.verdict.value,
        notes=list(run.notes),
        baseline=run.baseline,
        golden_sets=[
            rf.GoldenSetEntry(
                name=item.name,
                version=item.version,
                digest=item.digest,
                locked=item.locked,
                taxonomy_version=item.taxonomy.version,
                classes=[
                    rf.ClassEntry(name=one.name, means=one.means) for one in item.taxonomy.classes
                ],
            )
            for item in run.golden_sets
        ],
        clips=[_clip_entry(item) for item in run.clips],
        pipelines=[
            rf.PipelineEntry(
                name=item.name,
                version=item.version,
                engine=item.engine,
                verdict=item.verdict.value,
                operating_point=point_entry(item.operating_point),
                score_floor=item.score_floor,
                notes=list(item.notes),
                settings=item.settings,
            )
            for item in run.pipelines
        ],
        failures=[
            rf.FailureEntry(
                name=item.name,
                version=item.version,
                what=item.what,
                where=item.where,
                hint=item.hint,
            )
            for item in run.failures
        ],
        gates=[gate_entry(item) for item in run.gates],
        metrics=[metric_entry(item) for item in run.metrics],
    )


def _manifest_entry(manifest: RunManifest) -> rf.ManifestEntry:
    return rf.ManifestEntry(
        vbench_version=manifest.vbench_version,
        benchmark=manifest.benchmark,
        started_at=manifest.started_at,
        finished_at=manifest.finished_at,
        python_version=manifest.python_version,
        libraries=dict(manifest.libraries),
        hardware=dict(manifest.hardware),
        git_commit=manifest.git_commit,
        git_dirty=manifest.git_dirty,
        seed=manifest.seed,
        digests=[rf.DigestEntry(name=item.name, sha256=item.sha256) for item in manifest.digests],
        command=list(manifest.command),
        benchmark_file=manifest.benchmark_file,
        load=None
        if manifest.load is None
        else rf.LoadEntry(
            foreign_share=manifest.load.foreign_share, busiest=list(manifest.load.busiest)
        ),
        partial=manifest.partial,
        statistics=manifest.statistics,
        timing=manifest.timing,
        input_paths=dict(manifest.input_paths),
        deployed=list(manifest.deployed),
    )


def _clip_entry(clip: ClipResult) -> rf.ClipEntry:
    facts = clip.facts
    return rf.ClipEntry(
        golden_set=clip.golden_set,
        id=clip.id,
        sha256=facts.sha256,
        fingerprint=facts.fingerprint,
        n_frames=facts.n_frames,
        n_frames_annotated=clip.n_frames_annotated,
        fps=facts.fps,
        duration_s=facts.duration_s,
        width_px=facts.width_px,
        height_px=facts.height_px,
        tags=dict(clip.tags),
        n_truth=clip.n_truth,
        color=clip.color,
        damaged=clip.damaged,
    )


def _run_from(file: rf.RunFile) -> Run:
    classes = {item.name: tuple(one.name for one in item.classes) for item in file.golden_sets}
    every_class = tuple(dict.fromkeys(name for names in classes.values() for name in names))
    manifest = file.manifest
    return Run(
        manifest=RunManifest(
            vbench_version=manifest.vbench_version,
            benchmark=manifest.benchmark,
            started_at=manifest.started_at,
            finished_at=manifest.finished_at,
            python_version=manifest.python_version,
            libraries=tuple(manifest.libraries.items()),
            hardware=tuple(manifest.hardware.items()),
            git_commit=manifest.git_commit,
            git_dirty=manifest.git_dirty,
            seed=manifest.seed,
            digests=tuple(Digest(item.name, item.sha256) for item in manifest.digests),
            command=tuple(manifest.command),
            benchmark_file=manifest.benchmark_file,
            load=None
            if manifest.load is None
            else MachineLoad(manifest.load.foreign_share, tuple(manifest.load.busiest)),
            partial=manifest.partial,
            statistics=manifest.statistics,
            timing=manifest.timing,
            input_paths=tuple(manifest.input_paths.items()),
            deployed=tuple(manifest.deployed),
        ),
        golden_sets=tuple(
            GoldenSetResult(
                name=item.name,
                version=item.version,
                taxonomy=Taxonomy(
                    item.taxonomy_version,
                    tuple(ClassDef(one.name, one.means) for one in item.classes),
                ),
                digest=item.digest,
                locked=item.locked,
            )
            for item in file.golden_sets
        ),
        clips=tuple(_clip_from(item) for item in file.clips),
        pipelines=tuple(
            PipelineResult(
                name=item.name,
                version=item.version,
                engine=item.engine,
                settings=item.settings,
                operating_point=point_from(item.operating_point, every_class),
                score_floor=item.score_floor,
                verdict=Verdict(item.verdict),
                notes=tuple(item.notes),
            )
            for item in file.pipelines
        ),
        baseline=file.baseline,
        metrics=tuple(metric_from(item, classes) for item in file.metrics),
        gates=tuple(gate_from(item, classes) for item in file.gates),
        verdict=Verdict(file.verdict),
        notes=tuple(file.notes),
        failures=tuple(
            PipelineFailure(item.name, item.version, item.what, item.where, item.hint)
            for item in file.failures
        ),
    )


def _clip_from(item: rf.ClipEntry) -> ClipResult:
    return ClipResult(
        golden_set=item.golden_set,
        id=item.id,
        facts=MediaFacts(
            sha256=item.sha256,
            n_frames=item.n_frames,
            fps=item.fps,
            duration_s=item.duration_s,
            width_px=item.width_px,
            height_px=item.height_px,
            fingerprint=item.fingerprint,
        ),
        tags=tuple(item.tags.items()),
        n_frames_annotated=item.n_frames_annotated,
        n_truth=item.n_truth,
        color=item.color,
        damaged=item.damaged,
    )
