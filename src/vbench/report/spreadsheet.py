"""Text that a spreadsheet shows and does not run."""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """A name that no spreadsheet takes for a formula (OWASP, "CSV injection").

    What would begin one gets an apostrophe in front. Not for numbers: they may begin with a minus.
    """
    return f"'{text}" if text.startswith(_STARTS) else text
