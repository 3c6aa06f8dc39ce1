from pathlib import Path

import pytest

from vbench.errors import ConfigError
from vbench.report import template_folder
from vbench.report.templates import render


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "page.html.j2").write_text("{% include 'part.html.j2' %}{{ inline('a.css') }}")
    (folder / "part.html.j2").write_text("shipped {{ name }}")
    (folder / "a.css").write_text("a {}")
    (tmp_path / "outside.css").write_text("secret")
    monkeypatch.setattr(template_folder, "_PACKED", folder)
    return folder


def test_a_users_file_goes_before_the_shipped_one(mine: Path) -> None:
    assert render("page.html.j2", name="x") == "shipped xa {}"
    (mine / "part.html.j2").write_text("mine {{ name }}")
    assert render("page.html.j2", folders=[mine], name="x") == "mine xa {}"
    (mine / "a.css").write_text("b {}")
    assert render("page.html.j2", folders=[mine], name="<") == "mine &lt;b {}"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("one\n{% if %}", 2, "Expected an expression"),
        ("one\ntwo\n{{ nobody }}", 3, "'nobody' is undefined"),
        ("{{ name.nothing }}", 1, "has no attribute 'nothing'"),
        ("{{ 1 / 0 }}", 1, "ZeroDivisionError"),
        ("{% include 'gone.j2' %}", 1, "gone.j2"),
        ("{{ name|nofilter }}", 1, "No filter named 'nofilter'"),
        ("{{ inline('gone.css') }}", 1, "gone.css"),
        ("{{ inline('../outside.css') }}", 1, "there is no template"),
    ],
)
def test_a_broken_template_is_told_with_its_line(
    mine: Path, text: str, line: int, what: str
) -> None:
    (mine / "part.html.j2").write_text(text)
    with pytest.raises(ConfigError) as caught:
        render("page.html.j2", folders=[mine], name="x")
    assert caught.value.where == f"{mine / 'part.html.j2'}:{line}"
    assert what in caught.value.what


def test_a_template_may_only_print(mine: Path) -> None:
    """Templates may come with a run folder that somebody sent."""
    (mine / "part.html.j2").write_text("{{ ''.__class__.__mro__[1].__subclasses__() }}")
    with pytest.raises(ConfigError, match="unsafe"):
        render("page.html.j2", folders=[mine], name="x")


def test_a_folder_that_replaces_nothing_is_refused(mine: Path) -> None:
    with pytest.raises(ConfigError, match="replaces no template"):
        render("page.html.j2", folders=[mine], name="x")
    (mine / "prt.html.j2").write_text("x")
    with pytest.raises(ConfigError, match="replaces no template") as caught:
        render("page.html.j2", folders=[mine], name="x")
    assert caught.value.hint == 'did you mean "part.html.j2"?'
    with pytest.raises(ConfigError, match="does not exist"):
        render("page.html.j2", folders=[mine / "gone"], name="x")


def test_a_template_that_is_no_text(mine: Path) -> None:
    (mine / "part.html.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not text") as caught:
        render("page.html.j2", folders=[mine], name="x")
    assert caught.value.where == str(mine / "part.html.j2")
