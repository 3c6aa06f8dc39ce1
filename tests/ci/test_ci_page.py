"""``docs/reference/ci.md``: its snippets work, its tables say what the files say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.programs import called, path_with
from tests.ci.shell import REPOSITORY, read_action, read_gitlab, run_bash, substituted
from tests.docs.markdown import code_blocks, prose, table_rows, words

PAGE = REPOSITORY / "docs" / "reference" / "ci.md"
MARKER = "<!-- vbench: dock-release -->"


def snippet(text: str) -> Any:
    """The one YAML block of the page that holds a text."""
    blocks = [item.text for item in code_blocks(PAGE) if item.language == "yaml"]
    (found,) = (block for block in blocks if text in block)
    return yaml.safe_load(found)


def test_inputs_are_as_in_the_action() -> None:
    written = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))["inputs"]
    rows = {words(row[0])[0]: row[1].strip("`") for row in table_rows(PAGE, "input")}
    assert rows == {name: entry.get("default", "required") for name, entry in written.items()}


def test_the_workflow_gives_inputs_that_exist() -> None:
    steps = snippet("runs-on:")["jobs"]["vbench"]["steps"]
    given = next(step["with"] for step in steps if step["uses"].startswith("vbench/"))
    written = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))["inputs"]
    assert set(given) <= set(written)
    assert {name for name, entry in written.items() if entry.get("required")} <= set(given)
    assert (REPOSITORY / given["benchmark"]).is_file()


def test_the_gitlab_job_extends_the_template() -> None:
    written = snippet("extends: .vbench")
    assert (REPOSITORY / written["include"][0]["file"]).is_file()
    variables = set(written["golden-footage"]["variables"])
    template = set(read_gitlab()["variables"])
    assert variables <= template
    assert template <= set(words(prose(PAGE)))


def test_outputs_are_named() -> None:
    assert set(read_action().outputs) <= set(words(prose(PAGE)))


@pytest.mark.parametrize(
    ("earlier", "method", "place"),
    [
        ("", "POST", "repos/o/r/issues/7/comments"),
        ("https://example.org/1\nhttps://example.org/2\n", "PATCH", "https://example.org/1"),
    ],
)
def test_the_comment_is_posted_once_and_then_replaced(
    tmp_path: Path, earlier: str, method: str, place: str
) -> None:
    (step,) = snippet("GH_TOKEN")
    comment = tmp_path / "comment.md"
    comment.write_text(f"{MARKER}\n\n## dock-release: PASS\n")
    known = {
        "github.token": "t",
        "github.repository": "o/r",
        "github.event.number": "7",
        "steps.vbench.outputs.comment": str(comment),
    }
    environment = {key: substituted(text, known) for key, text in step["env"].items()}
    environment["PATH"] = path_with(tmp_path / "programs", "gh", earlier)
    done = run_bash(step["run"], tmp_path, {**os.environ, **environment})
    assert done.returncode == 0
    look, post = called(tmp_path / "programs", "gh")
    assert look[:3] == ["api", "--paginate", "repos/o/r/issues/7/comments"]
    assert f'startswith("{MARKER}")' in look[-1]
    assert post == ["api", "--method", method, place, "--field", f"body=@{comment}"]
