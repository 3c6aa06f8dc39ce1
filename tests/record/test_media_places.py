"""Where media are: noted so that a project can be moved, and read only as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vbench.errors import RunFolderError
from vbench.record.folder import RunFolder
from vbench.record.media_places import (
    copy_media_places,
    read_media_places,
    write_media_places,
)


def noted(folder: RunFolder) -> object:
    return json.loads(folder.media_json.read_bytes())["media"]


def test_a_project_can_be_moved_as_a_whole(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "golden").mkdir(parents=True)
    folder = RunFolder(project / "runs" / "today")
    write_media_places(folder, {"a": project / "golden" / "a.mp4"}, project)
    assert noted(folder) == {"a": "../../golden/a.mp4"}
    project.rename(tmp_path / "moved")
    moved = RunFolder(tmp_path / "moved" / "runs" / "today")
    (place,) = read_media_places(moved).values()
    assert place.resolve() == tmp_path / "moved" / "golden" / "a.mp4"


@pytest.mark.parametrize("outside", ["media", "run"])
def test_what_does_not_move_together_is_named_in_full(tmp_path: Path, outside: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    media = (tmp_path if outside == "media" else project) / "a.mp4"
    folder = RunFolder((tmp_path if outside == "run" else project) / "run")
    write_media_places(folder, {"a": media}, project)
    assert noted(folder) == {"a": str(media)}
    assert read_media_places(folder) == {"a": media}


def test_a_link_is_noted_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "0f3c").write_bytes(b"")
    (tmp_path / "a.mp4").symlink_to(tmp_path / "store" / "0f3c")
    folder = RunFolder(tmp_path / "run")
    write_media_places(folder, {"a": tmp_path / "a.mp4"}, tmp_path)
    assert noted(folder) == {"a": "../a.mp4"}


def test_a_copied_run_names_the_same_files(tmp_path: Path) -> None:
    source, target = RunFolder(tmp_path / "runs" / "a"), RunFolder(tmp_path / "b")
    media = {"near": tmp_path / "near.mp4", "far": Path("/elsewhere/far.mp4")}
    write_media_places(source, media, tmp_path)
    copy_media_places(source, target)
    assert noted(target) == {"near": "../near.mp4", "far": "/elsewhere/far.mp4"}


def test_a_run_that_noted_nothing(tmp_path: Path) -> None:
    source, target = RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b")
    copy_media_places(source, target)
    assert not target.media_json.exists()
    assert read_media_places(target) == {}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": "vbench.media/v9", "media": {}}', '{"schema": "vbench.media/v1"}'],
)
def test_a_broken_file_is_an_error_with_a_way_out(tmp_path: Path, text: str) -> None:
    folder = RunFolder(tmp_path)
    folder.media_json.write_text(text)
    with pytest.raises(RunFolderError) as caught:
        read_media_places(folder)
    assert caught.value.where == str(folder.media_json)
    assert "--golden-set" in caught.value.hint
