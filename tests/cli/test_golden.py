"""`vbench golden`, `vbench check`: golden sets locked, validated, made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.small import edit, files_of
from tests.cli.invoke import Command
from tests.video.clips import write_clip


def test_lock_then_check(small: Path, vbench: Command) -> None:
    golden = small / "golden"
    answer = vbench("golden", "lock", golden)
    assert answer.code == 0
    assert answer.stdout == f"{golden / 'golden.lock'}: written\n"
    first = files_of(golden)
    assert vbench("golden", "lock", golden).code == 0
    assert files_of(golden) == first
    answer = vbench("golden", "lock", golden, "--check")
    assert (answer.code, answer.stdout) == (
        0,
        f"{golden / 'golden.lock'}: everything matches\n",
    )


def test_check_of_a_lock_that_does_not_match(small: Path, vbench: Command) -> None:
    golden = small / "golden"
    vbench("golden", "lock", golden)
    write_clip(golden / "videos" / "b-night.mp4", 12, options={"crf": "40"})
    answer = vbench("golden", "lock", golden, "--check")
    what, where, todo = answer.one_error()
    assert answer.code == 2
    assert 'media of clip "b-night" no longer match' in what
    assert where.endswith("golden.yaml:10: clips[1].media")
    assert "restore the media" in todo


def test_check_without_a_lock(small: Path, vbench: Command) -> None:
    answer = vbench("golden", "lock", small / "golden", "--check")
    _, where, todo = answer.one_error()
    assert answer.code == 2
    assert where.endswith("golden.lock")
    assert "vbench golden lock" in todo


def test_a_set_with_errors_is_not_locked(small: Path, vbench: Command) -> None:
    golden = small / "golden"
    edit(golden / "golden.yaml", "id: b-night", "id: a-day")
    answer = vbench("golden", "lock", golden)
    what, _, _ = answer.one_error()
    assert answer.code == 2
    assert "given twice" in what
    assert not (golden / "golden.lock").exists()


def test_validate_tells_what_is_in_a_set(small: Path, vbench: Command) -> None:
    answer = vbench("golden", "validate", small / "golden")
    assert answer.code == 0
    lines = answer.stdout.splitlines()
    assert "2 clips, 24 frames (24 annotated), 1.0 s" in lines
    assert "  class person: 24 boxes in 2 clips" in lines
    assert "  tag daypart=night: 1 clip, 0.5 s" in lines
    assert any('class "forklift" has no truth box' in line for line in lines)
    assert lines[-1] == "0 errors, 2 warnings"


def test_validate_lists_every_problem_at_once(small: Path, vbench: Command) -> None:
    golden = small / "golden"
    with (golden / "truth" / "a-day.csv").open("a") as file:
        file.write("99,person,1,1,1,5,5,0,0\n")
    (golden / "videos" / "b-night.mp4").write_text("no video")
    answer = vbench("golden", "validate", golden, "--json")
    assert answer.code == 2
    problems = answer.json()["problems"]
    assert isinstance(problems, list)
    errors = [item for item in problems if item["severity"] == "error"]
    assert len(errors) == 2
    assert errors[0]["where"].endswith("a-day.csv:14: column frame")
    assert errors[1]["where"].endswith("golden.yaml:10: clips[1].media")


def test_synth_makes_a_locked_set(tmp_path: Path, vbench: Command) -> None:
    folder = tmp_path / "made"
    answer = vbench("golden", "synth", folder, "--clips", "1", "--seconds", "0.5")
    assert answer.code == 0
    assert answer.stdout == f"{folder}: written and locked\n"
    assert vbench("golden", "lock", folder, "--check").code == 0
    checked = vbench("check", folder)
    assert checked.code == 0
    assert checked.stdout.endswith(", locked\n")


def test_synth_overwrites_nothing(tmp_path: Path, vbench: Command) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    answer = vbench("golden", "synth", tmp_path, "--clips", "1", "--seconds", "0.5")
    answer.one_error()
    assert answer.code == 2
    assert files_of(tmp_path) == {"mine.txt": b"mine"}


def test_check_says_what_it_found_right(small: Path, vbench: Command) -> None:
    edit(small / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")
    answer = vbench("check", small, small / "golden", small / "pipelines" / "constant.yaml")
    assert answer.code == 0
    lines = answer.stdout.splitlines()
    assert lines[0] == f"{small / 'benchmark.yaml'}: 4 gates, 3 pipelines"
    assert lines[1] == "golden set dock: 2 clips, not locked"
    assert lines[2] == "pipeline v1: replay (mot)"
    assert lines[4].startswith("pipeline constant: onnxruntime ")
    # It looks at no picture, and is told so before an hour is spent.
    assert lines[5].startswith("pipeline constant gives the very same boxes and scores on all 8")
    assert lines[6] == f"{small / 'golden' / 'golden.yaml'}: 2 clips, 24 truth boxes, not locked"
    assert lines[7].startswith(f"{small / 'pipelines' / 'constant.yaml'}: pipeline constant: ")


def test_check_goes_through_all_files(small: Path, vbench: Command) -> None:
    bad = small / "bad.yaml"
    bad.write_text("schema: vbench.benchmark/v1\n")
    answer = vbench("check", bad, small / "golden", small / "missing.yaml")
    assert answer.code == 2
    assert answer.stderr.count("error: ") == 2
    assert "24 truth boxes" in answer.stdout


@pytest.mark.parametrize(
    ("content", "what", "todo"),
    [
        ("name: x\n", "key is missing", "known: vbench.benchmark/v1, "),
        ("schema: vbench.bench/v1\n", "vbench.bench/v1", 'did you mean "vbench.benchmark/v1"?'),
        ("schema: 3\n", "3", "vbench.golden/v1"),
    ],
)
def test_check_of_an_unknown_schema(
    tmp_path: Path, vbench: Command, content: str, what: str, todo: str
) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(content)
    said, where, advice = vbench("check", path).one_error()
    assert what in said
    assert where == f"{path}:1: schema"
    assert todo in advice


def test_check_of_a_folder_with_nothing_in_it(tmp_path: Path, vbench: Command) -> None:
    answer = vbench("check", tmp_path)
    what, where, todo = answer.one_error()
    assert answer.code == 2
    assert "neither benchmark.yaml nor golden.yaml" in what
    assert where == str(tmp_path)
    assert todo
