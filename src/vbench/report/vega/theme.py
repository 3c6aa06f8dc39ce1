"""Colours, font, dashes and symbols of charts: on screen and in print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_Config: TypeAlias = "Mapping[str, bool | int | float | str | _Config | None]"

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif"
PRINT_FONT = "Inter, 'Noto Sans', 'Liberation Sans', Arial, 'DejaVu Sans', sans-serif"
FONT_PX = 12

SERIES_DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (12, 5))
"""Strokes and gaps in px. With eight colours, forty series differ in one or the other."""

SERIES_SYMBOLS = (
    "M0,-1A1,1,0,1,1,0,1A1,1,0,1,1,0,-1Z",
    "M-.86,-.86H.86V.86H-.86Z",
    "M0,-1.1L1,.8H-1Z",
    "M0,-1.2L1.1,0L0,1.2L-1.1,0Z",
    "M-.38,-1H.38V-.38H1V.38H.38V1H-.38V.38H-1V-.38H-.38Z",
    "M0,1.1L1,-.8H-1Z",
    "M-.8,-1L1.1,0L-.8,1Z",
)
"""SVG paths in a square from -1 to 1."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Any CSS colour; on screen those of the page, which are light or dark as the reader wants."""

    ink: str
    muted: str
    line: str
    surface: str
    accent: str
    font: str
    series: tuple[str, ...]
    """One colour per pipeline; told apart with every common kind of colour vision."""

    def series_color(self, k: int) -> str:
        """Colour of series k; after the last one they begin again."""
        return self.series[k % len(self.series)]


SCREEN = Theme(
    ink="var(--ink)",
    muted="var(--muted)",
    line="var(--line)",
    surface="var(--surface)",
    accent="var(--accent)",
    font=FONT,
    series=tuple(f"var(--series-{k})" for k in range(8)),
)

PRINT = Theme(
    ink="#1c2126",
    muted="#5a646e",
    line="#d9dbd5",
    surface="#ffffff",
    accent="#1d5c93",
    font=PRINT_FONT,
    series=(
        *("#0b6bb0", "#c8501e", "#0a7f61", "#8b4aa8"),
        *("#9a6a00", "#d1437f", "#3f4a56", "#2a93b8"),
    ),
)


def config(theme: Theme) -> _Config:
    """The look that all charts share, as Vega-Lite's ``config``."""
    return {
        "aria": False,
        "background": "transparent",
        "font": theme.font,
        "view": {"stroke": None},
        "axis": {
            "domain": False,
            "ticks": False,
            "gridColor": theme.line,
            "labelColor": theme.muted,
            "labelFontSize": FONT_PX,
            "labelPadding": 6,
            "labelFlush": False,
            "titleColor": theme.ink,
            "titleFontSize": FONT_PX,
            "titleFontWeight": "normal",
            "titlePadding": 8,
        },
        "text": {"fill": theme.ink, "fontSize": FONT_PX},
    }


def symbol_path(k: int) -> str:
    """SVG path of a series' symbol, in a square from -1 to 1."""
    return SERIES_SYMBOLS[k % len(SERIES_SYMBOLS)]


def dash_array(k: int) -> str:
    """SVG dashes of a series; ``none`` for a line without gaps."""
    dash: Sequence[int] = SERIES_DASHES[k % len(SERIES_DASHES)]
    return " ".join(map(str, dash)) if dash[1] else "none"
