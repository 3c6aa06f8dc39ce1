from pathlib import Path

import jinja2
import pytest

from vbench.errors import MissingDependencyError
from vbench.report import template_folder, templates


def test_templates_of_the_checkout_are_found(repository: Path) -> None:
    assert template_folder.template_folder() == repository / "reports" / "templates"


def test_missing_templates_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(template_folder, "_PACKED", tmp_path / "a")
    monkeypatch.setattr(template_folder, "_IN_CHECKOUT", tmp_path / "b")
    with pytest.raises(MissingDependencyError, match="templates are missing"):
        template_folder.template_folder()


def test_packed_templates_win_and_everything_is_escaped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(template_folder, "_PACKED", tmp_path)
    (tmp_path / "one.html.j2").write_text("<p>{{ name }}</p>")
    assert templates.render("one.html.j2", name="<b>") == "<p>&lt;b&gt;</p>"
    with pytest.raises(jinja2.UndefinedError):
        templates.render("one.html.j2")
