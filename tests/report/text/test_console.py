from dataclasses import replace

from vbench.report.text.console import ConsoleTable, console_tables, verdict_lines
from vbench.types import MachineLoad, Run, Verdict

_PADDING = 3
"""Spaces between columns, at most."""


def _lines(table: ConsoleTable, column: int) -> list[str]:
    cells = [line for row in table.rows for line in row[column].text.split("\n")]
    return [table.columns[column], *cells]


def test_three_pipelines_fit_80_columns(demo_run: Run) -> None:
    for table in console_tables(demo_run):
        width = sum(
            max(len(line) for line in _lines(table, k)) + _PADDING
            for k in range(len(table.columns))
        )
        assert width <= 80, table.title
        assert len(table.justify) == len(table.columns)
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_styles_follow_merit_and_undefined_is_said(demo_run: Run) -> None:
    headline, slices, gates = console_tables(demo_run)
    rows = {row[0].text: row for row in headline.rows}
    assert rows["latency p95 ms"][2].style == "good"
    assert rows["latency p95 ms"][3].text == "undefined"
    assert rows["precision"][3].style == "bad"
    assert rows["precision"][3].text.endswith("✕")
    assert slices.rows[0][0].text == "All footage"
    assert gates.rows[0][0].text == "✕ Fail"
    assert gates.rows[-1][0].style == "good"


def test_verdict_lines_end_with_the_run(demo_run: Run) -> None:
    lines = verdict_lines(demo_run)
    assert lines[0][1] == "warn"
    assert any(text.startswith("✕ FAIL  person-v2: Fails 1 of 7") for text, _ in lines)
    assert lines[-1][0] == "1 of 3 pipelines passes: person-v1. Hold: keep person-v1."


def test_gates_show_how_sure_they_are(decided_run: Run) -> None:
    gates = console_tables(decided_run)[-1]
    rows = {row[1].text: row for row in gates.rows if row[3].text == "person-v2"}
    assert "interval" in gates.title
    assert rows["recall daypart=night >= 0.6"][2].text == "0.596\n≥ 0.539 (95 %)"
    assert rows["recall not worse by 0.02"][2].text == "0.823\nΔ ≥ −0.029 (95 %)"
    assert rows["frame_accuracy >= 0.99"][2].text == "0.839\n0.782–0.895"
    assert rows["require weather=fog n >= 1"][2].text == "none"
    quarantined = rows["precision daypart=night >= 0.99"]
    assert quarantined[0].text == "○ Quarantined"
    assert quarantined[0].style == "dim"
    # All but the rule, which wraps, leaves it room within 80 columns.
    fixed = [max(map(len, _lines(gates, k))) + _PADDING for k in (0, 2, 3)]
    assert 80 - sum(fixed) >= 24


def test_an_undecided_run_says_what_would_decide(decided_run: Run) -> None:
    gates = tuple(item for item in decided_run.gates if item.gate.source == "benchmark.yaml:16")
    pipelines = tuple(replace(item, verdict=Verdict.INCONCLUSIVE) for item in decided_run.pipelines)
    manifest = replace(
        decided_run.manifest, partial="only clip a was run", load=MachineLoad(0.5, ("make",))
    )
    run = replace(
        decided_run, gates=gates, pipelines=pipelines, manifest=manifest, notes=(manifest.partial,)
    )
    texts = [text for text, _ in verdict_lines(replace(run, manifest=decided_run.manifest))]
    assert any(
        text.startswith("? INCONCLUSIVE  person-v2") and "about 3.4 times the footage" in text
        for text in texts
    )
    partial = [text for text, _ in verdict_lines(run)]
    assert partial[0] == "! A partial run, which decides nothing: only clip a was run."
    assert partial[1] == (
        "! times are doubtful: other processes (make) used 50 % of the machine meanwhile"
    )
    assert sum("only clip a was run" in text for text in partial[1:]) == 0


def many(run: Run, n: int) -> Run:
    """The run with its last pipeline under the names of a sweep."""
    last = run.pipelines[-1]
    names = [f"dock@score=0.{k},interpolation=linear" for k in range(1, n + 1)]
    metrics = [item for item in run.metrics if item.pipeline == last.name]
    return replace(
        run,
        pipelines=tuple(replace(last, name=name) for name in names),
        metrics=tuple(replace(item, pipeline=name) for name in names for item in metrics),
        gates=(),
        baseline=None,
    )


def test_many_pipelines_go_on_below(demo_run: Run) -> None:
    table = console_tables(many(demo_run, 9))[0]
    parts = list(table.fitting(80))
    assert len(parts) > 1
    assert all(part.width <= 80 for part in parts)
    assert all(part.columns[0] == table.columns[0] for part in parts)
    assert [name for part in parts for name in part.columns[1:]] == list(table.columns[1:])
    assert [part.title for part in parts] == [table.title] + [""] * (len(parts) - 1)
    assert next(table.fitting(1000)) == table


def test_variants_can_be_told_apart(demo_run: Run) -> None:
    names = console_tables(many(demo_run, 9))[0].columns[1:]
    assert len(set(names)) == 9
    assert names[0] == "dock\n@score=0.1,\ninterpolation=\nlinear"
