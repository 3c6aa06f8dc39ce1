from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.document_draft import DocumentDraft
from vbench.config.yaml_text import YamlDocument, read_yaml


def document(path: Path, text: str) -> YamlDocument:
    path.write_text(text)
    return read_yaml(path)


def test_parts_remember_where_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDE", "7")
    own = document(tmp_path / "own.yaml", "a: 1\nb: {c: 2}\n")
    other = document(tmp_path / "other.yaml", "\nx:\n  - {y: ${SIDE}}\n")
    draft = DocumentDraft(own)
    draft.note(own, (), ())
    data = {
        "a": draft.take(own, own.data["a"], ("a",), ("a",)),
        "b": draft.take(other, other.data["x"], ("x",), ("b",)),
        "d": draft.take(own, {"c": 2}, ("b",), ("d",)),
    }
    made = draft.finished(data, other.environment)
    assert made.data == {"a": 1, "b": [{"y": 7}], "d": {"c": 2}}
    assert made.where("a") == f"{tmp_path}/own.yaml:1: a"
    assert made.where("b", 0, "y") == f"{tmp_path}/other.yaml:3: x[0].y"
    assert made.where("b", 0, "absent") == f"{tmp_path}/other.yaml:3: x[0].absent"
    assert made.where("d", "c") == f"{tmp_path}/own.yaml:2: b.c"
    assert made.resolved_text() == "a: 1\nb:\n- y: ${SIDE}\nd:\n  c: 2\n"


def test_what_is_replaced_is_forgotten(tmp_path: Path) -> None:
    own = document(tmp_path / "own.yaml", "a:\n  b: 1\n  c: $${x}\nd: 2\n")
    draft = DocumentDraft(own)
    data = {key: draft.take(own, value, (key,), (key,)) for key, value in own.data.items()}
    draft.forget(("a",))
    data["a"] = draft.take(own, own.data["d"], ("d",), ("a",))
    made = draft.finished(data, {})
    assert made.lines == {("a",): 4, ("d",): 4}
    assert made.written == {}
    assert made.where("a", "b") == f"{tmp_path}/own.yaml:4: d.b"
