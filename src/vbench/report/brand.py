"""What a company puts on its reports: as templates see it, and kept with a run."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from vbench.config.brand_file import (
    BRAND_NAME,
    BRAND_SCHEMA,
    MIN_CONTRAST,
    BrandFile,
    contrast,
    read_brand_file,
)
from vbench.config.logo_file import Logo, read_logo
from vbench.config.model_file import ModelFile
from vbench.config.yaml_text import dump_yaml
from vbench.errors import ConfigError
from vbench.record.folder import RunFolder, named_write_errors, write_whole

_DARK = "#1c2024"
"""Surface of the page in dark mode; see css/base.css."""
_MAX_TEMPLATE_BYTES = 5_000_000
_STRINGS_NAME = "strings.yaml"
_TEMPLATES_NAME = "templates"


@dataclass(frozen=True, slots=True)
class Brand:
    """A checked brand; the default is none."""

    title: str = ""
    logo: Logo | None = None
    accent: str = ""
    """``#rrggbb``, readable on white; empty for that of the templates."""
    ink: str = ""
    confidentiality: str = ""
    footer: str = ""
    language: str = ""
    """A language tag, or the path of a file of strings; empty for English."""
    templates: Path | None = None

    @property
    def logo_uri(self) -> str:
        """The logo as ``data:`` address; empty without one."""
        if self.logo is None:
            return ""
        text = base64.b64encode(self.logo.content).decode("ascii")
        return f"data:{self.logo.media_type};base64,{text}"

    @property
    def dark_accent(self) -> str:
        """The accent, so much lighter that it is readable in dark mode."""
        return lightened(self.accent) if self.accent else ""

    @property
    def folders(self) -> tuple[Path, ...]:
        """Template folders that go before that of vbench."""
        return () if self.templates is None else (self.templates,)


NO_BRAND = Brand()


def read_brand(path: Path) -> Brand:
    """Read ``brand.yaml`` (the file or its folder) with the logo it names.

    Raises:
        ConfigError: the file, the logo or a folder it names is missing or cannot be used.
    """
    file = read_brand_file(path)
    model = file.model
    logo = None
    if model.logo is not None:
        logo = read_logo(file.folder / model.logo, where=file.where("logo"))
    return Brand(
        title=model.title,
        logo=logo,
        accent=model.colors.accent or "",
        ink=model.colors.ink or "",
        confidentiality=model.confidentiality,
        footer=model.footer,
        language=_language(file),
        templates=_templates(file),
    )


def brand_of(folder: RunFolder) -> Brand:
    """The brand that a run keeps, `NO_BRAND` without one. Raises ConfigError as `read_brand`."""
    kept = _kept(folder) / BRAND_NAME
    return read_brand(kept) if kept.is_file() else NO_BRAND


def copy_brand(brand: Brand, folder: RunFolder) -> None:
    """Keep a brand in a run folder, where `brand_of` finds it.

    Raises:
        RunFolderError: the folder cannot be written to.
        ConfigError: the template folder is too large to be kept, or cannot be read.
    """
    target = _kept(folder)
    fields: dict[str, object] = {"schema": BRAND_SCHEMA}
    texts = {
        "title": brand.title,
        "confidentiality": brand.confidentiality,
        "footer": brand.footer,
        "language": brand.language,
    }
    fields.update({key: text for key, text in texts.items() if text})
    colors = {key: text for key, text in (("accent", brand.accent), ("ink", brand.ink)) if text}
    if colors:
        fields["colors"] = colors
    if brand.logo is not None:
        fields["logo"] = f"logo{brand.logo.suffix}"
        write_whole(target / f"logo{brand.logo.suffix}", brand.logo.content)
    if brand.language and Path(brand.language).is_file():
        fields["language"] = _STRINGS_NAME
        write_whole(target / _STRINGS_NAME, Path(brand.language).read_bytes())
    if brand.templates is not None:
        fields["templates"] = _TEMPLATES_NAME
        _copy_templates(brand.templates, target / _TEMPLATES_NAME)
    write_whole(target / BRAND_NAME, dump_yaml(fields))


def lightened(color: str) -> str:
    """A colour ``#rrggbb`` mixed with as little white as makes it readable in dark mode."""
    parts = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
    for step in range(21):
        mixed = [round(part + (255 - part) * step / 20) for part in parts]
        made = "#" + "".join(f"{part:02x}" for part in mixed)
        if contrast(made, _DARK) >= MIN_CONTRAST:
            break
    return made


def _kept(folder: RunFolder) -> Path:
    return folder.path / "brand"


def _language(file: ModelFile[BrandFile]) -> str:
    """A language tag as it is, a file of strings as its path."""
    written = file.model.language or ""
    if not written.endswith((".yaml", ".yml")):
        return written
    path = file.folder / written
    if not path.is_file():
        raise ConfigError(
            f'the file of strings "{written}" does not exist',
            where=file.where("language"),
            hint=f"paths start from {file.folder}",
        )
    return str(path)


def _templates(file: ModelFile[BrandFile]) -> Path | None:
    written = file.model.templates
    if written is None:
        return None
    folder = file.folder / written
    if not folder.is_dir():
        raise ConfigError(
            f'the template folder "{written}" does not exist',
            where=file.where("templates"),
            hint=f"paths start from {file.folder}",
        )
    return folder


def _copy_templates(source: Path, target: Path) -> None:
    files = sorted(path for path in source.rglob("*") if path.is_file())
    try:
        if sum(path.stat().st_size for path in files) > _MAX_TEMPLATE_BYTES:
            raise ConfigError(
                f"holds more than {_MAX_TEMPLATE_BYTES // 1_000_000} MB of templates",
                where=str(source),
                hint="every run keeps a copy: leave only templates there",
            )
        contents = {path.relative_to(source): path.read_bytes() for path in files}
    except OSError as error:
        what = f"a template cannot be read: {error.strerror}"
        raise ConfigError(what, where=str(error.filename), hint="check its permissions") from None
    for path, content in contents.items():
        with named_write_errors(target / path):
            write_whole(target / path, content)
