"""Names, runs and folders that no report was drawn for: every format is written all the same."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.report.hostile import assert_tame
from tests.report.html_reading import Node, read_html
from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan, gate
from tests.report.made_run import make_run
from tests.report.printed.test_pdf import inflated, pages_of
from tests.report.web.test_html import assert_self_contained, by_id
from vbench.bench.report import render, render_trend
from vbench.bench.view import served_page
from vbench.errors import ExitCode, RunFolderError
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy, write_golden_copy
from vbench.record.run_json import read_run, write_run
from vbench.report.printed.pdf import pdf_library_problem
from vbench.types import Alerts, PipelineFailure, TruthEvent, Verdict

WILD = (
    "</script><!--<script>alert(1)</script> {{ 7*7 }} {% raw %} \"'` \\ \u202eevil\u2067 שלום"
    " 🚚 e\u0301\u0323 a|b\nsecond & <img src=http://127.0.0.1:9/x onerror=alert(2)>"
)
"""In texts, classes, tags and zones, which may hold anything."""
WILD_NAME = "<!--<script>alert(1)<script> {{ 7*7 }} \"'` \u202eevil שלום 🚚 e\u0301 & <img src=x>"
"""In names that are file names too: without slashes and line breaks."""
_TEXTS = ["html", "md", "junit", "json", "csv", "label-errors"]
_FORMATS = _TEXTS if pdf_library_problem() is not None else [*_TEXTS, "pdf"]
_NIGHT = (("daypart", "night"),)


def small_plan(n_pictures: int = 2) -> RunPlan:
    """Two clips of 0.8 s, two pipelines."""
    return RunPlan(
        clips=[
            ClipPlan("day", 20, (("daypart", "day"),), n_objects=2),
            ClipPlan("night", 20, _NIGHT, n_objects=2),
        ],
        pipelines=[
            PipelinePlan("a", {"": 0.7}, 0.2, 10.0),
            PipelinePlan("b", {"": 0.9, "night": 0.3}, 0.1, None),
        ],
        baseline="a",
        gates=[gate("recall", "min", 0.99, slice_=_NIGHT), gate("precision", "max_drop", 0.0)],
        n_pictures=n_pictures,
    )


def wild_plan() -> RunPlan:
    """The same with names that try to get out of their places."""
    return replace(
        small_plan(),
        clips=[
            ClipPlan(f"{WILD_NAME}1", 20, ((WILD, WILD), ("daypart", "night")), n_objects=3),
            ClipPlan("x" * 120, 20, ((WILD, "y" * 300),), n_objects=3),
        ],
        pipelines=[
            PipelinePlan(f"{WILD_NAME}1", {"": 0.7}, 0.2, 10.0),
            PipelinePlan("z" * 120, {"": 0.9}, 0.1, 5.0),
            PipelinePlan("\u202ereversed", {"": 0.9}, 0.1, None),
        ],
        classes=(WILD, "c" * 300, "{{ page }}"),
        golden_set=f"{WILD_NAME}g",
        benchmark=WILD + "w" * 300,
        baseline=f"{WILD_NAME}1",
        notes=(WILD * 3, "n" * 300),
        partial=WILD,
        decided=True,
        gates=[
            gate("recall", "min", 0.99, class_name=WILD),
            gate("recall", "min", 0.5, slice_=((WILD, WILD),)),
            gate("precision", "max_drop", 0.0, preset=WILD),
        ],
    )


def wild_run(path: Path) -> RunFolder:
    """The wild plan with a pipeline that failed, and with events and alerts in wild zones."""
    plan = wild_plan()
    folder = make_run(path, plan)
    run = read_run(folder)
    failure = PipelineFailure(f"{WILD_NAME}2", WILD, WILD, WILD, WILD)
    write_run(folder, replace(run, failures=(failure,)))
    golden = read_golden_copy(folder, plan.golden_set)
    event = TruthEvent("zone_enter", 0.1, 0.4, WILD, WILD)
    clips = tuple(replace(clip, events=(event,)) for clip in golden.clips)
    write_golden_copy(folder, replace(golden, clips=clips))
    alerts = Alerts(
        time_s=np.array([0.2, 0.7]),
        kind=np.array([0, 0]),
        class_id=np.array([0, 0]),
        zone=np.array([0, -1]),
        kinds=("zone_enter",),
        zones=(WILD,),
    )
    write_alerts(folder.alerts(plan.pipelines[0].name, plan.clips[0].id), alerts)
    return folder


def write_all(folder: RunFolder) -> None:
    """Every format, and what `vbench view` serves at the start."""
    written = render(folder.path, _FORMATS).files
    assert all(path.stat().st_size for path in written)
    assert len(written) == len(_FORMATS) + 1
    assert served_page(folder.path)


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of wild names with all its reports. Read only."""
    folder = wild_run(tmp_path_factory.mktemp("wild") / "run")
    write_all(folder)
    return folder


@pytest.fixture(scope="module")
def wild_page(wild: RunFolder) -> Node:
    return read_html(wild.report_html.read_text("utf-8"))


def test_wild_names_stay_in_their_places(wild_page: Node) -> None:
    assert_self_contained(wild_page)
    assert len(wild_page.all("h1")) == 1
    # The page has pictures in SVG alone, and no element that only a name could bring.
    assert not wild_page.all("img")
    assert "49" not in wild_page.all("h1")[0].words()
    assert "{{ 7*7 }} {% raw %}" in by_id(wild_page, "verdict").words()


def test_no_name_turns_the_rest_of_a_line_around(wild: RunFolder) -> None:
    for path in (wild.report_html, wild.summary_md):
        text = path.read_text("utf-8")
        assert "evil" in text
        assert re.findall("[\u202a-\u202e\u2066\u2067]", text) == [], path.name


def test_closed_isolates_and_right_to_left_letters_stay(run_path: Path) -> None:
    name = "\u2068شحن\u2069 שלום"
    text = (render(make_run(run_path, replace(small_plan(), benchmark=name)).path, ["html"])).files
    assert name in text[0].read_text("utf-8")


def test_wild_names_in_texts_for_programs(wild: RunFolder) -> None:
    assert ET.parse(wild.junit_xml).getroot().tag == "testsuites"
    assert json.loads(wild.report_json.read_text("utf-8"))["schema"]
    assert json.loads(wild.label_errors_json.read_text("utf-8"))["categories"][0]["name"] == WILD
    assert_tame(wild.summary_md.read_text("utf-8"))


@pytest.mark.skipif("pdf" not in _FORMATS, reason=f"no PDF: {pdf_library_problem()}")
def test_wild_names_in_the_pdf(wild: RunFolder) -> None:
    pages = pages_of(wild.report_pdf)
    assert len(pages) <= 12
    assert "Signature" in pages[0] + pages[1]
    assert "{{ 7*7 }} {% raw %}" in pages[0]
    # Behind a name with an override the sentence goes on as it was.
    assert "evil" in pages[0]
    assert "live" not in pages[0]
    content = inflated(wild.report_pdf)
    assert b"/EmbeddedFile" not in content
    assert b"/JavaScript" not in content
    assert b"/URI (http" not in content


def test_wild_names_over_time(wild: RunFolder, tmp_path: Path) -> None:
    later = tmp_path / "later"
    shutil.copytree(wild.path, later)
    text = (later / "run.json").read_text("utf-8")
    (later / "run.json").write_text(text.replace("2026-11-20", "2026-11-21"), "utf-8")
    out = tmp_path / "trend"
    assert len(render_trend([wild.path, later], ["html", "md", "json", "csv"], out, None)) == 4
    page = read_html((out / "trend.html").read_text("utf-8"))
    assert not page.all("img")
    assert not [script for script in page.all("script") if "alert(1)" in script.text]
    assert_tame((out / "trend.md").read_text("utf-8"))


def one_frame() -> RunPlan:
    return RunPlan(
        clips=[ClipPlan("one", 1, (), n_objects=0)],
        pipelines=[PipelinePlan("silent", {"": 0.0}, 0.0, None)],
        classes=("person",),
    )


def no_tags() -> RunPlan:
    plan = small_plan()
    clips = [ClipPlan("one", 2, ()), ClipPlan("two", 3, (), n_objects=0)]
    return replace(plan, clips=clips, gates=(), baseline=None)


def eighty_classes() -> RunPlan:
    classes = tuple(f"class {k}" for k in range(80))
    return replace(small_plan(), classes=classes, clips=[ClipPlan("one", 5, (), n_objects=80)])


def fifty_pipelines() -> RunPlan:
    pipelines = [PipelinePlan(f"p{k}", {"": 0.5}, 0.1, 5.0 + k) for k in range(50)]
    clips = [ClipPlan("one", 5, _NIGHT)]
    return replace(small_plan(), clips=clips, pipelines=pipelines, baseline="p0")


@pytest.mark.parametrize("plan", [one_frame, no_tags, eighty_classes, fifty_pipelines])
def test_odd_runs_have_every_report(run_path: Path, plan: Callable[[], RunPlan]) -> None:
    folder = make_run(run_path, plan())
    write_all(folder)
    assert_self_contained(read_html(folder.report_html.read_text("utf-8")))


@pytest.mark.parametrize("fps", [30000 / 1001, 0.1])
def test_odd_frame_rates(run_path: Path, fps: float) -> None:
    folder = make_run(run_path, small_plan())
    run = read_run(folder)
    clips = tuple(
        replace(clip, facts=replace(clip.facts, fps=fps, duration_s=clip.facts.n_frames / fps))
        for clip in run.clips
    )
    write_run(folder, replace(run, clips=clips))
    write_all(folder)


def unfinished(path: Path, n_failed: int) -> RunFolder:
    """A run of which no pipeline got through."""
    folder = make_run(path, small_plan())
    failures = tuple(
        PipelineFailure(f"broken{k}", "1", "the engine stopped", "stage detect", "look at its log")
        for k in range(n_failed)
    )
    run = replace(
        read_run(folder),
        pipelines=(),
        metrics=(),
        gates=(),
        baseline=None,
        failures=failures,
        verdict=Verdict.FAIL,
    )
    write_run(folder, run)
    return folder


@pytest.mark.parametrize("n_failed", [1, 2])
def test_no_pipeline_finished(run_path: Path, n_failed: int) -> None:
    folder = unfinished(run_path, n_failed)
    write_all(folder)
    page = read_html(folder.report_html.read_text("utf-8"))
    assert_self_contained(page)
    words = by_id(page, "verdict").words()
    assert "stage detect: the engine stopped" in words
    said = "broken0: did not finish." if n_failed == 1 else "None of 2 pipelines passes."
    assert said in words
    assert "No pipeline finished." in by_id(page, "curves").words()


def break_pictures(folder: RunFolder) -> None:
    """Empty, no JPEG, half a JPEG, and a page that calls itself one; the last is a folder."""
    kept = sorted((folder.path / "pictures").rglob("*.jpg"))
    assert len(kept) > 4
    for k, path in enumerate(kept):
        page = b"\xff\xd8\xff<script>alert(1)</script>"
        path.write_bytes([b"", b"no picture", path.read_bytes()[:200], page][k % 4])
    kept[-1].unlink()
    kept[-1].mkdir()


def test_broken_pictures_break_nothing_else(run_path: Path) -> None:
    folder = make_run(run_path, small_plan(n_pictures=8))
    break_pictures(folder)
    write_all(folder)
    page = read_html(folder.report_html.read_text("utf-8"))
    assert_self_contained(page)
    assert "No picture" in by_id(page, "worst").words()


@pytest.mark.parametrize("damage", ["missing", "broken"])
@pytest.mark.parametrize("name", [name for name in _FORMATS if name in ("html", "pdf", "json")])
def test_a_lost_part_is_one_clear_error(run_path: Path, name: str, damage: str) -> None:
    folder = make_run(run_path, small_plan())
    shard = folder.matches("a", "day")
    shard.unlink()
    if damage == "broken":
        shard.write_bytes(b"PAR1 <script>")
    with pytest.raises(RunFolderError) as caught:
        render(folder.path, [name])
    assert caught.value.exit_code is ExitCode.INPUT
    assert caught.value.where == str(shard)
    assert "run the benchmark again" in caught.value.hint
    assert not folder.report_html.exists()
    assert not folder.report_pdf.exists()
    assert not folder.report_json.exists()
    assert not list(folder.path.glob(".*.part*"))


_LATER_MANIFEST = (
    *("benchmark_file", "load", "partial", "statistics", "timing", "input_paths", "deployed"),
)
_LATER_GATE = (
    *("confidence", "min_n", "quarantine", "preset", "change", "bound", "p_value", "p_adjusted"),
    *("more_footage", "in_quarantine", "causes", "rerun"),
)


def test_a_run_of_an_older_vbench(run_path: Path) -> None:
    folder = make_run(run_path, replace(small_plan(), decided=True))
    data = json.loads(folder.run_json.read_text("utf-8"))
    for key in _LATER_MANIFEST:
        del data["manifest"][key]
    del data["failures"]
    for row in data["gates"]:
        for key in _LATER_GATE:
            del row[key]
    for row in data["metrics"]:
        for key in ("units", "n_units", "n_effective"):
            (row["interval"] or {}).pop(key, None)
    folder.run_json.write_text(json.dumps(data), "utf-8")
    assert not folder.media_json.exists()
    write_all(folder)
    assert_self_contained(read_html(folder.report_html.read_text("utf-8")))


@pytest.mark.parametrize("schema", ["vbench.run/v2", "<script>", None, 7])
def test_another_schema_version_is_one_clear_message(run_path: Path, schema: object) -> None:
    folder = make_run(run_path, one_frame())
    data = json.loads(folder.run_json.read_text("utf-8"))
    folder.run_json.write_text(json.dumps({**data, "schema": schema}), "utf-8")
    for name in _FORMATS:
        with pytest.raises(RunFolderError, match=r"reads 'vbench\.run/v1'") as caught:
            render(folder.path, [name])
        assert caught.value.where == str(folder.run_json)
    assert not folder.report_html.exists()
