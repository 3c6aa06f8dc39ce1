from dataclasses import replace

from vbench.report.printed.print_tables import breakdown, chosen_pipelines, side_by_side
from vbench.report.tables import Cell, Row, Table
from vbench.types import Run, Verdict


def cell(value: float | None, reason: str | None = None) -> Cell:
    text = "undefined" if value is None else f"{value:.2f}"
    exact = "" if value is None else repr(value)
    return Cell(text, exact, 10, reason, None if reason is None else 1, None, "", "", 0)


def row(name: str, *values: float) -> Row:
    """Two metrics for each value: itself, and 9."""
    cells = [cell(number) for value in values for number in (value, 9.0)]
    return Row(name, name, "", "", tuple(cells))


def names(rows: tuple[Row, ...]) -> list[str]:
    return [item.name for item in rows]


def test_the_baseline_and_those_that_pass_are_chosen_first(demo_run: Run) -> None:
    verdicts = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.FAIL, Verdict.PASS)
    pipelines = tuple(
        replace(demo_run.pipelines[0], name=f"p{k}", verdict=verdict)
        for k, verdict in enumerate(verdicts)
    )
    run = replace(demo_run, pipelines=pipelines, baseline="p3")
    assert chosen_pipelines(run, 1) == (3,)
    assert chosen_pipelines(run, 3) == (2, 3, 4)
    assert chosen_pipelines(run, 4) == (1, 2, 3, 4)
    assert chosen_pipelines(run, 99) == (0, 1, 2, 3, 4)


def test_wide_tables_are_cut_into_several() -> None:
    columns = ("a", "b", "c", "d", "e")
    rows = (Row("m", "m", "", "", tuple(cell(k / 10) for k in range(5))),)
    parts = side_by_side(Table(columns, rows, ()), (0, 1, 3, 4))
    assert [part.table.columns for part in parts] == [("a", "b", "d"), ("e",)]
    assert [item.text for item in parts[1].table.rows[0].cells] == ["0.40"]


def test_the_worst_rows_stay_in_their_order() -> None:
    rows = (row("all", 0.9), row("x", 0.8), row("y", 0.2), row("z", 0.7), row("w", 0.3))
    found = breakdown(Table(("a",), rows, ()), (0,), 2, 3)
    assert names(found.parts[0].table.rows) == ["all", "y", "w"]
    assert found.n_left_out == 2
    assert len(found.parts[0].table.rows[0].cells) == 2


def test_of_many_pipelines_only_the_first_metric_is_shown() -> None:
    rows = (row("all", *(0.5,) * 5), row("x", 0.1, 0.2, 0.3, 0.4, 0.6))
    found = breakdown(Table(tuple("abcde"), rows, ()), (0, 1, 2, 4), 2, 9)
    assert found.parts[0].n_metrics == 1
    assert [item.text for item in found.parts[0].table.rows[1].cells] == [
        "0.10",
        "0.20",
        "0.30",
        "0.60",
    ]
    assert found.n_left_out == 0


def test_a_single_row_compares_nothing() -> None:
    assert breakdown(Table(("a",), (row("all", 0.5),), ()), (0,), 2, 9).parts == ()


def test_reasons_are_numbered_again_and_capped() -> None:
    reasons = [f"reason {k}" for k in range(8)]
    rows = tuple(Row(r, r, "", "", (cell(0.5), cell(None, r))) for r in reversed(reasons))
    part = side_by_side(Table(("a", "b"), rows, tuple(reasons)), (1,))[0]
    assert part.table.reasons == tuple(reversed(reasons))[:5]
    assert part.n_reasons_left_out == 3
    assert [item.cells[0].note for item in part.table.rows] == [1, 2, 3, 4, 5, 6, 7, 8]
