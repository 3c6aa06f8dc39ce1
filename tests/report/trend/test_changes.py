from dataclasses import replace

import pytest

from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.trend.changes import changes_between
from vbench.types import Digest, Run


@pytest.fixture(scope="module")
def run(weeks: tuple[RunFolder, ...]) -> Run:
    return read_run(weeks[0])


def test_nothing_changed(run: Run) -> None:
    assert changes_between(run, run) == ()


def test_another_version_of_the_footage_comes_first(run: Run) -> None:
    sets = tuple(replace(item, version="1.3.0", digest="ab" * 32) for item in run.golden_sets)
    after = replace(run, golden_sets=sets, manifest=replace(run.manifest, vbench_version="0.2.0"))
    assert changes_between(run, after) == (
        "Other footage or truth: loading-dock 1.2.0 became 1.3.0.",
        "vbench 0.1.0 became 0.2.0.",
    )


def test_truth_that_changed_under_one_version(run: Run) -> None:
    sets = tuple(replace(item, digest="ab" * 32) for item in run.golden_sets)
    assert changes_between(run, replace(run, golden_sets=sets)) == (
        "Other footage or truth: loading-dock 1.2.0 is not what it was.",
    )


def test_a_pipeline_that_changed_without_a_version(run: Run) -> None:
    pipelines = tuple(replace(item, settings="other") for item in run.pipelines)
    assert changes_between(run, replace(run, pipelines=pipelines)) == (
        "person-v1 2.1.0 was changed, and kept its version.",
    )


def test_a_model_that_changed_under_the_same_file_name(run: Run) -> None:
    def with_model(digest: str) -> Run:
        digests = (*run.manifest.digests, Digest("pipeline person-v1: m.onnx", digest * 32))
        return replace(run, manifest=replace(run.manifest, digests=digests))

    assert changes_between(with_model("aa"), with_model("bb")) == (
        "A file of person-v1 2.1.0 was changed.",
    )


def test_pipelines_that_came_and_went(run: Run) -> None:
    other = replace(run, pipelines=tuple(replace(p, name="other") for p in run.pipelines))
    assert changes_between(run, other) == ("other is new.", "person-v1 is gone.")


def test_another_machine_makes_times_not_comparable(run: Run) -> None:
    hardware = (("cpu", "Other CPU"), *run.manifest.hardware[1:])
    after = replace(run, manifest=replace(run.manifest, hardware=hardware))
    assert changes_between(run, after) == (
        "Another machine (cpu Other CPU): times are not comparable.",
    )


def test_libraries_are_named_up_to_a_few(run: Run) -> None:
    names = [f"library-{k}" for k in range(6)]
    old = replace(run.manifest, libraries=tuple((name, "1") for name in names))
    new = replace(run.manifest, libraries=tuple((name, "2") for name in names))
    (sentence,) = changes_between(replace(run, manifest=old), replace(run, manifest=new))
    assert sentence == (
        "Other software: library-0 2, library-1 2, library-2 2, library-3 2 and 2 other libraries."
    )
