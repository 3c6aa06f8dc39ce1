import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan, decided_plan, demo_plan, gate
from tests.report.made_run import make_run
from vbench.errors import MissingDependencyError, VbenchError
from vbench.record.folder import RunFolder
from vbench.report import pdf
from vbench.report.pdf import pdf_library_problem, write_pdf
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
        "Hold: do not deploy.",
        "It found 82 of 100 objects that were there.",
        "It cried wolf 5,262 times per camera-hour.",
        "One frame takes 8.70 ms (95 of 100 frames within 11.7 ms).",
        "Compared with person-v1",
        "Daypart: night: it found 6",
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
        # All of it is still on one page, with the picture and the signature.
        "A typical miss",
        "Signature",
    ):
        assert text in pages[0], text
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
    finally:
        document.close()


def test_the_same_run_gives_the_same_file(demo_folder: RunFolder, demo_pdf: Path) -> None:
    first = demo_pdf.read_bytes()
    assert write_pdf(demo_folder).read_bytes() == first


@pytest.mark.slow
def test_the_page_count_is_capped(run_path: Path) -> None:
    plan = RunPlan(
        clips=[
            ClipPlan(f"clip-{k}", 20, tuple((f"tag {n}", f"value {k}") for n in range(6)))
            for k in range(5)
        ],
        pipelines=[PipelinePlan(f"p{k}", {"": 0.5}, 0.1, 5.0) for k in range(7)],
        classes=tuple(f"class {k}" for k in range(26)),
        gates=[gate("recall", "min", k / 100, line=k) for k in range(30)],
        n_pictures=6,
        notes=tuple(f"note {k} " + "x" * 500 for k in range(20)),
    )
    pages = pages_of(write_pdf(make_run(run_path, plan)))
    assert len(pages) <= 12
    assert "1 more pipeline" in " ".join(pages)
    assert "more gates" in " ".join(pages)


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
    code = "import sys, vbench.report.html, vbench.report.pdf; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
