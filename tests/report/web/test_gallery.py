from pathlib import Path

import numpy as np

from tests.report.made_plan import demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import FrameBoxes, read_evidence
from vbench.report.web.gallery import DrawnBox, drawn_boxes, pictures
from vbench.report.web.kept_pictures import KeptPictures, kept_pictures
from vbench.report.worst_frames import rank_worst_frames
from vbench.types import Run


def boxes(**changes: object) -> FrameBoxes:
    values: dict[str, object] = {
        "width_px": 640,
        "height_px": 480,
        "truth_xyxy": np.array([[10.0, 20, 50, 90], [600, 400, 640, 480]]),
        "truth_class": ("person", "person"),
        "truth_missed": np.array([False, True]),
        "detection_xyxy": np.array([[11.0, 21, 51, 91], [300, 2, 340, 60]]),
        "detection_class": ("person", "x" * 300),
        "detection_score": np.array([0.9, 0.456]),
        "detection_false": np.array([False, True]),
    }
    return FrameBoxes(**{**values, **changes})  # type: ignore[arg-type]


def test_errors_are_drawn_last_and_labelled() -> None:
    drawn = drawn_boxes(boxes(), 12.0)
    assert [box.kind for box in drawn] == ["found", "hit", "false", "missed"]
    assert drawn[2].label.endswith("… 0.46")
    assert drawn[3].label == "! missed person"
    assert drawn[0].label == ""


def test_labels_stay_inside_the_picture() -> None:
    for box in drawn_boxes(boxes(), 12.0):
        if box.label:
            assert box.label_x >= 0
            assert 12.0 * 0.9 <= box.label_y <= 480
    missed = drawn_boxes(boxes(), 12.0)[3]
    assert missed.label_x + missed.label_width <= 640


def area(box: DrawnBox, label_px: float) -> tuple[float, float, float, float]:
    return (box.label_x, box.label_y - label_px, box.label_x + box.label_width, box.label_y)


def test_labels_keep_off_each_other() -> None:
    crowd = np.array([[200.0, 200, 260, 300], [205, 204, 262, 310], [210, 202, 258, 305]])
    drawn = drawn_boxes(
        boxes(
            truth_xyxy=crowd,
            truth_class=("person",) * 3,
            truth_missed=np.ones(3, bool),
            detection_xyxy=np.zeros((0, 4)),
            detection_class=(),
            detection_score=np.zeros(0),
            detection_false=np.zeros(0, bool),
        ),
        12.0,
    )
    areas = [area(box, 12.0) for box in drawn]
    for k, (x1, y1, x2, y2) in enumerate(areas):
        for left, top, right, bottom in areas[:k]:
            assert right <= x1 or x2 <= left or bottom <= y1 or y2 <= top


def test_a_missing_picture_is_a_placeholder(run_path: Path) -> None:
    folder = make_run(run_path, demo_plan())
    run = read_run(folder)
    frames = rank_worst_frames(run, read_evidence(folder, run), per_pipeline=2)
    folder.picture(frames[0].clip, frames[0].frame_index).unlink()
    folder.picture(frames[1].clip, frames[1].frame_index).write_bytes(b"not a picture")
    evidence = read_evidence(folder, run)
    for kept in (None, kept_pictures(folder, run, evidence, frames)):
        made = pictures(folder, run, evidence, frames, kept)
        assert made[0].problem == "this frame was not kept as a picture"
        assert made[1].problem == "the stored picture is not a JPEG"
        assert made[2].data_uri.startswith("data:image/jpeg;base64,")
        assert made[2].problem == ""


def test_a_frame_shared_by_pipelines_is_embedded_once(
    demo_folder: RunFolder, demo_run: Run
) -> None:
    frames = rank_worst_frames(demo_run, read_evidence(demo_folder, demo_run), per_pipeline=1)
    evidence = read_evidence(demo_folder, demo_run)
    kept = kept_pictures(demo_folder, demo_run, evidence, frames)
    made = pictures(demo_folder, demo_run, evidence, [frames[0], frames[0]], kept)
    assert [one.is_first_use for one in made] == [True, False]
    assert made[1].data_uri == ""
    assert made[0].image_key == made[1].image_key
    assert kept.keys[frames[0].clip, frames[0].frame_index] == made[0].image_key
    apart = pictures(demo_folder, demo_run, evidence, [frames[0], frames[0]])
    assert apart[1].data_uri == made[0].data_uri


def test_the_page_knows_clips_and_pipelines_by_number(
    demo_folder: RunFolder, demo_run: Run
) -> None:
    frames = rank_worst_frames(demo_run, read_evidence(demo_folder, demo_run), per_pipeline=2)
    evidence = read_evidence(demo_folder, demo_run)
    clips = [clip.id for item in evidence.golden_sets for clip in item.clips]
    for one in pictures(demo_folder, demo_run, evidence, frames, KeptPictures()):
        assert clips[one.clip_number] == one.clip
        assert demo_run.pipelines[one.pipeline_number].name == one.pipeline
