from __future__ import annotations

from pathlib import Path
from typing import get_args

from vbench.config.model_file import FileModel
from vbench.config.output_entries import ClassifierOutput, OutputEntry


def entries() -> dict[str, type[FileModel]]:
    """Adapter -> its entry."""
    members = (*get_args(get_args(OutputEntry)[0]), ClassifierOutput)
    return {get_args(one.model_fields["adapter"].annotation)[0]: one for one in members}


def test_every_adapter_and_key_is_in_the_table(repository: Path) -> None:
    page = (repository / "docs" / "reference" / "adapters.md").read_text(encoding="utf-8")
    rows = {}
    for line in page.splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows[cells[0].strip("`")] = cells[-1]
    assert set(rows) == set(entries())
    for adapter, entry in entries().items():
        keys = set(entry.model_fields) - {"adapter"}
        assert {key for key in keys if f"`{key}`" not in rows[adapter]} == set(), adapter
        plain = {
            key: str(field.default).lower() if isinstance(field.default, bool) else field.default
            for key, field in entry.model_fields.items()
            if isinstance(field.default, str | int | float)
        }
        wrong = {key for key, value in plain.items() if f"`{key}` {value}" not in rows[adapter]}
        assert wrong == set(), adapter
