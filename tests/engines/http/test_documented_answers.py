"""The answers in docs/reference/servers.md, with the mappings that stand beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.docs.markdown import table_rows
from vbench.config.engines.http import HttpEntry
from vbench.engines.answer import answer_from_json
from vbench.engines.http.mapping import mapped

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/servers.md"
SIZE = (1000, 500)
BOXES = [[10, 20, 110, 220]] * 4 + [[100, 50, 300, 250], [200, 50, 600, 250]]


def code(cell: str) -> str:
    return cell.split("`")[1]


ROWS = [(code(row[0]), code(row[1]), code(row[2])) for row in table_rows(PAGE, "answer")]


def test_all_rows_are_checked() -> None:
    assert len(ROWS) == len(BOXES)


@pytest.mark.parametrize(("row", "box"), list(zip(ROWS, BOXES, strict=True)))
def test_documented_answer(row: tuple[str, str, str], box: list[float]) -> None:
    answer, form, mapping = row
    entry = HttpEntry.model_validate(
        {"type": "http", "url": "http://x", "boxes": form, "answer": yaml.safe_load(mapping)}
    )
    assert entry.answer is not None
    plain = mapped(json.loads(answer), entry.answer, SIZE)
    found = answer_from_json(plain, ("person",), where="", form=entry.boxes)
    assert found.boxes_xyxy.round(6).tolist() == [box]
    assert found.scores.tolist() == [0.9]
    assert found.class_index.tolist() == [0]
