from __future__ import annotations

from dataclasses import replace

from vbench.report.text.console_why import why_lines
from vbench.types import Run


def test_gates_that_block_are_explained_worst_first(decided_run: Run) -> None:
    lines = why_lines(decided_run)
    titles = [line.text for line in lines if line.is_title]
    assert titles
    assert [title[0] for title in titles] == sorted((t[0] for t in titles), reverse=True)
    assert all(title[0] in "✕?" for title in titles)
    commands = [line.text for line in lines if line.is_command]
    assert all(command.startswith("vbench run ") for command in commands)


def test_at_most_three_sentences_a_gate(decided_run: Run) -> None:
    n = 0
    for line in why_lines(decided_run):
        n = 0 if line.is_title else n + (not line.is_command)
        assert n <= 3


def test_what_is_too_much_is_counted(decided_run: Run) -> None:
    explained = next(result for result in decided_run.gates if result.causes)
    run = replace(decided_run, gates=(explained,) * 6)
    lines = why_lines(run)
    assert lines[-1].text == "2 more gates are explained in report.html"
    one_more = why_lines(replace(run, gates=(explained,) * 5))
    assert one_more[-1].text == "1 more gate is explained in report.html"


def test_nothing_is_said_where_nothing_is_known(decided_run: Run) -> None:
    gates = tuple(replace(result, causes=()) for result in decided_run.gates)
    assert why_lines(replace(decided_run, gates=gates)) == ()


def test_warnings_are_left_to_the_report(decided_run: Run) -> None:
    gates = tuple(
        replace(result, gate=replace(result.gate, level="warn")) for result in decided_run.gates
    )
    assert why_lines(replace(decided_run, gates=gates)) == ()
