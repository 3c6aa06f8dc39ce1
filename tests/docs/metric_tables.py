"""The tables of metrics in the documentation, from their definitions.

Write them again after a change of the definitions: ``python -m tests.docs.metric_tables``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.docs.markdown import DOCS
from vbench.metrics.definitions import METRICS

_BEGIN = "<!-- metrics: written by python -m tests.docs.metric_tables -->"
_END = "<!-- end of metrics -->"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    # A bar inside a cell would end it.
    cells = [[cell.replace("|", r"\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def tables() -> dict[Path, str]:
    """Page -> the table that it must hold."""
    definitions = METRICS.values()
    return {
        DOCS / "reference" / "metrics.md": table(
            ("name", "unit", "better", "definition"),
            [(f"`{one.name}`", one.unit, one.better, one.formula) for one in definitions],
        ),
        DOCS / "glossary.md": table(
            ("metric", "meaning", "unit", "better"),
            [(f"`{one.name}`", one.meaning, one.unit, one.better) for one in definitions],
        ),
    }


def table_in(page: Path) -> str:
    """The table that a page holds; empty where it has no place for one."""
    _, _, rest = page.read_text(encoding="utf-8").partition(f"{_BEGIN}\n")
    return rest.partition(_END)[0]


def main() -> None:
    for page, wanted in tables().items():
        text = page.read_text(encoding="utf-8")
        before, begin, rest = text.partition(f"{_BEGIN}\n")
        _, end, after = rest.partition(_END)
        page.write_text(f"{before}{begin}{wanted}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
