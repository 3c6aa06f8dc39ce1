from __future__ import annotations

from pathlib import Path
from typing import get_args

from tests.docs.markdown import table_rows
from vbench.config.output_entries import ClassifierOutput, OutputEntry


def adapters() -> set[str]:
    """Every value of `output.adapter`."""
    members = (*get_args(get_args(OutputEntry)[0]), ClassifierOutput)
    return {get_args(one.model_fields["adapter"].annotation)[0] for one in members}


def test_every_adapter_is_in_the_table(repository: Path) -> None:
    page = repository / "docs" / "reference" / "adapters.md"
    listed = [row[0].strip("`") for row in table_rows(page, "adapter")]
    assert set(listed) == adapters()
    assert len(listed) == len(set(listed))
