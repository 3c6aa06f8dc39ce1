from dataclasses import replace

from vbench.record.folder import RunFolder
from vbench.report.summary import MAX_BYTES, summary_markdown, write_summary
from vbench.types import Run


def test_verdict_gates_and_numbers_are_there(demo_run: Run) -> None:
    text = summary_markdown(demo_run)
    assert text.startswith("## dock-release: FAIL\n")
    assert "| person-v2 | ✕ **FAIL** | Fails 1 of 7 gates" in text
    assert text.index("✕ Fail") < text.index("! Warning") < text.index("✓ Pass")
    assert "undefined (1)" in text
    assert "1. undefined: replayed results have no timings" in text
    assert "score \\>= 0.3, IoU \\>= 0.5" in text


def test_names_stay_in_their_cells(demo_run: Run) -> None:
    nasty = "a|b\n<script>alert(1)</script> [x](http://y) @someone `code`"
    pipelines = tuple(replace(item, name=nasty) for item in demo_run.pipelines[:1])
    text = summary_markdown(replace(demo_run, pipelines=pipelines, gates=()))
    assert "<script>" not in text
    assert "[x](" not in text
    assert " @someone" not in text
    row = next(line for line in text.splitlines() if line.startswith("| a"))
    assert row.replace("\\|", "").count("|") == 4


def test_the_size_is_capped(demo_run: Run) -> None:
    pipelines = tuple(
        replace(demo_run.pipelines[0], name=f"pipeline {k} {'ß' * 300}") for k in range(500)
    )
    gates = tuple(
        replace(item, gate=replace(item.gate, class_name="界" * 300))
        for item in demo_run.gates * 200
    )
    text = summary_markdown(
        replace(demo_run, pipelines=pipelines, gates=gates, notes=("n" * 5000,) * 300)
    )
    assert len(text.encode()) < MAX_BYTES
    assert "report.html" in text


def test_written_beside_the_run(demo_folder: RunFolder) -> None:
    assert write_summary(demo_folder).read_text("utf-8").startswith("## dock-release")
