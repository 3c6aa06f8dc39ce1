"""What axe-core finds against a page, in light and in dark."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules whose outcome the theme decides; all others read the document, which is the same."""


def barriers(page: Page, context: str | None = None, *, all_impacts: bool = False) -> list[str]:
    """Rule and place of each barrier of the page as it is, then of its colours in dark.

    Args:
        page: in light.
        context: selector of the part that is looked at; None is all.
        all_impacts: also those that are not serious.
    """
    page.emulate_media(color_scheme="light")
    found = Axe().run(page, context=context).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += (
        Axe()
        .run(page, context=context, options={"runOnly": {"type": "rule", "values": _COLOURS}})
        .response["violations"]
    )
    return [
        f"{item['id']}: {node['html'][:160]}"
        for item in found
        if all_impacts or item["impact"] in ("serious", "critical")
        for node in item["nodes"][:3]
    ]
