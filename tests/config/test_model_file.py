from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from vbench.config.model_file import FileModel, ModelFile, closest, read_model
from vbench.errors import ConfigError, ExitCode


class Round(FileModel):
    type: Literal["round"]
    radius: float = Field(gt=0)


class Square(FileModel):
    type: Literal["square"]
    side: int


class Drawing(FileModel):
    schema_: Literal["test/v1"] = Field(alias="schema")
    title: str
    frames: Literal["all"] | Square | list[int] = "all"
    shapes: list[Annotated[Round | Square, Field(discriminator="type")]] = Field(
        default_factory=list
    )


def read(folder: Path, body: str) -> ModelFile[Drawing]:
    path = folder / "drawing.yaml"
    path.write_text("schema: test/v1\n" + body)
    return read_model(path, Drawing, "test/v1")


def test_a_good_file(tmp_path: Path) -> None:
    file = read(tmp_path, "title: a\nshapes:\n  - {type: round, radius: 2}\n")
    assert file.model.shapes == [Round(type="round", radius=2.0)]
    assert file.folder == tmp_path
    assert file.where("shapes", 0, "radius") == f"{file.path}:4: shapes[0].radius"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("titel: a\n", ':2: titel: unknown key (did you mean "title"?)'),
        ("title: 7\n", ":2: title: 7 is not text"),
        (
            "title: a\nshapes: [{type: roud, radius: 1}]\n",
            ':3: shapes[0].type: "roud" is not known (did you mean "round"?)',
        ),
        (
            "title: a\nshapes: [{radius: 1}]\n",
            ":3: shapes[0]: key `type` is missing (known: round, square)",
        ),
        (
            "title: a\nshapes:\n  - {type: square, side: 1}\n  - {type: square, sied: 1}\n",
            ':5: shapes[1].sied: unknown key (did you mean "side"?)',
        ),
        (
            "title: a\nshapes: [{type: round, radius: 0}]\n",
            ":3: shapes[0].radius: should be greater than 0, got 0",
        ),
        ("title: a\nframes: al\n", ':3: frames: "al" is not known (did you mean "all"?)'),
        ("title: a\nframes: [1, x]\n", ':3: frames[1]: "x" is not a whole number'),
        (
            "title: a\nframes: {type: square, sied: 1}\n",
            ':3: frames.sied: unknown key (did you mean "side"?)',
        ),
        ("title: a\nframes: 1.5\n", ":3: frames: "),
        (
            "title: a\nshapes: [{type: square, side: 1.5}]\n",
            ":3: shapes[0].side: ",
        ),
    ],
)
def test_one_mistake_is_one_message(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, body)
    assert caught.value.exit_code == ExitCode.INPUT
    assert "\n" not in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"drawing.yaml:1: title: key is missing"):
        read(tmp_path, "shapes: []\n")


def test_closest() -> None:
    assert closest("forkift", ["person", "forklift"]) == 'did you mean "forklift"?'
    assert closest("zebra", ["person", "forklift"]) == "known: person, forklift"
    assert closest("zebra", []) == "none is known here"
