"""``${NAME}`` in YAML files: typed like the rest, never shown, and named when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from vbench.config.environment_values import ReferencedText, masked
from vbench.config.model_file import FileModel, read_model
from vbench.config.yaml_text import YamlDocument, read_yaml
from vbench.errors import ConfigError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADS", "3")
    monkeypatch.setenv("FOLDER", "models")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("TOKEN", "hunter2-secret")
    monkeypatch.delenv("UNSET", raising=False)


def document(folder: Path, text: str) -> YamlDocument:
    path = folder / "file.yaml"
    path.write_text(text)
    return read_yaml(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${THREADS}", 3),
        ('"${THREADS}"', "3"),
        ("'${THREADS}'", "3"),
        ("1${THREADS}", 13),
        ("0.${THREADS}", 0.3),
        ("${FOLDER}/m${THREADS}.onnx", "models/m3.onnx"),
        ("{threads: ${THREADS}, on: ${UNSET:-yes}}", {"threads": 3, "on": True}),
        ("[${THREADS}, ${UNSET:-a, b]c}]", [3, "a, b]c"]),
        ("${UNSET:-4}", 4),
        ("${THREADS:-4}", 3),
        ("${EMPTY:-4}", 4),
        ("${EMPTY}", None),
        ("${UNSET:-}", None),
        ('"${UNSET:-}"', ""),
        ("${UNSET:-results}/{clip}.txt", "results/{clip}.txt"),
        ("$${THREADS}", "${THREADS}"),
        ("{a: $${THREADS}}", {"a": "${THREADS}"}),
        ('"cost: $5 {x} $${"', "cost: $5 {x} ${"),
        ("|\n  a ${THREADS}\n  b", "a 3\nb\n"),
        ("3 # of ${UNSET} and ${", 3),
        ("\ue0000\ue000 ${THREADS}", "\ue0000\ue000 3"),
    ],
)
def test_values(tmp_path: Path, text: str, value: object) -> None:
    assert document(tmp_path, f"a: {text}\n").data["a"] == value


def test_keys_stay_as_they_are(tmp_path: Path) -> None:
    assert document(tmp_path, '"${THREADS}": 1\n').data == {"${THREADS}": 1}


def test_an_anchor_keeps_what_is_written(tmp_path: Path) -> None:
    found = document(tmp_path, "a: &x ${TOKEN}\nb: *x\n")
    assert found.data == {"a": "hunter2-secret", "b": "hunter2-secret"}
    assert found.written == {("a",): "${TOKEN}", ("b",): "${TOKEN}"}


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        (
            "${UNSET}",
            "the environment variable UNSET is not set",
            "set UNSET, or write ${UNSET:-default}",
        ),
        ("x ${UNSET} y", "the environment variable UNSET is not set", "set UNSET"),
        ("${}", "${} names no environment variable", "write ${NAME} or ${NAME:-default}"),
        ("${A-b}", "${A-b} names no environment variable", "$${...} for the letters"),
        ("${1A}", "${1A} names no environment variable", "write ${NAME}"),
        ('"${A"', "${ is not closed", "write ${NAME}, or $${ for the letters"),
        ("!!int ${FOLDER}", "value cannot be read: ${FOLDER} holds", "quotes"),
    ],
)
def test_wrong_references_are_named(tmp_path: Path, text: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        document(tmp_path, f"a: 1\nb:\n  - {text}\n")
    assert caught.value.where == f"{tmp_path / 'file.yaml'}:3: b[0]"
    assert what in caught.value.what
    assert "models" not in str(caught.value)
    assert hint in caught.value.hint


def test_a_value_that_is_no_number_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIZE", ".inf")
    with pytest.raises(ConfigError, match=r"file.yaml:1: a: \$\{SIZE\} is not a finite number"):
        document(tmp_path, "a: ${SIZE}\n")


class Sheet(FileModel):
    schema_: str = Field(alias="schema")
    n: int = 0
    kind: str = ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n: ${TOKEN}", ':2: n: "${TOKEN}" is not a whole number (give a whole number; a refer'),
        ('n: "${THREADS}"', ':2: n: "${THREADS}" is not a whole number'),
        ("kind: ${THREADS}", ':2: kind: "${THREADS}" is not text (put it in "quotes"'),
    ],
)
def test_messages_show_the_reference_only(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(f"schema: x/v1\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        read_model(path, Sheet, "x/v1")
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_schema_from_the_environment_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("schema: ${TOKEN}\n")
    with pytest.raises(ConfigError, match=r'schema: is "\$\{TOKEN\}", expected "x/v1"'):
        read_model(path, Sheet, "x/v1")


def test_a_masked_message_names_the_longest_value_first() -> None:
    values = {"${A}": "hunter2", "${B}": "hunter2-secret", "${N}": "3"}
    assert masked("no hunter2-secret, hunter2, 3", values) == "no ${B}, ${A}, 3"


def test_the_digest_follows_the_environment_and_the_text_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "a: ${TOKEN}\n"
    before = document(tmp_path, text)
    assert before.resolved_text() == text
    assert "hunter2" not in before.resolved_text() + before.text
    monkeypatch.setenv("TOKEN", "other")
    after = document(tmp_path, text)
    assert after.resolved_text() == text
    assert after.sha256() != before.sha256()
    monkeypatch.setenv("TOKEN", "hunter2-secret")
    assert document(tmp_path, text).sha256() == before.sha256()


def test_a_file_without_references_is_read_as_it_is() -> None:
    text = "a: {b: $c}\n"
    assert ReferencedText.of(text).marked == text
