from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.yaml_text import dump_yaml, key_text, read_yaml
from vbench.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(text)
    return path


def test_each_key_keeps_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\nb:\n  - {c: x}\n  -\n    d: [1, 2]\n")
    document = read_yaml(path)
    assert document.data == {"a": 1, "b": [{"c": "x"}, {"d": [1, 2]}]}
    assert document.where("a") == f"{path}:1: a"
    assert document.where("b", 0, "c") == f"{path}:3: b[0].c"
    assert document.where("b", 1, "d", 1) == f"{path}:5: b[1].d[1]"


def test_a_missing_key_is_placed_at_its_parent(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\nb:\n  c: 2\n")
    assert read_yaml(path).where("b", "absent", 3) == f"{path}:2: b.absent[3]"


def test_keys_and_dates_are_text(tmp_path: Path) -> None:
    path = write(tmp_path, "on: 2024-01-31\n12: yes\n")
    assert read_yaml(path).data == {"on": "2024-01-31", "12": True}


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "key is given twice (first on line 1)"),
        ("a: {b: 1, b: 2}\n", 1, "key is given twice"),
        ("a: [1\nb: 2\n", 2, "not valid YAML"),
        ("- 1\n", 1, "is not a mapping"),
        ("", 1, "is not a mapping"),
        ("a: 1\n---\nb: 1\n", 2, "not valid YAML"),
        ("a: .nan\n", 1, "nan is not a finite number"),
        ("a: 1\nb: .inf\n", 2, "inf is not a finite number"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys"),
        ("? [a, b]\n: 1\n", 1, "a key is not a plain word"),
        ("a: !!python/object:os.system x\n", 1, "value cannot be read"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, text: str, line: int, what: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert caught.value.where.startswith(f"{path}:{line}")
    assert what in caught.value.what


def test_a_missing_file_lists_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, "a: 1")
    with pytest.raises(ConfigError, match=r"file not found.*file\.yaml"):
        read_yaml(tmp_path / "flie.yaml")
    with pytest.raises(ConfigError, match="does not exist"):
        read_yaml(tmp_path / "no" / "file.yaml")
    with pytest.raises(ConfigError, match="is a folder"):
        read_yaml(tmp_path)


def test_dump_comes_back_and_keeps_the_order_of_keys(tmp_path: Path) -> None:
    value = {"b": [1, 2], "a": {"x": 0.1, "y": [{"k": "1.0"}, {"k": None}]}, "c": 1 / 3}
    text = dump_yaml(value)
    assert text.index("b:") < text.index("a:")
    assert "b: [1, 2]" in text
    assert read_yaml(write(tmp_path, text)).data == value


def test_key_text() -> None:
    assert key_text(("clips", 2, "media")) == "clips[2].media"
    assert key_text(()) == ""
