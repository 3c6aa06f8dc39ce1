from vbench.report.console import console_tables, verdict_lines
from vbench.types import Run

_PADDING = 3
"""Spaces between columns, at most."""


def test_three_pipelines_fit_80_columns(demo_run: Run) -> None:
    for table in console_tables(demo_run):
        width = sum(
            max(len(table.columns[k]), *(len(row[k].text) for row in table.rows)) + _PADDING
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
    assert lines[-1][0] == "1 of 3 pipelines passes: person-v1."
