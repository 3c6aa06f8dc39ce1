"""A run keeps what it was compared with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.small import files_of
from vbench.bench.finished import FinishedRun
from vbench.errors import RunFolderError
from vbench.record.baseline import baseline_folder, copy_baseline, read_baseline_run
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.run_json import read_run
from vbench.record.shards import read_detections


@pytest.fixture
def source(finished: FinishedRun, tmp_path: Path) -> RunFolder:
    return RunFolder(Path(shutil.copytree(finished.folder.path, tmp_path / "earlier")))


@pytest.fixture
def target(tmp_path: Path) -> RunFolder:
    (tmp_path / "run").mkdir()
    return RunFolder(tmp_path / "run")


def test_what_judging_needs_is_kept(source: RunFolder, target: RunFolder) -> None:
    run = read_run(source)
    golden_set = read_golden_copy(source, "dock")
    shards = {
        clip.id: read_detections(source.detections("v1", clip.id)) for clip in golden_set.clips
    }
    kept = copy_baseline(target, source, "v1")
    shutil.rmtree(source.path)
    assert kept == baseline_folder(target)
    assert read_run(kept) == run
    assert read_golden_copy(kept, "dock").digest == golden_set.digest
    for clip, detections in shards.items():
        again = read_detections(kept.detections("v1", clip))
        assert again.scores.tolist() == detections.scores.tolist()
        assert kept.decoded(clip).is_file()


def test_nothing_else_is_kept(source: RunFolder, target: RunFolder) -> None:
    names = files_of(copy_baseline(target, source, "v1").path)
    parts = {"run.json", "detections", "golden", "decoded", "evaluated"}
    assert {name.split("/")[0] for name in names} == parts
    assert not any("v2" in name for name in names)
    assert [item.name for item in target.path.iterdir()] == ["baseline"]


def test_files_are_shared_not_copied(source: RunFolder, target: RunFolder) -> None:
    kept = copy_baseline(target, source, "v1")
    shard = kept.detections("v1", "a-day")
    assert shard.stat().st_ino == source.detections("v1", "a-day").stat().st_ino


def test_copies_where_links_cannot_be(
    source: RunFolder, target: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("other disk")

    monkeypatch.setattr("vbench.record.baseline.os.link", refuse)
    kept = copy_baseline(target, source, "v1")
    assert kept.run_json.read_bytes() == source.run_json.read_bytes()
    assert kept.run_json.stat().st_nlink == 1


def test_a_second_time_changes_nothing(source: RunFolder, target: RunFolder) -> None:
    before = files_of(copy_baseline(target, source, "v1").path)
    assert files_of(copy_baseline(target, source, "v1").path) == before


def test_another_baseline_takes_the_place(source: RunFolder, target: RunFolder) -> None:
    copy_baseline(target, source, "v1")
    kept = copy_baseline(target, source, "v2")
    assert [item.name for item in (kept.path / "detections").iterdir()] == ["v2"]


def test_an_unfinished_run_is_no_baseline(source: RunFolder, target: RunFolder) -> None:
    source.run_json.rename(source.plan_json)
    with pytest.raises(RunFolderError, match="not finished"):
        copy_baseline(target, source, "v1")
    assert files_of(target.path) == {}


def test_a_run_without_its_detections_is_no_baseline(source: RunFolder, target: RunFolder) -> None:
    shutil.rmtree(source.path / "detections" / "v1")
    with pytest.raises(RunFolderError, match='no detections of the pipeline "v1"'):
        copy_baseline(target, source, "v1")
    assert files_of(target.path) == {}


def test_the_run_is_read_back(source: RunFolder, target: RunFolder) -> None:
    assert read_baseline_run(target) is None
    copy_baseline(target, source, "v1")
    assert read_baseline_run(target) == read_run(source)


def test_runs_of_earlier_versions_kept_run_json_alone(source: RunFolder, target: RunFolder) -> None:
    shutil.copyfile(source.run_json, target.baseline_json)
    assert read_baseline_run(target) == read_run(source)
