"""How reports look and which language the PDF speaks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbench.record.folder import RunFolder
from vbench.report.brand import NO_BRAND, Brand, brand_of, read_brand
from vbench.report.language.languages import strings_for
from vbench.report.language.strings import ENGLISH, Strings
from vbench.report.template_folder import template_folder


@dataclass(frozen=True, slots=True)
class ReportStyle:
    """A brand, a language, and template folders that go before those of the brand."""

    brand: Brand = NO_BRAND
    strings: Strings = ENGLISH
    folders: tuple[Path, ...] = ()


PLAIN = ReportStyle()
"""Neither brand nor another language."""


def style_of_brand(brand: Brand) -> ReportStyle:
    """The style that a brand asks for. Raises ConfigError for a language that is not known."""
    return ReportStyle(brand, strings_for(brand.language) if brand.language else ENGLISH)


def style_of_run(
    folder: RunFolder,
    *,
    brand: Path | None = None,
    language: str | None = None,
    templates: Path | None = None,
) -> ReportStyle:
    """The style of a finished run's reports: what the run keeps, where nothing else is asked for.

    Args:
        folder: of the run.
        brand: ``brand.yaml`` instead of the run's own.
        language: a tag or a strings file instead of the brand's.
        templates: a folder whose files go before all others.

    Raises:
        ConfigError: a file is missing or wrong.
    """
    style = style_of_brand(brand_of(folder) if brand is None else read_brand(brand))
    folders = () if templates is None else (templates,)
    if folders:
        # Jinja is loaded where templates are; a run is planned without.
        from vbench.report.user_templates import check_folders

        check_folders(folders, template_folder())
    return ReportStyle(
        style.brand,
        style.strings if language is None else strings_for(language),
        folders,
    )
