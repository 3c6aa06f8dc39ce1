"""The confusion matrices of a finished run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.runs import counts, run_quietly
from tests.bench.small import edit, files_of
from vbench.bench.confusion import confusion_of_run
from vbench.bench.finished import FinishedRun
from vbench.errors import RunFolderError


def test_every_pipeline(finished: FinishedRun, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(finished.folder.path, tmp_path / "run"))
    before = files_of(moved)
    v1, v2 = confusion_of_run(moved).tables
    assert (v1.pipeline, v1.golden_set, v2.pipeline) == ("v1", "dock", "v2")
    assert v1.matrix.class_names == ("person", "forklift")
    # v1 misses the person at night, v2 sees one where nothing is.
    assert v1.matrix.counts.tolist() == [[12, 0, 12], [0, 0, 0], [0, 0, 0]]
    assert v2.matrix.counts.tolist() == [[24, 0, 0], [0, 0, 0], [1, 0, 0]]
    assert (v1.point.text(), v1.not_exhaustive) == ("score >= 0.3, IoU >= 0.5", ())
    assert files_of(moved) == before


def test_truth_in_rows_detections_in_columns(small: Path, tmp_path: Path) -> None:
    truth = small / "golden" / "truth" / "b-night.csv"
    truth.write_text(truth.read_text().replace("person", "forklift"))
    finished = run_quietly(small / "benchmark.yaml", tmp_path / "run")
    v1, v2 = confusion_of_run(finished.folder.path).tables
    assert v1.matrix.counts.tolist() == [[12, 0, 0], [0, 0, 12], [0, 0, 0]]
    assert v2.matrix.counts.tolist() == [[12, 0, 0], [12, 0, 0], [1, 0, 0]]
    assert counts(finished.run, "v2") == (12, 13, 12)


def test_classes_that_are_not_exhaustive_are_named(small: Path, tmp_path: Path) -> None:
    edit(
        small / "golden" / "golden.yaml",
        "tags: {daypart: night}",
        "tags: {daypart: night}, exhaustive_classes: [forklift]",
    )
    finished = run_quietly(small / "benchmark.yaml", tmp_path / "run")
    _, v2 = confusion_of_run(finished.folder.path).tables
    assert v2.not_exhaustive == ("person",)
    # The false alarm at night may be a person that nobody annotated.
    assert v2.matrix.counts.tolist() == [[24, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError):
        confusion_of_run(tmp_path / "nowhere")
