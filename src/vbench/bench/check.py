"""Configuration and preflight: everything a run would stumble over, and nothing run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vbench.bench.entered import enter, try_entered
from vbench.bench.failures import Failures
from vbench.bench.media import measure_unlocked
from vbench.bench.plan import make_plan
from vbench.bench.preflight import verify_media
from vbench.bench.progress import Progress
from vbench.config.benchmark_file import BENCHMARK_SCHEMA
from vbench.config.golden_file import GOLDEN_SCHEMA
from vbench.config.model_file import closest
from vbench.config.pipeline_file import PIPELINE_SCHEMA, read_pipeline_files
from vbench.config.yaml_text import YamlDocument, read_yaml
from vbench.errors import ConfigError, EngineError
from vbench.golden.load import load_golden_set
from vbench.pipeline.classes import own_taxonomy
from vbench.pipeline.load import load_pipeline

_FOLDER_FILES = ("benchmark.yaml", "golden.yaml")


def check_file(path: Path, progress: Progress) -> Iterator[str]:
    """Check a benchmark, golden set or pipeline file; yields a line for each thing found right.

    Raises:
        VbenchError: the first thing that is wrong.
    """
    document = read_yaml(_file_in(path))
    schema = document.data.get("schema")
    if schema == BENCHMARK_SCHEMA:
        yield from _check_benchmark(document.path, progress)
    elif schema == GOLDEN_SCHEMA:
        yield from _check_golden_set(document.path, progress)
    elif schema == PIPELINE_SCHEMA:
        yield from _check_pipeline(document.path)
    else:
        raise _unknown_schema(document)


def _file_in(path: Path) -> Path:
    if not path.is_dir():
        return path
    for name in _FOLDER_FILES:
        if (path / name).is_file():
            return path / name
    raise ConfigError(
        "the folder holds neither benchmark.yaml nor golden.yaml",
        where=str(path),
        hint="name the file to check",
    )


def _check_benchmark(path: Path, progress: Progress) -> Iterator[str]:
    plan = make_plan(path, progress)
    yield f"{path}: {len(plan.gates)} gates, {len(plan.pipelines)} pipelines"
    verify_media(plan, progress, allow_damaged=False)
    failures = Failures(len(plan.pipelines), progress)
    for golden_set in plan.golden_sets:
        state = "locked, media match" if golden_set.locked else "not locked"
        yield f"golden set {golden_set.name}: {len(golden_set.clips)} clips, {state}"
        # What is checked is what runs here and now: nothing is remembered.
        entered = enter(plan.pipelines, golden_set, failures, remember=None)
        try:
            try_entered(golden_set, entered, failures)
            for one in entered:
                if one.name in failures.names:
                    continue
                yield f"pipeline {one.name}: {one.engine_text}"
                for suspicion in one.suspicions:
                    yield f"pipeline {one.name} {suspicion}"
        finally:
            for one in entered:
                one.close()
    *others, last = failures.all() or (None,)
    for failure in others:
        yield f"pipeline {failure.name}: {failure.reason}"
    if last is not None:
        raise EngineError(f"pipeline {last.name}: {last.what}", where=last.where, hint=last.hint)


def _check_golden_set(path: Path, progress: Progress) -> Iterator[str]:
    golden_set = load_golden_set(path, measure_unlocked(path, progress))
    n_boxes = sum(len(clip.truth) for clip in golden_set.clips)
    state = "locked" if golden_set.locked else "not locked"
    yield f"{path}: {len(golden_set.clips)} clips, {n_boxes} truth boxes, {state}"


def _check_pipeline(path: Path) -> Iterator[str]:
    for file in read_pipeline_files(path):
        pipeline = load_pipeline(file, own_taxonomy(file))
        try:
            pipeline.check(())
            yield f"{path}: pipeline {pipeline.name}: {pipeline.engine_text}"
        finally:
            pipeline.close()


def _unknown_schema(document: YamlDocument) -> ConfigError:
    known = (BENCHMARK_SCHEMA, GOLDEN_SCHEMA, PIPELINE_SCHEMA)
    found = document.data.get("schema")
    where = f"{document.path}:{document.lines.get(('schema',), 1)}: schema"
    if found is None:
        hint = f"start the file with `schema: ...`; {closest('', known)}"
        return ConfigError("key is missing", where=where, hint=hint)
    return ConfigError(f'"{found}" is not known', where=where, hint=closest(str(found), known))
