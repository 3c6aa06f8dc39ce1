from collections.abc import Sequence
from dataclasses import replace

from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import read_evidence
from vbench.report.printed.print_pictures import enlarged, typical_miss, whole, worst_pictures
from vbench.report.web.gallery import DrawnBox, Picture, pictures
from vbench.report.worst_frames import kept_worst_frames


def picture(demo_folder: RunFolder, boxes: Sequence[tuple[str, float, float]]) -> Picture:
    """A frame of 960 x 540 pixels with boxes of 40 x 40."""
    run = read_run(demo_folder)
    evidence = read_evidence(demo_folder, run)
    frames = kept_worst_frames(demo_folder, run, evidence, per_pipeline=1)
    made = pictures(demo_folder, run, evidence, frames[:1])[0]
    drawn = tuple(DrawnBox(kind, x, y, 40, 40, "", 0, 0, 0) for kind, x, y in boxes)
    return replace(made, boxes=drawn)


def test_what_was_missed_is_enlarged_within_the_frame(demo_folder: RunFolder) -> None:
    shown = enlarged(picture(demo_folder, [("missed", 900, 480), ("found", 0, 0)]))
    assert (shown.x, shown.y, shown.width, shown.height) == (480, 270, 480, 270)
    assert shown.is_enlarged
    middle = enlarged(picture(demo_folder, [("missed", 460, 250)]))
    assert (middle.x, middle.y) == (240, 135)


def test_misses_far_apart_show_the_whole_frame(demo_folder: RunFolder) -> None:
    shown = enlarged(picture(demo_folder, [("missed", 10, 10), ("missed", 900, 480)]))
    assert shown == whole(shown.picture)
    assert not shown.is_enlarged
    nothing = picture(demo_folder, [("found", 10, 10)])
    assert enlarged(nothing) == whole(nothing)


def test_the_typical_miss_is_that_of_a_pipeline_that_fails(demo_folder: RunFolder) -> None:
    run = read_run(demo_folder)
    evidence = read_evidence(demo_folder, run)
    frames = kept_worst_frames(demo_folder, run, evidence, per_pipeline=6)
    shown = typical_miss(demo_folder, run, evidence, frames)
    assert shown is not None
    assert shown.picture.pipeline == "person-v2"
    assert shown.picture.n_missed
    assert typical_miss(demo_folder, run, evidence, []) is None


def test_every_pipeline_has_its_turn(demo_folder: RunFolder) -> None:
    run = read_run(demo_folder)
    evidence = read_evidence(demo_folder, run)
    frames = kept_worst_frames(demo_folder, run, evidence, per_pipeline=6)
    chosen = worst_pictures(demo_folder, run, evidence, frames, 4)
    assert [item.picture.pipeline for item in chosen] == [
        "person-v1",
        "person-v2",
        "vendor-replay",
        "person-v1",
    ]
    assert all(item.picture.data_uri for item in chosen)
