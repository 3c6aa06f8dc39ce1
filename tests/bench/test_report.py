"""Reports of a finished run: written with the run, again later, and never in its way."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.runs import RecordingProgress
from tests.bench.small import edit, files_of
from vbench.bench import outputs
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.report import render
from vbench.bench.run import run_benchmark
from vbench.errors import MissingDependencyError, RunFolderError
from vbench.record.folder import RunFolder


def test_every_format_is_written_again_the_same(finished: FinishedRun, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished.folder.path, tmp_path / "run"))
    before = files_of(run)
    written = render(run, ["html", "md", "junit"]).files
    assert [path.name for path in written] == ["report.html", "summary.md", "junit.xml"]
    after = files_of(run)
    assert set(after) - set(before) == {"report.html"}
    assert before.items() <= after.items()
    render(run, ["html"])
    assert files_of(run) == after


def test_a_run_with_pictures(small: Path, tmp_path: Path) -> None:
    edit(small / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")
    folder = run_benchmark(small, tmp_path / "run", NoProgress(), pdf=False).folder
    pictures = list((folder.path / "pictures").rglob("*.jpg"))
    assert pictures
    html = folder.report_html.read_text()
    assert "data:image/jpeg" in html
    # One file that needs nothing from elsewhere.
    assert "<script src" not in html
    assert 'rel="stylesheet"' not in html
    assert "http://" not in html.replace("http://www.w3.org", "")


@pytest.mark.slow
def test_the_pdf_is_written(small: Path, tmp_path: Path) -> None:
    progress = RecordingProgress()
    folder = run_benchmark(small, tmp_path / "run", progress).folder
    if any(note.startswith("no PDF") for note in progress.notes):
        pytest.skip(progress.notes[-1])
    assert folder.report_pdf.read_bytes().startswith(b"%PDF-")


def test_without_pdf_libraries_the_run_goes_on(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: RunFolder, **_: object) -> Path:
        raise MissingDependencyError("libpango is absent", hint="apt install libpango-1.0-0")

    monkeypatch.setattr(outputs, "write_pdf", fail)
    progress = RecordingProgress()
    folder = run_benchmark(small, tmp_path / "run", progress).folder
    assert folder.report_html.is_file()
    assert progress.notes[-1] == "no PDF: libpango is absent (apt install libpango-1.0-0)"


def test_without_the_chart_library_the_run_goes_on(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: RunFolder, **_: object) -> Path:
        raise MissingDependencyError("charts cannot be drawn", hint="pip install vl-convert-python")

    monkeypatch.setattr(outputs, "write_html", fail)
    progress = RecordingProgress()
    folder = run_benchmark(small, tmp_path / "run", progress, pdf=False).folder
    assert folder.run_json.is_file()
    assert progress.notes[-1] == (
        "no HTML report: charts cannot be drawn (pip install vl-convert-python)"
    )


def test_media_that_went_away_cost_pictures_not_the_run(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(folder: RunFolder, *_: object) -> None:
        raise RunFolderError("the disk was unplugged")

    monkeypatch.setattr(outputs, "_keep_frames", gone)
    progress = RecordingProgress()
    folder = run_benchmark(small, tmp_path / "run", progress, pdf=False).folder
    assert folder.report_html.is_file()
    assert "no pictures of clip b-night: the disk was unplugged" in progress.notes


def test_no_report_of_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError):
        render(tmp_path, ["html"])
    assert files_of(tmp_path) == {}
