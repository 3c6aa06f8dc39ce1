import os
import re
import shutil
import subprocess
import sys
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from tests.config.test_logo_file import SVG
from tests.report.made_large import make_large_run
from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan, decided_plan, demo_plan
from tests.report.made_run import make_run
from vbench.errors import MissingDependencyError, VbenchError
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run, write_run
from vbench.report.brand import Brand, read_brand
from vbench.report.printed import pdf
from vbench.report.printed.pdf import pdf_library_problem, write_pdf
from vbench.types import MachineLoad

pytestmark = pytest.mark.skipif(
    pdf_library_problem() is not None, reason=f"no PDF on this machine: {pdf_library_problem()}"
)


def pages_of(path: Path) -> list[str]:
    """The text of each page, line breaks as spaces."""
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [document[k] for k in range(len(document))]
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pages]
    finally:
        document.close()


def inflated(path: Path) -> bytes:
    """A PDF with its compressed streams unpacked."""
    content = path.read_bytes()
    parts = [content]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with suppress(zlib.error):
            parts.append(zlib.decompressobj().decompress(stream))
    return b"\n".join(parts)


@pytest.fixture(scope="module")
def demo_pdf(demo_folder: RunFolder) -> Path:
    return write_pdf(demo_folder)


@pytest.fixture(scope="module")
def demo_pages(demo_pdf: Path) -> list[str]:
    return pages_of(demo_pdf)


def test_the_first_page_answers_without_opening_another(demo_pages: list[str]) -> None:
    first = demo_pages[0]
    for text in (
        "dock-release",
        "PASS",
        "FAIL",
        "Fails 1 of 7 gates",
        "Hold: keep person-v1.",
        "82 of 100 objects that were there.",
        "98 of 100 of its reports were right.",
        "5,262 times per camera-hour, about every second.",
        "8.70 ms a frame, 95 of 100 within 11.7 ms.",
        "3 cameras of 25 frames a second.",
        "Better than person",
        "Better and worse: Finds 1 fewer of 100 objects",
        "objects found at night.",
        "A typical miss",
        "What was not tested",
        "truck: never seen in the footage",
        "Signature",
    ):
        assert text in first, text
    for jargon in ("IoU", "recall where", "AP50", "mAP"):
        assert jargon not in first


def test_it_is_short_and_numbered(demo_pages: list[str]) -> None:
    assert 3 <= len(demo_pages) <= 8
    assert f"page 2 of {len(demo_pages)}" in demo_pages[1]
    words = " ".join(demo_pages)
    for title in ("Gates", "Pipelines side by side", "Slices", "Worst frames", "Glossary"):
        assert title in words


def test_undecided_pipelines_are_told_what_to_do(run_path: Path) -> None:
    plan = decided_plan()
    load = MachineLoad(0.34, ("chromium",))
    plan = replace(plan, gates=plan.gates[:5], load=load, partial="only 2 of 6 clips were run")
    pages = pages_of(write_pdf(make_run(run_path, plan)))
    for text in (
        "A partial run, which decides nothing: only 2 of 6 clips were run.",
        "INCONCLUSIVE",
        "We are 95 % sure that it finds at least 79 of 100 person objects.",
        "Hold:",
        "The times are doubtful",
        # All of it is still on one page, with the signature; the picture gives way.
        "What was not tested",
        "Signature",
    ):
        assert text in pages[0], text
    assert "A typical miss" not in pages[0]
    assert len(pages) <= 12
    inside = " ".join(pages[1:])
    for text in (
        "Interval",
        "What did not pass, and why",
        "71 % of the missed objects are small",
        "About 3.4 times the footage would decide, 6 min more footage.",
        "How sure the numbers are",
        "(Holm)",
    ):
        assert text in inside, text


def test_metadata_tags_and_size(demo_pdf: Path) -> None:
    assert demo_pdf.stat().st_size < 5_000_000
    document = pypdfium2.PdfDocument(demo_pdf)
    try:
        assert document.get_metadata_value("Title") == "dock-release: fail"
        assert "1 of 3 pipelines passes" in document.get_metadata_value("Subject")
        assert document.is_tagged()
        outline = [(item.level, item.get_title()) for item in document.get_toc()]
    finally:
        document.close()
    assert outline[0] == (0, "dock-release")
    assert {(1, "Gates"), (1, "Slices"), (1, "Worst frames"), (1, "Glossary")} <= set(outline)


def test_it_is_accessible(demo_pdf: Path) -> None:
    content = inflated(demo_pdf)
    for part in (b"/Lang (en)", b"/Marked true", b"/DisplayDocTitle true", b"/StructTreeRoot"):
        assert part in content, part
    # Headers of columns and rows, one title, and every picture in words.
    assert content.count(b"/S /TH") > 50
    assert content.count(b"/S /H1") == 1
    assert content.count(b"/S /Figure") == content.count(b"/Alt (") > 0
    assert re.search(rb"/Alt \(Frame \d+ of", content)


def test_all_fonts_are_embedded(demo_pdf: Path) -> None:
    descriptors = re.findall(rb"/FontDescriptor\s*/FontName[^>]*", inflated(demo_pdf))
    assert descriptors
    assert all(b"/FontFile" in item for item in descriptors)


def test_the_same_run_gives_the_same_file(demo_folder: RunFolder, demo_pdf: Path) -> None:
    first = demo_pdf.read_bytes()
    assert write_pdf(demo_folder).read_bytes() == first


@pytest.mark.slow
def test_the_page_count_is_capped(run_path: Path) -> None:
    folder = make_large_run(run_path, n_pipelines=50, n_gates=200, n_slices=100, n_classes=80)
    made = write_pdf(folder)
    pages = pages_of(made)
    assert len(pages) <= 12
    assert made.stat().st_size < 5_000_000
    assert "Signature" in pages[0]
    assert "44 more pipelines are in the HTML report" in pages[0]
    words = " ".join(pages)
    assert "In the HTML report only: 44 more pipelines." in words
    # 7 gates for each pipeline, and 28 copies; the baseline is not compared with itself.
    n_gates = len(read_run(folder).gates)
    assert f"{n_gates - 30:,} more gates, none more urgent than these" in words
    assert "60 more, none found less of, are in the HTML report." in words
    assert re.search(r"8\d more, none found less of, are in the HTML report", words)


def test_several_golden_sets_have_smaller_tables(run_path: Path) -> None:
    folder = make_large_run(run_path, n_pipelines=7, n_gates=7, n_slices=30, n_classes=30)
    run = read_run(folder)
    names = [f"set {k}" for k in range(5)]
    sets = [replace(run.golden_sets[0], name=name) for name in names]
    metrics = [replace(item, golden_set=name) for name in names for item in run.metrics]
    gates = [replace(item, golden_set=name) for name in names for item in run.gates]
    many = replace(
        run,
        golden_sets=(*run.golden_sets, *sets),
        metrics=(*run.metrics, *metrics),
        gates=(*run.gates, *gates),
    )
    for name in names:
        shutil.copytree(run_path / "golden" / "loading-dock", run_path / "golden" / name)
    write_run(folder, many)
    pages = pages_of(write_pdf(folder))
    assert len(pages) <= 12
    assert "In the HTML report only: 1 more pipeline, 3 more golden sets." in " ".join(pages)


def test_a_run_with_nothing_in_it(run_path: Path) -> None:
    plan = RunPlan(
        clips=[ClipPlan("one", 1, (), n_objects=0)],
        pipelines=[PipelinePlan("silent", {"": 0.0}, 0.0, None)],
        classes=("person",),
    )
    pages = pages_of(write_pdf(make_run(run_path, plan)))
    assert "No picture" in pages[0]
    assert "Not known: no truth boxes of any class." in pages[0]


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "/etc/passwd"]
)
def test_nothing_outside_the_page_is_read(tmp_path: Path, address: str) -> None:
    """An image or attachment from elsewhere is left out, whatever the text asks for."""
    html = f'<img src="{address}" alt="gone"><a rel="attachment" href="{address}">text</a>'
    target = tmp_path / "out.pdf"
    pdf._print(html, str(target))
    content = target.read_bytes()
    assert b"EmbeddedFile" not in content
    assert b"root:" not in content
    assert "text" in pages_of(target)[0]


def test_hostile_names_stay_text(run_path: Path) -> None:
    plan = replace(demo_plan(), benchmark="<img src=file:///etc/passwd> \u202e🚚 " + "w" * 300)
    first = pages_of(write_pdf(make_run(run_path, plan)))[0]
    assert "<img src=file:///etc/passwd>" in first
    assert "FAIL" in first


def test_long_and_foreign_names_cover_nothing_of_the_first_page(run_path: Path) -> None:
    plan = demo_plan()
    names = ("שלום " + "א" * 90, "<script>alert(1) \u202e🚚 " + "x" * 150, "e" * 200)
    pipelines = tuple(
        replace(item, name=name) for item, name in zip(plan.pipelines, names, strict=True)
    )
    plan = replace(
        plan,
        benchmark="شحن 🚚 " + "w" * 290,
        pipelines=pipelines,
        baseline=names[2],
        notes=("note " * 100,) * 5,
    )
    pages = pages_of(write_pdf(make_run(run_path, plan)))
    assert "<script>alert(1)" in pages[0]
    # The last answer and the line below it are there: what finds no room follows on the next page.
    assert "How sure is that?" in pages[0]
    assert "an object in view for 100 frames counts 100 times" in pages[0]
    assert "Signature" in pages[1]
    assert len(pages) <= 12


def test_a_brand_is_on_every_page(demo_folder: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SVG.format('<rect width="2" height="1" fill="#0b6e6e"/>'))
    (tmp_path / "brand.yaml").write_text(
        "schema: vbench.brand/v1\ntitle: ACME release\nlogo: logo.svg\nfooter: ACME & Sons\n"
        'colors: {accent: "#0b6e6e"}\nconfidentiality: "<for ACME> only"\n'
    )
    made = write_pdf(demo_folder, brand=read_brand(tmp_path))
    pages = pages_of(made)
    assert "ACME release" in pages[0]
    assert all("ACME & Sons" in page and "<for ACME> only" in page for page in pages)
    assert b"/Alt (ACME release)" in inflated(made)


def test_an_own_template_goes_first(demo_folder: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "print").mkdir()
    (tmp_path / "print/method.html.j2").write_text("<h2>As we do it</h2>")
    words = " ".join(pages_of(write_pdf(demo_folder, folders=[tmp_path])))
    assert "As we do it" in words
    assert "Lineage" not in words
    branded = write_pdf(demo_folder, brand=Brand(templates=tmp_path))
    assert "As we do it" in " ".join(pages_of(branded))


def test_names_of_a_sweep_break_behind_its_signs(run_path: Path) -> None:
    plan = demo_plan()
    name = "dock-sweep@score=0.35,interpolation=nearest"
    pipelines = (replace(plan.pipelines[0], name=name), *plan.pipelines[1:])
    plan = replace(plan, pipelines=pipelines, baseline=name)
    text = " ".join(pages_of(write_pdf(make_run(run_path, plan)))[1:])
    n_names = text.count("dock-s")
    assert n_names > 10
    for part in ("dock-sweep@", "score=", "interpolation=", "nearest"):
        assert text.count(part) >= n_names, part
    # Beside such columns, the first one of a table keeps its words whole.
    assert "daypart=night" in text
    assert "forklift" in text


@pytest.fixture
def without_pango(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where WeasyPrint finds no Pango."""
    package = tmp_path / "weasyprint"
    package.mkdir()
    (package / "__init__.py").write_text(
        "raise OSError(\"cannot load library 'libpango-1.0-0': no such file\\nmore\")\n"
    )
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))


@pytest.mark.usefixtures("without_pango")
def test_a_missing_library_is_named_with_its_package(run_path: Path) -> None:
    folder = make_run(run_path, replace(demo_plan(), n_pictures=0))
    with pytest.raises(MissingDependencyError, match=r"libpango-1\.0-0") as caught:
        write_pdf(folder)
    assert "apt-get install libpango-1.0-0" in caught.value.hint
    assert not folder.report_pdf.exists()
    assert "libpango-1.0-0" in (pdf_library_problem() or "")


def test_a_crash_of_the_printer_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*args: object, **options: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], 1, b"", b"Traceback\n  ...\nValueError: odd\n")

    monkeypatch.setattr(subprocess, "run", crash)
    with pytest.raises(VbenchError, match="could not be written: ValueError: odd"):
        pdf._print("", "x.pdf")


def test_rendering_html_does_not_load_weasyprint() -> None:
    modules = "vbench.report.web.html, vbench.report.printed.pdf"
    code = f"import sys, {modules}; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
