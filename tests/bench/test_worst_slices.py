"""The worst slices of a finished run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.small import N_FRAMES, files_of
from vbench.bench.finished import FinishedRun
from vbench.bench.worst_slices import worst_slices_of_run
from vbench.errors import InputError, RunFolderError

NIGHT = ("daypart", "night")


def test_every_pipeline_whatever_the_benchmark_asks_for(
    finished: FinishedRun, tmp_path: Path
) -> None:
    moved = Path(shutil.copytree(finished.folder.path, tmp_path / "run"))
    before = files_of(moved)
    found = worst_slices_of_run(moved, min_support=5)
    v1, v2 = found.tables
    assert (v1.pipeline, v1.golden_set, v2.pipeline) == ("v1", "dock", "v2")
    # v1 misses all at night; that nothing moves and all is medium adds nothing to it.
    (one,) = v1.worst.slices
    assert (one.slice, one.value, one.gap, one.n, one.n_lost) == (
        (NIGHT,),
        0.0,
        0.5,
        N_FRAMES,
        N_FRAMES,
    )
    assert (one.loss_share, one.excess) == (1.0, N_FRAMES / 2)
    assert v2.worst.slices == ()
    assert files_of(moved) == before


def test_precision_and_classes(finished: FinishedRun) -> None:
    folder = finished.folder.path
    found = worst_slices_of_run(folder, "precision", 1, ["person", "forklift"])
    assert [(one.pipeline, one.worst.class_name) for one in found.tables] == [
        ("v1", "person"),
        ("v1", "forklift"),
        ("v2", "person"),
        ("v2", "forklift"),
    ]
    # The one false alarm of v2 is small, and so is nothing else.
    worst = found.tables[2].worst.slices[0]
    assert (worst.slice, worst.value, worst.n) == ((("size", "small"),), 0.0, 1)
    assert found.tables[3].worst.value is None


def test_what_is_refused(finished: FinishedRun, tmp_path: Path) -> None:
    folder = finished.folder.path
    with pytest.raises(InputError, match='cannot be ranked by "recal"') as caught:
        worst_slices_of_run(folder, "recal")
    assert (caught.value.where, caught.value.hint) == ("--metric", 'did you mean "recall"?')
    with pytest.raises(InputError, match='no class "persn"') as caught:
        worst_slices_of_run(folder, class_names=["persn"])
    assert caught.value.where == "--class"
    with pytest.raises(RunFolderError):
        worst_slices_of_run(tmp_path / "nowhere")
