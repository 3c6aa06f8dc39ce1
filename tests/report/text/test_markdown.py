import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.report.text.markdown import Part, code_block, escaped, escaped_html, page, table

MORE = "(cut here)"


def test_a_page_that_fits_is_whole() -> None:
    assert page([Part(("a", "b")), Part(()), Part(("c",))], 100, MORE) == "a\nb\n\nc\n"


def test_a_page_is_cut_between_rows_and_says_so() -> None:
    rows = Part(("head", *(f"row {k}" for k in range(100))))
    text = page([Part(("title",)), rows, Part(("end",))], 60, MORE)
    assert text.startswith("title\n\nhead\nrow 0\n")
    assert text.endswith(f"\n\n{MORE}\n")
    assert "end" not in text
    assert len(text.encode()) < 60


def test_a_head_does_not_stand_alone() -> None:
    part = Part(("title", "head", "x" * 100), 2)
    assert page([Part(("first",)), part], 60, MORE) == f"first\n\n{MORE}\n"


@given(
    st.lists(st.lists(st.text("aß界", min_size=1, max_size=30), max_size=8), max_size=6),
    st.integers(40, 300),
)
def test_a_page_never_reaches_its_limit(rows: list[list[str]], limit: int) -> None:
    parts = [Part(tuple(part), 1) for part in rows]
    text = page(parts, limit, MORE)
    assert len(text.encode()) < limit
    kept = [line for line in text.splitlines() if line and line != MORE]
    every = [line for part in rows for line in part]
    assert kept == every[: len(kept)] or MORE in text
    assert all(line in every for line in kept)


def test_a_part_that_is_cut_counts_what_is_left() -> None:
    part = Part(("head", *(f"row {k:03d}" for k in range(1500))))
    cut = part.within(200, "{n} more")
    assert len("\n".join(cut.rows).encode()) <= 200
    n_left = int(cut.rows[-1].removesuffix(" more").replace(",", ""))
    n_kept = sum(row.startswith("row") for row in cut.rows)
    assert n_kept + n_left == 1500
    assert part.within(10**6, "{n} more") is part
    assert part.within(12, "{n} more").rows == ("1,500 more",)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("a\nb\u2028c\x00d", "a b c d"),
        ("<b>&*_~`", r"\<b\>\&\*\_\~\`"),
        ("@team #12", "\\@\u200bteam \\#\u200b12"),
        ("http://x www.x", "http\u200b://x www\u200b.x"),
        ("\ud800", " "),
    ],
)
def test_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_long_names_are_shortened() -> None:
    assert len(escaped("n" * 1000)) == 80
    assert escaped("n" * 1000, limit=10) == "nnnnnnnnn…"


def test_escaped_html() -> None:
    assert escaped_html('</b> "x" @a') == "&lt;/b&gt; &quot;x&quot; @\u200ba"


def test_a_fence_is_longer_than_what_is_in_it() -> None:
    assert code_block("vbench run x") == "```sh\nvbench run x\n```"
    assert code_block("a ```` b\n```") == "`````sh\na ```` b ```\n`````"


def test_table() -> None:
    assert table(("", "a"), [("x", "1")], numbers=True) == (
        "|  | a |",
        "| :-- | --: |",
        "| x | 1 |",
    )
