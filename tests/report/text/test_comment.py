from dataclasses import replace

from tests.report.hostile import assert_tame, hostile_run, huge_run
from vbench.report.text.comment import MAX_BYTES, comment_markdown, comment_marker
from vbench.types import Run

GITHUB_LIMIT = 65_536


def test_the_marker_comes_first(decided_run: Run) -> None:
    text = comment_markdown(decided_run)
    assert text.startswith("<!-- vbench: dock-release -->\n\n## dock-release: FAIL\n")


def test_the_marker_cannot_be_closed_by_a_name(decided_run: Run) -> None:
    manifest = replace(decided_run.manifest, benchmark="a --> <b> -- c")
    assert comment_marker(replace(decided_run, manifest=manifest)) == "<!-- vbench: a-b-c -->"


def test_what_did_not_pass_is_there_and_what_passed_is_counted(decided_run: Run) -> None:
    text = comment_markdown(decided_run)
    assert "7 fail, 3 cannot be decided" in text
    assert text.count("<details><summary>✕ Fail: ") == 7
    assert text.count("Run it again:") == 14
    assert "✓ Pass" not in text
    assert "<details><summary>Side by side</summary>\n\n|" in text


def test_one_failure_is_unfolded(demo_run: Run) -> None:
    gates = tuple(item for item in demo_run.gates if item.gate.source == "benchmark.yaml:15")
    text = comment_markdown(replace(demo_run, gates=gates))
    assert "<details open><summary>✕ Fail: <b>person-v2</b>: recall where daypart" in text


def test_hostile_texts_stay_texts(decided_run: Run) -> None:
    assert_tame(comment_markdown(hostile_run(decided_run)))


def test_the_size_is_capped(decided_run: Run) -> None:
    text = comment_markdown(huge_run(decided_run))
    assert len(text) <= len(text.encode()) < MAX_BYTES < GITHUB_LIMIT
    assert text.count("<details") == text.count("</details>")
    assert " more are in report.html" in text
