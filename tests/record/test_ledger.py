"""The ledger: nothing is lost, nothing is changed unnoticed."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from vbench.errors import InputError, LedgerError
from vbench.record.deployment import Deployment, JudgedGate, JudgedSet
from vbench.record.folder import RunFolder
from vbench.record.ledger import (
    Ledger,
    append_entry,
    file_sha256,
    find_ledger,
    promoted_run,
    read_ledger,
    run_reference,
)
from vbench.types import Digest, Verdict

GATE = JudgedGate("recall >= 0.8", "dock", "error", Verdict.PASS, 0.875, in_quarantine=False)


def made(pipeline: str, *, benchmark: str = "release", action: str = "promote") -> Deployment:
    return Deployment(
        action="rollback" if action == "rollback" else "promote",
        at="2026-01-02T03:04:05+00:00",
        benchmark=benchmark,
        pipeline=pipeline,
        version="1.0.0",
        digests=(Digest("model.onnx", "ab" * 32),),
        golden_sets=(JudgedSet("dock", "1.0.0", "cd" * 32),),
        gates=(GATE, replace(GATE, value=None, verdict=Verdict.FAIL, in_quarantine=True)),
        run=f"runs/{pipeline}",
        run_sha256=pipeline * 4,
        note='grün, "quoted"\nand two lines',
    )


def write(path: Path, *entries: Deployment) -> Path:
    for entry in entries:
        append_entry(path, _always(entry))
    return path


def _always(entry: Deployment) -> Callable[[Ledger], Deployment]:
    return lambda _: entry


def current(path: Path, benchmark: str = "release") -> list[str]:
    return [entry.pipeline for entry in read_ledger(path).standing(benchmark)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deployments.jsonl"


def test_what_was_written_is_read(path: Path) -> None:
    write(path, made("a"), made("b"))
    first, second = read_ledger(path).entries
    assert replace(first, sha256="") == made("a")
    assert replace(second, sha256="", previous=None) == made("b")
    assert (first.previous, second.previous) == (None, first.sha256)


def test_a_line_is_one_json_object(path: Path) -> None:
    write(path, made("a"))
    (line,) = path.read_text().splitlines()
    data = json.loads(line)
    assert data["schema"] == "vbench.deployment/v1"
    assert data["gates"][0] == {
        "title": "recall >= 0.8",
        "golden_set": "dock",
        "level": "error",
        "verdict": "pass",
        "value": 0.875,
        "in_quarantine": False,
    }


def test_lines_are_only_added(path: Path) -> None:
    before = write(path, made("a")).read_bytes()
    write(path, made("b"))
    assert path.read_bytes().startswith(before)


def test_nothing_else_is_left_but_the_lock(path: Path) -> None:
    write(path, made("a"), made("b"))
    assert sorted(item.name for item in path.parent.iterdir()) == [
        "deployments.jsonl",
        "deployments.jsonl.lock",
    ]


def test_a_missing_ledger_is_empty(path: Path) -> None:
    assert read_ledger(path) == Ledger(path, ())


def test_nothing_to_append_changes_nothing(path: Path) -> None:
    write(path, made("a"))
    before = path.read_bytes()
    held, entry = append_entry(path, lambda _: None)
    assert (entry, len(held.entries), path.read_bytes()) == (None, 1, before)


def test_rollbacks_take_back_one_promotion_each(path: Path) -> None:
    write(path, made("a"), made("b"), made("c"))
    write(path, made("b", action="rollback"))
    assert current(path) == ["a", "b"]
    write(path, made("a", action="rollback"))
    assert current(path) == ["a"]
    write(path, made("d"), made("a", action="rollback"))
    assert current(path) == ["a"]


def test_benchmarks_do_not_touch_each_other(path: Path) -> None:
    write(path, made("a"), made("x", benchmark="other"), made("b"))
    write(path, made("a", action="rollback"))
    assert current(path) == ["a"]
    assert current(path, "other") == ["x"]
    assert read_ledger(path).benchmarks() == ("release", "other")


def cut_last(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1][:80]]


def no_line_break(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1].rstrip("\n")]


def without_the_first(lines: list[str]) -> list[str]:
    return lines[1:]


def without_the_middle(lines: list[str]) -> list[str]:
    return [lines[0], lines[2]]


def swapped(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], lines[2]]


def edited_value(lines: list[str]) -> list[str]:
    return [lines[0].replace("0.875", "0.975"), *lines[1:]]


def edited_last(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1].replace('"pipeline": "c"', '"pipeline": "z"')]


def doubled_key(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1].replace('"version"', '"version": "9", "version"')]


def other_schema(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace("deployment/v1", "deployment/v2"), lines[2]]


def another_type(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace('"1.0.0", "digests"', '1, "digests"'), lines[2]]


def empty_line(lines: list[str]) -> list[str]:
    return [lines[0], "\n", *lines[1:]]


def a_list(lines: list[str]) -> list[str]:
    return [*lines, "[]\n"]


@pytest.mark.parametrize(
    ("change", "number", "what"),
    [
        (cut_last, 3, "is not complete JSON"),
        (no_line_break, 3, "does not end with a line break"),
        (without_the_first, 1, "does not follow"),
        (without_the_middle, 2, "does not follow"),
        (swapped, 1, "does not follow"),
        (edited_value, 1, "was edited"),
        (edited_last, 3, "was edited"),
        (doubled_key, 3, "was edited"),
        (other_schema, 2, "schema is 'vbench.deployment/v2'"),
        (another_type, 2, "version: input should be a valid string"),
        (empty_line, 2, "is not complete JSON"),
        (a_list, 4, "schema is None"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_corrupt_ledger_is_refused_and_left_alone(
    path: Path, change: Callable[[list[str]], list[str]], number: int, what: str
) -> None:
    write(path, made("a"), made("b"), made("c"))
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))
    before = path.read_bytes()
    for act in (
        lambda: read_ledger(path),
        lambda: write(path, made("d")),
        lambda: promoted_run(path, "release"),
    ):
        with pytest.raises(LedgerError, match="the ledger is corrupt") as caught:
            act()
        assert what in caught.value.what
        assert caught.value.where == f"{path}:{number}"
        assert "version control" in caught.value.hint
    assert path.read_bytes() == before


@pytest.mark.parametrize("pipeline", ["a", "c"])
def test_a_rollback_to_what_never_stood_before_is_corrupt(path: Path, pipeline: str) -> None:
    write(path, made("a"), made("b"), made("c"), made(pipeline, action="rollback"))
    with pytest.raises(LedgerError, match="rolls back to what was not promoted before"):
        read_ledger(path)


def _append_many(path: Path, writer: int, n_entries: int) -> None:
    for k in range(n_entries):
        write(path, made(f"{writer}-{k}"))


def test_writers_at_once_lose_nothing(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append_many, args=(path, k, 15)) for k in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    names = [entry.pipeline for entry in read_ledger(path).entries]
    assert sorted(names) == sorted(f"{writer}-{k}" for writer in range(4) for k in range(15))
    for number in range(4):
        own = [name for name in names if name.startswith(f"{number}-")]
        assert own == [f"{number}-{k}" for k in range(15)]


def test_a_reader_never_sees_half_a_line(path: Path) -> None:
    write(path, made("a"))
    context = multiprocessing.get_context("fork")
    writer = context.Process(target=_append_many, args=(path, 0, 30))
    writer.start()
    seen = []
    while writer.is_alive():
        seen.append(len(read_ledger(path).entries))
    writer.join()
    assert seen == sorted(seen)
    assert len(read_ledger(path).entries) == 31


def test_a_link_to_a_ledger_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    link = tmp_path / "other" / "deployments.jsonl"
    link.symlink_to(path)
    write(path, made("a"))
    write(link, made("b"))
    assert link.is_symlink()
    assert current(path) == ["a", "b"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(LedgerError, match="cannot be written: Permission denied"):
        write(folder / "deployments.jsonl", made("a"))


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be written: No such file"):
        write(tmp_path / "none" / "deployments.jsonl", made("a"))


def test_the_nearest_ledger_within_the_repository_is_found(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    folder = repository / "benchmarks" / "dock"
    folder.mkdir(parents=True)
    (repository / ".git").mkdir()
    (tmp_path / "deployments.jsonl").touch()
    assert find_ledger(folder) is None
    (repository / "deployments.jsonl").touch()
    assert find_ledger(folder) == repository / "deployments.jsonl"
    (folder / "deployments.jsonl").touch()
    assert find_ledger(folder) == folder / "deployments.jsonl"


def test_runs_are_named_so_that_a_repository_can_move(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    ledger = repository / "releases" / "deployments.jsonl"
    assert run_reference(ledger, repository / "runs" / "may") == "../runs/may"
    elsewhere = tmp_path / "runs" / "may"
    assert run_reference(ledger, elsewhere) == str(elsewhere)


def test_runs_beside_a_ledger_outside_a_repository(tmp_path: Path) -> None:
    ledger = tmp_path / "deployments.jsonl"
    assert run_reference(ledger, tmp_path / "runs" / "may") == "runs/may"


@pytest.fixture
def with_run(path: Path, tmp_path: Path) -> Path:
    """A ledger whose current entry has its run beside it."""
    folder = RunFolder(tmp_path / "runs" / "a")
    folder.path.mkdir(parents=True)
    folder.run_json.write_text("{}")
    return write(path, replace(made("a"), run_sha256=file_sha256(folder.run_json)))


def test_the_promoted_run(with_run: Path, tmp_path: Path) -> None:
    found = promoted_run(with_run, "release")
    assert found.folder.path == tmp_path / "runs" / "a"
    assert (found.entry.pipeline, found.entry.version) == ("a", "1.0.0")


def test_a_promoted_run_that_is_gone(with_run: Path, tmp_path: Path) -> None:
    (tmp_path / "runs" / "a" / "run.json").unlink()
    with pytest.raises(LedgerError, match=r"the promoted run of a 1\.0\.0 is gone") as caught:
        promoted_run(with_run, "release")
    assert caught.value.where == str(tmp_path / "runs" / "a")


def test_a_promoted_run_that_has_changed(with_run: Path, tmp_path: Path) -> None:
    (tmp_path / "runs" / "a" / "run.json").write_text("{ }")
    with pytest.raises(LedgerError, match=r"run\.json has changed"):
        promoted_run(with_run, "release")


def test_nothing_promoted_for_a_benchmark(with_run: Path) -> None:
    with pytest.raises(
        InputError, match='no pipeline is promoted for the benchmark "releas"'
    ) as it:
        promoted_run(with_run, "releas")
    assert it.value.hint.startswith('did you mean "release"?')
