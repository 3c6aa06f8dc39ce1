import re
from dataclasses import replace

from tests.report.hostile import HOSTILE, assert_tame, hostile_run, huge_run
from vbench.report.text.summary import MAX_BYTES, summary_markdown
from vbench.types import Run


def test_verdict_gates_and_numbers_are_there(demo_run: Run) -> None:
    text = summary_markdown(demo_run)
    assert text.startswith("## dock-release: FAIL\n")
    assert "| person-v2 | ✕ **FAIL** | Fails 1 of 7 gates" in text
    assert text.index("✕ Fail") < text.index("! Warning") < text.index("✓ Pass")
    assert "undefined (1)" in text
    assert "1. undefined: replayed results have no timings" in text
    assert "At score \\>= 0.3, IoU \\>= 0.5" in text
    assert "3 fail, 4 give a warning" in text


def test_what_did_not_pass_is_explained(decided_run: Run) -> None:
    text = summary_markdown(decided_run)
    assert text.index("### Gates") < text.index("### What did not pass, and why")
    assert text.index("and why") < text.index("### Side by side")
    assert (
        "? Undecided: <b>person-v2</b>: recall where daypart is night is 0.596 (95 % sure of"
        in text
    )
    assert "- why: 2 of 2 clips hold 85 % of the missed objects: gate1-night" in text
    assert (
        "```sh\nvbench run benchmarks/dock-release/benchmark.yaml --pipeline person-v2 "
        "--clip gate1-night --clip dock3-night\n```" in text
    )
    assert "| ✓ Pass | person-v1 | latency p95 | 19.0 ms | at most 40 ms |" in text
    # Every gate is a row; those that passed are not explained.
    assert text.count("\n| ✕ Fail |") + text.count("\n| ✓ Pass |") == 24
    assert "✓ Pass: " not in text


def test_names_stay_in_their_cells(demo_run: Run) -> None:
    pipelines = tuple(replace(item, name=HOSTILE) for item in demo_run.pipelines[:1])
    text = summary_markdown(replace(demo_run, pipelines=pipelines, gates=()))
    assert_tame(text)
    row = next(line for line in text.splitlines() if line.startswith("| a"))
    assert row.replace("\\|", "").count("|") == 4


def test_hostile_texts_stay_texts(decided_run: Run) -> None:
    assert_tame(summary_markdown(hostile_run(decided_run)))


def test_the_size_is_capped_and_every_section_survives(decided_run: Run) -> None:
    text = summary_markdown(huge_run(decided_run))
    assert 0.5 * MAX_BYTES < len(text.encode()) < MAX_BYTES
    for title in ("### Gates", "### What did not pass, and why", "### Side by side"):
        assert f"\n{title}\n" in text
    assert re.search(r"\n\n[\d,]+ more gates are in report.html\n", text)
    assert text.count("<details") == text.count("</details>")
    assert text.count("\n```") % 2 == 0
    assert all(line.endswith(" |") for line in text.splitlines() if line.startswith("| "))
