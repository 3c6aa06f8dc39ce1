"""The errors section of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import pytest

from tests.report.hostile import HOSTILE
from tests.report.html_reading import Node, read_html
from tests.report.made_plan import demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.errors.places import page_places
from vbench.report.errors.section import ErrorsSection, errors_section
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.lookup import MetricIndex
from vbench.report.templates import render
from vbench.types import Detections, Run


@dataclass(frozen=True)
class ShownPage:
    """What the section's template reads of a page."""

    errors: ErrorsSection
    clip_slices: tuple[tuple[int, ...], ...]


def section_of(run: Run, evidence: Evidence) -> ErrorsSection:
    pictures = {(run.clips[0].id, frame): f"image-{frame}" for frame in range(0, 700, 10)}
    return errors_section(MetricIndex.of(run), evidence, page_places(run, pictures))


def html_of(run: Run, evidence: Evidence) -> Node:
    page = ShownPage(section_of(run, evidence), ((0, 1),) * len(run.clips))
    return read_html(render("sections/errors.html.j2", page=page))


def classes_of(node: Node) -> list[str]:
    return node.attributes.get("class", "").split()


def alone(run: Run, evidence: Evidence) -> tuple[Run, Evidence]:
    name = run.pipelines[0].name
    return (
        replace(run, pipelines=run.pipelines[:1]),
        replace(evidence, clips=tuple(c for c in evidence.clips if c.pipeline == name)),
    )


@pytest.fixture(scope="module")
def demo_evidence(demo_folder: RunFolder, demo_run: Run) -> Evidence:
    return read_evidence(demo_folder, demo_run)


@pytest.fixture(scope="module")
def demo_section(demo_run: Run, demo_evidence: Evidence) -> Node:
    return html_of(demo_run, demo_evidence)


def test_every_link_of_a_matrix_leads_to_examples(demo_section: Node) -> None:
    nodes = demo_section.everything()
    ids = [node.attributes["id"] for node in nodes if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    matrices = [node for node in nodes if node.tag == "table" and "matrix" in classes_of(node)]
    assert len(matrices) == 3
    links = [link for table in matrices for link in table.all("a")]
    assert links
    assert {link.attributes["href"].removeprefix("#") for link in links} <= set(ids)


def test_frames_are_linked_for_the_viewer_and_for_readers_without_it(demo_section: Node) -> None:
    links = [node for node in demo_section.all("a") if "frame-link" in classes_of(node)]
    assert len(links) > 100
    for link in links:
        assert 0 <= int(link.attributes["data-clip"]) < 6
        assert int(link.attributes["data-frame"]) >= 0
        assert re.fullmatch(r"#(image-\d+|clip-1-\d)", link.attributes["href"])


def test_everything_of_a_clip_can_be_filtered(demo_section: Node) -> None:
    groups = [n for n in demo_section.everything() if "data-filter-group" in n.attributes]
    assert groups
    for group in groups:
        assert all(child.attributes["data-slices"] == "0 1" for child in group.children)


def test_one_pipeline_has_nobody_to_differ_from(demo_run: Run, demo_evidence: Evidence) -> None:
    run, evidence = alone(demo_run, demo_evidence)
    section = section_of(run, evidence)
    assert section.disagreements == ()
    words = html_of(run, evidence).words()
    assert "there is nobody to disagree with" in words
    assert "no false alarm of it has a score of at least 0.9" in words


def test_a_sure_false_alarm_of_one_pipeline_is_called_weaker(
    demo_run: Run, demo_evidence: Evidence
) -> None:
    run, evidence = alone(demo_run, demo_evidence)
    sure = tuple(
        replace(item, detections=replace_scores(item.detections, 0.95)) for item in evidence.clips
    )
    evidence = replace(evidence, clips=sure)
    section = section_of(run, evidence)
    assert [group.kind for group in section.label_errors] == ["missing"]
    assert "One pipeline only, so this is weaker evidence" in html_of(run, evidence).words()


def replace_scores(found: Detections, score: float) -> Detections:
    return replace(found, scores=np.full(len(found), score))


def test_no_truth_and_no_answers(demo_run: Run, demo_evidence: Evidence) -> None:
    empty = tuple(
        replace(
            item,
            tp=np.zeros_like(item.tp),
            fp=np.zeros_like(item.fp),
            fn=np.zeros_like(item.fn),
            detections=Detections.empty(),
            truth_index=np.zeros(0, np.int64),
            missed=np.zeros_like(item.missed),
            truth_counts=np.zeros_like(item.truth_counts),
        )
        for item in demo_evidence.clips
    )
    words = html_of(demo_run, replace(demo_evidence, clips=empty)).words()
    assert "No errors." in words
    assert "all pipelines find the same objects" in words
    assert "the pipelines never agree on anything that the truth lacks" in words


def test_names_stay_inside(demo_run: Run, demo_evidence: Evidence) -> None:
    names = {item.name: f"{k}{HOSTILE}" for k, item in enumerate(demo_run.pipelines)}
    run = replace(
        demo_run,
        pipelines=tuple(replace(item, name=names[item.name]) for item in demo_run.pipelines),
        metrics=(),
        gates=(),
    )
    golden = demo_evidence.golden_sets[0]
    classes = tuple(
        replace(one, name=f"{k}{HOSTILE}") for k, one in enumerate(golden.taxonomy.classes)
    )
    evidence = Evidence(
        (replace(golden, taxonomy=replace(golden.taxonomy, classes=classes)),),
        tuple(replace(item, pipeline=names[item.pipeline]) for item in demo_evidence.clips),
    )
    page = html_of(run, evidence)
    scripts = page.all("script")
    assert all(one.attributes["type"] == "application/json" for one in scripts)
    assert HOSTILE.split("\n")[1][:8] in page.words()


def test_pictures_show_where_it_is(demo_run: Run, demo_evidence: Evidence) -> None:
    section = section_of(demo_run, demo_evidence)
    for one in section.disagreements:
        left, top, width, height = map(float, one.thumbnail.view_box.split())
        assert min(left, top) >= 0
        assert left + width <= 960.1
        assert top + height <= 540.1
        assert one.thumbnail.boxes
        assert bool(one.thumbnail.image) == (one.place.href == f"#{one.thumbnail.image}")


def test_classes_that_are_not_annotated_everywhere_are_named(
    demo_run: Run, demo_evidence: Evidence
) -> None:
    (golden,) = demo_evidence.golden_sets
    first, *others = golden.clips
    part = replace(first, exhaustive=np.array([True, False, True, True]))
    evidence = replace(demo_evidence, golden_sets=(replace(golden, clips=(part, *others)),))
    assert section_of(demo_run, evidence).sets[0].not_exhaustive == ("forklift",)
    assert section_of(demo_run, demo_evidence).sets[0].not_exhaustive == ()


def test_one_frame(tmp_path_factory: pytest.TempPathFactory) -> None:
    plan = demo_plan()
    plan = replace(plan, clips=[replace(plan.clips[0], n_frames=1)], gates=[], baseline=None)
    folder = make_run(tmp_path_factory.mktemp("one") / "run", plan)
    run = read_run(folder)
    html_of(run, read_evidence(folder, run))
