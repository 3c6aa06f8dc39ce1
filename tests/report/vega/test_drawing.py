import builtins
import json
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import pytest

from tests.report.hostile import HOSTILE
from tests.report.vega.charts import every_chart
from vbench.errors import MissingDependencyError
from vbench.report.language.strings import Strings, speaking
from vbench.report.vega.drawing import svg, vl_convert
from vbench.report.vega.specification import HOVER, static_form
from vbench.report.vega.theme import PRINT, SCREEN, SERIES_DASHES, SERIES_SYMBOLS

KINDS = tuple(every_chart(("a", "b")))
NAMES = ("dock-v1", "שלום", "</script><b>x</b>&\"'", "🚚 " + "long " * 60)


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return {kind: svg(spec, f"key-{kind}", kind) for kind, spec in every_chart(NAMES).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_is_strict_json(kind: str) -> None:
    text = json.dumps(every_chart(NAMES)[kind], allow_nan=False)
    assert json.loads(text).keys() >= {"layer", "config", "width", "height"}
    assert "http" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_drawings_are_well_formed_and_refer_to_nothing_outside(
    drawn: Mapping[str, str], kind: str
) -> None:
    root = ElementTree.fromstring(drawn[kind])
    for element in root.iter():
        assert element.tag in {"svg", "g", "path", "line", "text", "rect", "defs", "clipPath"}
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert "http" not in value
            assert "url(" not in value or value.startswith(f"url(#key-{kind}-clip-")


@pytest.mark.parametrize("kind", KINDS)
def test_ids_begin_with_the_key_and_are_there_once(drawn: Mapping[str, str], kind: str) -> None:
    ids = re.findall(r' id="([^"]*)"', drawn[kind])
    assert len(ids) == len(set(ids))
    assert all(one.startswith(f"key-{kind}-") for one in ids)
    assert set(re.findall(r"url\(#([^)]*)\)", drawn[kind])) <= set(ids)


@pytest.mark.parametrize("kind", ["pareto", "waterfall"])
def test_names_are_drawn_as_text(drawn: Mapping[str, str], kind: str) -> None:
    texts = "".join(ElementTree.fromstring(drawn[kind]).itertext())
    assert "dock-v1" in texts
    assert "</script><b>x</b>" in texts
    assert "<b>" not in drawn[kind]


def test_hostile_words_stay_within_the_label() -> None:
    made = svg(every_chart((HOSTILE, HOSTILE))["pareto"], "key", f'"{HOSTILE}')
    root = ElementTree.fromstring(made)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"].startswith('"a|b')
    assert "<script>alert" in root.attrib["aria-label"]
    assert "<script" not in made


def test_a_drawing_of_its_own_is_an_svg_document() -> None:
    root = ElementTree.fromstring(svg(every_chart(("a",))["pr"], "key", "x", alone=True))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_same_chart_is_drawn_the_same_whatever_was_drawn_before(
    drawn: Mapping[str, str],
) -> None:
    assert svg(every_chart(NAMES)["pr"], "key-pr", "pr") == drawn["pr"]


def test_screen_has_colours_of_the_page_and_print_has_its_own() -> None:
    for kind, spec in every_chart(("a", "b")).items():
        colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg(spec, "key", kind)))
        assert colours <= {"none", "transparent"} | {c for c in colours if c.startswith("var(--")}
    for kind, spec in every_chart(("a", "b"), PRINT).items():
        assert "var(" not in svg(spec, "key", kind)


def test_numbers_are_written_in_the_language_of_the_reader() -> None:
    with speaking(Strings(language="de", decimal=",", thousands=".")):
        made = svg(every_chart(("a",), PRINT)["pr"], "key", "x")
    assert ">0,2<" in made
    assert ">0.2<" not in made


def test_a_drawing_lacks_what_only_answers_the_pointer() -> None:
    whole = every_chart(("a", "b"))["pr"]
    kept = static_form(whole)
    assert isinstance(kept["layer"], Sequence)
    assert not [layer for layer in kept["layer"] if HOVER in str(layer)]
    assert "params" not in str(kept["layer"])
    assert HOVER in str(whole["layer"])


def test_forty_pipelines_differ_in_more_than_colour() -> None:
    n_colours = len(SCREEN.series)
    styles = {(k % n_colours, k % len(SERIES_DASHES)) for k in range(40)}
    assert len(styles) == 40
    symbols = {(k % n_colours, k % len(SERIES_SYMBOLS)) for k in range(56)}
    assert len(symbols) == 56
    assert len(PRINT.series) == n_colours


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def broken(name: str, *rest: object) -> object:
        if name == "vl_convert":
            raise ImportError("libstdc++.so.6: not found\nand more")
        return load(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(MissingDependencyError) as caught:
        vl_convert()
    assert "libstdc++.so.6: not found" in caught.value.what
    assert "pip install vl-convert-python" in caught.value.hint
