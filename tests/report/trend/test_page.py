from pathlib import Path

from tests.report.trend.conftest import renamed, run_on
from vbench.record.folder import RunFolder
from vbench.report.trend.page import run_labels, trend_page
from vbench.report.trend.series import read_trend


def test_runs_are_named_by_their_minute(weeks: tuple[RunFolder, ...]) -> None:
    assert run_labels(read_trend(weeks)) == (
        "2026-11-01 18:04",
        "2026-11-08 18:04",
        "2026-11-15 18:04",
    )


def test_the_sentence_says_what_moved_by_more_than_chance(weeks: tuple[RunFolder, ...]) -> None:
    trend = read_trend(weeks)
    moved = [
        item
        for item in trend.metrics
        if not item.slice and not item.class_name and item.lines[0].is_clear_change()
    ]
    sentence = trend_page(trend).sentence
    assert sentence.startswith("The newest run: fail.")
    assert moved
    assert "More than chance since the run before: " in sentence
    still = read_trend(weeks[:1])
    assert trend_page(still).sentence in ("The newest run: pass.", "The newest run: fail.")


def test_every_run_has_a_cell_also_where_it_lacks_the_pipeline(
    weeks: tuple[RunFolder, ...], tmp_path: Path
) -> None:
    late = run_on(tmp_path / "late", 20, 0.9, renamed)
    part = trend_page(read_trend([*weeks, late])).metrics[-1]
    rows = {row.pipeline: row for row in part.lines}
    assert [len(row.cells) for row in rows.values()] == [4] * len(rows)
    assert rows["new"].cells[0].text == "–"
    assert rows["new"].cells[0].reason


def test_rows_say_versions_and_verdicts(weeks: tuple[RunFolder, ...]) -> None:
    rows = trend_page(read_trend(weeks)).runs
    assert [row.pipelines[0].split()[:2] for row in rows] == [
        ["person-v1", "2.1.0"],
        ["person-v1", "2.1.0"],
        ["person-v1", "2.2.0"],
    ]
    assert rows[2].changes == ("person-v1 2.1.0 became 2.2.0.",)
    assert rows[0].commit == "0123456789+"
