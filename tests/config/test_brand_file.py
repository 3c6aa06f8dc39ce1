from pathlib import Path

import pytest

from vbench.config.brand_file import contrast, read_brand_file
from vbench.errors import ConfigError

_HEAD = "schema: vbench.brand/v1\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "brand.yaml"
    path.write_text(_HEAD + text, "utf-8")
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    written(
        tmp_path,
        'title: ACME\nlogo: logo.png\ncolors: {accent: "#1D5C93", ink: "#000000"}\n'
        "confidentiality: secret\nfooter: end\nlanguage: de\ntemplates: mine\n",
    )
    model = read_brand_file(tmp_path).model
    assert model.title == "ACME"
    assert model.colors.accent == "#1d5c93"
    assert model.colors.ink == "#000000"
    assert (model.confidentiality, model.footer, model.language) == ("secret", "end", "de")
    assert (model.logo, model.templates) == ("logo.png", "mine")


def test_nothing_is_required(tmp_path: Path) -> None:
    model = read_brand_file(written(tmp_path, "")).model
    assert (model.title, model.logo, model.colors.accent) == ("", None, None)


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [
        ('colors: {accent: "#ffcc00"}\n', "colors.accent", "contrast is 1.5 to 1"),
        ("colors: {accent: blue}\n", "colors.accent", '"blue" is not a colour'),
        ('colors: {ink: "#12345"}\n', "colors.ink", "is not a colour"),
        ('colors: {ink: "#123456;x"}\n', "colors.ink", "is not a colour"),
        ("colours: {}\n", "colours", "unknown key"),
        (f"title: {'x' * 121}\n", "title", "has 121 characters"),
        ('footer: "a\\nb"\n', "footer", "line break"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str, key: str, what: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_brand_file(path)
    assert caught.value.where == f"{path}:2: {key}"
    assert what in caught.value.what


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "brand.yaml"
    path.write_text("schema: vbench.brand/v2\n")
    with pytest.raises(ConfigError, match=r"vbench\.brand/v1"):
        read_brand_file(path)


@pytest.mark.parametrize(
    ("color", "expected"), [("#ffffff", 1.0), ("#000000", 21.0), ("#767676", 4.54)]
)
def test_contrast_with_white(color: str, expected: float) -> None:
    """Reference values of the WCAG's own examples."""
    assert contrast(color, "#ffffff") == pytest.approx(expected, abs=0.005)
    assert contrast("#ffffff", color) == contrast(color, "#ffffff")
