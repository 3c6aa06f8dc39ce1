"""Label errors as files that annotation tools read."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pycocotools.coco import COCO

from tests.metrics.scenes import FAR, A, B, clip, detections, golden_set, truth
from tests.report.errors.made_errors import made_evidence, shifted
from tests.report.hostile import HOSTILE
from vbench.report.errors.clip_errors import find_errors
from vbench.report.errors.export import (
    annotation_file,
    coco_text,
    label_errors_coco,
    label_errors_csv,
    page_text,
    set_label_errors,
)
from vbench.report.evidence import Evidence
from vbench.types import OperatingPoint, Run


def made(run: Run, classes: tuple[str, str] = ("person", "truck")) -> tuple[Run, Evidence]:
    """Two pipelines that see an object twice where the truth has none, and a truck for a person."""
    one = clip(
        truth([(0, A), (3, B)], class_id=[0, 0], track_id=[1, 2]),
        fps=2.0,
        exhaustive=(True, True),
    )
    golden = golden_set(one, classes=classes)
    point = OperatingPoint(0.5, tuple((name, 0.3) for name in classes))
    answers = [
        detections([(0, A, 0.9), (1, FAR, 0.8), (2, FAR, 0.7)], class_id=[1, 0, 0]),
        detections([(0, A, 0.7), (1, shifted(FAR, 1), 0.6), (2, FAR, 0.5)], class_id=[1, 0, 0]),
    ]
    pipelines = tuple(
        replace(item, name=f"p{k}", operating_point=point)
        for k, item in enumerate(run.pipelines[:2])
    )
    clip_result = replace(run.clips[0], id=one.id, golden_set=golden.name, facts=one.facts)
    set_result = replace(run.golden_sets[0], name=golden.name, taxonomy=golden.taxonomy)
    items = tuple(
        made_evidence(golden, one, f"p{k}", found, point) for k, found in enumerate(answers)
    )
    return (
        replace(
            run,
            golden_sets=(set_result,),
            clips=(clip_result,),
            pipelines=pipelines,
            metrics=(),
            gates=(),
        ),
        Evidence((golden,), items),
    )


def test_coco(demo_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "labels.json"
    path.write_text(label_errors_coco(*made(demo_run)), encoding="utf-8")
    coco = COCO(str(path))  # builds its indices: every id is found
    capsys.readouterr()
    assert {item["id"]: item["name"] for item in coco.loadCats(coco.getCatIds())} == {
        1: "person",
        2: "truck",
    }
    annotations = coco.loadAnns(coco.getAnnIds())
    assert [item["id"] for item in annotations] == [1, 2, 3]
    told = [
        (
            coco.loadImgs(item["image_id"])[0]["file_name"],
            item["category_id"],
            item["bbox"],
            item["score"],
            item["attributes"]["problem"],
            item["attributes"]["truth_class"],
        )
        for item in annotations
    ]
    assert told == [
        ("clip/000001.jpg", 1, [400.5, 400.0, 20.0, 20.0], 0.7, "missing label", ""),
        ("clip/000002.jpg", 1, [400.0, 400.0, 20.0, 20.0], 0.6, "missing label", ""),
        ("clip/000000.jpg", 2, [0.0, 0.0, 40.0, 40.0], 0.8, "wrong class", "person"),
    ]
    image = coco.loadImgs(1)[0]
    assert (image["width"], image["height"], image["frame_index"]) == (640, 480, 1)
    assert all(item["area"] == item["bbox"][2] * item["bbox"][3] for item in annotations)
    assert all(item["iscrowd"] == 0 for item in annotations)


def test_csv(demo_run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(label_errors_csv(*made(demo_run)))))
    assert [(row["entry"], row["kind"], row["frame_index"]) for row in rows] == [
        ("1", "missing", "1"),
        ("1", "missing", "2"),
        ("2", "class", "0"),
        ("3", "unseen", "3"),
    ]
    assert rows[2]["class"] == "truck"
    assert rows[2]["truth_class"] == "person"
    assert rows[3]["score"] == ""
    assert rows[1]["time_s"] == "1.0"
    assert [rows[3][name] for name in ("x1_px", "y1_px", "x2_px", "y2_px")] == [
        "100.0",
        "0.0",
        "140.0",
        "40.0",
    ]


def test_the_page_holds_the_first_objects_whole(demo_run: Run) -> None:
    run, evidence = made(demo_run)
    labels = set_label_errors(find_errors(run, evidence))
    cut = annotation_file(run, labels, max_annotations=2)
    assert (len(cut.annotations), cut.n_left_out) == (2, 1)
    assert annotation_file(run, labels, max_annotations=1).annotations == ()
    whole = annotation_file(run, labels)
    assert (len(whole.annotations), whole.n_left_out) == (3, 0)


def test_no_name_ends_the_script_that_holds_them(demo_run: Run) -> None:
    run, evidence = made(demo_run, (HOSTILE, "</script><!--\u2028"))
    file = annotation_file(run, set_label_errors(find_errors(run, evidence)))
    text = page_text(file)
    assert not set("<>&") & set(text)
    assert json.loads(text)["categories"] == [HOSTILE, "</script><!--\u2028"]
    assert json.loads(coco_text(file))["categories"][0]["name"] == HOSTILE
    rows = list(csv.DictReader(io.StringIO(label_errors_csv(run, evidence))))
    assert rows[0]["class"] == HOSTILE


def test_nothing_to_tell_is_a_file_too(demo_run: Run) -> None:
    run, evidence = made(demo_run)
    alone = replace(run, pipelines=run.pipelines[:1])
    evidence = replace(evidence, clips=evidence.clips[:1])
    document = json.loads(label_errors_coco(alone, evidence))
    assert document["images"] == document["annotations"] == []
    assert label_errors_csv(alone, evidence).count("\n") == 1
