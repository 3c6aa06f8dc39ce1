from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.parity.files import write_golden_set, write_pipeline, write_rows_model
from tests.cli.invoke import Command
from vbench.bench.parity.compare import compare_pipelines
from vbench.bench.parity.measure import Tolerances
from vbench.bench.progress import NoProgress
from vbench.cli.parity_table import print_parity


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parity")
    write_golden_set(folder / "golden")
    write_rows_model(folder / "rows.onnx")
    write_pipeline(folder, "prod")
    write_pipeline(folder, "new", input="{size: [64, 64], color: rgb, anchor: top_left}")
    return folder


def test_the_same_is_0(vbench: Command, folder: Path) -> None:
    answer = vbench(
        "parity", folder / "prod.yaml", folder / "prod.yaml", "--golden", folder / "golden"
    )
    assert answer.code == 0
    assert "A and B are the same within the tolerances on 16 frames in every stage" in answer.stdout
    assert "cause" not in answer.stdout


def test_parting_is_3_and_named(vbench: Command, folder: Path) -> None:
    files = folder / "prod.yaml", folder / "new.yaml"
    answer = vbench("parity", *files, "--golden", folder / "golden", "--frames", "3")
    assert answer.code == 3
    text = " ".join(answer.stdout.split())
    assert "▶ input tensor differs" in text
    assert "A and B part at: input tensor, first in first, frame 0" in text
    assert "cause red and blue are swapped; explains all of it" in text
    assert "write bgr at" in text
    assert "stages[0].input.color: A bgr, B rgb" in text


def test_json(vbench: Command, folder: Path) -> None:
    files = folder / "prod.yaml", folder / "new.yaml"
    options = ("--golden", folder / "golden", "--clip", "second", "--frames", "2", "--json")
    answer = vbench("parity", *files, *options)
    assert answer.code == 3
    found = answer.json()
    assert found["same"] is False
    assert found["clips"] == ["second"]
    assert found["n_frames"] == 2
    first, cause = found["first"], found["cause"]
    assert isinstance(first, dict)
    assert isinstance(cause, dict)
    assert first["stage"] == "tensor"
    assert first["first"] == {"clip": "second", "frame": 0}
    assert [one["kind"] for one in cause["causes"]] == ["color_order"]
    assert cause["exact"] is True


def test_a_wide_tolerance_lets_it_pass(vbench: Command, folder: Path) -> None:
    files = folder / "prod.yaml", folder / "new.yaml"
    answer = vbench(
        "parity", *files, "--golden", folder / "golden", "--frames", "2", "--tolerance", "tensor=1"
    )
    assert answer.code == 0


@pytest.mark.parametrize(
    ("written", "what", "todo"),
    [
        ("tensors=1", 'there is no tolerance "tensors"', 'did you mean "tensor"?'),
        ("tensor=much", '"much" is no tolerance', "write tensor=0.01, for example"),
        ("tensor=-1", '"-1" is no tolerance', "write tensor=0.01, for example"),
        ("tensor", '"" is no tolerance', "write tensor=0.01, for example"),
    ],
)
def test_bad_tolerance(vbench: Command, folder: Path, written: str, what: str, todo: str) -> None:
    files = folder / "prod.yaml", folder / "new.yaml"
    answer = vbench("parity", *files, "--golden", folder / "golden", "--tolerance", written)
    assert answer.code == 2
    assert answer.one_error() == (what, f"--tolerance {written}", todo)


def test_clip_that_does_not_exist(vbench: Command, folder: Path) -> None:
    files = folder / "prod.yaml", folder / "new.yaml"
    answer = vbench("parity", *files, "--golden", folder / "golden", "--clip", "secund")
    assert answer.code == 2
    assert answer.one_error()[0] == 'the golden set has no clip "secund"'


@pytest.mark.parametrize("width", [80, 120])
def test_table_fits_the_terminal(folder: Path, width: int) -> None:
    found = compare_pipelines(
        folder / "prod.yaml",
        folder / "new.yaml",
        folder / "golden",
        Tolerances(),
        NoProgress(),
        n_frames=2,
    )
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        print_parity(console, found)
    lines = captured.get().splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("stage"))
    table = lines[start : lines.index("", start)]
    assert len(table) == 7
    assert any("after NMS" in line for line in table)
    assert max(len(line.rstrip()) for line in table) <= width
