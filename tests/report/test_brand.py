from pathlib import Path

import pytest

from tests.config.test_logo_file import SVG, png
from vbench.config.brand_file import MIN_CONTRAST, contrast
from vbench.errors import ConfigError
from vbench.record.folder import RunFolder
from vbench.report.brand import NO_BRAND, Brand, brand_of, copy_brand, lightened, read_brand

_YAML = """\
schema: vbench.brand/v1
title: "ACME: release"
logo: ../art/logo.svg
colors: {accent: "#0b6e6e"}
confidentiality: "für intern"
footer: "#1"
language: ../fr.yaml
templates: ../mine
"""


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A brand file with everything, whose parts are in other folders."""
    for name in ("brand", "art", "mine/css"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "art/logo.svg").write_text(SVG.format("<rect/>"))
    (tmp_path / "fr.yaml").write_text("schema: vbench.strings/v1\n")
    (tmp_path / "mine/css/base.css").write_text("a {}")
    path = tmp_path / "brand/brand.yaml"
    path.write_text(_YAML, "utf-8")
    return path


def test_a_brand_is_read_with_what_it_names(whole: Path, tmp_path: Path) -> None:
    brand = read_brand(whole)
    assert brand.title == "ACME: release"
    assert brand.logo is not None
    assert brand.logo_uri.startswith("data:image/svg+xml;base64,")
    assert Path(brand.language).samefile(tmp_path / "fr.yaml")
    assert [folder.resolve() for folder in brand.folders] == [tmp_path / "mine"]


def test_a_run_keeps_its_brand(whole: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    assert brand_of(folder) is NO_BRAND
    brand = read_brand(whole)
    copy_brand(brand, folder)
    kept = brand_of(folder)
    kept_at = tmp_path / "run/brand"
    assert kept.language == str(kept_at / "strings.yaml")
    assert kept.templates == kept_at / "templates"
    assert (kept_at / "templates/css/base.css").read_text() == "a {}"
    for name in ("title", "logo", "accent", "ink", "confidentiality", "footer"):
        assert getattr(kept, name) == getattr(brand, name), name


def test_a_small_brand_is_kept_too(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    brand = Brand(title="ACME", language="de")
    copy_brand(brand, folder)
    assert brand_of(folder) == brand


@pytest.mark.parametrize(
    ("missing", "what"),
    [("art/logo.svg", "cannot be read"), ("fr.yaml", "file of strings"), ("mine/css", "")],
)
def test_what_a_brand_names_must_be_there(
    whole: Path, tmp_path: Path, missing: str, what: str
) -> None:
    path = tmp_path / missing
    if path.is_dir():
        (path / "base.css").unlink()
        path.rmdir()
        path.parent.rmdir()
        what = "template folder"
    else:
        path.unlink()
    with pytest.raises(ConfigError, match=what) as caught:
        read_brand(whole)
    assert caught.value.where.startswith(f"{whole}:")


def test_a_large_template_folder_is_not_kept(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "mine/big.js").write_bytes(b"x" * 5_000_001)
    with pytest.raises(ConfigError, match="more than 5 MB"):
        copy_brand(read_brand(whole), RunFolder(tmp_path / "run"))


@pytest.mark.parametrize("color", ["#000000", "#0b6e6e", "#7a0000", "#1d5c93"])
def test_accents_are_readable_in_dark_mode(color: str) -> None:
    assert contrast(lightened(color), "#1c2024") >= MIN_CONTRAST
    assert Brand(accent=color).dark_accent == lightened(color)
    assert NO_BRAND.dark_accent == ""


def test_a_png_logo_is_embedded(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png(3, 2))
    (tmp_path / "brand.yaml").write_text("schema: vbench.brand/v1\nlogo: logo.png\n")
    assert read_brand(tmp_path).logo_uri.startswith("data:image/png;base64,iVBOR")
